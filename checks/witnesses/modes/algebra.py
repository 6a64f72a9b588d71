"""Exact algebra on mode amplitudes: symbolic depth, layer sums closed, Gaussian moments exact."""

from __future__ import annotations

import itertools
from functools import lru_cache

import sympy as sp

from ....derivations.calculus.modes import coefficient, in_amplitudes, in_layer_weights, normal_form
from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.positivity import sign_on
from ....derivations.statements.mode_curvature import HessianBlocks, VanishingCurvature
from ....derivations.statements.modes import ModeCoefficient, ModeDependence, ModeTarget
from ....numerics.exact.point_forms import at_values
from ...evidence import Finding, Kind, Outcome
from ...judgement.comparison import Comparison, compare
from ...judgement.definedness import definedness, requirements, undefined_at
from ...judgement.exact import Residual, examine, far_points, is_zero, value_text, without_meaning
from ...judgement.findings import proved, refuted, undecided
from ...judgement.points import inside, simple
from ...witness import Task, witness
from .sizes import in_each_size

_STARTS_FROM = "the one-sample loss, differentiated; multilinearity in the layers; moments of independent Gaussians"
#: Exact points among which a pair is sought that shares the named variables.
_PAIR_POINTS = 48
#: Points that are looked at before anything else, and bits of agreement that end the search at a point.
_FIRST, _FEW_BITS = 4, 100
_METHOD = "exact Ito coefficients for symbolic depth"


@witness("layer sums", kind=Kind.ALGEBRA, statement=ModeCoefficient, starts_from=_STARTS_FROM)
def layer_sums(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with the one derived from the loss, as rational functions."""
    return in_each_size(_layer_sums, statement, task, (0, 1))


def _layer_sums(statement: ModeCoefficient, task: Task) -> Finding:
    target, domain = statement.target, task.claim.domain
    derived = _derived(target)
    stated = in_amplitudes(in_layer_weights(statement.value, target.setting), target.setting)
    found = in_amplitudes(derived, target.setting)
    # where the formula is compared as printed, the derived one must have a value: its sums are closed
    sides = Residual(target.describe(), statement.value, found)
    near, far = (
        (p for p in points if undefined_at(found, p) is None)
        for points in (simple(domain, 4 * task.effort.points), far_points(sides, domain))
    )
    # a few exact points tell a wrong formula sooner than a normal form
    first = examine(sides, domain, itertools.islice(near, _FIRST), _METHOD, bits=_FEW_BITS).finding
    if first is not None and first.outcome is Outcome.REFUTED:
        return first
    equal = normal_form(statement.value - derived, target.setting) == 0 or is_zero(stated - found, domain)
    if not equal or any(not _complete(total, domain) for total in statement.value.atoms(sp.Sum)):
        seen = examine(sides, domain, itertools.chain(near, far), _METHOD, bits=_FEW_BITS)
        return seen.finding or undecided(f"{_METHOD}: no normal form reduced {target.describe()} to zero.")
    meaning = definedness(_without_sums(statement.value), domain)
    if meaning.status == "undefined":
        return without_meaning(meaning, _METHOD)
    if meaning.status == "open":
        return undecided(f"{_METHOD}: equal where the formula has a value, but {meaning.reason}.")
    return proved(
        f"{_METHOD}: {target.describe()} and the formula agree as rational functions of the layer entries; "
        "where amplitudes coincide, by continuity of the finite sums."
    )


def _complete(total: sp.Sum, domain: Domain) -> bool:
    """Return whether a sum has an upper end of at least the lower one less 1 everywhere: its closed form needs that."""
    ((_, low, high),) = total.limits
    return sign_on(domain, sp.expand(high - low + 1)) in ("positive", "nonnegative", "zero")


def _without_sums(value: sp.Expr) -> list[sp.Expr]:
    """Return expressions that have values only where `value` has one: it, and the terms of its finite sums.

    Raises
    ------
    NumericsError
        If this depends on the value of a sum, or on the number of a term.
    """
    whole = sp.Dummy("total", real=True)
    bound = {whole, *(limit[0] for total in value.atoms(sp.Sum) for limit in total.limits)}
    parts = [value.replace(lambda e: isinstance(e, sp.Sum), lambda e: whole)]
    parts += [total.function for total in value.atoms(sp.Sum)]
    for requirement in itertools.chain.from_iterable(map(requirements, parts)):
        if requirement.expr.free_symbols & bound:
            raise NumericsError(f"whether {requirement} in every term of {value} is not told")
    return parts


@witness("layer sums, dependence", kind=Kind.ALGEBRA, statement=ModeDependence, starts_from=_STARTS_FROM)
def layer_sums_dependence(statement: ModeDependence, task: Task) -> Finding:
    """Look for two exact points that share the named variables and give different values of the quantity."""
    target = statement.target
    reduced = normal_form(coefficient(target), target.setting)
    value = in_amplitudes(reduced, target.setting)
    varying = [s for s in statement.others if s in value.free_symbols]
    names = ", ".join(map(str, statement.variables))
    if not varying:
        return proved(f"{_METHOD}: {target.describe()} reduces to an expression in which only {names} occur.")
    domain = task.claim.domain
    points = list(domain.points(_PAIR_POINTS))
    for point in points:
        for other in points[: _PAIR_POINTS // 4]:
            changed = point | {s: other[s] for s in statement.others}
            told = _change(value, point, changed) if inside(domain, changed) else None
            if told is None:
                continue
            moved = ", ".join(f"{s} = {changed[s]}" for s in statement.others if changed[s] != point[s])
            return refuted(
                f"{_METHOD}: {target.describe()} takes different values at two points with equal {names}.",
                point,
                f"{target.describe()} unchanged when {moved}",
                f"{value_text(value, point)} at the point, {value_text(value, changed)} when {moved}",
                (-told.gap).mid().str(15, radius=False),
                effect=told.effect,
                certified=True,
            )
    return undecided(f"{_METHOD}: {', '.join(map(str, varying))} were not eliminated, and no two points differ.")


@witness(
    "multilinearity",
    kind=Kind.ALGEBRA,
    statement=VanishingCurvature,
    starts_from="the amplitude as a product of matrices of unspecified sizes, perturbed in two layers",
)
def multilinearity(statement: VanishingCurvature, task: Task) -> Finding:
    """Expand u^T A (W + tX + rY) B v, or its analogue with two perturbed layers, and read off the t r term."""
    sizes = sp.symbols("p q m n i o", integer=True, positive=True)
    p, q, m, n, i, o = sizes
    u, v = sp.MatrixSymbol("u", o, 1), sp.MatrixSymbol("v", i, 1)
    t, r = sp.symbols("t r", real=True)
    above, below = sp.MatrixSymbol("A", o, p), sp.MatrixSymbol("B", q, i)
    one, another = sp.MatrixSymbol("X", p, q), sp.MatrixSymbol("Y", p, q)
    if statement.blocks is HessianBlocks.SAME_LAYER:
        amplitude = u.T * above * (sp.MatrixSymbol("W", p, q) + t * one + r * another) * below * v
    else:
        upper, lower = sp.MatrixSymbol("W_l", p, m), sp.MatrixSymbol("W_k", n, q)
        middle = sp.MatrixSymbol("C", m, n)
        x, y = sp.MatrixSymbol("X", p, m), sp.MatrixSymbol("Y", n, q)
        amplitude = u.T * above * (upper + t * x) * middle * (lower + r * y) * below * v
    mixed = [term for term in sp.MatAdd.make_args(sp.expand(amplitude)) if {t, r} <= term.free_symbols]
    if not mixed:
        return proved(
            "Symbolic expansion: two perturbations of one layer of a product of any depth and widths leave no "
            "second-order term, so the blocks, and every contraction with them, vanish."
        )
    return undecided(f"Symbolic expansion leaves the second-order term {mixed[0]}.")


@lru_cache(maxsize=64)
def _derived(target: ModeTarget) -> sp.Expr:
    """Return the coefficient; every mutant of a claim asks for the same one."""
    return coefficient(target)


def _change(value: sp.Expr, point: Point, changed: Point) -> Comparison | None:
    """Return the comparison of two values of one expression if they are certified to differ, else None."""
    told = compare(at_values(value, point), at_values(value, changed), {})
    return told if told.outcome == "differ" and not told.principal else None
