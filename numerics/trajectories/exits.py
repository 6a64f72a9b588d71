"""Exit times of paths: their mean, and the rate of exits of a quasi-stationary law."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from ...derivations.errors import DomainError
from ..argument_kinds import named
from ..arguments import checked
from .estimate import Array, PathEstimate, around, check_level
from .paths import check_step, numbers
from .replication import FALSE_ALARM, FEW, MANY, RULED


@checked(DomainError)
def first_exits(paths: Any, dt: float, outside: Callable[[Array], Any]) -> Array:
    r"""Return the first recorded time at which each path is outside, shape (paths,); infinite where there is none.

    A path that is watched at steps only is late: in one dimension by what moving the end outwards by
    :math:`0.5826\,\sigma\sqrt{dt}` would make (Broadie, Glasserman and Kou, Math. Finance 7 (1997) 325).

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times)
        States, the first at time 0.
    dt : float
        Time between recorded states, > 0.
    outside : callable
        ``outside(states)`` gives booleans of shape (paths, times) for states of shape (paths, times, d).

    Raises
    ------
    DomainError
        If an argument is outside its range or `outside` gives another shape.
    """
    check_step(dt)
    states = numbers("paths", paths)
    states = states[..., None] if states.ndim == 2 else states
    if states.ndim != 3:
        raise DomainError(f"paths has shape {states.shape}; give (paths, times) or (paths, times, d)")
    left = np.asarray(outside(states))
    if left.dtype != bool or left.shape != states.shape[:2]:
        raise DomainError(f"outside gave {left.dtype} of shape {left.shape}; give booleans of {states.shape[:2]}")
    return np.where(left.any(axis=1), dt * left.argmax(axis=1), np.inf)


@checked(DomainError)
def estimate_exit_time(times: Any, *, horizon: float = math.inf, level: float = 0.05) -> PathEstimate:
    r"""Return the mean exit time; where paths are still inside at the horizon, :math:`E\min(T,\text{horizon})`.

    Parameters
    ----------
    times : array of shape (paths,), or Summaries with an exit box
        Exit times, infinite for paths that never left; who leaves later than the horizon is inside at it.
    horizon : float
        Time until which all paths were watched, > 0; needed where one never left.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range, or paths are inside and no horizon is given. That the mean is only bounded
        from below because paths are still inside, and that one path makes most of the variance, are caveats.
    """
    check_level(level)
    if named(times, "Summaries"):
        return _of_summaries(times, level)
    values = _times(times, horizon)
    n, inside = len(values), int(np.count_nonzero(values > horizon) if horizon < math.inf else 0)
    kept = np.minimum(values, horizon)
    caveats, name = [], "mean exit time"
    if inside:
        name = f"mean exit time up to {horizon:.6g}"
        caveats.append(f"{inside} of {n} paths are still inside: a lower bound of the mean exit time")
    squares = (kept - kept.mean()) ** 2
    if n >= MANY and squares.max() > RULED * squares.sum() > 0:
        caveats.append("one path makes more than half of the variance: the mean may not exist")
    if n < FEW:
        caveats.append(f"only {n} replicates: the interval trusts them to be close to Gaussian")
    error = float(kept.std(ddof=1)) / math.sqrt(n)
    method = "standard error of the mean over paths"
    return around(name, kept.mean(), error, level=level, paths=n, method=method, freedom=n - 1, caveats=caveats)


def _of_summaries(summaries: Any, level: float) -> PathEstimate:
    mean, variance = summaries.exit_time
    left, n = int(summaries.hits.sum(axis=(1, 2))[0]), int(summaries.paths[0])
    if len(mean) != 1 or left < n:
        raise DomainError(
            f"times are summaries of {len(mean)} parameters with {n - left} of {n} paths still inside; give those of "
            "one, and a horizon at which all have left, or the exit times themselves"
        )
    error, method = math.sqrt(float(variance[0]) / n), "standard error of the mean over paths"
    late = ("watched after every step: paths that leave and return within one are seen late",)
    return around("mean exit time", mean[0], error, level=level, paths=n, method=method, freedom=n - 1, caveats=late)


@checked(DomainError)
def estimate_exit_rate(times: Any, *, horizon: float, after: float = 0.0, level: float = 0.05) -> PathEstimate:
    r"""Return the exits per unit of time among paths that are inside from `after` to the horizon.

    The number of exits over the time spent inside: with `after` beyond the relaxation to the quasi-stationary law it is
    the decay rate of the survival probability. The interval inverts the chi-squared law of exponential times.

    Parameters
    ----------
    times : array of shape (paths,)
        Exit times, infinite for paths that never left; who leaves later than the horizon is inside at it.
    horizon : float
        Time until which all paths were watched, or an earlier one.
    after : float
        Time from which on exits count, 0 <= after < horizon.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range, or no path is inside at `after`. Rates that differ between the two halves
        of the time (not exponential: `after` is too early), and no exit at all, are caveats.
    """
    check_level(level)
    if not 0 <= after < horizon < math.inf:
        raise DomainError(f"after={after}, horizon={horizon}; give 0 <= after < horizon < inf")
    values = _times(times, horizon)
    values = values[values > after]
    if not values.size:
        raise DomainError(f"no path is inside at after={after}; give an earlier time or more paths")
    middle = (after + horizon) / 2
    counts = [int(np.count_nonzero((values > a) & (values <= b))) for a, b in ((after, middle), (middle, horizon))]
    spent = [float((np.clip(values, a, b) - a).sum()) for a, b in ((after, middle), (middle, horizon))]
    events, total = sum(counts), sum(spent)
    caveats = []
    if events == 0:
        caveats.append("no path left: only an upper bound is known")
    elif spent[1] > 0 and stats.binomtest(counts[0], events, spent[0] / total).pvalue < FALSE_ALARM:
        rates = [c / s for c, s in zip(counts, spent, strict=True)]
        caveats.append(f"the rate changes from {rates[0]:.3g} to {rates[1]:.3g}: no exponential law yet, begin later")
    low = float(stats.chi2.isf(1 - level / 2, 2 * events)) / (2 * total) if events else 0.0
    high = float(stats.chi2.isf(level / 2, 2 * events + 2)) / (2 * total)
    rate, method = events / total, "chi-squared law of exponential times"
    error = math.sqrt(events) / total
    return PathEstimate("exit rate", rate, error, low, high, level, len(values), method, tuple(caveats))


def _times(times: Any, horizon: float) -> Array:
    if not horizon > 0:
        raise DomainError(f"horizon={horizon}; give the time until which the paths were watched, > 0")
    given = times.detach().cpu().numpy() if hasattr(times, "detach") else np.asarray(times)
    if given.dtype.kind not in "iuf" or given.ndim != 1 or len(given) < 2 or np.isnan(given).any() or given.min() < 0:
        raise DomainError(f"times is {given.dtype} of shape {given.shape}; give exit times >= 0 of two paths or more")
    found = given.astype(np.float64)
    if horizon == math.inf and np.isinf(found).any():
        raise DomainError(f"times has paths that are still inside; horizon={horizon}: give the time until then, finite")
    return found
