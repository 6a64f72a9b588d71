r"""Monte Carlo with steps halved on the same Brownian paths: extrapolation, the bias that it leaves, and the finding.

With a bias :math:`C h^p` the means :math:`d_1` of (finest - next) and :math:`d_2` of (next - coarsest) have the ratio
:math:`r = 2^p`, and extrapolation as for p = 1 leaves :math:`d_1 (r - 2)/(r - 1)`. The order is not assumed: it is what
the three step sizes allow within four standard errors, between the least weak order 1/2 of an Euler scheme and 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...numerics.simulation.paths import coarsen
from ..evidence import Finding, Outcome
from ..judgement.findings import confirmed, refuted, undecided
from ..witness import Task
from .means import Comparison, compare_mean

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Steps of the finest simulation; a multiple of 4, so that they can be halved twice.
STEPS = 64
#: Least and greatest ratio of successive changes: orders 1/2 and 2.
_SLOWEST, _FASTEST = math.sqrt(2), 4.0
#: Standard errors that the changes are given.
_ERRORS = 4
#: Relative size below which no difference of simulated values is an effect: coefficients lose digits in float64, which
#: differences on the same paths would show though they carry no sampling error.
ROUNDING = 1e-6


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


def remaining_bias(values: Sequence[torch.Tensor], size: float = 0.0) -> float:
    """Bound the bias left after extrapolation, whatever order between 1/2 and 2 the three step sizes allow.

    Parameters
    ----------
    values : three tensors of shape (n,)
        Samples on the same paths with the finest step and those two and four times as long.
    size : float
        Size of what the samples are differences of; changes below ROUNDING of it, or of the samples, say nothing.

    Raises
    ------
    NumericsError
        If no such order fits: the steps are too long to extrapolate, or the scheme converges too slowly.
    """
    fine, middle, coarse = values
    floor = ROUNDING * max(size, float(fine.abs().mean()))
    near, near_error = _mean(fine - middle, floor)
    far, far_error = _mean(middle - coarse, floor)
    change, error = _mean((fine - middle) - ((middle - coarse) - (fine - middle)), floor)
    if not change <= (_FASTEST - 2) * near + error:
        raise NumericsError(
            f"the extrapolated mean changes by {change:.3g} as the steps are halved, more than an error of second "
            "order does: the steps are too long, or values are not finite"
        )
    if near - near_error > (far + far_error) / _SLOWEST:
        raise NumericsError(
            f"the mean changes by {far:.3g} and then by {near:.3g} as the steps are halved: the scheme converges more "
            "slowly than the square root of the step"
        )
    ratio = max(_SLOWEST, (far - far_error) / (near + near_error)) if near + near_error > 0 else _FASTEST
    # at most the change over r - 1; and at most what the least order leaves
    return min((change + error) / min(1.0, ratio - 1), (2 - _SLOWEST) / (_SLOWEST - 1) * (near + near_error))


def _mean(samples: torch.Tensor, floor: float) -> tuple[float, float]:
    """Return the size of a mean and its error, of sampling and of rounding."""
    return abs(float(samples.mean())), _ERRORS * float(samples.std()) / math.sqrt(len(samples)) + floor


def compare_extrapolated(
    task: Task,
    draw: Callable[[int], Sequence[torch.Tensor]],
    pilot: Sequence[torch.Tensor],
    asserted: float,
    *,
    scale: float,
    level: float,
) -> Comparison:
    """Compare an asserted mean with simulated ones, extrapolated in the step.

    Parameters
    ----------
    task : Task
        Resolution and number of looks.
    draw : callable
        ``draw(look)`` returns the samples of that look at the two finest steps.
    pilot : three tensors
        Other samples, as for :func:`remaining_bias`.
    asserted, scale, level
        As for :func:`crossproof.checks.statistics.means.compare_mean`.
    """
    return compare_mean(
        lambda look: extrapolate(draw(look)),
        asserted,
        scale=scale,
        resolution=task.effort.resolution,
        level=level,
        looks=task.effort.looks,
        bias=remaining_bias(pilot, scale),
    )


def combine_comparisons(task: Task, results: list[tuple[Point, str, float, Comparison, float]], method: str) -> Finding:
    """Return the finding of comparisons (point, what, asserted value, result, scale)."""
    if not results:
        return undecided(f"{method}: no point of the domain could be simulated.")
    for point, what, stated, result, scale in results:
        if result.outcome is Outcome.REFUTED:
            return refuted(
                f"{method}: {what} lies outside the interval around the sample mean.",
                point,
                f"{what} = {stated:.6g}",
                f"{what} = {result.estimate:.6g} +- {result.half_width:.2g}",
                f"{stated - result.estimate:.4g}",
                effect=abs(result.estimate - stated) / scale,
                level=task.level,
            )
    worst = max(r.resolution for _, _, _, r, _ in results)
    if any(r.outcome is not Outcome.CONFIRMED for _, _, _, r, _ in results):
        return undecided(f"{method}: the intervals reach {worst:.2g}, which is too wide.")
    return confirmed(f"{method}: {len(results)} comparisons agree within {worst:.2g}.", worst, level=task.level)
