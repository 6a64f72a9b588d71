"""Exact thresholds of attraction: Lyapunov exponents of the linearisation and Feller's boundary classification."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.positivity import sign_on
from ....derivations.processes.ito import generator
from ....derivations.processes.lyapunov import attraction_margin, boundary_exponent, linearise
from ....derivations.processes.sde import SDE
from ....derivations.ranges import Between
from ....derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ...evidence import Finding, Kind, Outcome
from ...judgement.domain_signs import candidates, certified_sign, strict_sign
from ...judgement.exact import Residual, judge, value_text
from ...judgement.findings import refuted, undecided
from ...judgement.normal_forms import vanishes
from ...judgement.straddle import excess
from ...judgement.thresholds import compare_threshold
from ...meaning.analytic import analytic_at
from ...meaning.processes import half_line_kept
from ...meaning.values import with_values
from ...witness import Task, witness
from .settling import rest_points


@witness(
    "Lyapunov exponents",
    kind=Kind.ALGEBRA,
    statement=Attractive,
    starts_from="the coefficients of the SDE",
)
def lyapunov_threshold(statement: Attractive, task: Task) -> Finding:
    """Compare min(-lambda_i) of the linearisation at the point with the printed condition."""
    left = _left_at_once(statement, task)
    if left is not None:
        return left
    margin = attraction_margin(statement.sde, statement.point)
    name = "min(-Lyapunov exponent)"
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    at_zero = False if _noisy_line(statement, task, at) else None
    finding = compare_threshold(statement.condition, statement.direction, margin, task, name, "attractive", at_zero)
    return _written(finding, task, at, statement.sde)


def _noisy_line(statement: Attractive, task: Task, at: Mapping[sp.Basic, sp.Expr]) -> bool:
    """Return whether one coordinate has noise of first order at the point: its scale then diverges at exponent 0."""
    sde, domain = statement.sde, task.claim.domain
    slopes = linearise(sde, statement.point).noises
    return (
        sde.dimension == 1
        and all(analytic_at(sp.sympify(e), at, domain) for e in (*sde.drift, *sde.diffusion))
        and strict_sign(sp.Add(*(b[0, 0] ** 2 for b in slopes)), domain, 1.0) == "positive"
    )


def _left_at_once(statement: Attractive, task: Task) -> Finding | None:
    """Refute where the condition holds and drift or noise does not vanish: started at the point, the process leaves."""
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    parts = [sp.sympify(e).subs(at) for e in (*statement.sde.ito_drift, *statement.sde.diffusion)]
    moving = [e for e in parts if sp.simplify(e) != 0]
    if not moving:
        return None
    gap = excess(statement.condition)
    for point in candidates(task.claim.domain, task.effort.points):
        if certified_sign(gap, point) != 1:
            continue
        for e in moving:
            if certified_sign(e, point) in (1, -1):
                return refuted(
                    "drift or noise does not vanish at the point: a process that starts there leaves it.",
                    point,
                    f"{statement.condition} holds, so the point is attractive",
                    f"a coefficient of the equation at the point is {value_text(e, point)}",
                    value_text(e, point),
                    certified=True,
                )
    return undecided(f"drift or noise may not vanish at the point: {moving[0]}")


@witness(
    "Feller boundary classification",
    kind=Kind.ALGEBRA,
    statement=CollapsesWhen,
    starts_from="the coefficients of the SDE",
)
def boundary_classification(statement: CollapsesWhen, task: Task) -> Finding:
    """X -> 0 almost surely iff the scale integral converges at 0 and diverges at infinity."""
    resting = _rests_elsewhere(statement, task)
    if resting is not None:
        return resting
    moving = half_line_kept(statement.sde, task.claim.domain)
    if moving is not None:
        return moving
    near, far = (boundary_exponent(statement.sde, end, task.claim.domain) for end in (0, sp.oo))
    # with one exponent at both ends, as for a power law, what makes the integral converge at 0 makes it diverge far out
    same = far not in (sp.oo, -sp.oo) and sp.expand(far - near) == 0
    if not (far == -sp.oo or same or sign_on(task.claim.domain, 1 - far) == "positive"):
        return undecided(f"the exponent of the scale density at infinity is {far}; 1 - it has no sign")
    # with rational coefficients the scale density at exponent 1 is c/x + O(1), whose integral diverges at 0
    rational = all(e.is_rational_function(*statement.sde.state) for e in statement.sde.scalar()[1:])
    name = "1 - scale exponent at 0"
    margin = 1 - near if near.is_finite is not False else sp.Integer(1 if near == -sp.oo else -1)
    finding = compare_threshold(
        statement.condition, statement.direction, margin, task, name, "collapsing", False if rational else None
    )
    x, drift, variance = statement.sde.scalar()
    # where the denominator loses its last or its first term, both limits may be others
    bottom = sp.fraction(sp.cancel(sp.together(2 * drift * x / variance)))[1]
    fixed = not bottom.is_polynomial(x) or all(
        strict_sign(e, task.claim.domain, 1.0) in ("positive", "negative") for e in _outer(bottom, x)
    )
    if finding.outcome is Outcome.PROVED and not fixed:
        return undecided(f"the denominator {bottom} of 2 b x/S^2 may lose its first or its last term.")
    return _written(finding, task, {}, statement.sde)


def _outer(polynomial: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Return the coefficients of the lowest and of the highest power."""
    found = sp.Poly(polynomial, x).all_coeffs()
    return next(c for c in reversed(found) if c != 0), found[0]


def _rests_elsewhere(statement: CollapsesWhen, task: Task) -> Finding | None:
    """Refute where the condition holds and the process rests at a place above 0, or is driven off 0."""
    sde, gap = statement.sde, excess(statement.condition)
    x, drift, variance = sde.scalar()
    driven = vanishes(sp.sympify(variance).subs(x, 0)) and all(
        analytic_at(sp.sympify(e), {x: sp.Integer(0)}, task.claim.domain) for e in (drift, variance)
    )
    for point in candidates(task.claim.domain, task.effort.points):
        if certified_sign(gap, point) != 1:
            continue
        push = sp.sympify(drift).subs(x, 0)
        if driven and certified_sign(push, point) == 1:
            return refuted(
                "the noise vanishes at 0 and the drift does not: no path converges to 0.",
                point,
                f"{statement.condition} holds, so {x} tends to 0",
                f"the drift at 0 is {value_text(push, point)}",
                value_text(push, point),
                certified=True,
            )
        for rest in rest_points(sde, point):
            if certified_sign(x, rest) == 1:
                return refuted(
                    "drift and noise vanish at the start, where the process stays.",
                    rest,
                    f"{statement.condition} holds, so {x} tends to 0",
                    f"{x} = {value_text(x, rest)} for ever",
                    value_text(x, rest),
                    certified=True,
                )
    return None


@witness(
    "linear part",
    kind=Kind.ALGEBRA,
    statement=Linearised,
    starts_from="the coefficients of the SDE",
)
def linear_part(statement: Linearised, task: Task) -> Finding:
    """Compare values and slopes of the drift, and second derivatives of the covariance, with the linear SDE.

    A covariance may have derivatives where the noise has none, as that of |x|. A drift with a kink is compared along
    the axes.
    """
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    domain, equations = task.claim.domain, (statement.linear, statement.sde)
    parts = [sp.sympify(e) for sde in equations for e in (*sde.ito_drift, *sde.covariance)]
    rough = [e for e in parts if not analytic_at(e, at, domain)]
    if rough:
        finding = judge(list(_along_the_axes(statement, at, domain)), task, method="slopes along the axes")
        if finding.outcome is Outcome.REFUTED:
            return finding
        return undecided(f"{rough[0]} is not seen to be analytic around the point for all parameters.")
    finding = judge(list(derivatives(statement, at)), task, method="linearisation")
    written = [e for sde in equations for e in (*sde.drift, *sde.diffusion)]
    return with_values(finding, written, statement.sde.state, domain)


def derivatives(statement: Linearised, at: Mapping[sp.Basic, sp.Expr]) -> Iterator[Residual]:
    """Yield values and derivatives at the point, and what the linear equation has beyond them."""
    linear, sde = statement.linear, statement.sde
    state = sde.state
    y = sp.Matrix([s - at[s] for s in state])
    for i, (a, b) in enumerate(zip(linear.ito_drift, sde.ito_drift, strict=True)):
        yield Residual(f"drift {i + 1} at the point", sp.Integer(0), b.subs(at))
        slopes = [sp.diff(a, s).subs(at) for s in state]
        for s, slope in zip(state, slopes, strict=True):
            yield Residual(f"slope {i + 1} of the drift along {s}", slope, sp.diff(b, s).subs(at))
        rest = sp.expand(a - sp.Matrix([slopes]).dot(y))
        yield Residual("the non-linear rest of the stated drift", rest, sp.Integer(0))
    for i, j in itertools.combinations_with_replacement(range(len(state)), 2):
        a, b = linear.covariance[i, j], sde.covariance[i, j]
        yield Residual(f"covariance {i + 1}, {j + 1} at the point", sp.Integer(0), b.subs(at))
        curves = sp.Matrix(len(state), len(state), lambda k, m, a=a: sp.diff(a, state[k], state[m]).subs(at))
        for k, m in itertools.combinations_with_replacement(range(len(state)), 2):
            what = f"second derivative {state[k]}, {state[m]} of covariance {i + 1}, {j + 1}"
            yield Residual(what, curves[k, m], sp.diff(b, state[k], state[m]).subs(at))
        rest = sp.expand(a - (y.T * curves * y)[0] / 2)
        yield Residual("the rest of the stated covariance, beyond squares", rest, sp.Integer(0))


def _along_the_axes(statement: Linearised, at: Mapping[sp.Basic, sp.Expr], domain: Domain) -> Iterator[Residual]:
    """Yield the slopes of the drifts on the sides of the point that belong to the range, where the drift has some."""
    t, state = sp.Dummy("t", positive=True), statement.sde.state
    for s, side in itertools.product(state, (1, -1)):
        if isinstance(domain.ranges.get(s), Between) or (side < 0 and s.is_nonnegative):
            continue
        ray = {**at, s: at[s] + side * t}
        for i, (a, b) in enumerate(zip(statement.linear.ito_drift, statement.sde.ito_drift, strict=True)):
            stated, found = (sp.cancel(sp.expand(e.subs(ray)) / t) for e in (a, b))
            if not found.has(t) and not stated.has(t):
                yield Residual(f"slope {i + 1} of the drift from {'above' if side > 0 else 'below'}", stated, found)


@witness(
    "Ito formula for the logarithm",
    kind=Kind.ALGEBRA,
    statement=SmallStartLimit,
    starts_from="the coefficients of the SDE",
)
def logarithm_at_zero(statement: SmallStartLimit, task: Task) -> Finding:
    """As X -> 0, the drift and noise of log X tend to the stated rate and volatility.

    On [0, t] the coefficients of log X converge uniformly along paths that start at X_0 -> 0, so that the limits of
    the coefficients at 0 are those of log(X_t / X_0).
    """
    x = statement.sde.state[0]
    drift = sp.cancel(sp.together(generator(statement.sde, sp.log(x)))).subs(x, 0)
    noise = sp.cancel(sp.together(statement.sde.diffusion[0, 0] / x)).subs(x, 0)
    residuals = [
        Residual("drift of the logarithm at 0", statement.rate, drift),
        Residual("noise of the logarithm at 0", statement.volatility, noise),
    ]
    return _written(judge(residuals, task, method="Ito's formula"), task, {x: sp.Integer(0)}, statement.sde)


def _written(finding: Finding, task: Task, at: Mapping[sp.Basic, sp.Expr], *equations: SDE) -> Finding:
    """Return a proof only where all that is free of the state has values, and equations are analytic around `at`."""
    coefficients = [sp.sympify(e) for sde in equations for e in (*sde.drift, *sde.diffusion)]
    finding = with_values(finding, coefficients, equations[0].state, task.claim.domain)
    rough = [e for e in coefficients if at and not analytic_at(e, at, task.claim.domain)]
    if finding.outcome is Outcome.PROVED and rough:
        return undecided(f"{rough[0]} is not seen to be analytic around the point for all parameters.")
    return finding
