"""Ratios of means: Fieller's argument on the t-mixture sequence, without dividing by a sample.

If E[X] = r E[Y], then X - r Y has mean 0. The confidence sequence for the mean of X - r Y at the one true r contains
0 at all looks with probability 1 - level, so the set of all r at which it contains 0 covers the true ratio at that
level, and no union over r is needed. With m and s the means and (biased) covariances of the group means, and d the
multiplier of the t-mixture sequence, the set is

    {r : (m_x - r m_y)^2 <= d^2 (s_xx - 2 r s_xy + r^2 s_yy)},

an interval whenever the sequence for E[Y] excludes 0 (Fieller 1954).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .means import GROUPS, Comparison, Terms, check_level, checked, compare, group_means, multiplier

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def fieller_interval(groups: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Return the confidence sequence for E[X]/E[Y] from group means of pairs.

    Parameters
    ----------
    groups : array of shape (n, 2)
        Independent group means (x, y), close to Gaussian.
    level : float
        Probability, over all n at once, that the true ratio is ever outside.

    Returns
    -------
    tuple of float
        (-inf, inf) while the sequence for E[Y] does not exclude 0.
    """
    everything = float("-inf"), float("inf")
    times = multiplier(len(groups), level)
    if not np.isfinite(times):
        return everything
    mx, my = groups.mean(axis=0)
    # solving for the deviation t from the estimate m_x / m_y keeps the digits: a t^2 - 2 b t - c <= 0
    ratio = mx / my if my else 0.0
    rest = groups[:, 0] - ratio * groups[:, 1]
    a = my**2 - times**2 * float(np.var(groups[:, 1]))
    if not a > 0:
        return everything
    b = -(times**2) * float(np.mean((rest - rest.mean()) * (groups[:, 1] - my)))
    c = times**2 * float(np.var(rest))
    root = float(np.sqrt(b**2 + a * c))
    return float(ratio + (b - root) / a), float(ratio + (b + root) / a)


def compare_ratio(
    draw: Callable[[int], ArrayLike],
    asserted: float,
    *,
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare E[X]/E[Y] with `asserted`.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns independent pairs (x, y), shape (n, 2), n >= 2 * GROUPS; x and y may depend on each
        other, and a common source of noise narrows the interval.
    asserted, level, terms
        See :func:`crossproof.checks.statistics.means.compare_mean`; the bias is that of the ratio.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite.
    """
    check_level(level)
    groups = np.empty((0, 2))

    def interval(look: int) -> tuple[float, float]:
        nonlocal groups
        groups = np.concatenate([groups, group_means(checked(draw(look), columns=2, least=2 * GROUPS))])
        return fieller_interval(groups, level)

    return compare(interval, asserted, **terms)
