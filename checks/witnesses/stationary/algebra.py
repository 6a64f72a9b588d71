"""Exact algebra on stationary laws: zero current, end exponents, mixed partials."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain, Point
from ....derivations.processes.fokker_planck import current_field, possible_signs
from ....derivations.statements.detailed_balance import DetailedBalance
from ....derivations.statements.stationary import NormalisableWhen, StationaryLaw, pieces
from ...evidence import Finding, Kind, Outcome
from ...judgement.exact import Residual, certified_gap, judge, value_text
from ...judgement.findings import proved, refuted, undecided
from ...judgement.ladder import holds
from ...judgement.normal_forms import vanishes
from ...judgement.points import inside
from ...meaning.balance import no_balance
from ...meaning.laws import meaning
from ...meaning.local_laws import LocalLaw, integrable, local_laws
from ...meaning.state_pieces import Unresolved
from ...witness import Task, witness

#: Seconds for one question to the ladder.
_SECONDS = 4.0


def example_functions(expr: Any) -> dict[Any, sp.Expr]:
    """Return simple members for the undefined functions in `expr`: 1 + u^2/3 for positive ones, u^2/2 + u/3 else.

    A claim about all functions can be refuted, never proved, at a member.
    """
    found = {}
    for f in sorted(expr.atoms(AppliedUndef), key=str):
        square = sp.Add(*(a**2 for a in f.args))
        found[f] = 1 + square / 3 if f.is_positive else square / 2 + sp.Add(*f.args) / 3
    return found


def concrete(expr: Any) -> Any:
    """Return `expr` with undefined functions replaced by the members of `example_functions`, derivatives done."""
    return expr.subs(example_functions(expr)).doit()


@witness(
    "zero probability current",
    kind=Kind.ALGEBRA,
    statement=StationaryLaw,
    starts_from="the Fokker-Planck current of the SDE, exponents of the density, and Feller's test of the ends",
)
def zero_current(statement: StationaryLaw, task: Task) -> Finding:
    """Check 2b - (S^2)' = S^2 (log p)' on every piece of the support, and all else that makes a law.

    A density with non-zero current is refuted only where the current is certified to vary.
    """
    law = meaning(statement, task.claim.domain)
    for piece in law.laws:
        # before normal forms, which take long where there is something left
        finding = _varying(piece, task)
        if finding is not None:
            return finding
    if law.problem is not None:
        return law.problem
    if law.open:
        return undecided(law.open)
    if not all(vanishes(piece.current) for piece in law.laws):
        return undecided("the current is neither reduced to zero nor certified to vary")
    return proved(
        "Zero current identically on the domain; the density is positive and integrable by its exponents, and by "
        "Feller's test the process stays on the support."
    )


def _varying(law: LocalLaw, task: Task) -> Finding | None:
    """Refute a density whose current is certified to vary: at stationarity its derivative vanishes."""
    piece = law.piece
    slope, expected = law.slope, law.balanced_slope
    varying = sp.diff(law.current, piece.x) + law.current * slope
    count = 4 * task.effort.points
    # a point where the slopes differ too is easier to check by hand
    for expr in (varying * (slope - expected), varying):
        gap = certified_gap(piece.at(expr), piece.chart[0], count)
        point = None if gap is None else piece.point(gap[0])
        if point is not None and inside(task.claim.domain, point):
            return refuted(
                "The Fokker-Planck current of the density varies in space, so that the density moves.",
                point,
                f"(log p)' = {value_text(slope, point)}",
                f"(log p)' = {value_text(expected, point)} for zero current",
                f"2 J'/p = {value_text(varying, point)}",
                effect=_relative(slope, expected, point),
                certified=True,
            )
    return None


def _relative(stated: sp.Expr, found: sp.Expr, point: Point) -> float:
    one, two = (abs(complex(sp.N(e.subs(point)))) for e in (stated, found))
    gap = abs(complex(sp.N((stated - found).subs(point))))
    return gap / max(one, two) if max(one, two) > 0 else float("inf")


@witness(
    "end exponents",
    kind=Kind.ALGEBRA,
    statement=NormalisableWhen,
    starts_from="leading exponents of the zero-current density at the ends of the support and inside it",
)
def end_exponents(statement: NormalisableWhen, task: Task) -> Finding:
    """Derive the condition of integrability from the exponents and compare it with the asserted one."""
    domain, x = task.claim.domain, statement.sde.state[0]
    parameters = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    derived = []
    for interval in pieces(statement.support):
        try:
            condition = integrable(local_laws(statement.sde, interval, parameters), parameters)
        except Unresolved as error:
            return undecided(str(error))
        if condition is None:
            return undecided(f"an exponent on {interval} is not decided")
        derived.append(condition)
        for point in parameters.points(8 * task.effort.points):
            true, said = (bool(c.subs(point).doit()) for c in (condition, statement.condition))
            if contradicts(statement.direction, said=said, true=true):
                return refuted(
                    f"On {interval} the zero-current density is integrable iff {condition}, by its exponents.",
                    point,
                    f"integrable on {interval}: {said}",
                    f"integrable on {interval}: {true}",
                    f"exponent condition {condition}",
                    effect=1.0,
                    certified=True,
                )
    asserted = statement.condition
    if all(_agrees(c, asserted, statement.direction, parameters) for c in derived):
        return proved(f"The exponents give integrability iff {derived[0]}, with which the asserted condition agrees.")
    return undecided(f"derived {derived}; its agreement with {asserted} is not decided")


def contradicts(direction: str, *, said: bool, true: bool) -> bool:
    """Return whether the asserted condition (`said`) and the fact (`true`) break the asserted implication."""
    return (said and not true and direction != "only if") or (true and not said and direction != "if")


def _agrees(derived: Any, asserted: Any, direction: str, domain: Domain) -> bool:
    """Return True when the asserted condition is shown to stand to the derived one as `direction` says."""
    if derived == asserted:
        return True
    if isinstance(derived, sp.Gt | sp.Lt) and isinstance(asserted, sp.Gt | sp.Lt):
        ratio = sp.cancel((derived.gts - derived.lts) / (asserted.gts - asserted.lts))
        if possible_signs(ratio, domain) == {1}:
            return True
    sufficient, necessary = sp.Or(sp.Not(asserted), derived), sp.Or(sp.Not(derived), asserted)
    needed = {"if": (sufficient,), "only if": (necessary,), "iff": (sufficient, necessary)}[direction]
    return all(e == sp.true or (e != sp.false and holds(e, domain, _SECONDS).answer) for e in needed)


def required_slopes(statement: DetailedBalance) -> sp.Matrix:
    """Return -A^{-1} G, which grad log p must be where the current vanishes."""
    field = current_field(statement.state, statement.force, statement.tensor, statement.current)
    return -sp.Matrix(statement.tensor).inv(method="ADJ") * field


def residuals_of(statement: DetailedBalance, required: sp.Matrix) -> list[Residual]:
    """Return the slopes of the stated density and the required ones, or the mixed partials of the latter."""
    state = statement.state
    residuals: list[Residual] = []
    if statement.density is None:
        for i, one in enumerate(state):
            for j, other in enumerate(state[:i]):
                left, right = sp.diff(required[i], other), sp.diff(required[j], one)
                what = f"the mixed partial of log p in {other}, {one}"
                residuals.append(Residual(what, sp.cancel(left), sp.cancel(right)))
    else:
        for i, one in enumerate(state):
            slope = sp.diff(statement.density, one) / statement.density
            residuals.append(Residual(f"d log p / d{one}", sp.expand(slope), sp.expand(required[i])))
    return residuals


@witness(
    "mixed partials",
    kind=Kind.ALGEBRA,
    statement=DetailedBalance,
    starts_from="the zero-current equation in the stated sense",
)
def mixed_partials(statement: DetailedBalance, task: Task) -> Finding:
    """Check G + A grad log p = 0, or that A^{-1} G is curl free when no density is named."""
    tensor, required = statement.tensor, required_slopes(statement)
    residuals = residuals_of(statement, required)
    if all(vanishes(r.difference) for r in residuals):
        reason = no_balance(statement, required, task)
        if reason:
            return undecided(f"the zero-current equation holds, but {reason}")
        return proved(f"zero-current equation: {', '.join(r.what for r in residuals)} reduced to an identity.")
    members = [Residual(r.what, concrete(r.stated), concrete(r.found)) for r in residuals]
    chosen = {**example_functions(sp.Matrix(list(statement.force))), **example_functions(tensor)}
    named = "; ".join(f"{f} = {member}" for f, member in chosen.items())
    finding = judge(members, task, method=f"zero-current equation{f' with {named}' if named else ''}")
    if finding.outcome is Outcome.PROVED:
        return undecided("the equation holds for simple members of the family, but is not reduced in general")
    return finding
