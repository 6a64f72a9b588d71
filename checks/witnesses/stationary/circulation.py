"""Monte Carlo on detailed balance: circulation of Gaussian processes in their stationary state."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray
from scipy import linalg
from sympy.core.function import AppliedUndef

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.statements.detailed_balance import DetailedBalance
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import as_text, confirmed, undecided
from ...meaning.balance import no_balance
from ...statistics.means import compare_mean
from ...witness import Task, witness
from .algebra import concrete
from .sampling import refuted_average

Array = NDArray[np.float64]


def _is_linear(statement: DetailedBalance) -> bool:
    """Return whether the (simplest member of the) process is Gaussian with constant noise, in two dimensions."""
    if len(statement.state) != 2 or statement.tensor.has(*statement.state):
        return False
    slopes = concrete(sp.Matrix(statement.force)).jacobian(sp.Matrix(statement.state))
    return not slopes.has(*statement.state)


@witness(
    "circulation",
    kind=Kind.MONTE_CARLO,
    statement=DetailedBalance,
    starts_from="exact Gaussian transitions of dX = -F dt + sqrt(2A) dW in its stationary state",
    applies=_is_linear,
)
def circulation(statement: DetailedBalance, task: Task) -> Finding:
    """Measure E[x1 x2' - x2 x1'] over a lag, which detailed balance makes zero, and the asserted variances."""
    state = statement.state
    points = _generic_points(task)
    worst = 0.0
    for number, point in enumerate(points):
        asserted = _asserted_variances(statement, point)
        if min(asserted, default=1.0) <= 0:
            return undecided(f"the asserted density has no finite mass at {as_text(point)}")
        level = task.level / (len(points) * (1 + len(asserted)))
        slopes = np.array(
            concrete(sp.Matrix(statement.force)).jacobian(sp.Matrix(state)).subs(point).tolist(), dtype=float
        )
        tensor = np.array(statement.tensor.subs(point).tolist(), dtype=float)
        covariance = linalg.solve_continuous_lyapunov(slopes, 2 * tensor)
        step = linalg.expm(-slopes / np.linalg.norm(slopes, 2))
        spread = covariance - step @ covariance @ step.T
        roots = [np.linalg.cholesky((m + m.T) / 2) for m in (covariance, spread)]
        scale = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))

        def draw(look: int, what: str, number: int = number, roots: Any = roots, step: Any = step) -> Array:
            draws = task.draws(f"{what} {number} {look}")
            task.note_samples("exact transitions", task.effort.samples)
            matrices = [torch.as_tensor(m, dtype=torch.float64, device=task.device) for m in (*roots, step)]
            now = draws.normal(task.effort.samples, 2) @ matrices[0].T
            if what.startswith("variance"):
                return np.asarray((now[:, int(what[-1]) - 1] ** 2).cpu().numpy())
            later = now @ matrices[2].T + draws.normal(task.effort.samples, 2) @ matrices[1].T
            return np.asarray((now[:, 0] * later[:, 1] - now[:, 1] * later[:, 0]).cpu().numpy())

        tests = [("circulation", 0.0, scale)]
        tests += [(f"variance {i + 1}", value, value) for i, value in enumerate(asserted)]
        for what, value, size in tests:
            result = compare_mean(
                partial(draw, what=what),
                value,
                scale=size,
                resolution=task.effort.resolution,
                level=level,
                looks=task.effort.looks,
            )
            if result.outcome is Outcome.REFUTED:
                return refuted_average(
                    result,
                    value,
                    f"{what} of ({state[0]}, {state[1]})",
                    size,
                    point,
                    task.level,
                    "circulation and variances",
                )
            if result.outcome is not Outcome.CONFIRMED:
                return undecided(f"the {what} is resolved to {result.resolution:.2g} only")
            worst = max(worst, result.resolution)
    seen = f"No circulation at {len(points)} parameter points"
    described = (statement.force, statement.tensor, sp.sympify(statement.density or 1))
    if any(e.atoms(AppliedUndef) for e in described):
        return undecided(f"{seen} for a quadratic member of the family of functions")
    reason = no_balance(statement, sp.Matrix(list(statement.force)), task)
    if reason:
        return undecided(f"{seen}, but {reason}")
    also = "" if statement.density is None else ", and the asserted variances are met"
    return confirmed(f"{seen}{also}.", worst, level=task.level, quantity="circulation and variances")


def _generic_points(task: Task) -> list[Point]:
    """Return the simplest point and two without symmetries, at which a general assertion is not met by chance."""
    n = len(task.claim.domain.symbols)
    patterns = ((0,) * n, tuple(1 + j % 3 for j in range(n)), tuple(1 + 2 * j % 5 for j in range(n)))
    return [task.claim.domain.point(p) for p in patterns]


def _asserted_variances(statement: DetailedBalance, point: Point) -> list[float]:
    """Return the variances of both coordinates under the asserted Gaussian density; empty if none is asserted."""
    if statement.density is None:
        return []
    log_p = sp.expand_log(concrete(sp.log(statement.density)), force=True)
    curvature = -sp.hessian(log_p, statement.state).subs(point)
    if curvature.has(*statement.state):
        raise NumericsError("the asserted density of a linear process is not Gaussian")
    if curvature.det() == 0:
        return [0.0]  # without finite mass
    covariance = curvature.inv()
    return [float(covariance[i, i]) for i in range(2)]
