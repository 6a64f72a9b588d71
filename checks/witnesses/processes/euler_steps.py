"""Random updates against Euler steps: Gaussian moments in symbols, and cubature over the draws in numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.positivity import sign_on
from ....derivations.statements.euler_steps import EulerStep, RandomUpdate
from ....numerics.codegen import compile_expressions
from ....numerics.exact.balls import midpoint
from ....numerics.networks.gaussian_cubature import degree_five
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import proved, undecided
from ...judgement.normal_forms import vanishes
from ...meaning.processes import meaning
from ...meaning.values import with_values
from ...witness import Task, witness

#: Degree of the change in the draws up to which the cubature integrates its square exactly.
_DEGREE = 2


@witness(
    "moments of the draws",
    kind=Kind.ALGEBRA,
    statement=EulerStep,
    starts_from="the update: mean and covariance over its draws, by Isserlis' theorem",
)
def moments_of_draws(statement: EulerStep, task: Task) -> Finding:
    """Compare mean and covariance of the update with those of the step, for members first, then identically."""
    reason = _meaningless(statement, task.claim.domain)
    if reason:
        return undecided(f"moments of the draws: {reason}.")
    residuals = residuals_of(statement)
    for chosen in statement.members():
        concrete = [
            Residual(r.what, *(sp.sympify(e).subs(chosen).doit() for e in (r.stated, r.found))) for r in residuals
        ]
        finding = judge(concrete, task, method="moments of the draws")
        if finding.outcome is Outcome.REFUTED and finding.counterexample is not None:
            point = {**finding.counterexample.point, **{str(k): str(v) for k, v in chosen.items()}}
            return replace(finding, counterexample=replace(finding.counterexample, point=point))
        if finding.outcome is Outcome.PROVED:
            # squares and means of what is imaginary may be real
            finding = (
                meaning([sp.sympify(e).subs(chosen).doit() for e in _parts(statement)], task.claim.domain) or finding
            )
            finding = with_values(finding, *statement.update.written(statement.sde), task.claim.domain)
        if not chosen or finding.outcome is not Outcome.PROVED:
            return finding
    if all(vanishes(sp.expand((r.stated - r.found).doit())) for r in residuals):
        return proved("moments of the draws: mean and covariance are identically those of an Euler step.")
    return undecided("moments of the draws: they agree for simple members of the family, but not in general form.")


def _meaningless(statement: EulerStep, domain: Domain) -> str:
    """Return what is not seen to have the sign that variances and times have; empty when all have it."""
    for draw, variance in statement.update.draws:
        if sign_on(domain, variance) not in ("positive", "nonnegative", "zero"):
            return f"the variance {variance} of {draw} is not seen to be non-negative"
    if sign_on(domain, statement.step) != "positive":
        return f"the time {statement.step} of a step is not seen to be positive"
    return ""


def _parts(statement: EulerStep) -> list[sp.Expr]:
    """Return what update and equation are made of: coefficients of the draws, drift and diffusion."""
    noises = [z for z, _ in statement.update.draws]
    changes = statement.update.change
    coefficients = [c for e in changes for c in (sp.Poly(sp.expand(e), *noises).coeffs() if noises else [e])]
    return [*coefficients, *statement.sde.drift, *statement.sde.diffusion]


def residuals_of(statement: EulerStep) -> list[Residual]:
    """Return mean and covariance of the update over its draws, and those of one step of the equation."""
    update, sde, h = statement.update, statement.sde, statement.step
    mean = [_expected(e, update) for e in update.change]
    found = [Residual(f"the mean change of {x}", h * b, m) for x, b, m in zip(sde.state, sde.drift, mean, strict=True)]
    for i, x in enumerate(sde.state):
        for j, y in enumerate(sde.state[: i + 1]):
            second = _expected(sp.expand(update.change[i] * update.change[j]), update)
            what = f"the covariance of the changes of {y} and {x}" if i != j else f"the variance of the change of {x}"
            found.append(Residual(what, h * sde.covariance[i, j], sp.expand(second - mean[i] * mean[j])))
    return found


def _expected(expr: sp.Expr, update: RandomUpdate) -> sp.Expr:
    """Return the mean over the draws: powers of odd degree vanish, E z^2k = (2k-1)!! v^k."""
    noises = [z for z, _ in update.draws]
    if not noises:  # a polynomial in nothing would be taken for one in the states
        return expr
    total = sp.Integer(0)
    for powers, coefficient in sp.Poly(sp.expand(expr), *noises).terms():
        if all(k % 2 == 0 for k in powers):
            total += coefficient * sp.Mul(
                *(sp.factorial2(k - 1) * v ** (k // 2) for k, (_, v) in zip(powers, update.draws, strict=True) if k)
            )
    return total


@witness(
    "cubature over the draws",
    kind=Kind.DETERMINISTIC,
    statement=EulerStep,
    starts_from="the update, evaluated in floating point at the nodes of a Gaussian cubature of degree 5",
)
def cubature_over_draws(statement: EulerStep, task: Task) -> Finding:
    """Compare mean and covariance of evaluated updates with the numbers of the step at generic points."""
    reason = _meaningless(statement, task.claim.domain)
    if reason:
        return undecided(f"cubature over the draws: {reason}.")
    update, sde = statement.update, statement.sde
    noises = [z for z, _ in update.draws]
    if not noises or any(sp.Poly(sp.expand(e), *noises).total_degree() > _DEGREE for e in update.change):
        return undecided(f"cubature over the draws: it is exact up to degree {_DEGREE} in the draws.")
    nodes, weights = (t.numpy() for t in degree_five(len(noises)))
    ledger = Ledger(task, "cubature over the draws")
    for chosen in statement.members():
        change = [sp.sympify(e).subs(chosen).doit() for e in update.change]
        drift, covariance = (m.subs(chosen).doit() for m in (sde.drift, sde.covariance))
        for point in generic_points(task.claim.domain, min(4, task.effort.points)):
            widths = np.sqrt([midpoint(v, point) for _, v in update.draws])
            function = compile_expressions(noises, [e.subs(point) for e in change], "numpy")
            values = np.array([np.broadcast_to(v, len(nodes)) for v in function(*(nodes * widths).T)], dtype=float)
            mean = values @ weights
            second = (values * weights) @ values.T - np.outer(mean, mean)
            scale = float(np.abs(values).max()) or 1.0
            found = _compare(ledger, statement, {**point, **chosen}, point, (drift, covariance), (mean, second), scale)
            if found is not None:
                return found
    return ledger.finding()


def _compare(
    ledger: Ledger,
    statement: EulerStep,
    named: Point,
    point: Point,
    stated: tuple[sp.Matrix, sp.Matrix],
    found: tuple[np.ndarray, np.ndarray],
    scale: float,
) -> Finding | None:
    """Note mean and covariance of one update, relative to its largest change and to the square of that."""
    state, h = statement.sde.state, statement.step
    for i, x in enumerate(state):
        value = midpoint(h * stated[0][i], point)
        refutation = ledger.compare(f"the mean change of {x}", named, value, float(found[0][i]), 1e-12 * scale, scale)
        if refutation is not None:
            return refutation
        for j, y in enumerate(state[: i + 1]):
            value, size = midpoint(h * stated[1][i, j], point), scale**2
            what = f"the covariance of the changes of {y} and {x}"
            refutation = ledger.compare(what, named, value, float(found[1][i, j]), 1e-12 * size, size)
            if refutation is not None:
                return refutation
    return None
