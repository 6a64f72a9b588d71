"""Exact thresholds of attraction: Lyapunov exponents of the linearisation and Feller's boundary classification."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import sympy as sp

from ....derivations.positivity import sign_on
from ....derivations.processes.ito import generator
from ....derivations.processes.lyapunov import attraction_margin, boundary_exponent, linearise
from ....derivations.processes.sde import SDE
from ....derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ...evidence import Finding, Kind, Outcome
from ...judgement.domain_signs import candidates, certified_sign, strict_sign
from ...judgement.exact import Residual, judge, value_text
from ...judgement.findings import refuted, undecided
from ...judgement.straddle import excess
from ...judgement.thresholds import compare_threshold
from ...meaning.analytic import analytic_at
from ...meaning.processes import rests_at_zero
from ...meaning.values import with_values
from ...witness import Task, witness


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
    name = "min(-Lyapunov exponent)"  # at equality the statement leaves open what happens
    finding = compare_threshold(
        statement.condition, statement.direction, margin, task, name, "attractive", at_zero=True
    )
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    return _written(finding, task, at, statement.sde)


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
    moving = rests_at_zero(statement.sde)
    if moving is not None:
        return moving
    near, far = boundary_exponent(statement.sde, 0), boundary_exponent(statement.sde, sp.oo)
    # with one exponent at both ends, as for a power law, what makes the integral converge at 0 makes it diverge far out
    same = far not in (sp.oo, -sp.oo) and sp.expand(far - near) == 0
    if not (far == -sp.oo or same or sign_on(task.claim.domain, 1 - far) == "positive"):
        return undecided(f"the exponent of the scale density at infinity is {far}; 1 - it has no sign")
    # with rational coefficients the scale density at exponent 1 is c/x + O(1), whose integral diverges at 0
    rational = all(e.is_rational_function(*statement.sde.state) for e in statement.sde.scalar()[1:])
    name = "1 - scale exponent at 0"
    finding = compare_threshold(
        statement.condition, statement.direction, 1 - near, task, name, "collapsing", False if rational else None
    )
    x, drift, variance = statement.sde.scalar()
    # where the denominator loses its last or its first term, both limits may be others
    bottom = sp.fraction(sp.cancel(sp.together(2 * drift * x / variance)))[1]
    fixed = all(
        strict_sign(e, task.claim.domain, 1.0) in ("positive", "negative")
        for e in (bottom.subs(x, 0), sp.LC(bottom, x))
    )
    if finding.outcome is Outcome.PROVED and not fixed:
        return undecided(f"the denominator {bottom} of 2 b x/S^2 may lose its first or its last term.")
    return _written(finding, task, {}, statement.sde)


@witness(
    "linear part",
    kind=Kind.ALGEBRA,
    statement=Linearised,
    starts_from="the coefficients of the SDE",
)
def linear_part(statement: Linearised, task: Task) -> Finding:
    """Compare the derivative of the drift, and the second-order part of the covariance, with the linear SDE."""
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    found = linearise(statement.sde, statement.point)
    stated = linearise(statement.linear, statement.point)
    y = sp.Matrix(statement.sde.state) - sp.Matrix([sp.sympify(p) for p in statement.point])
    pairs: list[Residual] = []
    for i, (a, b) in enumerate(zip(stated.drift * y, found.drift * y, strict=True)):
        pairs += [
            Residual(f"slope {i + 1} of the drift along {s}", sp.diff(a, s), sp.diff(b, s)) for s in statement.sde.state
        ]
    covariances = [sum((m * y * y.T * m.T for m in part.noises), sp.zeros(len(y), len(y))) for part in (stated, found)]
    for i, j in itertools.combinations_with_replacement(range(len(y)), 2):
        for s, t in itertools.combinations_with_replacement(statement.sde.state, 2):
            what = f"second derivative {s}, {t} of covariance {i + 1}, {j + 1}"
            pairs.append(Residual(what, *(sp.diff(c[i, j], s, t) for c in covariances)))
    # the linear SDE must be linear itself, not only have the right linear part
    rest = [e - f for e, f in zip(statement.linear.ito_drift, stated.drift * y, strict=True)]
    pairs += [Residual("the non-linear rest of the stated drift", e, sp.Integer(0)) for e in rest if sp.expand(e) != 0]
    finding = judge([p for p in pairs if (p.stated, p.found) != (0, 0)], task, method="linearisation")
    return _written(finding, task, at, statement.sde, statement.linear)


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
