r"""Wasserstein distances between two laws from independent samples of each.

.. math::
    W_2(P,Q)^2=\inf_{X\sim P,\,Y\sim Q}E|X-Y|^2=\int_0^1(F^{-1}(u)-G^{-1}(u))^2\,du\ \text{on the line}.

Several coordinates: exactly (of the samples: the error of that is of order n^(-1/d) and the estimate too large), by
projections on directions, or with entropy, :math:`S_r(P,Q)=T_r(P,Q)-\tfrac12T_r(P,P)-\tfrac12T_r(Q,Q)` (Feydy et al.,
2019), which of two laws that differ by a shift is the squared shift. The last two ask Python Optimal Transport, the
extra `compare`. The standard error is that of the jackknife over groups of samples.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ...derivations.errors import DomainError, NumericsError, UsageError
from ..arguments import checked
from .estimate import Array, PathEstimate, around, check_level
from .paths import samples

#: Groups of samples that the jackknife leaves out in turn.
GROUPS = 16
#: Samples of a law from which on a plan of transport is refused: half a hundred plans are made.
MOST = 1024
#: Greatest cost over the regularisation at which kernels are multiplied; exp(-500) is still a float.
UNDERFLOW = 500
#: How often the samples are dealt out anew to the two laws: that equal laws give less every time has probability 1/20.
EXCHANGES = 19
#: Share of a law's second moment from one of 200 samples or more above which it may not exist; a Gaussian's has 0.05.
RULED, SEEN = 0.2, 200
Squared = Callable[[Array, Array], float]


@checked(DomainError)
def estimate_wasserstein(
    first: Any,
    second: Any,
    *,
    method: Literal["exact", "sliced", "entropic"] = "exact",
    directions: int = 64,
    regularisation: float | None = None,
    seed: int = 0,
    level: float = 0.05,
) -> PathEstimate:
    r"""Return the Wasserstein distance :math:`W_2` of two laws, not squared.

    Parameters
    ----------
    first, second : arrays of shape (n,) or (n, d), and (m,) or (m, d)
        Independent samples of either law, 40 at least; 1024 at most where a plan of transport is needed.
    method : {"exact", "sliced", "entropic"}
        "sliced" is the root of the mean of :math:`W_2^2` over projections on random directions, for a shift of length
        a in d dimensions :math:`a/\sqrt d`; "entropic" is the root of the Sinkhorn divergence. "exact" for d > 1 and
        "entropic" need the extra `compare`.
    directions : int
        Directions of "sliced", >= 2.
    regularisation : float, optional
        r of "entropic", in units of the squared distance; by default a tenth of the mean squared distance of pairs.
    seed : int
        Of the directions and the exchanges, >= 0.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the regularisation is too small for the entropic plan to converge.
    UsageError
        If the method needs an extra that is not installed. That equal laws would give as much, and that samples in
        three dimensions or more make the exact distance too large, are caveats.
    """
    check_level(level)
    one, other = pair("first", first, "second", second, least=2 * GROUPS)
    d = one.shape[1]
    if directions < 2 or seed < 0 or (regularisation is not None and not 0 < regularisation < math.inf):
        raise DomainError(
            f"directions={directions}, seed={seed}, regularisation={regularisation}; give directions >= 2, seed >= 0 "
            "and a regularisation > 0"
        )
    generator, slice_error = np.random.default_rng(seed), 0.0
    squared: Squared
    if method == "sliced" and d > 1:
        axes = generator.standard_normal((directions, d))
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        slice_error = float(on_lines(axes @ one.T, axes @ other.T).std(ddof=1)) / math.sqrt(directions)

        def squared(x: Array, y: Array) -> float:
            return float(on_lines(axes @ x.T, axes @ y.T).mean())

    elif method == "entropic":
        squared = _entropic(one, other, regularisation)
    elif d == 1:

        def squared(x: Array, y: Array) -> float:
            return float(on_lines(x.T, y.T)[0])

    else:
        squared = _exact(one, other)
    value, error = by_groups(squared, one, other)
    caveats = []
    equal = exchanged(squared, one, other, generator)
    if squared(one, other) <= max(equal):
        caveats.append(f"no larger than between equal laws with so many samples (up to {math.sqrt(max(equal)):.3g})")
    if method == "exact" and d > 2:
        caveats.append(
            f"in {d} dimensions the distance of samples is too large by order n^(-1/{d}); see sliced, entropic"
        )
    for name, values in (("first", one), ("second", other)):
        size = ((values - values.mean(axis=0)) ** 2).sum(axis=1)
        if len(values) >= SEEN and size.max() > RULED * size.sum():
            caveats.append(f"one sample makes most of the second moment of {name}: the distance may be infinite")
    error = math.hypot(error, slice_error)
    found = around(
        f"{method} Wasserstein-2 distance",
        value,
        error,
        level=level,
        paths=min(len(one), len(other)),
        method=f"jackknife over {GROUPS} groups of samples, of the square",
        freedom=GROUPS - 1,
        caveats=caveats,
    )
    root = math.sqrt(max(value, 0.0))
    low, high = (math.sqrt(max(float(end), 0.0)) for end in (found.low, found.high))
    spread = error / (2 * root) if root > 0 else math.nan
    return replace(found, value=root, standard_error=spread, low=low, high=high)


def pair(name: str, first: Any, other: str, second: Any, least: int) -> tuple[Array, Array]:
    """Return the samples of two laws, with the same number of coordinates."""
    one, two = samples(name, first, least), samples(other, second, least)
    if one.shape[1] != two.shape[1]:
        raise DomainError(f"{name} has {one.shape[1]} coordinates, {other} {two.shape[1]}; compare laws on one space")
    return one, two


def on_lines(x: Array, y: Array) -> Array:
    """Return squared distances of empirical laws on lines by their quantiles; samples (lines, n) and (lines, m)."""
    x, y = np.sort(x, axis=1), np.sort(y, axis=1)
    n, m = x.shape[1], y.shape[1]
    if n == m:
        return np.asarray(((x - y) ** 2).mean(axis=1))
    # in units of 1/(n m) the jumps are integers
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    gaps = x[:, (ends - 1) // m] - y[:, (ends - 1) // n]
    return np.asarray(gaps**2 @ np.diff(ends, prepend=0) / (n * m))


def by_groups(squared: Squared, one: Array, other: Array) -> tuple[float, float]:
    """Return a statistic of two samples, without its bias of order 1/n, and its standard error.

    Every GROUPS-th sample of the first law, or of the second, is left out in turn; the variances of the two add up.
    """
    whole = squared(one, other)
    value, variance = whole, 0.0
    for k in (0, 1):
        kept = one if k == 0 else other
        without = np.array([
            squared(*((_less(kept, j), other) if k == 0 else (one, _less(kept, j)))) for j in range(GROUPS)
        ])  # fmt: skip
        value += (GROUPS - 1) * (whole - float(without.mean()))
        variance += (GROUPS - 1) * float(without.var())
    return value, math.sqrt(variance)


def _less(kept: Array, group: int) -> Array:
    return np.asarray(kept[np.arange(len(kept)) % GROUPS != group])


def exchanged(squared: Squared, one: Array, other: Array, generator: np.random.Generator) -> list[float]:
    """Return the statistic of samples that were dealt out anew to the two laws, some times."""
    both, found = np.concatenate([one, other]), []
    for _ in range(EXCHANGES):
        order = generator.permutation(len(both))
        found.append(squared(both[order[: len(one)]], both[order[len(one) :]]))
    return found


def _transport() -> Any:
    try:
        return importlib.import_module("ot")
    except ImportError:
        raise UsageError("this distance needs Python Optimal Transport; pip install 'crossproof[compare]'") from None


def _few(one: Array, other: Array) -> None:
    if max(len(one), len(other)) > MOST:
        raise DomainError(
            f"first and second have {len(one)} and {len(other)} samples; give {MOST} at most, or method='sliced'"
        )


def _exact(one: Array, other: Array) -> Squared:
    _few(one, other)
    transport = _transport()

    def squared(x: Array, y: Array) -> float:
        costs = transport.dist(x, y)
        return float(transport.emd2([], [], costs, numItermax=10**7))

    return squared


def _entropic(one: Array, other: Array, regularisation: float | None) -> Squared:
    _few(one, other)
    transport = _transport()
    strength = regularisation or 0.1 * float(transport.dist(one, other).mean())

    def part(x: Array, y: Array) -> float:
        n, m = len(x), len(y)
        costs = transport.dist(x, y)
        # products of kernels are many times faster than sums of logarithms, while they do not underflow
        way = "sinkhorn" if float(costs.max()) < UNDERFLOW * strength else "sinkhorn_log"
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            ends = np.full(n, 1 / n), np.full(m, 1 / m)
            _, log = transport.sinkhorn(*ends, costs, strength, method=way, numItermax=5000, stopThr=1e-7, log=True)
        bad = [w.message for w in said if w.category is UserWarning]
        if bad:
            raise NumericsError(f"regularisation={strength:.3g}: {bad[0]}; give a larger one")
        logs = [log[f"log_{k}"] if f"log_{k}" in log else np.log(log[k]) for k in ("u", "v")]
        # the cost of the plan and its entropy relative to the product of the laws, by duality
        return strength * float(logs[0].mean() + logs[1].mean() + math.log(n * m))

    return lambda x, y: part(x, y) - (part(x, x) + part(y, y)) / 2
