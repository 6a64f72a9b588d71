"""Exit probabilities and mean first-passage times of one-dimensional diffusions, from the scale function.

All integrals are taken on Gauss-Legendre panels that are halved until the answer stops changing; exponents are kept
in the logarithm, so that probabilities far below the smallest float ratio do not overflow on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import DomainError, NumericsError

Array = NDArray[np.float64]
Coefficient = Callable[[Array], Array]

_NODES = 12
_MOST_PANELS = 1 << 15
#: A panel counts whose largest logarithm is so close to the largest of all; within it the logarithm may fall by so
#: much. Two grids that both miss a narrow top may agree.
_COUNTS, _STEEPEST = 40.0, 30.0


@dataclass(frozen=True)
class Passage:
    """A number with its estimated relative error.

    Parameters
    ----------
    value : float
        The probability or mean time.
    error : float
        Relative difference between the last two panel halvings.
    """

    value: float
    error: float


def _legendre() -> tuple[Array, Array, Array]:
    """Return nodes on (0, 1), weights, and the matrix of integrals of the interpolant from 0 to each node."""
    t, w = np.polynomial.legendre.leggauss(_NODES)
    vander = np.polynomial.legendre.legvander(t, _NODES - 1)
    integrals = np.empty_like(vander)
    for k in range(_NODES):
        antiderivative = np.polynomial.legendre.legint(np.eye(_NODES)[k], lbnd=-1)
        integrals[:, k] = np.polynomial.legendre.legval(t, antiderivative)
    return (t + 1) / 2, w / 2, integrals @ np.linalg.inv(vander) / 2


_T, _W, _CUMULATIVE = _legendre()


def _running(values: Array, width: Array) -> tuple[Array, Array]:
    """Return the running integral at the nodes (panels, nodes) and at the panel ends (panels + 1,)."""
    ends = np.concatenate([[0.0], np.cumsum(values @ _W * width)])
    return ends[:-1, None] + values @ _CUMULATIVE.T * width[:, None], ends


def _log_running(log_values: Array, width: Array) -> tuple[Array, Array]:
    """Return logarithms of the running integral of exp(log_values), at nodes and panel ends."""
    top = log_values.max(axis=1)
    scaled = np.exp(log_values - top[:, None])
    with np.errstate(divide="ignore"):
        panels = np.log(scaled @ _W * width) + top
        # the interpolant of a positive function may dip below zero by rounding near the left end
        inside = np.log(np.maximum(scaled @ _CUMULATIVE.T * width[:, None], 0.0)) + top[:, None]
    ends = np.concatenate([[-np.inf], np.logaddexp.accumulate(panels)])
    return np.logaddexp(ends[:-1, None], inside), ends


def _too_coarse(*log_values: Array) -> bool:
    """Return whether an integrand exp(log_values) falls by too much within a panel that counts in the integral."""
    for values in log_values:
        top = values.max(axis=1)
        if np.any((top > top.max() - _COUNTS) & (top - values.min(axis=1) > _STEEPEST)):
            return True
    return False


class _Grid:
    """G(x) = int_start^x 2b/sigma^2 at the nodes of `panels` equal panels of [low, start] and of [start, high]."""

    def __init__(
        self, drift: Coefficient, variance: Coefficient, low: float, start: float, high: float, panels: int
    ) -> None:
        edges = np.concatenate([np.linspace(low, start, panels + 1)[:-1], np.linspace(start, high, panels + 1)])
        self.width = np.diff(edges)
        self.nodes = edges[:-1, None] + self.width[:, None] * _T
        self.split = panels
        flat = self.nodes.ravel()
        b, v = (np.broadcast_to(f(flat), flat.shape) for f in (drift, variance))
        if not (np.all(np.isfinite(b)) and np.all(np.isfinite(v)) and np.all(v > 0)):
            raise NumericsError(f"drift or variance is not finite and positive on [{low}, {high}]; narrow the interval")
        self.log_variance = np.log(v).reshape(self.nodes.shape)
        # outward from the start: a sum from an end far away would lose the digits of what matters
        slope = (2 * b / v).reshape(self.nodes.shape)
        below, _ = _running(slope[:panels][::-1, ::-1], self.width[:panels][::-1])
        above, _ = _running(slope[panels:], self.width[panels:])
        self.exponent = np.concatenate([-below[::-1, ::-1], above])


def _refine(answer: Callable[[int], float], tolerance: float, what: str) -> Passage:
    """Double the number of panels until `answer`, NaN where panels are too coarse, moves by less than `tolerance`."""
    panels, before = 4, np.nan
    while panels <= _MOST_PANELS:
        now = answer(panels)
        moved = abs(now - before) / abs(now) if now != 0 else (0.0 if before == 0 else np.inf)
        if moved <= tolerance:
            return Passage(now, float(moved))
        panels, before = 2 * panels, now
    raise NumericsError(f"{what} did not settle to {tolerance:g} with {_MOST_PANELS} panels; move the ends inward")


def _validate(low: float, start: float, high: float, tolerance: float) -> None:
    if not low < start < high:
        raise DomainError(f"low={low}, start={start}, high={high}: give low < start < high")
    if not 0 < tolerance < 1:
        raise DomainError(f"tolerance={tolerance}: give a relative tolerance in (0, 1)")


def exit_probability(
    drift: Coefficient,
    variance: Coefficient,
    *,
    low: float,
    start: float,
    high: float,
    tolerance: float = 1e-10,
) -> Passage:
    r"""Return the probability that the diffusion from `start` reaches `high` before `low`.

    .. math:: P = \int_{low}^{start} e^{-G} \Big/ \int_{low}^{high} e^{-G}, \qquad G' = 2b/\sigma^2.

    Parameters
    ----------
    drift, variance : callable
        b(x) and sigma^2(x) of dX = b dt + sigma dB, arrays to arrays (or numbers), smooth on [low, high].
    low, start, high : float
        low < start < high.
    tolerance : float
        Relative tolerance of the answer, estimated by halving the panels.

    Raises
    ------
    DomainError
        If the ends are out of order.
    NumericsError
        If the coefficients are not finite and positive, or the answer does not settle.
    """
    _validate(low, start, high, tolerance)

    def answer(panels: int) -> float:
        grid = _Grid(drift, variance, low, start, high, panels)
        if _too_coarse(-grid.exponent):
            return np.nan
        _, ends = _log_running(-grid.exponent, grid.width)
        return float(np.exp(ends[grid.split] - ends[-1]))

    return _refine(answer, tolerance, "the exit probability")


def mean_exit_time(
    drift: Coefficient,
    variance: Coefficient,
    *,
    low: float,
    start: float,
    high: float,
    reflecting: bool = False,
    tolerance: float = 1e-10,
) -> Passage:
    r"""Return the mean time at which the diffusion from `start` leaves (low, high).

    .. math:: E\tau = 2(1-P)\int_{low}^{start} (S(y)-S(low))\,m(y)\,dy + 2P\int_{start}^{high} (S(high)-S(y))\,m(y)\,dy

    with scale function S, speed density m = 1/(sigma^2 S') and P as in :func:`exit_probability`. With `reflecting`,
    `low` reflects and the time to reach `high` is :math:`2\int_{start}^{high} S'(y)\int_{low}^y m(z)\,dz\,dy`.

    Parameters and errors as in :func:`exit_probability`.
    """
    _validate(low, start, high, tolerance)

    def answer(panels: int) -> float:
        grid = _Grid(drift, variance, low, start, high, panels)
        density = -grid.exponent
        speed = -density - grid.log_variance
        k = grid.split
        if _too_coarse(density, speed):
            return np.nan
        if reflecting:
            mass, _ = _log_running(speed, grid.width)
            _, ends = _log_running((density + mass)[k:], grid.width[k:])
            return float(2 * np.exp(ends[-1]))
        below, scale = _log_running(density, grid.width)
        # integrate from the right end for S(high) - S(y): differences of large numbers would lose digits
        flipped, _ = _log_running(density[::-1, ::-1], grid.width[::-1])
        above = flipped[::-1, ::-1]
        _, left = _log_running((below + speed)[:k], grid.width[:k])
        _, right = _log_running((above + speed)[k:], grid.width[k:])
        rising = np.logaddexp.reduce([scale[k], _remaining(density, grid, k)])
        up, down = scale[k] - rising, _remaining(density, grid, k) - rising
        return float(2 * (np.exp(down + left[-1]) + np.exp(up + right[-1])))

    return _refine(answer, tolerance, "the mean exit time")


def _remaining(density: Array, grid: _Grid, k: int) -> float:
    """Return log(S(high) - S(start))."""
    return float(_log_running(density[k:], grid.width[k:])[1][-1])
