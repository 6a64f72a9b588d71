"""Deterministic numerics on processes: one-step quadrature, backward equations, ODE solves."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.expressions import canonical
from ....derivations.processes.ito import canonical_sde
from ....derivations.processes.power_problems import power_problem
from ....derivations.statements.processes import ExpectationAtAllTimes, PathSolution, SDETransform
from ....numerics.diffusions.backward_equation import backward_expectation
from ....numerics.diffusions.generator import step_rates
from ....numerics.diffusions.noise_free import solve_ode
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind
from ...judgement.breakpoints import breakpoints, features
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.findings import undecided
from ...judgement.points import distinct, inside
from ...meaning.processes import path_unsettled, start_unsettled, transform_unsettled
from ...witness import Task, witness

#: Places of narrow features that are visited besides generic points.
_NARROW = 24


@witness(
    "one Euler step",
    kind=Kind.DETERMINISTIC,
    statement=SDETransform,
    starts_from="mean and variance of f after one small Euler step of the source, by Gauss-Hermite quadrature",
)
def one_step(statement: SDETransform, task: Task) -> Finding:
    """Compare measured drift and variance rate of f(X) with the asserted ones at exact points, where f is smooth."""
    if transform_unsettled(statement, task.claim.domain) is not None:
        return undecided("one Euler step: f is not shown to have two continuous derivatives on the whole domain.")
    _, drift, variance = statement.target.scalar()
    image = {statement.image: statement.function}
    parts = [drift.subs(image), variance.subs(image), *statement.source.drift, *statement.source.diffusion]
    ledger = Ledger(task, "one Euler step in 50 digits, extrapolated to h = 0", parts)
    for point in _places(parts, task):
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


def _places(parts: list[sp.Expr], task: Task) -> Iterator[Point]:
    """Yield generic points, then those where one of the parts has a narrow feature or changes its formula."""
    domain, generic = task.claim.domain, list(generic_points(task.claim.domain, task.effort.points))
    bases = [*domain.points(1), *generic[:1]]  # at the simplest point there is least that a small deviation adds to
    narrow = itertools.chain(features(parts, domain, bases), breakpoints(parts, domain, bases))
    yield from distinct(itertools.chain(generic, itertools.islice(narrow, _NARROW)))


@witness(
    "backward equation",
    kind=Kind.DETERMINISTIC,
    statement=ExpectationAtAllTimes,
    starts_from="the equation; its backward Kolmogorov equation on a mesh, refined",
)
def backward_equation(statement: ExpectationAtAllTimes, task: Task) -> Finding:
    """Compare the asserted expectation with a finite-difference solution of u_t = L u, where moments are finite.

    Without such a bound the equation has several solutions, and the expectation is the least.
    """
    problem = power_problem(statement, task.claim.domain)
    if problem is None or not problem.unbounded:
        return undecided("backward equation: the moments are not known to be finite, or an end may be reached.")
    outside = start_unsettled(canonical_sde(statement.sde), canonical(statement.start), task.claim.domain)
    if outside is not None:
        return outside
    ledger = Ledger(task, "backward equation, finite differences", [statement.value])
    count = min(4, task.effort.points)
    domain = task.claim.domain
    narrow = features([statement.value], domain, list(generic_points(domain, 2))) if _peaked(statement.value) else ()
    for point, start, horizon in itertools.chain(
        moderate_points(statement, task, limit=4.0, count=count),
        moderate_points(statement, task, limit=4.0, count=count, points=itertools.islice(narrow, _NARROW)),
    ):
        try:
            stated = midpoint(statement.value, point)
        except NumericsError:
            continue
        got = backward_expectation(statement.sde, point, statement.observable, start, horizon)
        found = ledger.compare("the expectation", point, stated, got.value, got.error, abs(got.value))
        if found:
            return found
    return ledger.finding()


def _peaked(value: sp.Expr) -> bool:
    """Return whether a part of `value` may rise and fall in one variable: all but exponentials of linear ones."""

    def linear(e: sp.Expr) -> bool:
        return all(sp.diff(e, s, 2) == 0 for s in e.free_symbols)

    powers = [p for p in value.atoms(sp.Pow) if p.exp.is_negative and not linear(p.base)]
    functions = [f for f in value.atoms(sp.Function) if not (isinstance(f, sp.exp) and linear(f.args[0]))]
    return bool(powers or functions)


def moderate_points(
    statement: ExpectationAtAllTimes, task: Task, *, limit: float, count: int, points: Iterable[Point] | None = None
) -> Iterator[tuple[Point, float, float]]:
    """Yield some of `points` (with start and time as floats), strongest relative noise below `limit` first.

    By default they are generic. Where the noise is strong, an expectation differs most from what the noise-free
    equation gives.
    """
    x, _, variance = statement.sde.scalar()
    t, found = statement.time, []
    for point in generic_points(task.claim.domain, 60) if points is None else points:
        start = statement.start.subs(point)
        rate = float(variance.subs(x, start).subs(point)) / (float(start) or 1.0) ** 2
        horizon = float(point[t])
        if horizon * rate > limit:
            point = point | {t: sp.Rational(limit / rate).limit_denominator(1000)}
            horizon = float(point[t])
        if horizon > 0 and inside(task.claim.domain, point):
            found.append((horizon * rate, point, float(start), horizon))
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
    """Compare the closed form of a noise-free equation with an adaptive Runge-Kutta solution, if it lives for ever."""
    if path_unsettled(statement, task.claim.domain) is not None:
        return undecided("ODE solver: the closed form is not shown to be smooth at all times.")
    ledger = Ledger(task, "Runge-Kutta 8(5,3)", [statement.solution])
    for point in _places([statement.solution], task):
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
