"""Exponents of power laws, fitted over scales: every scale has its own sequence, and the level is shared over them.

At scales s_1 < ... < s_K the means m_k > 0 have intervals that hold together at all looks with probability 1 - level
(level/K each). With x_k = log s_k, the slope of the least-squares line through (x_k, log m_k) is sum_k w_k log m_k,
w_k = (x_k - mean x) / sum_j (x_j - mean x)^2, so it lies within sum_k w_k c_k -+ sum_k |w_k| h_k, where c_k -+ h_k
is the interval of log m_k. The same holds for the residuals of that line, which measure how far the means are from any
power law. If |log m_k - a - g x_k| <= e for some a, the slope differs from g by at most e sum_k |w_k|.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...derivations.errors import WitnessError
from ..evidence import Outcome
from .means import GROUPS, UNKNOWN, Comparison, check_level, check_request, checked, group_means, judge, multiplier

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ExponentComparison(Comparison):
    """A comparison of an exponent, with what the intervals say of the power law itself.

    Parameters
    ----------
    curvature : (float, float)
        Lower and upper bound on the largest deviation of a log mean from the fitted line; (0, inf) while unknown.
    """

    curvature: tuple[float, float] = (0.0, float("inf"))


def compare_exponent(
    draw: Callable[[int], Sequence[ArrayLike]],
    scales: Sequence[float],
    asserted: float,
    *,
    scale: float,
    resolution: float,
    level: float,
    looks: int,
    model_error: float = 0.0,
) -> ExponentComparison:
    """Compare the exponent of a power law m(s) ~ s^g with `asserted`.

    It is confirmed only if, besides, no log mean can be farther from the fitted line than `model_error` plus what a
    slope wrong by the resolution would make at the ends of the range. A curved law is left undecided, never refuted.

    Parameters
    ----------
    draw : callable
        ``draw(look)`` returns, for each scale, independent samples of positive mean, shape (n,), n >= 2 * GROUPS.
    scales : sequence of float
        At least two different positive scales.
    scale : float
        Size in which deviations of the exponent are measured; usually ``abs(asserted)``.
    level : float
        Probability of a false refutation, however many looks are taken; shared over the scales.
    model_error : float
        Bound e on the deviation of the true log means from a line of slope `asserted` (corrections to scaling,
        discretisation); 0 for an exact power law.
    asserted, resolution, looks
        See :func:`crossproof.checks.statistics.means.compare`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is not finite.
    """
    check_level(level)
    places = checked(scales)
    if len(places) < 2 or np.any(places <= 0) or np.unique(places).size < len(places):
        raise WitnessError(f"scales={list(scales)} must be at least two different positive numbers")
    check_request(asserted, scale, resolution, looks, model_error)
    x = np.log(places) - np.log(places).mean()
    slope = x / (x @ x)
    residual = np.eye(len(x)) - 1 / len(x) - np.outer(x, slope)
    allowed = model_error + resolution * scale * float(np.ptp(x)) / 2
    bias = model_error * float(np.abs(slope).sum())
    means: Array = np.empty((len(places), 0))
    found = ExponentComparison(**asdict(UNKNOWN))
    for look in range(looks):
        samples = draw(look)
        if len(samples) != len(places):
            raise WitnessError(f"samples at {len(samples)} scales were drawn, where {len(places)} are needed")
        means = np.hstack([means, [group_means(checked(drawn, least=2 * GROUPS)) for drawn in samples]])
        centre, half = _log_intervals(means, level / len(places))
        curvature, ends = (0.0, float("inf")), (float("-inf"), float("inf"))
        if np.isfinite(half).all():
            spread, off = np.abs(residual) @ half, np.abs(residual @ centre)
            curvature = (float(np.max(np.maximum(off - spread, 0.0))), float(np.max(off + spread)))
            fitted, reach = float(slope @ centre), float(np.abs(slope) @ half)
            ends = (fitted - reach, fitted + reach)
        result = judge(ends, asserted, scale, resolution, bias, look + 1)
        found = ExponentComparison(**asdict(result), curvature=curvature)
        if found.outcome is Outcome.CONFIRMED and curvature[1] > allowed:
            found = replace(found, outcome=Outcome.UNDECIDED)
        if found.outcome is not Outcome.UNDECIDED:
            break
    return found


def _log_intervals(means: Array, level: float) -> tuple[Array, Array]:
    """Return centres and half widths of the intervals of the log means, one a row; infinite where 0 is not excluded."""
    centre, half = np.zeros(len(means)), np.full(len(means), float("inf"))
    times = multiplier(means.shape[1], level)
    if np.isfinite(times):
        width = times * means.std(axis=1)
        low, high = means.mean(axis=1) - width, means.mean(axis=1) + width
        known = low > 0
        centre[known] = (np.log(high[known]) + np.log(low[known])) / 2
        half[known] = (np.log(high[known]) - np.log(low[known])) / 2
    return centre, half
