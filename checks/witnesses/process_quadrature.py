"""Deterministic numerics on processes: one-step quadrature, backward equations, ODE solves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import mpmath
import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.statements.processes import (
    ExpectationAtAllTimes,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ...numerics.backward_equation import backward_expectation
from ...numerics.balls import midpoint
from ...numerics.generator import step_rates
from ...numerics.noise_free import solve_ode
from ..evidence import Finding, Kind
from ..judgement.deterministic import Ledger, generic_points
from ..witness import Task, witness


@witness(
    "one Euler step",
    kind=Kind.DETERMINISTIC,
    statement=SDETransform,
    starts_from="mean and variance of f after one small Euler step of the source, by Gauss-Hermite quadrature",
)
def one_step(statement: SDETransform, task: Task) -> Finding:
    """Compare measured drift and variance rate of f(X) with the asserted ones at exact points."""
    _, drift, variance = statement.target.scalar()
    ledger = Ledger(task, "one Euler step in 50 digits, extrapolated to h = 0")
    for point in generic_points(task.claim.domain, task.effort.points):
        at = {statement.image: statement.function.subs(point)}
        measured = step_rates(statement.source, statement.function, point)
        size = sum(abs(m.value) for m in measured) or 1.0
        for what, expr, got in zip(("the drift", "the variance rate"), (drift, variance), measured, strict=True):
            stated = midpoint(expr.subs(at).subs(point), {})
            scale = max(abs(stated), abs(got.value), 1e-3 * size)
            found = ledger.compare(what, point, stated, got.value, got.error, scale)
            if found:
                return found
    return ledger.finding()


@witness(
    "backward equation",
    kind=Kind.DETERMINISTIC,
    statement=ExpectationAtAllTimes,
    starts_from="the equation; its backward Kolmogorov equation on a mesh, refined",
)
def backward_equation(statement: ExpectationAtAllTimes, task: Task) -> Finding:
    """Compare the asserted expectation with a finite-difference solution of u_t = L u."""
    ledger = Ledger(task, "backward equation, finite differences")
    for point, start, horizon in moderate_points(statement, task, limit=4.0, count=min(4, task.effort.points)):
        try:
            stated = midpoint(statement.value, point)
        except NumericsError:
            continue
        got = backward_expectation(statement.sde, point, statement.observable, start, horizon)
        found = ledger.compare("the expectation", point, stated, got.value, got.error, abs(got.value))
        if found:
            return found
    return ledger.finding()


def moderate_points(
    statement: ExpectationAtAllTimes, task: Task, *, limit: float, count: int
) -> Iterator[tuple[Point, float, float]]:
    """Yield generic points (with start and time as floats), strongest relative noise below `limit` first.

    Where the noise is strong, an expectation differs most from what the noise-free equation gives.
    """
    x, _, variance = statement.sde.scalar()
    found = []
    for point in generic_points(task.claim.domain, 60):
        horizon = float(point[statement.time])
        start = statement.start.subs(point)
        strength = horizon * float(variance.subs(x, start).subs(point)) / float(start or 1) ** 2
        if horizon > 0 and strength <= limit:
            found.append((strength, point, float(start), horizon))
    found.sort(key=lambda entry: -entry[0])
    for _, point, begin, horizon in found[:count]:
        yield point, begin, horizon


@witness(
    "ODE solver",
    kind=Kind.DETERMINISTIC,
    statement=PathSolution,
    starts_from="the noise-free equation and its initial value, integrated numerically",
    applies=lambda statement: bool(statement.sde.diffusion[0, 0] == 0),
)
def ode_solver(statement: PathSolution, task: Task) -> Finding:
    """Compare the closed form of a noise-free equation with an adaptive Runge-Kutta solution."""
    ledger = Ledger(task, "Runge-Kutta 8(5,3)")
    for point in generic_points(task.claim.domain, task.effort.points):
        horizon = float(point[statement.time])
        try:
            stated = midpoint(statement.solution, point)
        except NumericsError:
            continue
        start = float(statement.start.subs(point))
        got = solve_ode(statement.sde, point, start, horizon)
        found = ledger.compare("the solution", point, stated, got.value, got.error, max(abs(got.value), 1e-12))
        if found:
            return found
    return ledger.finding()


@witness(
    "values at growing times",
    kind=Kind.DETERMINISTIC,
    statement=LongTimeLimit,
    starts_from="the expression itself, in 60 digits at doubling times",
)
def growing_times(statement: LongTimeLimit, task: Task) -> Finding:
    """Evaluate the expression at doubling times until it settles, and compare with the asserted limit."""
    ledger = Ledger(task, "values at doubling times")
    for point in generic_points(task.claim.domain, task.effort.points):
        expression = statement.expression.subs(point)
        f = sp.lambdify([statement.time], expression, "mpmath")
        with mpmath.workdps(60):
            values = [f(mpmath.mpf(2) ** k) for k in range(1, 14)]
        steps = [abs(b - a) for a, b in itertools.pairwise(values)]
        if steps[-1] > steps[-3] / 2 and steps[-1] > 1e-30:
            continue
        stated = midpoint(statement.limit, point)
        scale = max(abs(stated), float(abs(values[0])))
        found = ledger.compare("the limit", point, stated, float(values[-1]), float(steps[-1]), scale)
        if found:
            return found
    return ledger.finding()
