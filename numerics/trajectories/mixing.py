r"""Time scales of relaxation: the spectral gap by the transfer operator of the paths, and the time to a late law.

The operator :math:`P_\tau f(x)=E[f(X_{t+\tau})\mid X_t=x]` of a reversible diffusion has the eigenvalues
:math:`e^{-\lambda_i\tau}`. On centred polynomials :math:`\phi` of the state, :math:`C_0=E[\phi(X_t)\phi(X_t)^\top]` and
:math:`C_\tau=E[\phi(X_t)\phi(X_{t+\tau})^\top]`, symmetrised, give the eigenvalues of :math:`C_0^{-1}C_\tau`, which are
not above the true ones (Noe and Nueske, Multiscale Model. Simul. 11 (2013) 635): the rates are upper bounds.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from scipy import linalg

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, around, check_level
from .paths import check_lags, check_step, chunks, numbers
from .replication import FALSE_ALARM, GROUPS, replicates

#: Functions from which on a basis is refused: each group keeps two squares of them.
BASIS = 120
#: Least eigenvalue of the normalised C_0 that counts as more than rounding.
_RANK = 1e-10
#: Resamples of the paths behind the standard error of a mixing time.
_RESAMPLES = 64


@checked(DomainError)
def estimate_spectral_gap(
    paths: Any, dt: float, lag: int, *, degree: int = 3, index: int = 1, level: float = 0.05
) -> PathEstimate:
    r"""Return the `index`-th relaxation rate :math:`-\log(\text{eigenvalue})/\tau` of stationary reversible paths.

    With degree 1 it is the rate of the slowest linear combination of coordinates; the mixing time to a distance e is at
    most of the order of log(1/e) over the gap. Source for the exact rates of one-dimensional equations:
    `numerics/diffusions/spectral_gap.py`.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        Stationary paths; a single one is cut into 32 batches.
    dt : float
        Time between recorded states, > 0.
    lag : int
        Number of steps >= 1 of tau; choose it so that :math:`\lambda\tau` is between 0.1 and 1.
    degree : int
        Greatest total degree of the polynomials, >= 1.
    index : int
        1 is the gap; rates in increasing order.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range, or C_0 is singular. A rate that is not resolved, one that is lower at
        twice the lag (the polynomials miss the slow function, or the paths are not Markov), and paths that change are
        caveats.
    """
    check_level(level)
    check_step(dt)
    check_lags([lag])
    if lag < 1 or degree < 1 or index < 1:
        raise DomainError(f"lag={lag}, degree={degree}, index={index}; give integers >= 1")
    scale: Array | None = None
    size = 0

    def rows(states: Array) -> Array:
        nonlocal scale, size
        scale = states.std(axis=(0, 1)) if scale is None else scale
        if np.any(scale <= 0):
            raise DomainError("paths have a coordinate that never moves; leave it out")
        basis = _polynomials(states / scale, degree)
        n, times, size = basis.shape
        if not index <= size <= BASIS:
            raise DomainError(f"degree={degree} gives {size} polynomials; index={index} to {BASIS} are allowed")
        found = []
        for k in (lag, 2 * lag):
            early, late = basis[:, : times - k], basis[:, k:]
            square = early.transpose(0, 2, 1) @ early + late.transpose(0, 2, 1) @ late
            moved = early.transpose(0, 2, 1) @ late
            products = np.stack([square / 2, moved], axis=1).reshape(n, -1) / (times - k)
            found += [products, early.mean(axis=1), late.mean(axis=1)]
        return np.concatenate(found, axis=1)

    sums = replicates(chunks("paths", paths, times=2 * lag + 1), rows)

    def rate(means: Array, k: int) -> Array:
        row = means[(k - 1) * len(means) // 2 : k * len(means) // 2]
        square, moved = row[: 2 * size**2].reshape(2, size, size)
        early, late = row[2 * size**2 :].reshape(2, size)
        square = square - (np.outer(early, early) + np.outer(late, late)) / 2
        moved = moved - np.outer(early, late)
        moved = (moved + moved.T) / 2
        root = 1 / np.sqrt(np.diag(square))
        normal, moved = square * np.outer(root, root), moved * np.outer(root, root)
        if linalg.eigvalsh(normal)[0] < _RANK:
            raise DomainError("the coordinates, or their powers, depend on each other; lower degree or leave some out")
        value = float(linalg.eigh(moved, normal, eigvals_only=True)[-index])
        return np.asarray(-math.log(max(value, np.finfo(np.float64).tiny)) / (k * lag * dt))

    found = sums.estimate(
        "spectral gap" if index == 1 else f"relaxation rate {index}", lambda m: rate(m, 1), level=level
    )
    caveats = list(found.caveats)
    if not float(found.low) > 0 or float(found.value) * lag * dt > math.log(1e3):
        caveats.append("the rate is not resolved at this lag: choose a shorter lag, or take more paths")
    else:
        twice = sums.estimate("rate at twice the lag", lambda m: rate(m, 1) - rate(m, 2), level=FALSE_ALARM)
        if float(twice.low) > 0 and float(twice.value) > 0.02 * float(found.value):
            share = float(twice.value) / float(found.value)
            caveats.append(
                f"the rate is {100 * share:.2g} % lower at twice the lag: the polynomials miss the slow function, "
                "or the paths are not Markov; raise degree or lag"
            )
    return replace(found, caveats=tuple(caveats))


def _polynomials(states: Array, degree: int) -> Array:
    """Return the monomials of degree 1 to `degree` of states of shape (n, times, d)."""
    d = states.shape[2]
    chosen = [c for k in range(1, degree + 1) for c in combinations_with_replacement(range(d), k)]
    if len(chosen) > BASIS:
        raise DomainError(f"degree={degree} gives {len(chosen)} polynomials of {d} coordinates; {BASIS} are allowed")
    return np.stack([np.prod(states[..., list(c)], axis=-1) for c in chosen], axis=-1)


@checked(DomainError)
def estimate_mixing_time(paths: Any, dt: float, *, distance: float = 0.1, level: float = 0.05) -> PathEstimate:
    r"""Return the first time from which the law of the paths is close to their law at the end.

    Closeness is Kolmogorov's distance :math:`\sup_x|F_t(x)-F_T(x)|`, the largest over coordinates, between the one half
    of the paths at t and the other half at the end T, which is independent of it; linear between recorded times.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times)
        Many paths from one start or law, until they have settled.
    dt : float
        Time between recorded states, > 0.
    distance : float
        In (0, 1), well above the noise :math:`1.2/\sqrt{\text{paths}}`.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range or the paths are too few for the distance. That the law has not settled
        over the last quarter is a caveat.
    """
    check_level(level)
    check_step(dt)
    states = numbers("paths", paths)
    states = states[..., None] if states.ndim == 2 else states
    if states.ndim != 3 or states.shape[1] < 4 or len(states) < GROUPS:
        raise DomainError(f"paths has shape {states.shape}; give {GROUPS} paths or more with 4 times at least")
    noise = 2.4 / math.sqrt(len(states))
    if not noise < distance < 1:
        raise DomainError(f"distance={distance}; with {len(states)} paths give a number in ({noise:.2g}, 1)")
    half = len(states) // 2
    generator = np.random.default_rng(0)

    def settled(first: Array, second: Array) -> tuple[float, Array]:
        gaps = _gaps(first, np.sort(second[:, -1], axis=0))
        far = np.flatnonzero(gaps > distance)
        if far.size == 0 or far[-1] == len(gaps) - 1:
            return (0.0 if far.size == 0 else math.inf), gaps
        k = int(far[-1])
        return dt * (k + float((gaps[k] - distance) / (gaps[k] - gaps[k + 1]))), gaps

    value, gaps = settled(states[:half], states[half:])
    again = []
    for _ in range(_RESAMPLES):
        picks = generator.integers(half, size=half), half + generator.integers(len(states) - half, size=half)
        again.append(settled(states[picks[0]], states[picks[1]])[0])
    caveats = []
    if gaps[3 * len(gaps) // 4 :].max() > distance or not all(map(math.isfinite, again)):
        caveats.append("the law has not settled by the last quarter of the paths: the end is no stationary law")
    if value == 0:
        caveats.append("the law is close to that of the end from the start: nothing to measure")
    return around(
        "mixing time",
        value,
        float(np.std(again)) if math.isfinite(value) and all(map(math.isfinite, again)) else math.inf,
        level=level,
        paths=len(states),
        method=f"Gaussian interval of {_RESAMPLES} resamples of the paths",
        caveats=caveats,
    )


def _gaps(states: Array, late: Array) -> Array:
    """Return the largest distance over coordinates of the law of (n, times, d) to sorted samples (m, d), (times,)."""
    n, m = len(states), len(late)
    ordered = np.sort(states, axis=0)
    found = np.zeros(states.shape[1])
    for j in range(states.shape[2]):
        places = np.searchsorted(late[:, j], ordered[..., j], side="right") / m
        rank = np.arange(1, n + 1)[:, None] / n
        before = np.searchsorted(late[:, j], ordered[..., j], side="left") / m
        gap = np.maximum((rank - places).max(axis=0), (before - (rank - 1 / n)).max(axis=0))
        found = np.maximum(found, gap)
    return found
