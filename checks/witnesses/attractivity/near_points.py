"""Diffusions near 0 with coefficients of which a few derivatives are known: rates of the logarithm, and members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain, Point
from ....derivations.errors import ClaimError, NumericsError
from ....derivations.positivity import sign_on
from ....derivations.processes.sde import SDE
from ....derivations.statements.classes.near_points import AttractiveNear, EscapesNear, LocalDiffusion, Starts
from ....derivations.statements.function_limits import Jet
from ...evidence import Finding, Kind
from ...judgement.deterministic import generic_points
from ...judgement.domain_signs import candidates, certified_sign, ladder_seconds, strict_sign
from ...judgement.exact import value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.thresholds import compare_threshold
from ...meaning.values import with_values
from ...witness import Task, witness
from .numerics import across_threshold, attracts

#: Coefficients of the terms beyond the last known derivative, in members of the class.
_BENDS = (sp.Integer(1), sp.Rational(-2, 3))


class OpenLimitError(ClaimError):
    """A limit at 0 is not determined by what is known."""


def margin_near(process: LocalDiffusion, domain: Domain) -> sp.Expr:
    """Return v''(0)/4 - b'(0): log|X| has the drift -margin at 0, and noise of bounded, positive variance rate.

    Where it is positive the scale function is finite at 0 on both sides and 0 is attractive, where it is negative the
    scale function is infinite there, and X leaves every small neighbourhood but never passes 0.
    """
    rate = _coefficient(process.drift, process, 1)
    spread = _coefficient(process.variance, process, 2)
    if sign_on(domain, spread) != "positive":
        raise OpenLimitError(f"v(x)/x^2 tends to {spread}, which is not seen to be positive")
    return sp.expand(spread / 2 - rate)


def _coefficient(expr: sp.Expr, process: LocalDiffusion, power: int) -> sp.Expr:
    """Return the limit of expr / x^power at 0, from both sides, whatever the remainders of the functions are."""
    x, rests = process.state, list[sp.Symbol]()
    for jet in process.jets:
        found = [d for d in expr.atoms(sp.Derivative) if d.expr == jet.function]
        orders = {d: int(sum(n for _, n in d.variable_count)) for d in found}
        for node, order in (*orders.items(), (jet.function, 0)):
            rest = sp.Dummy("rest", real=True)  # tends to 0 at 0
            expr = expr.xreplace({node: _taylor(jet, x, order, rest)})
            rests.append(rest)
    expr = sp.expand(expr)
    if not expr.is_polynomial(x, *rests):
        raise OpenLimitError(f"{expr} is no polynomial in the functions")
    limit = sp.Integer(0)
    for (lowest, *others), c in sp.Poly(expr, x, *rests).terms():
        if lowest < power and sp.simplify(c) != 0:
            raise OpenLimitError(f"a term of order x^{lowest} is left")
        if lowest == power and not any(others):
            limit += c
    return limit


def _taylor(jet: Jet, x: sp.Symbol, order: int, rest: sp.Symbol) -> sp.Expr:
    """Return the derivative of that order: sum_k d_(order + k) x^k/k! + x^K rest, K the last known one."""
    known = jet.derivatives[order:]
    if not known:
        raise OpenLimitError(f"derivative {order} of {jet.function} is not known to be continuous")
    terms = (d * x**k / sp.factorial(k) for k, d in enumerate(known))
    return sum(terms, sp.Integer(0)) + x ** (len(known) - 1) * rest


@witness(
    "rates of the logarithm near 0",
    kind=Kind.ALGEBRA,
    statement=AttractiveNear,
    starts_from="the jets of the coefficients: the drift of log|X| at 0, whatever the remainders are",
)
def rates_near(statement: AttractiveNear, task: Task) -> Finding:
    """Compare the drift of -log|X| at 0 with the printed condition."""
    try:
        found = margin_near(statement.process, task.claim.domain)
    except OpenLimitError as why:
        return undecided(f"rates near 0: {why}.")
    name = "the drift of -log|X| at 0"  # where it vanishes, polynomial members are not attracted
    finding = compare_threshold(
        statement.condition, statement.direction, found, task, name, "attractive", at_zero=False
    )
    return _valued(finding, statement.process, task)


def _valued(finding: Finding, process: LocalDiffusion, task: Task) -> Finding:
    """Return a proof only where coefficients and known derivatives have values as they are written."""
    written = [process.drift, process.variance, *(d for jet in process.jets for d in jet.derivatives)]
    functions = [jet.function for jet in process.jets]
    return with_values(finding, written, (process.state, *functions), task.claim.domain)


@witness(
    "scale function of members near 0",
    kind=Kind.DETERMINISTIC,
    statement=AttractiveNear,
    starts_from="polynomial coefficients with the stated jets: exit probabilities on both sides of the point",
)
def members_near_the_point(statement: AttractiveNear, task: Task) -> Finding:
    """Compare attraction of concrete members on both sides of the printed threshold with exit probabilities."""

    def examine(point: Point) -> tuple[bool | None, str]:
        return _of_members(statement.process, point)

    return across_threshold(statement, task, examine, "attractive")


def _of_members(process: LocalDiffusion, point: Point) -> tuple[bool | None, str]:
    """Return whether 0 attracts, where all members agree, on both sides."""
    answers = [attracts(sde, point, 0.0, side) for sde in _members(process) for side in (1, -1)]
    for wanted in (True, False):
        if all(answer is wanted for answer, _ in answers):
            return wanted, answers[-1][1]
    return None, f"members behave differently, or one is open: {answers[0][1]}"


def _members(process: LocalDiffusion) -> Iterator[SDE]:
    x = process.state
    for bend in _BENDS:
        chosen = {jet.function: _member(jet, x, bend + sp.Rational(n, 5)) for n, jet in enumerate(process.jets)}
        drift, variance = (_with(e, chosen) for e in (process.drift, process.variance))
        yield SDE(x, drift, sp.sqrt(variance))


def _member(jet: Jet, x: sp.Symbol, bend: sp.Expr) -> sp.Expr:
    polynomial = sum((d * x**k / sp.factorial(k) for k, d in enumerate(jet.derivatives)), sp.Integer(0))
    return polynomial + bend * x ** len(jet.derivatives)


def _with(expr: sp.Expr, chosen: Mapping[AppliedUndef, sp.Expr]) -> sp.Expr:
    made: sp.Expr = sp.expand(expr.subs(dict(chosen)).doit())
    return made


@witness(
    "escape by the logarithm near 0",
    kind=Kind.ALGEBRA,
    statement=EscapesNear,
    starts_from="the jets of the coefficients: 0 is kept, and the drift of log|X| there",
)
def escape_near(statement: EscapesNear, task: Task) -> Finding:
    """Refute by a start from which 0 is in between, or by an attractive 0; prove where the scale function diverges."""
    domain = task.claim.domain
    try:
        found = margin_near(statement.process, task.claim.domain)
    except OpenLimitError as why:
        return undecided(f"escape near 0: {why}.")
    point = next(iter(domain.points(1)))
    if statement.starts is Starts.REAL:
        x = statement.process.state
        return refuted(
            "Drift and noise vanish at 0 to first order, so that no path from the other side reaches or passes it.",
            point,
            f"from {x} = -1 the process reaches some eps > 0 almost surely",
            f"it stays below 0 for ever ({x} = 0 is kept)",
            "probability 0 in place of 1",
            effect=1.0,
            certified=True,
        )
    for point in candidates(domain, 4 * task.effort.points):
        if certified_sign(found, point) == 1:
            return refuted(
                "0 is attractive, so that starts near it stay below every eps with positive probability.",
                point,
                "the process escapes almost surely",
                f"log X drifts at the rate {value_text(-found, point)} at 0",
                value_text(found, point),
                effect=1.0,
                certified=True,
            )
    if strict_sign(found, domain, ladder_seconds(task)) == "negative":
        finding = proved(
            f"the drift of log X at 0 is {sp.expand(-found)} > 0: the scale function is infinite at 0 and finite at "
            "every small eps > 0, and the noise has no zero in between."
        )
        return _valued(finding, statement.process, task)
    return undecided(f"escape near 0: the sign of {found} was not found on the domain.")


@witness(
    "exits of members near 0",
    kind=Kind.DETERMINISTIC,
    statement=EscapesNear,
    starts_from="polynomial coefficients with the stated jets: exit probabilities of an interval above 0",
)
def exits_of_members(statement: EscapesNear, task: Task) -> Finding:
    """Look for a member that stays near 0 from above; that some escape confirms nothing for the others."""
    for point in generic_points(task.claim.domain, task.effort.points // 2):
        for sde in _members(statement.process):
            try:
                stays, how = attracts(sde, point, 0.0, 1)
            except NumericsError as error:
                return undecided(f"exits of members: {error}.")
            if stays:
                return refuted(
                    "A member of the class stays near 0.", point, "the process escapes", f"it stays: {how}", "1",
                    effect=1.0,
                )  # fmt: skip
    return undecided("exits of members: all leave upward from above 0; members confirm nothing for the class.")
