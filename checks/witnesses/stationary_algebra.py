"""Exact algebra on stationary laws: zero current, end exponents, mixed partials."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.fokker_planck import (
    current_field,
    ends,
    integrable_at,
    log_derivative,
    possible_signs,
    stationary_slope,
)
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.stationary import NormalisableWhen, StationaryLaw, pieces
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.exact import Residual, certified_gap, judge, value_text, vanishes
from ..judgement.findings import as_text, undecided
from ..witness import Task, witness


def example_functions(expr: Any) -> dict[Any, sp.Expr]:
    """Return simple members for the undefined functions in `expr`: 1 + u^2/3 for positive ones, u^2/2 + u/3 else.

    A claim about all functions can be refuted, never proved, at a member.
    """
    found = {}
    for f in sorted(expr.atoms(sp.core.function.AppliedUndef), key=str):
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
    starts_from="the Fokker-Planck current of the SDE, and end exponents of the density",
)
def zero_current(statement: StationaryLaw, task: Task) -> Finding:
    """Check 2b - (S^2)' = S^2 (log p)', and integrability at both ends by leading exponents.

    A density with non-zero current is refuted only where the current is certified to vary.
    """
    x = statement.sde.state[0]
    domain = task.claim.domain
    drift, rate = statement.sde.ito_drift[0], statement.sde.covariance[0, 0]
    slope = log_derivative(sp.expand_power_base(statement.density), x)
    # twice the current over the density; at stationarity the derivative of the current vanishes
    residual = 2 * drift - sp.diff(rate, x) - rate * slope
    if vanishes(residual):
        return _integrable(statement, slope, domain)
    varying = sp.diff(residual, x) + residual * slope
    expected = stationary_slope(statement.sde)
    points = 4 * task.effort.points
    # a point where the slopes differ too is easier to check by hand
    shown = certified_gap(varying * (slope - expected), domain, points)
    gap = certified_gap(varying, domain, points) if shown is None else shown
    if gap is None:
        return undecided("the current is neither reduced to zero nor certified to vary")
    point = gap[0]
    value = value_text(varying, point)
    return Finding(
        Outcome.REFUTED,
        "The Fokker-Planck current of the density varies in space, so that the density moves.",
        effect=_relative(slope, expected, point),
        counterexample=Counterexample(
            as_text(point),
            f"(log p)' = {value_text(slope, point)}",
            f"(log p)' = {value_text(expected, point)} for zero current",
            f"2 J'/p = {value}",
        ),
    )


def _relative(stated: sp.Expr, found: sp.Expr, point: Point) -> float:
    one, two = (abs(complex(sp.N(e.subs(point)))) for e in (stated, found))
    gap = abs(complex(sp.N((stated - found).subs(point))))
    return gap / max(one, two) if max(one, two) > 0 else float("inf")


def _integrable(statement: StationaryLaw, slope: sp.Expr, domain: Domain) -> Finding:
    x = statement.sde.state[0]
    for end in ends(statement.support):
        condition = integrable_at(slope, x, end, domain)
        if condition is None:
            return undecided(f"zero current, but integrability at {end.place} is not decided")
        if condition == sp.true:
            continue
        point = next((p for p in domain.points(64) if condition.subs(p) == sp.false), None)
        if point is None:
            return undecided(f"zero current, but integrability at {end.place} needs {condition}")
        return Finding(
            Outcome.REFUTED,
            f"The density has zero current but is not integrable at {end.place}: that needs {condition}.",
            effect=1.0,
            counterexample=Counterexample(
                as_text(point), "a probability density", f"infinite mass at {end.place}", f"needs {condition}"
            ),
        )
    return Finding(
        Outcome.PROVED,
        "Zero current identically on the domain, and the density is integrable at both ends by its exponents.",
    )


@witness(
    "end exponents",
    kind=Kind.ALGEBRA,
    statement=NormalisableWhen,
    starts_from="leading exponents of the zero-current density at the ends of the support",
)
def end_exponents(statement: NormalisableWhen, task: Task) -> Finding:
    """Derive the condition of integrability from the exponents and compare it with the asserted one."""
    domain = task.claim.domain
    slope = stationary_slope(statement.sde)
    derived = []
    for piece in pieces(statement.support):
        found = [integrable_at(slope, statement.sde.state[0], end, domain) for end in ends(piece)]
        if sp.false in found:
            derived.append(sp.false)
        elif None in found:
            return undecided(f"the exponent at an end of {piece} is not decided")
        else:
            derived.append(sp.And(*found))
    asserted = statement.condition
    for piece, condition in zip(pieces(statement.support), derived, strict=True):
        for point in domain.points(8 * task.effort.points):
            true, said = (bool(c.subs(point).doit()) for c in (condition, asserted))
            wrong = (said and not true and statement.direction != "only if") or (
                true and not said and statement.direction != "if"
            )
            if wrong:
                return Finding(
                    Outcome.REFUTED,
                    f"On {piece} the zero-current density is integrable iff {condition}, by its end exponents.",
                    effect=1.0,
                    counterexample=Counterexample(
                        as_text(point),
                        f"integrable on {piece}: {said}",
                        f"integrable on {piece}: {true}",
                        f"exponent condition {condition}",
                    ),
                )
    if all(_same(c, asserted, domain) for c in derived):
        return Finding(
            Outcome.PROVED,
            f"The end exponents give integrability iff {derived[0]}, which is the asserted condition everywhere.",
        )
    return undecided(f"derived {derived}; its equivalence with {asserted} is not decided")


def _same(derived: Any, asserted: Any, domain: Domain) -> bool:
    """Return True when two strict conditions are equivalent on the domain: gaps with a positive ratio."""
    if derived == asserted:
        return True
    if not (isinstance(derived, sp.Gt | sp.Lt) and isinstance(asserted, sp.Gt | sp.Lt)):
        return False
    ratio = sp.cancel((derived.gts - derived.lts) / (asserted.gts - asserted.lts))
    return possible_signs(ratio, domain) == {1}


@witness(
    "mixed partials",
    kind=Kind.ALGEBRA,
    statement=DetailedBalance,
    starts_from="the zero-current equation in the stated sense",
)
def mixed_partials(statement: DetailedBalance, task: Task) -> Finding:
    """Check G + A grad log p = 0, or that A^{-1} G is curl free when no density is named."""
    state, tensor = statement.state, statement.tensor
    field = current_field(state, statement.force, tensor, statement.current)
    required = -sp.Matrix(tensor).inv(method="ADJ") * field
    residuals = []
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
    if all(vanishes(r.difference) for r in residuals):
        return judge(residuals, task, method="zero-current equation")
    members = [Residual(r.what, concrete(r.stated), concrete(r.found)) for r in residuals]
    chosen = {**example_functions(sp.Matrix(list(statement.force))), **example_functions(tensor)}
    named = "; ".join(f"{f} = {member}" for f, member in chosen.items())
    finding = judge(members, task, method=f"zero-current equation{f' with {named}' if named else ''}")
    if finding.outcome is Outcome.PROVED:
        return undecided("the equation holds for simple members of the family, but is not reduced in general")
    return finding
