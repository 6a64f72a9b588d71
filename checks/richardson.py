"""Monte Carlo with steps halved on the same Brownian paths: extrapolation, its remaining bias, and the finding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ..derivations.domain import Point
from ..derivations.errors import NumericsError
from ..numerics.paths import coarsen
from .evidence import Counterexample, Finding, Outcome
from .judgement.findings import as_text
from .statistics import Comparison
from .witness import Task

#: Steps of the finest simulation; a multiple of 4, so that they can be halved twice.
STEPS = 64


def refinements(increments: torch.Tensor, levels: int = 3) -> list[torch.Tensor]:
    """Return the increments of the same paths at the step, twice the step, ..."""
    found = [increments]
    for _ in range(levels - 1):
        found.append(coarsen(found[-1]))
    return found


def extrapolate(values: Sequence[torch.Tensor]) -> NDArray[np.float64]:
    """Return samples whose mean has no error of first order in the step, from values at the two finest steps."""
    found: NDArray[np.float64] = (2 * values[0] - values[1]).cpu().numpy()
    return found


def remaining_bias(values: Sequence[torch.Tensor]) -> float:
    """Bound the bias left after extrapolation by its change from one step size to the next, with four standard errors.

    What is left of second order is a third of that change.

    Parameters
    ----------
    values : three tensors of shape (n,)
        Samples on the same paths with the finest step and those two and four times as long.

    Raises
    ------
    NumericsError
        If the change is more than an error of second order explains: the steps are too long to extrapolate.
    """
    fine, middle, coarse = values
    shift, change = fine - middle, (2 * fine - middle) - (2 * middle - coarse)
    error = 4 * float(change.std()) / math.sqrt(len(change))
    size = abs(float(change.mean()))
    if not size <= 2 * abs(float(shift.mean())) + error:
        raise NumericsError(
            f"the extrapolated mean changes by {size:.3g} as the steps are halved, more than an error of second order "
            "does: the steps are too long, or values are not finite"
        )
    return size + error


def combine_comparisons(task: Task, results: list[tuple[Point, str, float, Comparison, float]], method: str) -> Finding:
    if not results:
        return Finding(Outcome.UNDECIDED, f"{method}: no point of the domain could be simulated.")
    for point, what, stated, result, scale in results:
        if result.outcome is Outcome.REFUTED:
            return Finding(
                Outcome.REFUTED,
                f"{method}: {what} lies outside the interval around the sample mean.",
                effect=abs(result.estimate - stated) / scale,
                level=task.level,
                counterexample=Counterexample(
                    as_text(point),
                    f"{what} = {stated:.6g}",
                    f"{what} = {result.estimate:.6g} +- {result.half_width:.2g}",
                    f"{stated - result.estimate:.4g}",
                ),
            )
    worst = max(r.resolution for _, _, _, r, _ in results)
    if any(r.outcome is not Outcome.CONFIRMED for _, _, _, r, _ in results):
        return Finding(Outcome.UNDECIDED, f"{method}: the intervals reach {worst:.2g}, which is too wide.")
    return Finding(
        Outcome.CONFIRMED,
        f"{method}: {len(results)} comparisons agree within {worst:.2g}.",
        resolution=worst,
        level=task.level,
    )
