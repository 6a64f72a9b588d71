"""Sequential comparison of a sample mean with an asserted value.

Each look adds a batch of independent samples. The level of the unit is divided over the looks (union bound), so a
run may stop at the first look that decides, in either direction. An interval at one look is Student's interval on
`GROUPS` group means; a group holds hundreds to thousands of samples, so that group means are close to Gaussian.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..derivations.errors import WitnessError
from .evidence import Outcome

#: Groups per look over which samples are averaged before Student's interval is taken.
GROUPS = 64


@dataclass(frozen=True)
class Comparison:
    """Result of comparing a mean with an asserted value.

    Parameters
    ----------
    outcome : Outcome
        CONFIRMED when the interval lies within the resolution band around the asserted value, REFUTED when the
        asserted value (widened by `bias`) lies outside the interval, else UNDECIDED.
    estimate, half_width : float
        Centre and half width of the last interval.
    looks : int
        Looks taken.
    resolution : float
        Relative deviation that the final interval would have caught.
    """

    outcome: Outcome
    estimate: float
    half_width: float
    looks: int
    resolution: float


def compare_mean(
    draw: Callable[[int], NDArray[np.float64]],
    asserted: float,
    *,
    scale: float,
    resolution: float,
    level: float,
    looks: int,
    bias: float = 0.0,
) -> Comparison:
    """Compare the mean of the samples that `draw` yields with `asserted`.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns the independent samples of that look, shape (n,), n >= 2 * GROUPS.
    asserted : float
        Value that the claim asserts.
    scale : float
        Positive size in which deviations are measured; usually ``abs(asserted)``.
    resolution : float
        Confirm when every deviation larger than ``resolution * scale`` is excluded.
    level : float
        Probability of a false refutation over all looks.
    looks : int
        Greatest number of looks.
    bias : float
        Bound on the absolute discretisation bias of the mean (0 for exact samplers).

    Raises
    ------
    WitnessError
        If a sample is not finite.
    """
    if not (scale > 0 and resolution > 0 and 0 < level < 1 and looks >= 1 and bias >= 0):
        raise WitnessError(
            f"scale={scale}, resolution={resolution}, level={level}, looks={looks}, bias={bias}: "
            "scale and resolution must be positive, level in (0, 1), looks >= 1, bias >= 0"
        )
    means: list[float] = []
    result = Comparison(Outcome.UNDECIDED, float("nan"), float("inf"), 0, float("inf"))
    for look in range(looks):
        samples = np.asarray(draw(look), dtype=np.float64)
        if not np.all(np.isfinite(samples)):
            raise WitnessError(
                f"{np.count_nonzero(~np.isfinite(samples))} of {samples.size} samples are not finite"
            )
        usable = samples.size // GROUPS * GROUPS
        means.extend(samples[:usable].reshape(GROUPS, -1).mean(axis=1).tolist())
        n = len(means)
        centre = float(np.mean(means))
        error = float(np.std(means, ddof=1) / np.sqrt(n))
        half = float(stats.t.isf(level / (2 * looks), n - 1)) * error + bias
        deviation = abs(centre - asserted)
        caught = (deviation + half) / scale
        if deviation > half:
            return Comparison(Outcome.REFUTED, centre, half, look + 1, caught)
        result = Comparison(
            Outcome.CONFIRMED if caught <= resolution else Outcome.UNDECIDED, centre, half, look + 1, caught
        )
        if result.outcome is Outcome.CONFIRMED:
            return result
    return result
