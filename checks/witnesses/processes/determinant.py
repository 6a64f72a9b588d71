"""Witnesses of the determinant law: trace words for every shape, one exact step, simulated matrices."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
import torch

from ....derivations.domain import Point
from ....derivations.matrices.matrix_flow import log_determinant_rates
from ....derivations.processes.sde import SDE
from ....derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ....numerics.diffusions.generator import extrapolated, gauss_hermite
from ....numerics.networks.matrix_flow import MatrixProblem
from ...evidence import Finding, Kind
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, judge
from ...judgement.findings import proved, undecided
from ...statistics.means import compare_mean
from ...statistics.richardson import STEPS, combine_comparisons, extrapolate, remaining_bias
from ...witness import Task, witness
from ..simulations import ends, planned

#: Shapes (p, k, n) of the matrix process that are averaged exactly, and that are simulated.
SHAPES = ((1, 1, 1), (2, 1, 2), (1, 2, 2), (2, 2, 2))
SIMULATED = ((1, 1, 2), (2, 1, 2), (1, 2, 3))

_JACOBI = "trace words with det(I + G) = exp(tr G - tr G^2 / 2 + ...), for every shape"


@witness(
    "trace words, drift",
    kind=Kind.ALGEBRA,
    statement=DeterminantDrift,
    starts_from="the block structure of J and xi and the multiplicativity of the determinant",
)
def determinant_drift(statement: DeterminantDrift, task: Task) -> Finding:
    """Derive the relative drift of the determinant for every shape and compare."""
    drift, noise_word = log_determinant_rates(statement.flow)
    if noise_word:
        return undecided("the log determinant has a noise term; its drift alone does not decide.")
    return judge([Residual("the relative rate", statement.rate, drift)], task, method=_JACOBI)


@witness(
    "trace words, noise",
    kind=Kind.ALGEBRA,
    statement=DeterminantNoiseFree,
    starts_from="the block structure of xi and the multiplicativity of the determinant",
)
def determinant_noise(statement: DeterminantNoiseFree, task: Task) -> Finding:
    """Derive the Brownian term 2 sqrt(v) tr(d xi) of the log determinant, which must be an empty word."""
    _, noise_word = log_determinant_rates(statement.flow)
    if not noise_word:
        return proved(f"{_JACOBI}: the trace of the noise matrix is empty, so no Brownian term is left.")
    return undecided(f"{_JACOBI}: noise words {sorted(noise_word)} are left.")


@witness(
    "trace words, path",
    kind=Kind.ALGEBRA,
    statement=DeterminantPath,
    starts_from="the block structure of J and xi and the multiplicativity of the determinant",
)
def determinant_path(statement: DeterminantPath, task: Task) -> Finding:
    """Solve d log det = c dt, which has no noise, and compare with the asserted factor."""
    drift, noise_word = log_determinant_rates(statement.flow)
    if noise_word:
        return undecided("the log determinant has a noise term.")
    found = sp.exp(drift * statement.time)
    return judge([Residual("the factor", statement.factor, found)], task, method=_JACOBI)


def one_matrix_step(problem: MatrixProblem, variance: float) -> tuple[float, float, float, float]:
    r"""Return relative drift and variance rate of det(Theta^T Theta) at the start, each with its extrapolation error.

    The determinant is a polynomial of degree 2(p+k) in the noise, which five Gauss-Hermite nodes average exactly
    for p + k <= 4.
    """
    z, weights = gauss_hermite(5, problem.n * problem.k)
    noise = torch.from_numpy(z.T.copy()).reshape(-1, problem.n, problem.k)
    start = problem.Theta.expand(len(noise), -1, -1)
    base = 1e-2 / (1 + (1 + variance) * float(problem.gram_trace))
    means, variances = [], []
    for halving in range(4):
        h = base / 2**halving
        moved = problem.step(start, variance, h, noise * h**0.5)
        ratio = problem.ratio(moved).numpy()
        means.append(float(weights @ (ratio - 1)) / h)
        variances.append(float(weights @ (ratio - weights @ ratio) ** 2) / h)
    drift, spread = extrapolated(means), extrapolated(variances)
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


def matrix_point(statement: DeterminantDrift | DeterminantNoiseFree, problem: MatrixProblem, task: Task) -> Point:
    """Return a generic point of the domain with the shape and the trace of `problem`."""
    point = next(generic_points(task.claim.domain, 1))
    return {**point, **problem.values(statement.flow)}


@witness(
    "matrix simulation, drift",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantDrift,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
    applies=lambda statement: bool(statement.flow.variance != 0),
)
def simulated_drift(statement: DeterminantDrift, task: Task) -> Finding:
    """Compare the mean of det(T)/det(0) with exp(rate T), which a linear drift implies."""
    t = sp.Dummy("t", nonnegative=True)
    return _matrix(task, statement, sp.exp(statement.rate * t), t, spread=False)


@witness(
    "matrix simulation, noise",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantNoiseFree,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
)
def simulated_noise(statement: DeterminantNoiseFree, task: Task) -> Finding:
    """Compare the variance of det(T)/det(0), extrapolated to vanishing steps, with zero."""
    return _matrix(task, statement, None, sp.Dummy("t", nonnegative=True), spread=True)


@witness(
    "matrix simulation, path",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantPath,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
)
def simulated_path(statement: DeterminantPath, task: Task) -> Finding:
    """Compare mean and mean-square deviation of det(T)/det(0) with the asserted factor and zero."""
    return _matrix(task, statement, statement.factor, statement.time, spread=True)


def _matrix(
    task: Task,
    statement: DeterminantDrift | DeterminantNoiseFree | DeterminantPath,
    factor: sp.Expr | None,
    time: sp.Symbol,
    *,
    spread: bool,
) -> Finding:
    results = []
    generic = next(generic_points(task.claim.domain, 1))
    comparisons = len(SIMULATED) * ((factor is not None) + spread)
    for number, shape in enumerate(SIMULATED):
        problem = MatrixProblem(*shape)
        point = {**generic, **problem.values(statement.flow)}
        variance = statement.flow.variance.subs(point)
        horizon = sp.Rational(3, 4) / sp.ceiling(1 + variance * shape[1] * problem.gram_trace)
        point = {**point, time: horizon}
        asserted = None if factor is None else float(factor.subs(point))
        entries, equation = problem.Theta.flatten().tolist(), problem.sde(variance)

        def draw(
            look: int,
            levels: int = 2,
            p: MatrixProblem = problem,
            sde: SDE = equation,
            begin: list[float] = entries,
            to: float = float(horizon),
            key: int = number,
        ) -> list[torch.Tensor]:
            paths = max(task.effort.samples // 20, 128)
            plan = planned(sde, {}, begin, task, f"{key}/{look}", horizon=to, steps=STEPS, paths=paths)
            return [p.ratio(end.reshape(-1, *p.Theta.shape)) for end in ends(plan, task, levels)]

        pilot = draw(-1, 3)
        centre = asserted if asserted is not None else float(extrapolate(pilot).mean())
        moved = max(abs(1 - centre), 0.05)
        jobs: list[tuple[str, float, float, Callable[[torch.Tensor], torch.Tensor]]] = []
        if asserted is not None:
            jobs.append(("the mean of det(T)/det(0)", asserted, moved, lambda r: r))
        if spread:
            jobs.append(
                ("the mean square spread of det(T)/det(0)", 0.0, moved**2, lambda r, c=centre: (r - c) ** 2)  # type: ignore[misc]
            )
        for what, value, scale, functional in jobs:
            result = compare_mean(
                lambda look, f=functional, d=draw: extrapolate([f(e) for e in d(look)]),  # type: ignore[misc]
                value,
                scale=scale,
                resolution=task.effort.resolution,
                level=task.level / comparisons,
                looks=task.effort.looks,
                bias=remaining_bias([functional(e) for e in pilot]),
            )
            results.append((point, what, value, result, scale))
    return combine_comparisons(task, results, f"simulated matrices of the shapes (p, k, n) {SIMULATED}")
