"""Exact algebra on stationary laws: zero current, end exponents, Laplace expansion, mixed partials."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.fokker_planck import (
    End,
    current_field,
    ends,
    integrable_at,
    laplace_parts,
    leading_power,
    log_derivative,
    possible_signs,
    stationary_slope,
    toward,
)
from ...derivations.statements.stationary import (
    DetailedBalance,
    DiracLaw,
    LocalBehaviour,
    NormalisableWhen,
    RootExpansion,
    StationaryExpansion,
    StationaryLaw,
    pieces,
)
from ..evidence import Counterexample, Finding, Kind, Outcome, undecided
from ..exact import Residual, as_text, certified_gap, judge, value_text, vanishes
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
    "exclusion of densities",
    kind=Kind.ALGEBRA,
    statement=DiracLaw,
    starts_from="zeros of drift and noise, and exponents of the zero-current density on both sides of the point",
)
def exclusion(statement: DiracLaw, task: Task) -> Finding:
    """Prove that the point is fixed and that no probability density is stationary on either side of it.

    An invariant probability on an open interval where the noise does not vanish has the zero-current density.
    """
    domain, x = task.claim.domain, statement.sde.state[0]
    drift, rate = statement.sde.ito_drift[0], statement.sde.covariance[0, 0]
    support = statement.support
    for end, closed in ((support.start, not support.left_open), (support.end, not support.right_open)):
        if not closed or end.is_infinite or end == statement.point:
            continue
        for point in domain.points(task.effort.points):
            if all(e.subs(point).subs(x, end.subs(point)) == 0 for e in (drift, rate)):
                return Finding(
                    Outcome.REFUTED,
                    f"Drift and noise vanish at {end} too, so that the Dirac mass there is stationary as well.",
                    effect=1.0,
                    counterexample=Counterexample(
                        as_text(point), f"only the mass at {statement.point}", f"also the mass at {end}", "1"
                    ),
                )
    moved = _not_fixed(statement, task)
    if moved is not None:
        return moved
    if not all(vanishes(e.subs(x, statement.point)) for e in (drift, rate)):
        return undecided(f"drift and noise do not both reduce to zero at {statement.point}")
    slope = stationary_slope(statement.sde)
    t = sp.Dummy("t", positive=True)
    for side in (
        sp.Interval.open(support.start, statement.point),
        sp.Interval.open(statement.point, support.end),
    ):
        if side is sp.S.EmptySet:
            continue
        low, high = side.start, side.end
        if high.is_infinite:
            inside = low + t
        elif low.is_infinite:
            inside = high - t
        else:
            inside = low + (high - low) * t / (1 + t)
        if possible_signs(sp.factor(rate.subs(x, inside)), domain) != {1}:
            return undecided(f"the noise is not seen to be positive on {side}")
        if sp.false not in [integrable_at(slope, x, end, domain) for end in ends(side)]:
            return undecided(f"a stationary density on {side} is not excluded")
    return Finding(
        Outcome.PROVED,
        "The point is fixed; on either side the noise is positive and the only zero-current density has infinite "
        "mass, which leaves the Dirac mass.",
    )


def _inside(statement: DiracLaw, point: Point) -> bool:
    """Return whether the mass is certain to lie strictly inside the support at these parameters."""
    place, low, high = (e.subs(point) for e in (statement.point, statement.support.start, statement.support.end))
    return bool((low < place) == True and (place < high) == True)  # noqa: E712  (a SymPy relation)


def _not_fixed(statement: DiracLaw, task: Task) -> Finding | None:
    """Refute a point that lies off the support, or inside it where drift or noise is certified not to vanish."""
    domain, x, support = task.claim.domain, statement.sde.state[0], statement.support
    for point in domain.points(task.effort.points):
        place, low, high = (e.subs(point) for e in (statement.point, support.start, support.end))
        if (place < low) == True or (place > high) == True:  # noqa: E712  (a SymPy relation)
            return Finding(
                Outcome.REFUTED,
                "The point lies outside the support.",
                effect=1.0,
                counterexample=Counterexample(as_text(point), f"mass at {place}", f"support {support}", str(place)),
            )
    if any(not end.is_infinite and vanishes(statement.point - end) for end in (support.start, support.end)):
        return None  # at an end a boundary condition, which the coefficients do not tell, may hold the mass
    for name, e in (("drift", statement.sde.ito_drift[0]), ("noise", statement.sde.covariance[0, 0])):
        gap = certified_gap(e.subs(x, statement.point), domain, 4 * task.effort.points)
        # where the point meets an end for some parameters only, the same holds for these
        if gap is not None and _inside(statement, gap[0]):
            return Finding(
                Outcome.REFUTED,
                f"The {name} does not vanish at {statement.point}, so that a mass there does not stay.",
                effect=1.0,
                counterexample=Counterexample(
                    as_text(gap[0]), f"a stationary mass at {statement.point}", f"{name} {gap[1]} there", str(gap[1])
                ),
            )
    return None


@witness(
    "Laplace expansion",
    kind=Kind.ALGEBRA,
    statement=StationaryExpansion,
    starts_from="the zero-current density of the SDE, expanded about its peak",
)
def laplace(statement: StationaryExpansion, task: Task) -> Finding:
    """Expand p = exp(Phi/eps + Psi) about its only maximum with exact moments of the perturbed Gaussian."""
    domain, x, centre = task.claim.domain, statement.sde.state[0], statement.centre
    phi, psi = laplace_parts(statement.sde, statement.parameter)
    valid = (
        vanishes(phi.subs(x, centre))
        and possible_signs(phi / (centre - x), domain) == {1}
        and all(_tail(phi, psi, x, end, domain) for end in ends(statement.support))
    )
    if not valid:
        return undecided("the conditions of Laplace's method (one maximum, integrable tails) are not established")
    variance = -1 / sp.diff(phi, x).subs(x, centre)
    third = sp.diff(phi, x, 2).subs(x, centre)
    shift = third * variance**2 / 2 + psi.subs(x, centre) * variance
    zeroth, first = (centre, shift) if statement.observable == "mean" else (sp.Integer(0), variance)
    residuals = [
        Residual(f"the limit of the {statement.observable}", statement.zeroth, zeroth),
        Residual(f"the first-order coefficient of the {statement.observable}", statement.first, first),
    ]
    return judge(residuals, task, method="Laplace expansion of the zero-current density")


def _tail(phi: sp.Expr, psi: sp.Expr, x: sp.Symbol, end: End, domain: Domain) -> bool:
    """Return True when second moments outside every neighbourhood of the peak are exponentially small.

    Either exp(Phi/eps) decays like an arbitrarily high power at the end, or x^2 exp(Psi) is integrable there.
    """
    t = sp.Dummy("t", positive=True)
    lead = leading_power(phi.subs(x, toward(end.place, end.inside, t)), t, domain)
    if lead is not None and possible_signs(end.inside * lead[0], domain) == {1}:
        infinite = bool(end.place.is_infinite)
        strong = possible_signs(1 - lead[1] if infinite else -1 - lead[1], domain)
        if -1 not in strong:
            return True
    return bool(integrable_at(psi, x, end, domain, moment=2) == sp.true)


@witness(
    "implicit differentiation",
    kind=Kind.ALGEBRA,
    statement=RootExpansion,
    starts_from="the function whose zero is expanded",
)
def implicit(statement: RootExpansion, task: Task) -> Finding:
    """Compare with -f_eps / f_x at the unperturbed zero."""
    at = {statement.parameter: 0, statement.variable: statement.zeroth}
    f = statement.function
    slope = sp.diff(f, statement.variable).subs(at)
    if possible_signs(sp.simplify(slope), task.claim.domain) not in ({1}, {-1}):
        return undecided("the slope at the unperturbed zero is not seen to differ from zero")
    return judge(
        [
            Residual("the function at the unperturbed zero", sp.Integer(0), f.subs(at)),
            Residual("the first-order shift", statement.first, -sp.diff(f, statement.parameter).subs(at) / slope),
        ],
        task,
        method="implicit differentiation",
    )


@witness(
    "leading powers",
    kind=Kind.ALGEBRA,
    statement=LocalBehaviour,
    starts_from="the expressions themselves",
)
def leading_powers(statement: LocalBehaviour, task: Task) -> Finding:
    """Compare leading coefficients and exponents on both sides of the point."""
    domain = task.claim.domain
    t = sp.Dummy("t", positive=True)
    residuals = []
    for inside in (1, -1):
        side = "above" if inside > 0 else "below"
        for number, pair in enumerate(statement.pairs, 1):
            at = toward(statement.point, inside, t)
            found, stated = (leading_power(e.subs(statement.variable, at), t, domain) for e in pair)
            if found is None or stated is None:
                return undecided(f"the leading power of {pair[0]} is not decided")
            residuals.append(Residual(f"exponent {number} from {side}", stated[1], found[1]))
            residuals.append(Residual(f"coefficient {number} from {side}", stated[0], found[0]))
    return judge(residuals, task, method="leading powers")


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
