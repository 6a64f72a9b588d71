"""Means of bounded quantities: an interval valid at any time and at every sample size, with no further assumption.

For X_i in [0, 1] of conditional mean mu, a prediction p_i in [0, 1] made before X_i, and 0 <= l < 1,

    L_n = exp(l sum_i (X_i - mu) - psi(l) V_n),   V_n = sum_i (X_i - p_i)^2,   psi(l) = -log(1 - l) - l

is a nonnegative supermartingale with L_0 = 1 (Howard, Ramdas, McAuliffe and Sekhon 2021, Theorem 4; Fan, Grama and
Liu 2015), and so is its average over a grid of l. By Ville's inequality the average ever reaches 1/level with
probability at most `level`. V_n adapts to the variance of the X_i, which need not be known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...derivations.errors import WitnessError
from .means import Comparison, Terms, check_level, checked, compare

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = NDArray[np.float64]

#: Grid of l: spaced by 2, since an l that is wrong by sqrt(2) costs 6 % of the width.
BETS: Array = np.asarray(0.9 * 0.5 ** np.arange(20), dtype=np.float64)
PSI: Array = -np.log1p(-BETS) - BETS


def log_wealth(excess: ArrayLike, variation: ArrayLike) -> Array:
    """Return the log of the average of exp(l excess - psi(l) variation) over the grid of l; shapes (...)."""
    exponents = np.multiply.outer(excess, BETS) - np.multiply.outer(variation, PSI)
    top = exponents.max(axis=-1)
    found: Array = top + np.log(np.exp(exponents - top[..., None]).mean(axis=-1))
    return found


def largest_excess(variation: float, level: float) -> float:
    """Return the excess sum_i (X_i - mu) at which the average reaches 1/level, from above to 1e-12 of itself.

    The log of the average is convex and rises with the excess, so Newton's method stays above the root once it is.
    """
    bound = -np.log(level)
    # the average is at least its largest term over the size of the grid
    excess = float(((bound + np.log(BETS.size) + PSI * variation) / BETS).min())
    while True:
        exponents = BETS * excess - PSI * variation
        weights = np.exp(exponents - exponents.max())
        above = exponents.max() + np.log(weights.mean()) - bound
        step = float(above * weights.sum() / (weights @ BETS))
        if step <= 1e-12 * excess:
            return excess
        excess -= step


def compare_bounded_mean(
    draw: Callable[[int], NDArray[np.float64]],
    asserted: float,
    *,
    bounds: tuple[float, float],
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare the mean of samples that lie within known `bounds` with `asserted`.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns the independent samples of that look, shape (n,).
    bounds : (float, float)
        Numbers between which every sample lies by construction (never the range of those seen).
    level : float
        Probability of a false refutation, however many looks are taken; half of it on either side.
    asserted, terms
        See :func:`crossproof.checks.statistics.means.compare`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite or outside `bounds`.
    """
    check_level(level)
    low, high = (float(b) for b in bounds)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise WitnessError(f"bounds={bounds} must be two finite numbers in increasing order")
    n, total, variation = 0, 0.0, 0.0

    def interval(look: int) -> tuple[float, float]:
        nonlocal n, total, variation
        samples = checked(draw(look))
        outside = (samples < low) | (samples > high)
        if outside.any():
            worst = samples[outside][0]
            raise WitnessError(
                f"{np.count_nonzero(outside)} of {samples.size} samples lie outside the declared bounds "
                f"[{low}, {high}], the first is {worst}: declare bounds that hold, or compare with compare_mean"
            )
        unit = (samples - low) / (high - low)
        # X_i is predicted by (1/2 + X_1 + ... + X_(i-1)) / i
        upto = total + np.cumsum(unit)
        predicted = (0.5 + upto - unit) / (n + np.arange(1, unit.size + 1))
        variation += float(np.square(unit - predicted).sum())
        n, total = n + unit.size, float(upto[-1])
        mean, half = total / n, largest_excess(variation, level / 2) / n
        # both ends are clipped to [0, 1], where the mean lies
        ends = np.clip([mean - half, mean + half], 0.0, 1.0)
        return low + (high - low) * float(ends[0]), low + (high - low) * float(ends[1])

    return compare(interval, asserted, **terms)
