"""Exact expectations of the Euler-Maruyama chains themselves, so that no implementation is judged by another one.

The chain's own bias against the SDE is larger than the Monte Carlo error at 1e7 paths; the solution of the SDE would be
the wrong reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from timing import Reference

Array = NDArray[np.float64]


def scalar_chain(
    drift: Callable[[Any], Any],
    diffusion: Callable[[Any], Any],
    start: float,
    horizon: float,
    steps: int,
    *,
    law: str = "gaussian",
    low: float = 1e-8,
    high: float = 60.0,
    nodes: int = 320,
) -> Reference:
    """Return E[s] and E[s^2] after `steps` steps of s <- s + b(s) h + S(s) sqrt(h) xi on the half line.

    The backward equation u_n(s) = E u_{n+1}(s') is iterated with Gauss-Hermite quadrature (exact sums for two-point
    noise) and barycentric interpolation at Chebyshev points in ln s.
    """
    dt = horizon / steps
    if law == "gaussian":
        xi, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
    else:
        xi, weights = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    left, right = np.log(low), np.log(high)
    angles = np.pi * (np.arange(nodes) + 0.5) / nodes
    x = np.cos(angles)
    s = np.exp((left + right) / 2 + (right - left) / 2 * x)
    barycentric = (-1.0) ** np.arange(nodes) * np.sin(angles)
    transition = np.zeros((nodes, nodes))
    for z, w in zip(xi, weights, strict=True):
        moved = np.clip(s + drift(s) * dt + diffusion(s) * dt**0.5 * z, low, high)
        transition += w * _interpolation(x, barycentric, (2 * np.log(moved) - left - right) / (right - left))
    at = _interpolation(x, barycentric, np.array([(2 * np.log(start) - left - right) / (right - left)]))
    moments = s[:, None] ** np.arange(1, 5)
    m1, m2, _, m4 = (at @ np.linalg.matrix_power(transition, steps) @ moments)[0]
    return Reference((m1, m2), ((m2 - m1**2) ** 0.5, (m4 - m2**2) ** 0.5))


def _interpolation(x: Array, weights: Array, at: Array) -> Array:
    gap = at[:, None] - x[None, :]
    hit = gap == 0
    ratio = weights / np.where(hit, 1.0, gap)
    rows = hit.any(axis=1)
    ratio[rows] = hit[rows]
    return ratio / ratio.sum(axis=1, keepdims=True)


def linear_chain(matrix: Array, constant: Array, noise: Array, start: Array, horizon: float, steps: int) -> Reference:
    """Return E[X_i] after `steps` Euler-Maruyama steps of dX = (c - A X) dt + diag(noise_i X_i) dB, with deviations."""
    dt = horizon / steps
    growth, mean = np.eye(len(start)) - dt * matrix, start.astype(float)
    second = np.outer(mean, mean)
    for _ in range(steps):
        push = dt * constant
        moved = growth @ mean
        second = (
            growth @ second @ growth.T
            + np.outer(moved, push)
            + np.outer(push, moved)
            + np.outer(push, push)
            + dt * np.diag(noise**2 * np.diag(second))
        )
        mean = moved + push
    return Reference(tuple(mean), tuple(np.sqrt(np.diag(second) - mean**2)))
