"""Moments and laws of paths: mean and covariance at a time, time averages of a stationary law, densities on bins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats

from ...derivations.errors import DomainError
from ..argument_kinds import named
from ..arguments import checked
from .estimate import Array, PathEstimate, around, check_level
from .paths import Chunks, chunks, numbers, sample_chunks, samples
from .replication import FALSE_ALARM, replicates

#: Coordinates from which on a covariance is refused: 64 groups of it fill 256 MiB.
LARGEST = 720


@checked(DomainError)
def estimate_moments(samples: Any, *, level: float = 0.05) -> tuple[PathEstimate, PathEstimate]:
    r"""Return the mean, shape (d,), and the covariance, shape (d, d), of independent states.

    Both are unbiased: :math:`\bar x` and :math:`\frac1{n-1}\sum(x-\bar x)(x-\bar x)^\top`.

    Parameters
    ----------
    samples : array of shape (n,) or (n, d), generator of such arrays, or Summaries
        States of independent paths at one time. Of streamed Summaries the intervals of off-diagonal entries are
        conservative (by Cauchy and Schwarz, from fourth moments).
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If the samples are no finite real numbers, or fewer than two, or the level is outside its range.
    """
    check_level(level)
    if named(samples, "Summaries"):
        return _of_summaries(samples, level)
    first: Array | None = None

    def states() -> Iterator[Array]:
        nonlocal first
        for chunk in sample_chunks("samples", samples):
            first = chunk.mean(axis=0) if first is None else first
            check_size("samples", chunk.shape[1])
            yield (chunk - first)[:, None, :]

    found = replicates(Chunks(states()), second_moments, stationary=False, centred=False)
    d = found_dimension(found.sums.shape[1])
    assert first is not None
    mean = found.estimate("mean", lambda m: m[:d] + first, level=level)
    factor = found.paths / (found.paths - 1)
    spread = found.estimate("covariance", lambda m: factor * covariance_of(m, d), level=level, corrected=False)
    return mean, spread


def check_size(name: str, coordinates: int) -> None:
    """Raise DomainError where a covariance would not fit into memory with its groups."""
    if coordinates > LARGEST:
        raise DomainError(f"{name} has {coordinates} coordinates; give {LARGEST} at most, a layer or a projection")


def second_moments(states: Array) -> Array:
    """Return, for each path, the time averages of x and of x x^T as rows of d + d^2 numbers."""
    products = states.transpose(0, 2, 1) @ states / states.shape[1]
    return np.concatenate([states.mean(axis=1), products.reshape(len(states), -1)], axis=1)


def found_dimension(columns: int) -> int:
    """Return d of rows of d + d^2 numbers."""
    return int((np.sqrt(1 + 4 * columns) - 1) / 2 + 0.5)


def covariance_of(means: Array, d: int) -> Array:
    """Return the covariance of the means of x and x x^T."""
    return np.asarray(means[d:].reshape(d, d) - np.outer(means[:d], means[:d]))


def _of_summaries(summaries: Any, level: float) -> tuple[PathEstimate, PathEstimate]:
    if len(summaries.paths) != 1:
        raise DomainError(f"samples are summaries of a grid of {len(summaries.paths)} parameters; give those of one")
    n = int(summaries.finite[0])
    fourth = summaries.central_moment(4)[0]
    spread = np.sqrt(np.sqrt(np.outer(fourth, fourth)) / n)
    variance = summaries.central_moment(2)[0]
    np.fill_diagonal(spread, np.sqrt(np.maximum(fourth - variance**2, 0) / n))
    method = "standard errors of streamed sums"
    return (
        around("mean", summaries.mean[0], summaries.standard_error[0], level=level, paths=n, method=method),
        around("covariance", summaries.covariance[0], spread, level=level, paths=n, method=method),
    )


@checked(DomainError)
def estimate_time_average(
    paths: Any, function: Callable[[Array], Array] | None = None, *, burn_in: int = 0, level: float = 0.05
) -> PathEstimate:
    r"""Return the mean of a function in the stationary law: averages over the time of each path, then over paths.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        Stationary paths; a single one is cut into 32 batches.
    function : callable, optional
        ``function(states)`` gives numbers of shape (n, times) or (n, times, k) for states of shape (n, times, d); the
        states themselves by default.
    burn_in : int
        Times at the beginning that are left out, >= 0.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range or the function gives another shape. That the paths change between their
        halves is a caveat.
    """
    check_level(level)
    if burn_in < 0:
        raise DomainError(f"burn_in={burn_in}; give a number of times >= 0")
    found, flat = chunks("paths", _after(paths, burn_in), times=2), True

    def values() -> Iterator[Array]:
        nonlocal flat
        for states in found.arrays:
            got = states if function is None else numbers("function(states)", function(states))
            if got.shape[:2] != states.shape[:2] or got.ndim > 3:
                raise DomainError(
                    f"function gave shape {got.shape} for {states.shape}; give (n, times) or (n, times, k)"
                )
            flat = got.ndim == 2 or (function is None and got.shape[2] == 1)
            yield got[..., None] if got.ndim == 2 else got

    averages = replicates(Chunks(values(), found.batched), lambda a: a.mean(axis=1), centred=False)
    return averages.estimate("time average", lambda m: m[0] if flat else m, level=level)


def _after(paths: Any, burn_in: int) -> Any:
    if burn_in == 0:
        return paths
    if hasattr(paths, "__next__"):
        return (chunk[:, burn_in:] for chunk in paths)
    whole = numbers("paths", paths)
    if whole.ndim < 2 or whole.shape[1] <= burn_in:
        raise DomainError(f"burn_in={burn_in} leaves nothing of paths of shape {whole.shape}; give a smaller one")
    return whole[:, burn_in:]


@checked(DomainError)
def estimate_density(samples: Any, edges: Sequence[float], *, earlier: Any = None, level: float = 0.05) -> PathEstimate:
    """Return the density of a law on bins: the share of the samples in each bin over its width.

    The interval of each bin is exact (Clopper and Pearson). For a quasi-stationary law give the paths that survive.

    Parameters
    ----------
    samples : array of shape (n,)
        States of independent paths at one time, such as those that are still inside.
    edges : sequence of float
        Ascending ends of the bins, two at least; samples outside of all bins count for the total.
    earlier : array of shape (m,), optional
        States of other independent paths at an earlier time: that the two laws differ (Kolmogorov and Smirnov, at
        1e-3) is a caveat, for then the law is not yet stationary.
    level : float
        Probability that the interval of a bin misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """
    check_level(level)
    if len(edges) < 2 or not all(a < b for a, b in pairwise(edges)) or not np.all(np.isfinite(edges)):
        raise DomainError(f"edges={list(edges)}; give ascending finite ends of bins, two at least")
    values = _column("samples", samples)
    n, width = len(values), np.diff(edges)
    inside = np.histogram(values, edges)[0]
    with np.errstate(invalid="ignore"):  # at 0 and n the quantile is at the end
        low = np.where(inside == 0, 0.0, stats.beta.ppf(level / 2, inside, n - inside + 1))
        high = np.where(inside == n, 1.0, stats.beta.isf(level / 2, inside + 1, n - inside))
    share = inside / n
    caveats = []
    if int(inside.sum()) < n:
        caveats.append(f"{n - int(inside.sum())} of {n} samples lie outside of the bins")
    if earlier is not None:
        test = stats.ks_2samp(values, _column("earlier", earlier), method="asymp")
        if test.pvalue < FALSE_ALARM:
            caveats.append(f"the law differs from the earlier one by {test.statistic:.3g}: it is not yet stationary")
    error = np.sqrt(share * (1 - share) / n) / width
    method = "Clopper and Pearson in each bin"
    return PathEstimate("density", share / width, error, low / width, high / width, level, n, method, tuple(caveats))


def _column(name: str, values: Any) -> Array:
    return samples(name, values, least=2, columns=1)[:, 0]
