r"""Autocorrelation of stationary paths, its integrated time, and memory beyond the last state.

With means over paths and over all pairs of times at a distance,
:math:`\rho(\tau)=\frac{\overline{x_tx_{t+\tau}}-\overline{x_t}\,\overline{x_{t+\tau}}}{\overline{x_t^2}-\bar x^2}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, check_level, plain
from .paths import check_lags, check_step, chunks
from .replication import replicates

#: The sum of autocorrelations ends at the first window of so many integrated times: what is left out is below exp(-5).
WINDOW = 5.0


def _products(states: Array, lags: Sequence[int]) -> Array:
    """Return, for each path and lag, the means of x_t x_(t+l), of x_t and of x_(t+l), d columns each; lag 0 first."""
    times = states.shape[1]
    rows = []
    for lag in (0, *lags):
        early, late = states[:, : times - lag], states[:, lag:]
        rows += [(early * late).mean(axis=1), early.mean(axis=1), late.mean(axis=1)]
    return np.concatenate(rows, axis=1)


def _correlations(means: Array, d: int) -> Array:
    """Return the correlations at the lags, shape (lags, d), of the rows of `_products`."""
    product, early, late = means.reshape(-1, 3, d).transpose(1, 0, 2)
    found = product - early * late
    return np.asarray(found[1:] / _variance(found[0]))


def _variance(found: Array) -> Array:
    if np.any(found <= 0):
        raise DomainError("paths have a coordinate that never moves; leave it out")
    return found


@checked(DomainError)
def estimate_autocorrelation(paths: Any, dt: float, lags: Sequence[int], *, level: float = 0.05) -> PathEstimate:
    r"""Return :math:`\mathrm{Corr}(X_t,X_{t+\tau})` at the lags, shape (lags,), or (lags, d) for d > 1 coordinates.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        Stationary paths at equal steps; a single one is cut into 32 batches.
    dt : float
        Time between recorded states, > 0; the lags in time are multiples of it.
    lags : sequence of int
        Ascending numbers of steps >= 0, each below the number of times.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range or a coordinate never moves. That the paths change between their halves
        (a correlation of non-stationary paths means nothing) is a caveat.
    """
    check_level(level)
    check_step(dt)
    check_lags(lags)
    dimension = 0

    def rows(states: Array) -> Array:
        nonlocal dimension
        dimension = states.shape[2]
        return _products(states, lags)

    found = replicates(chunks("paths", paths, times=max(lags[-1] + 1, 2)), rows)

    def correlations(means: Array) -> Array:
        got = _correlations(means, dimension)
        return got[:, 0] if dimension == 1 else got

    return found.estimate("autocorrelation", correlations, level=level)


@checked(DomainError)
def estimate_autocorrelation_time(
    paths: Any, dt: float, *, window: int | None = None, level: float = 0.05
) -> PathEstimate:
    r"""Return :math:`\int_0^\infty\rho(\tau)\,d\tau`, a float, or shape (d,) for d > 1 coordinates.

    The trapezoidal sum :math:`dt(\tfrac12+\rho_1+\dots+\rho_M)`, whose error for an exponential of rate k is
    :math:`(k\,dt)^2/12` of it.

    Parameters
    ----------
    paths, dt, level
        As for :func:`estimate_autocorrelation`.
    window : int, optional
        M, below the number of times; by default the first M of at least five integrated times (Sokal's rule), of
        every coordinate.

    Raises
    ------
    DomainError
        If an argument is outside its range. Paths shorter than the window that the rule asks for are a caveat.
    """
    check_level(level)
    check_step(dt)
    if window is not None and window < 1:
        raise DomainError(f"window={window}; give a number of steps >= 1")
    dimension = longest = 0

    def rows(states: Array) -> Array:
        nonlocal dimension, longest
        dimension = states.shape[2]
        # lags beyond half of a path have few pairs
        longest = window or max(states.shape[1] // 2, 1)
        if longest >= states.shape[1]:
            raise DomainError(f"window={window} is not below the {states.shape[1]} times of a path; give longer paths")
        return _spectral_products(states, longest)

    found = replicates(chunks("paths", paths, times=4), rows)
    sums = 0.5 + np.cumsum(_correlations(found.means, dimension), axis=0)
    enough = np.flatnonzero(np.all(np.arange(1, longest + 1)[:, None] >= WINDOW * sums, axis=1))
    last = window or (int(enough[0]) + 1 if enough.size else longest)
    caveats: tuple[str, ...] = ()
    if window is None and not enough.size:
        reach = f"{longest} steps, {longest / float(sums[-1].max()):.2g} integrated times"
        caveats = (f"correlations reach further than {reach}: the sum is cut short, take longer paths",)

    def integral(means: Array) -> Array:
        return np.asarray(plain(_one(dt * (0.5 + _correlations(means, dimension)[:last].sum(axis=0)))))

    return found.estimate("integrated autocorrelation time", integral, level=level, caveats=caveats)


def _one(values: Array) -> Array:
    return values[0] if values.shape == (1,) else values


def _spectral_products(states: Array, longest: int) -> Array:
    """Return the rows of `_products` for all lags from 1 to `longest`, by Fourier transforms."""
    times = states.shape[1]
    spectrum = np.abs(np.fft.rfft(states, 2 * times, axis=1)) ** 2
    products = np.fft.irfft(spectrum, 2 * times, axis=1)[:, : longest + 1]
    counts = times - np.arange(longest + 1)
    sums = np.cumsum(states, axis=1)
    early = sums[:, counts - 1]
    late = sums[:, -1:] - np.concatenate([np.zeros_like(sums[:, :1]), sums[:, :longest]], axis=1)
    return np.asarray(np.stack([products, early, late], axis=2) / counts[:, None, None]).reshape(len(states), -1)


@checked(DomainError)
def estimate_memory(paths: Any, lag: int, *, level: float = 0.05) -> PathEstimate:
    r"""Return the partial correlation of :math:`X_t` and :math:`X_{t+2\tau}` given :math:`X_{t+\tau}`.

    It is :math:`(\rho(2\tau)-\rho(\tau)^2)/(1-\rho(\tau)^2)`, a float, or shape (d,) for d > 1 coordinates, each on its
    own. A stationary Gaussian process of one coordinate is Markov only if it is 0 at every lag. For other laws a
    value > 0 proves nothing: also a Markov process has one if it relaxes at several rates.

    Parameters
    ----------
    paths, level
        As for :func:`estimate_autocorrelation`.
    lag : int
        Number of steps >= 1; a path must have more than twice as many times.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """
    check_level(level)
    check_lags([lag])
    if lag < 1:
        raise DomainError(f"lag={lag}; give a number of steps >= 1")
    dimension = 0

    def rows(states: Array) -> Array:
        nonlocal dimension
        dimension = states.shape[2]
        return _products(states, [lag, 2 * lag])

    def partial(means: Array) -> Array:
        once, twice = _correlations(means, dimension)
        return np.asarray(plain(_one((twice - once**2) / (1 - once**2))))

    found = replicates(chunks("paths", paths, times=2 * lag + 1), rows)
    return found.estimate("memory", partial, level=level)
