r"""Lyapunov exponents: rates at which almost every path of a linear equation, or of a linearised one, grows.

:math:`\lambda=\lim\frac1t\log|x_t|`, the mean of the logarithm, not the logarithm of the mean: a few paths may make the
mean grow while almost all decay. Spectra by successive QR factors (Benettin et al., Meccanica 15 (1980) 9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, check_level
from .paths import Chunks, check_step, chunks
from .replication import FALSE_ALARM, Replicates, replicates


@checked(DomainError)
def estimate_lyapunov(paths: Any, dt: float, *, level: float = 0.05) -> PathEstimate:
    r"""Return the exponent :math:`E\log(|x_T|/|x_0|)/T` of paths of a linear equation, in units of 1/time.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        States of a linear equation, or tangent vectors, that never vanish; a single path is cut into 32 batches.
    dt : float
        Time between recorded states, > 0.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range or a state is 0. Rates that differ between the halves of the time (not yet
        the exponent: start later) are a caveat.
    """
    check_level(level)
    check_step(dt)

    def rows(states: Array) -> Array:
        size = np.linalg.norm(states, axis=2)
        if size.min() <= 0:
            raise DomainError("paths reach 0 (or underflow); rescale, or end them earlier")
        last, middle = states.shape[1] - 1, (states.shape[1] - 1) // 2
        logs = np.log(size[:, [0, middle, last]])
        change = (logs[:, 2] - logs[:, 1]) / (last - middle) - (logs[:, 1] - logs[:, 0]) / middle
        return np.stack([(logs[:, 2] - logs[:, 0]) / (last * dt), change], axis=1)

    found = replicates(chunks("paths", paths, times=3), rows, stationary=False, centred=False)
    return found.estimate("Lyapunov exponent", lambda m: m[0], level=level, caveats=_unsettled(found, 1))


@checked(DomainError)
def estimate_lyapunov_spectrum(jacobians: Any, dt: float, *, level: float = 0.05) -> PathEstimate:
    r"""Return all Lyapunov exponents, descending, shape (d,), of products of the Jacobians of steps.

    For SGD the Jacobian of a step is :math:`I-\eta H_{\text{batch}}`: at the edge of stability the largest exponent is
    near 0.

    Parameters
    ----------
    jacobians : array of shape (paths, steps, d, d), or generator of such arrays
        Jacobians of successive steps, an independent sequence for each path; one sequence is cut into 32 batches.
    dt : float
        Time of a step, > 0; 1 gives exponents per step.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range or a product is singular. Rates that differ between the halves of the time
        (the directions have not settled: use more steps) are a caveat.
    """
    check_level(level)
    check_step(dt)
    found = chunks("jacobians", jacobians, times=4, tail=3)

    def rates() -> Iterator[Array]:
        for maps in found.arrays:
            yield _factors(maps)[:, None, :]

    done = replicates(Chunks(rates(), found.batched), lambda r: r[:, 0], stationary=False, centred=False)
    d = done.sums.shape[1] // 2
    return done.estimate("Lyapunov exponents", lambda m: m[:d] / dt, level=level, caveats=_unsettled(done, d))


def _factors(maps: Array) -> Array:
    """Return, for each path, the d mean logarithms of the diagonals of R, and their changes between halves."""
    paths, steps, d, _ = maps.shape
    frame = np.broadcast_to(np.eye(d), (paths, d, d))
    logs = np.empty((paths, steps, d))
    for k in range(steps):
        frame, triangle = np.linalg.qr(maps[:, k] @ frame)
        diagonal = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
        if diagonal.min() <= 0:
            raise DomainError(f"jacobians of step {k} are singular; an exponent is -infinity, leave that direction out")
        logs[:, k] = np.log(diagonal)
    half = steps // 2
    return np.concatenate([logs.mean(axis=1), logs[:, -half:].mean(axis=1) - logs[:, :half].mean(axis=1)], axis=1)


def _unsettled(found: Replicates, d: int) -> tuple[str, ...]:
    change = found.estimate("change", lambda m: m[d:], level=FALSE_ALARM / d)
    if change.covers(0.0):
        return ()
    return ("the rates of the first and the second half of the time differ: not yet the exponent, start later",)
