"""Bounds on the largest value of a process: the least bound of the class, and geometric members that attain it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp

from ....derivations.errors import NumericsError
from ....derivations.positivity import sign_on
from ....derivations.statements.classes.suprema import SupremumBound
from ....numerics.diffusions.first_passage import Array, exit_probability
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind
from ...judgement.deterministic import generic_points
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds, strict_sign
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided
from ...meaning.values import with_values
from ...witness import Task, witness

#: Depth, in the exponent of the power, from which a member hardly comes back.
_DEEP = 40.0
#: Signs of what is nowhere negative.
_AT_LEAST = ("positive", "nonnegative", "zero")
#: A member exceeds a bound where it does so by more than this share of it.
_FLOOR = 1e-6


@witness(
    "least bound of the supermartingales",
    kind=Kind.ALGEBRA,
    statement=SupremumBound,
    starts_from="Ville's inequality, which a martingale stopped at 0 and at the level attains",
)
def least_bound(statement: SupremumBound, task: Task) -> Finding:
    """The least bound is min(1, (start/level)^power): refute below it, prove where the bound is nowhere below."""
    power, start, level = (sp.sympify(e) for e in (statement.power, statement.start, statement.level))
    logarithm = ville(statement)
    domain, ratio, parts = task.claim.domain, sp.exp(logarithm), (power, start, level, statement.bound)
    above = sp.factor(sp.expand(logarithm_of(statement.bound) - logarithm))
    holding = f"Ville's inequality gives min(1, {ratio}), and the logarithm of the bound exceeds its own by {above}."
    # logarithms are taken apart as if their factors were positive; they are
    apart = all(sign_on(domain, e.args[0]) == "positive" for e in above.atoms(sp.log))
    if apart and sign_on(domain, above) in _AT_LEAST:
        return with_values(proved(holding), parts, (), domain)
    for point in candidates(domain, task.effort.points):
        if all(certified_sign(e - statement.bound, point) == 1 for e in (sp.Integer(1), ratio)):
            least = ratio if certified_sign(1 - ratio, point) == 1 else sp.Integer(1)
            return refuted(
                "A martingale that moves between 0 and the level, and stops there, attains more than the bound.",
                point,
                f"P <= {value_text(statement.bound, point)}",
                f"P = {value_text(least, point)}",
                value_text(least - statement.bound, point),
                effect=1.0,
                certified=True,
            )
    if apart and strict_sign(above, domain, ladder_seconds(task)) in _AT_LEAST:
        return with_values(proved(holding), parts, (), domain)
    return undecided(
        f"Ville's inequality gives min(1, {ratio}); that the bound is nowhere below, {above} >= 0, was not shown."
    )


def ville(statement: SupremumBound) -> sp.Expr:
    """Return the logarithm of (start/level)^power, multiplied out."""
    power, start, level = (sp.sympify(e) for e in (statement.power, statement.start, statement.level))
    return sp.expand(power * (logarithm_of(start) - logarithm_of(level)))


def logarithm_of(e: sp.Expr) -> sp.Expr:
    """Return the logarithm of an expression, multiplied out as if its factors were positive."""
    # a symbol of another sign goes by a name that SymPy does not take for a positive one: |a| is not a
    other = sorted((s for s in e.free_symbols if not s.is_positive), key=str)
    hidden = {s: sp.Function(f"of_{n}", real=True)(sp.Dummy(real=True)) for n, s in enumerate(other)}
    taken = sp.expand(sp.expand_log(sp.log(sp.powdenest(e.xreplace(hidden), force=True)), force=True))
    return taken.xreplace({name: s for s, name in hidden.items()})


@witness(
    "exits of geometric members",
    kind=Kind.DETERMINISTIC,
    statement=SupremumBound,
    starts_from="the geometric Brownian motion of which the power is a martingale: exit probabilities by quadrature",
)
def geometric_exits(statement: SupremumBound, task: Task) -> Finding:
    """Look for a member that reaches the level with a larger probability than the bound."""
    for point in generic_points(task.claim.domain, 2 * task.effort.points):
        power, start, level, bound = (
            midpoint(e, point) for e in (statement.power, statement.start, statement.level, statement.bound)
        )
        if not start < level:
            continue
        begin, end = math.log(start), math.log(level)
        try:
            # log l = W - power t / 2 makes l^power a martingale
            found = exit_probability(
                _constant(-power / 2), _constant(1.0), low=begin - _DEEP / power, start=begin, high=end, tolerance=1e-9
            )
        except NumericsError as error:
            return undecided(f"exits of geometric members: {error}.")
        if found.value > bound * (1 + _FLOOR):
            return refuted(
                "A geometric Brownian motion reaches the level with a larger probability.",
                point,
                f"P <= {bound:.10g}",
                f"P = {found.value:.10g}",
                f"{found.value - bound:.6g}",
                effect=found.value / bound - 1 if bound > 0 else 1.0,
            )
    return undecided("exits of geometric members: none exceeds the bound; a search confirms none.")


def _constant(value: float) -> Callable[[Array], Array]:
    return lambda z: np.full_like(z, value)
