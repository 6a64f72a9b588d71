"""Deterministic numerics on processes: one-step quadrature, backward equations, ODE solves, weak forms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import mpmath
import numpy as np
import sympy as sp
import torch

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.statements.processes import (
    DeterminantDrift,
    DeterminantNoiseFree,
    ExpectationAtAllTimes,
    FokkerPlanckForm,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ...numerics.balls import midpoint
from ...numerics.generator import (
    _extrapolated,
    _gauss_hermite,
    backward_expectation,
    concrete_functions,
    step_rates,
    weak_gap,
)
from ...numerics.paths import MatrixProblem, solve_ode
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import as_text
from ..witness import Task, witness

#: Shapes (p, k, n) of the matrix process that are examined.
SHAPES = ((1, 1, 1), (2, 1, 2), (1, 2, 2), (2, 2, 2))

_CYCLES = (4, 5, 7, 3, 11)


def generic_points(domain: Domain, count: int) -> Iterator[Point]:
    """Yield points away from the first value of every range, which is often 0 and makes terms vanish.

    Indices run through cycles of coprime lengths, so that many different combinations occur.
    """
    for number in range(count):
        indices = []
        for place, given in enumerate(domain.ranges.values()):
            index = 1 + (number + place) % _CYCLES[place % len(_CYCLES)]
            indices.append(index if given.size is None else index % given.size)
        yield domain.point(tuple(indices))


class Ledger:
    """Collects comparisons of a stated with a found number, relative to a scale."""

    def __init__(self, task: Task, method: str) -> None:
        self.task, self.method = task, method
        self.worst = 0.0
        self.count = 0

    def compare(
        self, what: str, point: Point, stated: float, found: float, error: float, scale: float
    ) -> Finding | None:
        """Note one comparison; return a refutation when the gap exceeds ten times the error bound."""
        gap = abs(stated - found)
        slack = error + 1e-12 * scale
        if not np.isfinite(gap + slack):
            raise NumericsError(f"{what} is not finite at {as_text(point)}")
        if gap > 10 * slack and gap > 1e-6 * scale:
            return Finding(
                Outcome.REFUTED,
                f"{self.method}: {what} differs from the statement by more than ten error bounds.",
                effect=gap / scale,
                counterexample=Counterexample(
                    as_text(point),
                    f"{what} = {stated:.10g}",
                    f"{what} = {found:.10g} +- {error:.1g}",
                    f"{stated - found:.6g}",
                ),
            )
        self.worst = max(self.worst, (gap + slack) / scale)
        self.count += 1
        return None

    def finding(self) -> Finding:
        """Return a confirmation when every comparison resolved the wanted deviation, else undecided."""
        if self.count == 0:
            return Finding(Outcome.UNDECIDED, f"{self.method}: no point of the domain could be evaluated.")
        if self.worst > self.task.effort.resolution:
            return Finding(
                Outcome.UNDECIDED, f"{self.method}: errors reach {self.worst:.2g}, which is too coarse."
            )
        return Finding(
            Outcome.CONFIRMED,
            f"{self.method}: {self.count} comparisons agree within {self.worst:.2g}.",
            resolution=max(self.worst, 1e-12),
        )


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
        for what, expr, got in zip(
            ("the drift", "the variance rate"), (drift, variance), measured, strict=True
        ):
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
    for point, start, horizon in moderate_points(
        statement, task, limit=4.0, count=min(4, task.effort.points)
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


def moderate_points(
    statement: ExpectationAtAllTimes, task: Task, *, limit: float, count: int
) -> Iterator[tuple[Point, float, float]]:
    """Yield generic points (with start and time as floats) whose relative noise over the time is moderate."""
    x, _, variance = statement.sde.scalar()
    yielded = 0
    for point in generic_points(task.claim.domain, 60):
        horizon = float(point[statement.time])
        start = statement.start.subs(point)
        rate = float(variance.subs(x, start).subs(point)) / float(start or 1) ** 2
        if 0 < horizon and rate * horizon <= limit:
            yield point, float(start), horizon
            yielded += 1
            if yielded == count:
                return


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
        found = ledger.compare(
            "the solution", point, stated, got.value, got.error, max(abs(got.value), 1e-12)
        )
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


@witness(
    "weak form",
    kind=Kind.DETERMINISTIC,
    statement=FokkerPlanckForm,
    starts_from="averages of test functions over a density and one Euler step, by Gauss-Hermite quadrature",
)
def weak_form(statement: FokkerPlanckForm, task: Task) -> Finding:
    """Compare the integral of phi times the right side with the measured rate of E[phi] for concrete functions."""
    ledger = Ledger(task, "weak form with a Gaussian density")
    point = next(generic_points(task.claim.domain, 1))
    state = statement.sde.state
    tests = [state[0] ** 2, sum(x**3 for x in state) + state[0] * state[-1] + state[0]]
    for chosen in concrete_functions(statement):
        named = {**point, **chosen}
        for test in tests:
            stated, measured = weak_gap(statement, chosen, test, point)
            scale = max(abs(stated), abs(measured), 1e-2)
            found = ledger.compare(
                f"d/dt E[{test}]",
                {k: v for k, v in named.items() if k not in state},
                stated,
                measured,
                1e-9 * scale,
                scale,
            )
            if found:
                return found
    return ledger.finding()


def one_matrix_step(problem: MatrixProblem, variance: float) -> tuple[float, float, float, float]:
    r"""Return relative drift and variance rate of det(Theta^T Theta) at the start, each with its extrapolation error.

    The determinant is a polynomial of degree 2(p+k) in the noise, which five Gauss-Hermite nodes average exactly
    for p + k <= 4.
    """
    z, weights = _gauss_hermite(5, problem.n * problem.k)
    noise = torch.from_numpy(z.T.copy())
    base = 1e-2 / (1 + (1 + variance) * float(problem.gram_trace))
    means, variances = [], []
    for halving in range(4):
        h = base / 2**halving
        ratio = problem.ratios(variance, h, noise[None] * h**0.5).numpy()
        means.append(float(weights @ (ratio - 1)) / h)
        variances.append(float(weights @ (ratio - weights @ ratio) ** 2) / h)
    drift, spread = _extrapolated(means), _extrapolated(variances)
    return drift.value, drift.error, spread.value, spread.error


@witness(
    "one matrix step, drift",
    kind=Kind.DETERMINISTIC,
    statement=DeterminantDrift,
    starts_from="exact averages of the determinant after one Euler step of real matrices, for several shapes",
)
def matrix_drift(statement: DeterminantDrift, task: Task) -> Finding:
    """Compare the measured relative rate of the determinant with the asserted one."""
    ledger = Ledger(task, f"one Euler step of Theta for the shapes {SHAPES}")
    for shape in SHAPES:
        problem = MatrixProblem(*shape)
        point = matrix_point(statement, problem, task)
        variance = float(statement.flow.variance.subs(point))
        drift, error, _, _ = one_matrix_step(problem, variance)
        stated = float(statement.rate.subs(point))
        scale = max(abs(stated), abs(drift), 0.1)
        found = ledger.compare("the relative rate", point, stated, drift, error + 1e-8 * scale, scale)
        if found:
            return found
    return ledger.finding()


@witness(
    "one matrix step, noise",
    kind=Kind.DETERMINISTIC,
    statement=DeterminantNoiseFree,
    starts_from="the variance of the determinant after one Euler step of real matrices, for several shapes",
)
def matrix_noise(statement: DeterminantNoiseFree, task: Task) -> Finding:
    """Measure the variance rate of the determinant, which must vanish."""
    ledger = Ledger(task, f"one Euler step of Theta for the shapes {SHAPES}")
    for shape in SHAPES:
        problem = MatrixProblem(*shape)
        point = matrix_point(statement, problem, task)
        variance = float(statement.flow.variance.subs(point))
        drift, _, spread, error = one_matrix_step(problem, variance)
        found = ledger.compare("the variance rate", point, 0.0, spread, error + 1e-8, max(drift**2, 0.1))
        if found:
            return found
    return ledger.finding()


def matrix_point(
    statement: DeterminantDrift | DeterminantNoiseFree, problem: MatrixProblem, task: Task
) -> Point:
    """Return a generic point of the domain with the shape and the trace of `problem`."""
    point = next(generic_points(task.claim.domain, 1))
    return {**point, **problem.values(statement.flow)}
