"""Weak approximations of order 1: moments of one update at first order in the step, and means of test functions.

Where the moments of one update are those of the equation up to the square of the step, the errors of T/h updates add up
to O(h) (Milstein 1986); where they differ at first order, a test function and a short time show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.function import AppliedUndef

from ....derivations.domain import Domain, Point
from ....derivations.positivity import sign_on
from ....derivations.processes.ito import generator
from ....derivations.statements.classes.weak_orders import WeakApproximation
from ....numerics.codegen import compile_expressions
from ....numerics.exact.balls import midpoint
from ....numerics.networks.gaussian_cubature import degree_five
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import proved, undecided
from ...judgement.normal_forms import vanishes
from ...meaning.values import with_values
from ...witness import Task, witness

#: Steps at which one update is averaged: the two largest give the error of the extrapolation from the two smallest.
_STEPS = tuple(sp.Rational(1, 2**k) for k in (12, 13, 14))
#: An extrapolation that leaves a term of second order errs by less than so many times its change.
_SAFETY = 4
#: Rounding of a mean, before it is divided by the step.
_ROUNDING = 1e-14


@witness(
    "moments at first order in the step",
    kind=Kind.ALGEBRA,
    statement=WeakApproximation,
    starts_from="the update: its mean over the draws, of which only the first order in the step counts",
)
def first_order_moments(statement: WeakApproximation, task: Task) -> Finding:
    """Compare drift and covariance at a vanishing step with the first order of mean and covariance of the update.

    The update is of the order of the step, so that its second moments are of second order, and higher ones of higher.
    """
    reason = _not_covered(statement) or _no_variance(statement, task.claim.domain)
    if reason:
        return undecided(f"moments at first order in the step: {reason}.")
    residuals = residuals_of(statement)
    for chosen in statement.members():
        concrete = [Residual(r.what, *(with_members(e, chosen) for e in (r.stated, r.found))) for r in residuals]
        finding = judge(concrete, task, method="moments at first order in the step")
        if finding.outcome is Outcome.REFUTED and finding.counterexample is not None:
            point = {**finding.counterexample.point, **{str(k): str(v) for k, v in chosen.items()}}
            return replace(finding, counterexample=replace(finding.counterexample, point=point))
        finding = with_values(finding, *statement.update.written(statement.sde), task.claim.domain)
        if not chosen or finding.outcome is not Outcome.PROVED:
            return finding
    if all(vanishes(sp.expand((r.stated - r.found).doit())) for r in residuals):
        return proved("moments at first order in the step: identically those of the equation.")
    return undecided("moments at first order: they agree for simple members of the family, but not in general form.")


def _not_covered(statement: WeakApproximation) -> str:
    """Return what the theorem asks for and is not seen: sizes in the step, and Lipschitz coefficients."""
    update, sde, h = statement.update, statement.sde, statement.step
    draws = [z for z, _ in update.draws]
    for e in update.change:
        e = sp.expand(e)
        if not e.is_polynomial(h) or sp.expand(e.subs(h, 0)) != 0:
            return "the update is no polynomial in the step that vanishes with it"
        if draws and sp.Poly(e, *draws).total_degree() > 1:
            return "the update is not linear in its draws"
    if not all(sp.expand(e * h).is_polynomial(h) for e in (*sde.ito_drift, *sde.covariance)):
        return "drift or covariance of the equation is no polynomial in the step, over the step at most"
    for e in (*update.change, *sde.drift, *sde.diffusion):
        nodes = sorted(e.atoms(AppliedUndef) | e.atoms(sp.Derivative), key=lambda n: -len(str(n)))
        names = {node: sp.Dummy() for node in nodes}
        for node, name in names.items():
            e = e.xreplace({node: name})
        variables = (*sde.state, *names.values())
        if not e.is_polynomial(*variables) or sp.Poly(e, *variables).total_degree() > 1:
            return "a coefficient is not linear in the state and the functions, so that it need not be Lipschitz"
    return ""


def _no_variance(statement: WeakApproximation, domain: Domain) -> str:
    """Return which variance of a draw is not seen to be non-negative; empty when all are."""
    for draw, variance in statement.update.draws:
        if sign_on(domain, variance) not in ("positive", "nonnegative", "zero"):
            return f"the variance {variance} of {draw} is not seen to be non-negative"
    return ""


def residuals_of(statement: WeakApproximation) -> list[Residual]:
    """Return drift and covariance of the equation at a vanishing step beside the moments of the update."""
    update, sde, h = statement.update, statement.sde, statement.step
    found: list[Residual] = []
    for i, x in enumerate(sde.state):
        mean = sp.expand(update.change[i].subs({z: 0 for z, _ in update.draws}))
        found += _at_vanishing_step(f"the drift of {x}", sde.ito_drift[i], mean.coeff(h, 1), h)
        for j, y in enumerate(sde.state[: i + 1]):
            found += _at_vanishing_step(f"the covariance rate of {y} and {x}", sde.covariance[i, j], sp.Integer(0), h)
    return found


def _at_vanishing_step(what: str, rate: sp.Expr, first: sp.Expr, h: sp.Symbol) -> Iterator[Residual]:
    """Yield that `rate` is `first` at h = 0, or else that it has no part of order 1/h, which moves means at once."""
    over = sp.expand(rate * h).subs(h, 0)
    if over == 0:
        yield Residual(f"{what} at a vanishing step", sp.expand(rate).subs(h, 0), first)
    else:
        yield Residual(f"the part of order 1/{h} of {what}", over, sp.Integer(0))


def with_members(expr: sp.Expr, chosen: Mapping[AppliedUndef, sp.Expr]) -> sp.Expr:
    """Return an expression with functions in the places of undefined ones."""
    made: sp.Expr = sp.sympify(expr).subs(dict(chosen)).doit()
    return made


@witness(
    "means of a test function",
    kind=Kind.DETERMINISTIC,
    statement=WeakApproximation,
    starts_from="the update, evaluated at the nodes of a Gaussian cubature for small steps",
)
def means_of_a_test_function(statement: WeakApproximation, task: Task) -> Finding:
    """Compare the rate of change of the mean of a sine, extrapolated to a vanishing step, with L phi for members."""
    state, h = statement.sde.state, statement.step
    reason = _no_variance(statement, task.claim.domain)
    if reason:
        return undecided(f"means of a test function: {reason}.")
    phi = test_function(state)
    ledger = Ledger(task, "means of a test function")
    for chosen in statement.members():
        change = [with_members(e, chosen) for e in statement.update.change]
        rate = with_members(generator(statement.sde, phi), chosen).subs(h, 0)
        for point in generic_points(task.claim.domain, min(4, task.effort.points)):
            at = {s: v for s, v in point.items() if s != h}
            values = [mean_rate(phi, statement, change, {**at, h: step}) for step in _STEPS]
            earlier, later = 2 * values[1] - values[0], 2 * values[2] - values[1]
            stated = midpoint(rate, at)
            error = _SAFETY * abs(later - earlier) + _ROUNDING / float(_STEPS[-1])
            scale = max(abs(stated), abs(later), 1e-3)
            refutation = ledger.compare("the rate of E phi", {**point, **chosen}, stated, later, error, scale)
            if refutation is not None:
                return refutation
    return ledger.finding()


def test_function(state: Sequence[sp.Symbol]) -> sp.Expr:
    """Return a smooth function with bounded derivatives, in which no coordinate is like another."""
    return sp.sin(sum((x * sp.Rational(k + 1, 2) for k, x in enumerate(state)), sp.Rational(1, 3)))


def mean_rate(phi: sp.Expr, statement: WeakApproximation, change: list[sp.Expr], point: Point) -> float:
    """Return (E phi(x + change) - phi(x)) / step at a point, which names the step."""
    state, step = statement.sde.state, float(point[statement.step])
    noises = [z for z, _ in statement.update.draws] or [sp.Dummy("none")]
    widths = np.sqrt([midpoint(v, point) for _, v in statement.update.draws] or [0.0])
    nodes, weights = (t.numpy() for t in degree_five(len(noises)))
    moves = compile_expressions(noises, [e.subs(point) for e in change], "numpy")(*(nodes * widths).T)
    test = compile_expressions(list(state), [phi], "numpy")
    start = [midpoint(x, point) for x in state]
    moved = [s + np.broadcast_to(np.asarray(m, dtype=float), (len(nodes),)) for s, m in zip(start, moves, strict=True)]
    after, before = (np.asarray(test(*places)[0], dtype=float) for places in (moved, [np.array([s]) for s in start]))
    total: NDArray[np.float64] = (after - before) @ weights
    return float(total) / step
