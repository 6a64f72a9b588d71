"""Comparison of a sample mean with an asserted value, valid at any time.

Each look adds independent samples; a run may look as often as it likes and stop as soon as it knows. Samples are
averaged in groups of hundreds to thousands, so that group means are close to Gaussian; on the group means stands the
confidence sequence of the Gaussian-mixture t-test martingale (Lai 1976; Wang and Ramdas, 2024): under mean mu the
process sqrt(c^2/(n+c^2)) * (((n+c^2) V_n)/((n+c^2) V_n - S_n^2))^(n/2), with S_n and V_n the sum and the sum of squares
of the deviations from mu, is a nonnegative martingale of mean 1 whatever the variance, so that by Ville's inequality
it ever exceeds 1/level with probability at most `level`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..derivations.errors import WitnessError
from .evidence import Outcome

#: Groups per look over which samples are averaged before Student's interval is taken.
GROUPS = 64

#: Weight c^2 of the mixing Gaussian, in units of one observation.
MIXTURE = 1.0


def half_width(deviations: NDArray[np.float64], level: float) -> float:
    """Return the half width of the t-mixture confidence sequence for the mean of `deviations`.

    Solves ``n d^2 / (s^2 + d^2) = (n + c^2) (1 - (level^2 c^2 / (n + c^2))^(1/n))`` for d, with s^2 the (biased)
    sample variance; infinite while n is too small to exclude any mean at that level.

    Parameters
    ----------
    deviations : array of shape (n,)
        Independent observations, close to Gaussian.
    level : float
        Probability, over all n at once, that the mean is ever outside.
    """
    n = deviations.size
    bound = (n + MIXTURE) * -np.expm1((2 * np.log(level) + np.log(MIXTURE / (n + MIXTURE))) / n)
    if bound >= n:
        return float("inf")
    return float(np.std(deviations) * np.sqrt(bound / (n - bound)))


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
        Probability of a false refutation, however many looks are taken.
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
            raise WitnessError(f"{np.count_nonzero(~np.isfinite(samples))} of {samples.size} samples are not finite")
        usable = samples.size // GROUPS * GROUPS
        means.extend(samples[:usable].reshape(GROUPS, -1).mean(axis=1).tolist())
        centre = float(np.mean(means))
        half = half_width(np.asarray(means), level) + bias
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
