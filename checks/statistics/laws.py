"""Equality of laws, as a statement on the largest distance between two distribution functions, valid at any time.

One sample against a given law: the band of :func:`crossproof.checks.statistics.probabilities.band_half_width` holds at
all places and sample sizes, so sup |F_n - F_0| less or plus its half width bounds sup |F - F_0| from below and above.

Two samples: from above by the bands of both. From below, more sharply, by betting: at fixed places t_j the
differences Z_i = 1[X_i <= t_j] - 1[Y_i <= t_j] lie in [-1, 1] and have mean F(t_j) - G(t_j). If sup |F - G| <= b, then
for each place and sign the process of :mod:`crossproof.checks.statistics.bounded_means` at the mean b is a nonnegative
supermartingale, and so is their average E_n(b); the distances b with E_n(b) >= 1/level are excluded for ever. The pairs
(X_i, Y_i) must be independent of each other, but X_i may depend on Y_i: a coupling makes the bets sharper.

Equality of laws on R^d follows for projections on fixed directions (Cramer and Wold 1936), with the level shared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...derivations.errors import WitnessError
from .bounded_means import log_wealth
from .means import Comparison, check_level, checked, compare
from .probabilities import band_half_width

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = NDArray[np.float64]

#: First pairs, which only choose the places of the bets, and number of places.
PILOT, PLACES = 256, 15

#: By how much a distribution function may fail to rise: library functions round.
ROUNDING = 1e-9


def distance_to_law(samples: Array, cdf: Callable[[Array], ArrayLike]) -> float:
    """Return sup |F_n - F_0| of `samples` from the distribution function `cdf`, which may have jumps.

    Raises
    ------
    WitnessError
        If `cdf` returns something that is not a distribution function at the samples.
    """
    places, counts = np.unique(samples, return_counts=True)
    at, left = (np.asarray(cdf(p), dtype=np.float64) for p in (places, np.nextafter(places, -np.inf)))
    ordered = np.stack([left, at], axis=1).ravel() if left.shape == at.shape == places.shape else np.array([np.nan])
    # written so that a NaN fails
    if not (ordered.min() >= -ROUNDING and ordered.max() <= 1 + ROUNDING and np.diff(ordered).min() >= -ROUNDING):
        raise WitnessError("the asserted distribution function must map (n,) to (n,), rise, and lie in [0, 1]")
    upto = np.cumsum(counts) / samples.size
    return float(max(np.abs(upto - at).max(), np.abs(upto - counts / samples.size - left).max()))


def distance_of_samples(pairs: Array) -> float:
    """Return sup |F_n - G_n| of the two columns of `pairs`, shape (n, 2)."""
    order = np.argsort(pairs, axis=None)
    values = pairs.ravel()[order]
    # n (F_n - G_n) rises by 1 at an x and falls by 1 at a y; between equal values it is not looked at
    walk = np.cumsum(1 - 2 * (order & 1))
    return float(np.abs(walk[:-1][values[1:] != values[:-1]]).max(initial=0)) / len(pairs)


def compare_law(
    draw: Callable[[int], ArrayLike],
    cdf: Callable[[Array], ArrayLike],
    *,
    resolution: float,
    level: float,
    looks: int,
    scale: float = 1.0,
    bias: float = 0.0,
) -> Comparison:
    """Compare the law of the samples with the distribution function `cdf`.

    The estimate is the distance sup |F - F_0|, asserted to be 0. A confirmation says that it is at most
    ``resolution * scale``, so that no probability of an interval (a, b] is wrong by more than twice that.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns the independent samples of that look, shape (n,).
    cdf : callable
        F_0, from an array of places to an array of probabilities; right-continuous.
    level : float
        Probability of a false refutation, however many looks are taken.
    bias : float
        Bound on the distance between the law that is simulated and the one that is meant.
    resolution, looks, scale
        See :func:`crossproof.checks.statistics.means.compare`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, a sample is not finite, or `cdf` is no distribution function.
    """
    check_level(level)
    seen: Array = np.empty(0)

    def interval(look: int) -> tuple[float, float]:
        nonlocal seen
        seen = np.append(seen, checked(draw(look)))
        distance, width = distance_to_law(seen, cdf), band_half_width(seen.size, level)
        return max(distance - width, 0.0), min(distance + width, 1.0)

    return compare(interval, 0.0, scale=scale, resolution=resolution, looks=looks, bias=bias)


def least_distance(n: int, differences: Array, discordant: Array, level: float) -> float:
    """Return the largest b with E_n(b) >= 1/level: a lower bound on sup |F - G|, 0 if there is none.

    Parameters
    ----------
    n : int
        Pairs that were bet on.
    differences, discordant : array of shape (places,)
        sum_i Z_i and sum_i Z_i^2 at each place.
    level : float
        Probability, over all n at once, that the bound ever exceeds the true distance.
    """
    bound = -np.log(level)
    # (1 + Z_i)/2 lies in [0, 1]; it is predicted by 1/2
    excess, variation = np.concatenate([differences, -differences]) / 2, np.tile(discordant, 2) / 4

    def log_average(b: float) -> float:
        wealth = log_wealth(excess - n * b / 2, variation)
        return float(wealth.max() + np.log(np.exp(wealth - wealth.max()).mean()))

    if log_average(0.0) < bound:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if log_average(middle) >= bound else (low, middle)
    return low


def compare_laws(
    draw: Callable[[int], ArrayLike],
    *,
    resolution: float,
    level: float,
    looks: int,
    scale: float = 1.0,
    bias: float = 0.0,
) -> Comparison:
    """Compare the laws of X and Y, of which ``draw(look)`` returns independent pairs, shape (n, 2).

    The estimate is the middle of the bounds on the distance sup |F - G|, asserted to be 0. The first PILOT pairs choose
    the places of the bets, quantiles of both samples together, and are not bet on.

    Parameters
    ----------
    draw : callable
        At least 2 * PILOT pairs at every look; X and Y may be coupled.
    level : float
        Probability of a false refutation, however many looks are taken; that of a false confirmation is the same.
    bias : float
        Bound on the error of the distance.
    resolution, looks, scale
        See :func:`compare_law`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite.
    """
    check_level(level)
    seen: Array = np.empty((0, 2))
    places = differences = discordant = np.empty(0)

    def interval(look: int) -> tuple[float, float]:
        nonlocal seen, places, differences, discordant
        pairs = checked(draw(look), columns=2, least=2 * PILOT)
        seen = np.concatenate([seen, pairs])
        if look == 0:
            places = np.unique(np.quantile(pairs[:PILOT], np.arange(1, PLACES + 1) / (PLACES + 1)))
            differences = discordant = np.zeros(places.size)
            pairs = pairs[PILOT:]
        x_below, y_below = pairs.T[:, None, :] <= places[:, None]
        differences = differences + np.count_nonzero(x_below, axis=1) - np.count_nonzero(y_below, axis=1)
        discordant = discordant + np.count_nonzero(x_below != y_below, axis=1)
        least = least_distance(len(seen) - PILOT, differences, discordant, level)
        most = distance_of_samples(seen) + 2 * band_half_width(len(seen), level / 2)
        return least, max(least, min(most, 1.0))

    return compare(interval, 0.0, scale=scale, resolution=resolution, looks=looks, bias=bias)
