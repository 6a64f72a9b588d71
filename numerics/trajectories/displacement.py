r"""Mean squared displacement :math:`E|X_{t+\tau}-X_t|^2`, and its exponent.

The exponent is the slope of a line through log displacement over log lag: 1 for diffusion, below for sub-diffusive,
above for super-diffusive paths, if there is a power law at all. The average over the time of each path and that over
paths from their start agree only where increments are stationary; for subordinated paths they do not (Metzler et al.,
Phys. Chem. Chem. Phys. 16 (2014) 24128).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, check_level
from .paths import Chunks, check_lags, check_step, chunks
from .replication import FALSE_ALARM, Replicates, replicates

#: Difference of the slopes at the two ends of the lags below which a power law is close enough.
CURVED = 0.05


@checked(DomainError)
def estimate_msd(
    paths: Any, dt: float, lags: Sequence[int], *, average: Literal["time", "start"] = "time", level: float = 0.05
) -> PathEstimate:
    """Return the mean squared displacement at the lags, summed over coordinates, shape (lags,).

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        Paths at equal steps; a single one is cut into 32 batches.
    dt : float
        Time between recorded states, > 0; the lags in time are multiples of it.
    lags : sequence of int
        Ascending numbers of steps >= 0, each below the number of times.
    average : {"time", "start"}
        "time" over all pairs of times at a lag, "start" from the first state of each path only.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range. Displacements that change along the paths, under "time", are a caveat.
    """
    check_level(level)
    check_step(dt)
    check_lags(lags)
    found = _displacements(paths, lags, average)
    return found.estimate("mean squared displacement", _part(len(lags)), level=level, caveats=_ageing(found, lags))


@checked(DomainError)
def estimate_msd_exponent(
    paths: Any, dt: float, lags: Sequence[int], *, average: Literal["time", "start"] = "time", level: float = 0.05
) -> PathEstimate:
    """Return the slope of the least-squares line through log displacement over log lag.

    Parameters
    ----------
    paths, dt, average, level
        As for :func:`estimate_msd`; the exponent does not depend on dt.
    lags : sequence of int
        Three ascending numbers of steps >= 1 at least; spread them evenly in the logarithm.

    Raises
    ------
    DomainError
        If an argument is outside its range or nothing moves. A curved relation (no power law over these lags), and
        displacements that change along the paths, are caveats.
    """
    check_level(level)
    check_step(dt)
    check_lags(lags, least=3)
    if lags[0] < 1:
        raise DomainError(f"lags={list(lags)}; give ascending numbers of steps >= 1, 3 at least")
    found = _displacements(paths, lags, average)
    x = np.log(np.asarray(lags, dtype=np.float64))
    line, bend = np.linalg.pinv(np.vander(x, 2))[0], np.linalg.pinv(np.vander(x, 3))[0]

    def logs(means: Array) -> Array:
        if np.any(means[: len(lags)] <= 0):
            raise DomainError("paths do not move at one of the lags; leave it out")
        return np.asarray(np.log(means[: len(lags)]))

    # slopes at the ends of a parabola differ by twice its leading coefficient times the range
    curve = found.estimate("curvature", lambda m: 2 * np.ptp(x) * (bend @ logs(m)), level=FALSE_ALARM)
    caveats = _ageing(found, lags)
    if not curve.covers(0.0) and abs(float(curve.value)) > CURVED:
        change = f"the slope changes by {float(curve.value):.2g} over the lags"
        caveats = (*caveats, f"{change}: no power law there, and the exponent depends on them")
    return found.estimate("exponent of the displacement", lambda m: line @ logs(m), level=level, caveats=caveats)


def _part(count: int) -> Callable[[Array], Array]:
    return lambda means: means[:count]


def _displacements(paths: Any, lags: Sequence[int], average: str) -> Replicates:
    """Return means at the lags, followed, under "time", by their changes from earlier to later starts."""
    found = chunks("paths", paths, times=max(lags[-1] + 1, 2))

    def rows(states: Array) -> Array:
        means, changes = [], []
        for lag in lags:
            last = states.shape[1] - lag
            start = states[:, :1] if average == "start" else states[:, :last]
            square = ((states[:, lag : lag + start.shape[1]] - start) ** 2).sum(axis=2)
            means.append(square.mean(axis=1))
            half = square.shape[1] // 2
            if half:
                changes.append(square[:, -half:].mean(axis=1) - square[:, :half].mean(axis=1))
        return np.stack(means + ([] if found.batched or average == "start" else changes), axis=1)

    return replicates(Chunks(found.arrays, found.batched), rows, stationary=False, centred=False)


def _ageing(found: Replicates, lags: Sequence[int]) -> tuple[str, ...]:
    changes = found.sums.shape[1] - len(lags)
    if not changes:
        return ()
    moved = found.estimate("change", lambda m: m[len(lags) :], level=FALSE_ALARM / changes)
    if moved.covers(0.0):
        return ()
    return ("displacements change along the paths: averages over time are not those over paths, see average='start'",)
