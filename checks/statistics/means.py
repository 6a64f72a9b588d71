"""Comparison of a sample mean with an asserted value, valid at any time.

Each look adds independent samples; a run may look as often as it likes and stop as soon as it knows. Samples are
averaged in groups of hundreds to thousands, so that group means are close to Gaussian; on the group means stands the
confidence sequence of the Gaussian-mixture t-test martingale (Lai 1976; Wang and Ramdas, 2024): under mean mu the
process sqrt(c^2/(n+c^2)) * (((n+c^2) V_n)/((n+c^2) V_n - S_n^2))^(n/2), with S_n and V_n the sum and the sum of squares
of the deviations from mu, is a nonnegative martingale of mean 1 whatever the variance, so that by Ville's inequality
it ever exceeds 1/level with probability at most `level`.

Rounding has a floor: whatever the intervals say, no deviation below :data:`ROUNDING` times the size of what was summed
is an effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NotRequired, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...derivations.errors import WitnessError
from ..evidence import Outcome

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Groups per look over which samples are averaged before Student's interval is taken.
GROUPS = 64

#: Weight c^2 of the mixing Gaussian, in units of one observation.
MIXTURE = 1.0

#: Relative rounding of float64: a million operations of half a unit in the last place each, all in one direction.
ROUNDING = 1e-10

#: Greatest kurtosis of a group mean, estimated from its samples, at which group means count as close to Gaussian;
#: groups of two exponentials have 4.5, and samples that are ruled by their largest few reach the number of groups.
KURTOSIS = 6.0


def multiplier(n: int, level: float) -> float:
    """Return the half width of the t-mixture confidence sequence of a mean, in (biased) standard deviations.

    Solves ``n d^2 / (1 + d^2) = (n + c^2) (1 - (level^2 c^2 / (n + c^2))^(1/n))`` for d; infinite while n is too small
    to exclude any mean at that level.

    Parameters
    ----------
    n : int
        Number of independent observations, close to Gaussian.
    level : float
        Probability, over all n at once, that the mean is ever outside.
    """
    bound = (n + MIXTURE) * -np.expm1((2 * np.log(level) + np.log(MIXTURE / (n + MIXTURE))) / n)
    return float(np.sqrt(bound / (n - bound))) if bound < n else float("inf")


def half_width(deviations: NDArray[np.float64], level: float) -> float:
    """Return the half width of the t-mixture confidence sequence for the mean of `deviations`, shape (n,).

    It is :func:`multiplier` times the biased sample standard deviation.
    """
    times = multiplier(deviations.size, level)
    return float(np.std(deviations)) * times if np.isfinite(times) else times


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


#: Nothing seen yet, or an interval without bounds.
UNKNOWN = Comparison(Outcome.UNDECIDED, float("nan"), float("inf"), 0, float("inf"))


class Terms(TypedDict):
    """On what terms an asserted value is compared; every comparison takes them as keywords.

    Parameters
    ----------
    scale : float
        Positive size in which deviations are measured; usually ``abs(asserted)``.
    resolution : float
        Confirm when every deviation larger than ``resolution * scale`` is excluded.
    looks : int
        Greatest number of looks.
    bias : float
        Bound on the absolute discretisation bias of what the intervals estimate (0, the default, for exact samplers).
    size : float
        Size of the numbers of which the samples are made, before anything cancels; at least (and by default)
        ``max(abs(asserted), scale)``. The intervals are widened by ROUNDING times it: what float64 may err by.
    """

    scale: float
    resolution: float
    looks: int
    bias: NotRequired[float]
    size: NotRequired[float]


def compare(
    interval: Callable[[int], tuple[float, float]],
    asserted: float,
    *,
    scale: float,
    resolution: float,
    looks: int,
    bias: float = 0.0,
    size: float = 0.0,
) -> Comparison:
    """Compare an asserted value with the intervals of a confidence sequence until one decides.

    Parameters
    ----------
    interval : callable
        ``interval(look)`` draws the samples of that look and returns the interval (low, high) after it; a bound may
        be infinite. The level is that of the confidence sequence, at all looks together.
    asserted : float
        Value that the claim asserts.
    scale, resolution, looks, bias, size
        See :class:`Terms`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or an interval has no order.
    """
    check_request(asserted, scale, resolution, looks, bias, size)
    result = UNKNOWN
    for look in range(looks):
        result = judge(interval(look), asserted, scale, resolution, bias, look + 1, size)
        if result.outcome is not Outcome.UNDECIDED:
            break
    return result


def judge(
    interval: tuple[float, float],
    asserted: float,
    scale: float,
    resolution: float,
    bias: float,
    looks: int,
    size: float = 0.0,
) -> Comparison:
    """Return the comparison of `asserted` with one interval of a confidence sequence, the last after `looks` looks."""
    low, high = interval
    if not low <= high:
        raise WitnessError(f"a confidence sequence returned the interval [{low}, {high}], which has no order")
    if not np.isfinite(high - low):
        return replace(UNKNOWN, looks=looks)
    floor = ROUNDING * max(size, abs(asserted), scale)
    centre, half = (low + high) / 2, (high - low) / 2 + bias + floor
    deviation = abs(centre - asserted)
    caught = (deviation + half) / scale
    outcome = Outcome.CONFIRMED if caught <= resolution else Outcome.UNDECIDED
    return Comparison(Outcome.REFUTED if deviation > half else outcome, centre, half, looks, caught)


def check_request(asserted: float, scale: float, resolution: float, looks: int, bias: float, size: float = 0.0) -> None:
    """Raise WitnessError unless the arguments of :func:`compare` lie in their ranges."""
    finite = all(np.isfinite(v) for v in (asserted, scale, resolution, bias, size))
    if not (finite and scale > 0 and resolution > 0 and looks >= 1 and bias >= 0 and size >= 0):
        raise WitnessError(
            f"asserted={asserted}, scale={scale}, resolution={resolution}, looks={looks}, bias={bias}, size={size}: "
            "all must be finite, scale and resolution must be positive, looks >= 1, bias and size >= 0"
        )


def check_level(level: float) -> None:
    """Raise WitnessError unless `level` is a probability strictly between 0 and 1."""
    if not 0 < level < 1:
        raise WitnessError(f"level={level} must be positive and below 1: it is a probability of error")


def checked(samples: ArrayLike, columns: int | None = None, least: int = 1) -> NDArray[np.float64]:
    """Return `samples` as a float64 array of shape (n,), or (n, columns) where `columns` is given, with n >= `least`.

    Raises
    ------
    WitnessError
        If the shape is another, there are too few samples, or one is not finite.
    """
    array = np.asarray(samples, dtype=np.float64)
    wanted = () if columns is None else (columns,)
    if array.ndim == 0 or array.shape[1:] != wanted:
        raise WitnessError(f"samples of shape {array.shape} were drawn, where {('n', *wanted)} is needed")
    if len(array) < least:
        raise WitnessError(f"{len(array)} samples were drawn at a look, where at least {least} are needed")
    if not np.all(np.isfinite(array)):
        raise WitnessError(f"{np.count_nonzero(~np.isfinite(array))} of {array.size} samples are not finite")
    return array


def group_means(samples: NDArray[np.float64], groups: int = GROUPS) -> NDArray[np.float64]:
    """Return the means of groups of consecutive samples, shape (groups, ...); a rest is left out."""
    usable = len(samples) // groups * groups
    means: NDArray[np.float64] = samples[:usable].reshape(groups, -1, *samples.shape[1:]).mean(axis=1)
    return means


class Spread:
    """Second and fourth moments of the samples of all looks, about the mean of the first look."""

    def __init__(self) -> None:
        self._centre: float | None = None
        self._sums = np.zeros(2)
        self._n = 0

    def add(self, samples: NDArray[np.float64]) -> None:
        """Take the samples of one look, shape (n,)."""
        if self._centre is None:
            self._centre = float(samples.mean())
        squares = np.square(samples - self._centre)
        self._sums += squares.sum(), np.square(squares).sum()
        self._n += samples.size

    def group_kurtosis(self, groups: int) -> float:
        """Return the kurtosis of the samples over the size of a group: what is left of it in a group mean, and more."""
        second, fourth = self._sums
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            ratio = fourth / second**2 * groups
        return 0.0 if second == 0 else float("inf") if np.isnan(ratio) else float(ratio)


def compare_mean(
    draw: Callable[[int], NDArray[np.float64]],
    asserted: float,
    *,
    level: float,
    groups: int = GROUPS,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare the mean of the samples that `draw` yields with `asserted`.

    The fourth moment must exist. Samples that show the contrary, because a few of them make up their sum of squares,
    exclude nothing: the comparison stays undecided, and a bounded or robust functional is to be compared instead.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns the independent samples of that look, shape (n,), n >= 2 * groups.
    level : float
        Probability of a false refutation, however many looks are taken.
    groups : int
        Groups of a look; fewer of them, with as many samples each, let a run look earlier.
    asserted, terms
        See :func:`compare`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite.
    """
    check_level(level)
    means, spread = np.empty(0), Spread()

    def interval(look: int) -> tuple[float, float]:
        nonlocal means
        samples = checked(draw(look), least=2 * groups)
        spread.add(samples)
        means = np.append(means, group_means(samples, groups))
        if spread.group_kurtosis(means.size) > KURTOSIS:
            return float("-inf"), float("inf")
        centre, half = float(means.mean()), half_width(means, level)
        return centre - half, centre + half

    return compare(interval, asserted, **terms)
