r"""Irreversibility of stationary paths: the area that they turn around, and the rate of entropy production.

.. math::
    Q=\tfrac12E[x\circ\dot x^\top-\dot x\circ x^\top],\qquad
    \dot S=E[F^\top D^{-1}\circ\dot x]\ \text{ for } dx=F\,dt+\sqrt{2D}\,dB .

For the linear force F = Ax, of stationary covariance C: :math:`Q=\tfrac12(CA^\top-AC)` and, with the antisymmetric
:math:`K=AC+D`, :math:`\dot S=\operatorname{tr}(KC^{-1}K^\top D^{-1})`. Both vanish in detailed balance. Source:
Seifert, Rep. Prog. Phys. 75 (2012) 126001; entropy in units of Boltzmann's constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, check_level
from .paths import check_step, chunks, numbers
from .replication import FALSE_ALARM, Replicates, replicates


@checked(DomainError)
def estimate_rotation(paths: Any, dt: float, *, level: float = 0.05) -> PathEstimate:
    r"""Return Q, shape (d, d), antisymmetric: the area per unit of time that (x_i, x_j) sweeps, from x_i to x_j.

    By :math:`(x_ix_j'-x_jx_i')/2dt` of successive states, whose bias is of order dt. It is the moment of the rotational
    probability current: :math:`Q_{ij}=\tfrac12\int(x_iJ_j-x_jJ_i)\,dx`.

    Parameters
    ----------
    paths : array of shape (paths, times, d), or generator of such arrays
        Stationary paths of d >= 2 coordinates; a single one is cut into 32 batches.
    dt : float
        Time between recorded states, > 0, short against a turn.
    level : float
        Probability that the interval of an entry misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range. That the paths change between their halves is a caveat.
    """
    check_level(level)
    check_step(dt)
    dimension = 0

    def rows(states: Array) -> Array:
        nonlocal dimension
        dimension = states.shape[2]
        if dimension < 2:
            raise DomainError("paths has one coordinate, which cannot turn; give two at least")
        return _moved(states)

    def area(means: Array) -> Array:
        moved = _centred(means, dimension)
        return np.asarray(moved - moved.T) / (2 * dt)

    found = replicates(chunks("paths", paths), rows)
    return found.estimate("rotation", area, level=level)


def _moved(states: Array) -> Array:
    """Return, for each path, the means of x_t, of x_(t+1) and of x_t x_(t+1)^T as rows."""
    early, late = states[:, :-1], states[:, 1:]
    moved = early.transpose(0, 2, 1) @ late / early.shape[1]
    return np.concatenate([early.mean(axis=1), late.mean(axis=1), moved.reshape(len(states), -1)], axis=1)


def _centred(means: Array, d: int) -> Array:
    """Return the covariance of successive states from the means of `_moved`."""
    return np.asarray(means[2 * d : 2 * d + d * d].reshape(d, d) - np.outer(means[:d], means[d : 2 * d]))


@checked(DomainError)
def estimate_entropy_production(
    paths: Any,
    dt: float,
    *,
    diffusivity: Any = None,
    force: Callable[[Array], Any] | None = None,
    level: float = 0.05,
) -> PathEstimate:
    r"""Return the rate of entropy production of stationary paths.

    Parameters
    ----------
    paths : array of shape (paths, times, d) or (paths, times), or generator of such arrays
        Stationary paths; a single one is cut into 32 batches.
    dt : float
        Time between recorded states, > 0.
    diffusivity : array of shape (d, d), optional
        D, symmetric and positive definite; with `force`.
    force : callable, optional
        ``force(states)`` gives F of shape (n, d) for states of shape (n, d). The mean of :math:`F^\top D^{-1}\circ dx`
        over dt, trapezoidal, with a bias of order dt. Without it, A and D of an Ornstein-Uhlenbeck process are fitted
        to successive states, without bias from dt.
    level : float
        Probability that the interval misses, in (0, 1).

    Raises
    ------
    DomainError
        If an argument is outside its range, the force comes without a diffusivity, or no linear equation fits (dt is
        too long, or the noise is degenerate). Paths that change, and laws that are not Gaussian where a linear force
        is fitted (it then misses what is not linear), are caveats.
    """
    check_level(level)
    check_step(dt)
    if (force is None) != (diffusivity is None):
        raise DomainError("give force and diffusivity together, or neither for a linear fit")
    found = chunks("paths", paths)
    if force is None:
        return _linear(found, dt, level)
    inverse = _inverse(numbers("diffusivity", diffusivity))

    def rows(states: Array) -> Array:
        n, times, d = states.shape
        if inverse.shape != (d, d):
            raise DomainError(f"diffusivity has shape {inverse.shape}; give ({d}, {d}) for {d} coordinates")
        acting = numbers("force(states)", force(states.reshape(-1, d)))
        if acting.shape != (n * times, d):
            raise DomainError(f"force gave shape {acting.shape}; give {(n * times, d)}")
        acting = acting.reshape(states.shape)
        middle, moves = (acting[:, 1:] + acting[:, :-1]) / 2, np.diff(states, axis=1)
        return np.asarray(((middle @ inverse) * moves).sum(axis=(1, 2))[:, None] / ((times - 1) * dt))

    done = replicates(found, rows, centred=False)
    return done.estimate("entropy production", lambda m: m[0], level=level)


def _inverse(diffusivity: Array) -> Array:
    square = diffusivity.ndim == 2 and diffusivity.shape[0] == diffusivity.shape[1]
    if not square or not np.allclose(diffusivity, diffusivity.T) or linalg.eigvalsh(diffusivity)[0] <= 0:
        raise DomainError(
            f"diffusivity of shape {diffusivity.shape} is not symmetric and positive definite; in a direction without "
            "noise the entropy production is infinite or needs another formula"
        )
    return np.asarray(np.linalg.inv(diffusivity))


def _linear(found: Any, dt: float, level: float) -> PathEstimate:
    dimension = 0

    def rows(states: Array) -> Array:
        nonlocal dimension
        dimension = states.shape[2]
        early, late = states[:, :-1], states[:, 1:]
        square = early.transpose(0, 2, 1) @ early + late.transpose(0, 2, 1) @ late
        square = square.reshape(len(states), -1) / (2 * early.shape[1])
        return np.concatenate([_moved(states), square, (states**4).mean(axis=1)], axis=1)

    def rate(means: Array) -> Array:
        d = dimension
        ends = means[: 2 * d].reshape(2, d)
        c = means[2 * d + d * d : 2 * d + 2 * d * d].reshape(d, d) - ends.T @ ends / 2
        moved = _centred(means, d)
        flow = linalg.solve(c, moved, assume_a="pos").T
        values, vectors = np.linalg.eig(flow)
        if np.any((values.imag == 0) & (values.real <= 0)):
            raise DomainError(f"no linear equation fits at dt={dt}: states are unrelated; give a shorter step")
        drift = np.real((vectors * np.log(values)) @ np.linalg.inv(vectors)) / dt
        noise = -(drift @ c + c @ drift.T) / 2
        if linalg.eigvalsh(noise)[0] <= 0:
            raise DomainError("no linear equation fits: the noise is degenerate; give force and diffusivity")
        turning = drift @ c + noise
        return np.asarray(np.trace(turning @ linalg.inv(c) @ turning.T @ linalg.inv(noise)))

    done = replicates(found, rows)
    caveats = (*_not_gaussian(done, dimension),)
    return done.estimate("entropy production (linear fit)", rate, level=level, caveats=caveats)


def _not_gaussian(done: Replicates, d: int) -> list[str]:
    def excess(means: Array) -> Array:
        square = means[2 * d + d * d : 2 * d + 2 * d * d].reshape(d, d)
        return np.asarray(means[-d:] / np.diag(square) ** 2 - 3)

    found = done.estimate("excess kurtosis", excess, level=FALSE_ALARM / d)
    if found.covers(0.0):
        return []
    worst = float(np.asarray(found.value)[np.abs(np.asarray(found.value)).argmax()])
    return [f"the law is not Gaussian (excess kurtosis {worst:.2g}): a linear force misses what is not linear"]
