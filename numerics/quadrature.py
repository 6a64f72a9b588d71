"""Quadrature of one-dimensional densities that are given by their logarithm, up to a constant.

A density on (0, oo) is integrated in log x and one on a finite interval in the logit, where the ends lie at
infinity and an integrable density falls exponentially; Gauss-Legendre panels are doubled until nothing changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ..derivations.errors import NumericsError

Array = NDArray[np.float64]
LogDensity = Callable[[Array], Array]

#: Logarithmic drop from the peak beyond which mass is neglected (exp(-45) = 3e-20).
DROP = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


@dataclass(frozen=True)
class Coordinate:
    """A monotone map from z in R to the support."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise NumericsError(f"support ({self.low}, {self.high}) is empty; give low < high")

    def x(self, z: Array) -> Array:
        """Return the state at z."""
        if math.isinf(self.low) and math.isinf(self.high):
            return z
        if math.isinf(self.high):
            return self.low + np.exp(z)
        if math.isinf(self.low):
            return self.high - np.exp(-z)
        return self.low + (self.high - self.low) / (1 + np.exp(-z))

    def z(self, x: float) -> float:
        """Return the coordinate of the state x, inside the support."""
        if not self.low < x < self.high:
            raise NumericsError(f"x = {x} is outside the support ({self.low}, {self.high})")
        if math.isinf(self.low) and math.isinf(self.high):
            return x
        if math.isinf(self.high):
            return math.log(x - self.low)
        if math.isinf(self.low):
            return -math.log(self.high - x)
        return math.log((x - self.low) / (self.high - x))

    def log_jacobian(self, z: Array) -> Array:
        """Return log dx/dz."""
        if math.isinf(self.low) and math.isinf(self.high):
            return np.zeros_like(z)
        if math.isinf(self.high):
            return z
        if math.isinf(self.low):
            return -z
        return math.log(self.high - self.low) - np.logaddexp(0, z) - np.logaddexp(0, -z)


def scan_grid() -> Array:
    """Return z values, dense near 0, over which the bulk of a law is looked for."""
    return np.sinh(np.linspace(-7.2, 7.2, 4001))


def bulk(log_values: Array, grid: Array) -> tuple[float, float]:
    """Return the range of `grid` outside which `log_values` lies more than DROP below its maximum.

    Raises
    ------
    NumericsError
        If the values do not fall at an end of the grid: the density is not integrable, or too slowly.
    """
    values = np.where(np.isfinite(log_values), log_values, -np.inf)
    keep = np.flatnonzero(values > values.max() - DROP)
    if keep.size == 0 or keep[0] == 0 or keep[-1] == grid.size - 1:
        raise NumericsError("the density does not fall off at an end of its support; it may not be integrable")
    return float(grid[keep[0] - 1]), float(grid[keep[-1] + 1])


class Law:
    """The probability law with log-density `log_density` (up to a constant) on the open interval (low, high).

    Parameters
    ----------
    log_density : callable
        Vectorised; shape (n,) to (n,).
    low, high : float
        Ends of the support; may be infinite.
    tolerance : float
        Relative error of the total mass at which the doubling of panels stops.

    Raises
    ------
    NumericsError
        If the density does not fall off, is infinite where a float cannot resolve the distance to the end (at an end
        other than 0), or the tolerance is not reached with 4096 panels.
    """

    def __init__(self, log_density: LogDensity, low: float, high: float, tolerance: float = 1e-11) -> None:
        self.coordinate = Coordinate(low, high)
        self._log_density = log_density
        z = scan_grid()
        lo, hi = bulk(self._log_z(z), z)
        fine = np.linspace(lo, hi, 2001)
        lo, hi = max(lo, fine[0]), min(hi, fine[-1])
        self._peak = float(np.nanmax(self._log_z(fine)))
        before = math.nan
        panels = 32
        while True:
            self.edges = np.linspace(lo, hi, panels + 1)
            self._nodes, self._weights = _panel_rule(self.edges)
            self._values = np.exp(self._log_z(self._nodes) - self._peak) * self._weights
            mass = float(self._values.sum())
            #: Estimated relative error of masses (change at the last doubling, plus the neglected tails).
            self.error = abs(mass - before) / mass + 1e-15 if mass > 0 else math.inf
            if self.error < tolerance:
                break
            if panels >= 4096:
                raise NumericsError(f"quadrature reached a relative error of {self.error:.1e} only")
            before, panels = mass, 2 * panels
        self.mass_scaled = mass

    def _log_z(self, z: Array) -> Array:
        with np.errstate(all="ignore"):
            values = np.asarray(self._log_density(self.coordinate.x(z)), dtype=np.float64)
            total = values + self.coordinate.log_jacobian(z)
        if np.any(total == np.inf):
            raise NumericsError("the density is infinite inside the range; shift its singularity to x = 0")
        return np.where(np.isnan(total), -np.inf, np.broadcast_to(total, z.shape))

    @property
    def log_mass(self) -> float:
        """Logarithm of the integral of the unnormalised density."""
        return math.log(self.mass_scaled) + self._peak

    @cached_property
    def _cumulative(self) -> Array:
        per_panel = self._values.reshape(self.edges.size - 1, -1).sum(axis=1)
        return np.concatenate([[0.0], np.cumsum(per_panel)]) / self.mass_scaled

    def cdf(self, x: float) -> float:
        """Return P[X <= x]."""
        z = self.coordinate.z(x)
        if z <= self.edges[0]:
            return 0.0
        if z >= self.edges[-1]:
            return 1.0
        k = int(np.searchsorted(self.edges, z)) - 1
        nodes, weights = _panel_rule(np.array([self.edges[k], z]))
        part = float((np.exp(self._log_z(nodes) - self._peak) * weights).sum()) / self.mass_scaled
        return float(self._cumulative[k]) + part

    def quantile(self, q: float) -> float:
        """Return x with P[X <= x] = q, for q in (0, 1)."""
        if not 0 < q < 1:
            raise NumericsError(f"q = {q} must lie in (0, 1)")
        k = int(np.clip(np.searchsorted(self._cumulative, q) - 1, 0, self.edges.size - 2))

        def gap(z: float) -> float:
            return self.cdf(float(self.coordinate.x(np.array([z]))[0])) - q

        low = max(self.edges[k] - 1e-9, self.edges[0])
        high = min(self.edges[k + 1] + 1e-9, self.edges[-1])
        if gap(low) * gap(high) > 0:
            low, high = self.edges[0], self.edges[-1]
        root = brentq(gap, low, high, xtol=1e-12)
        return float(self.coordinate.x(np.array([root]))[0])

    def mean(self, f: LogDensity) -> float:
        """Return E[f(X)] for f that does not grow faster than the density falls."""
        values = np.asarray(f(self.coordinate.x(self._nodes)))
        return float((self._values * values).sum() / self.mass_scaled)


def _panel_rule(edges: Array) -> tuple[Array, Array]:
    half = np.diff(edges)[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    nodes, weights = middle + half * _NODES, half * _WEIGHTS
    return np.asarray(nodes, dtype=np.float64).ravel(), np.asarray(weights, dtype=np.float64).ravel()


def _integration_matrix() -> Array:
    """Return M with (M f)_i = integral from -1 to node i of the polynomial through f at the nodes."""
    degree = _NODES.size
    coefficients = np.linalg.inv(np.polynomial.legendre.legvander(_NODES, degree - 1))
    rows = [np.polynomial.legendre.legval(_NODES, np.polynomial.legendre.legint(c, lbnd=-1)) for c in coefficients.T]
    return np.array(rows, dtype=np.float64).T


def log_density_from_slope(slope: Callable[[Array], Array], edges: Array) -> tuple[Array, Array, Array]:
    """Integrate (log p)' over Gauss panels.

    Parameters
    ----------
    slope : callable
        (log p)' as a function of x, vectorised and smooth within each panel.
    edges : array of shape (n + 1,)
        Increasing panel edges.

    Returns
    -------
    nodes, weights, log_p : arrays of shape (20 n,)
        Quadrature nodes and weights, and log p with value 0 at ``edges[0]``.
    """
    nodes, weights = _panel_rule(edges)
    half = np.diff(edges)[:, None] / 2
    values = np.asarray(slope(nodes), dtype=np.float64) + np.zeros_like(nodes)
    if not np.all(np.isfinite(values)):
        raise NumericsError("the slope of the log-density is not finite on the range of integration")
    values = values.reshape(half.size, -1)
    within = (values @ _integration_matrix().T) * half
    totals = (values * _WEIGHTS).sum(axis=1) * half[:, 0]
    start = np.concatenate([[0.0], np.cumsum(totals)[:-1]])[:, None]
    return nodes, weights, np.asarray(within + start, dtype=np.float64).ravel()


def moments_from_slope(
    slope: Callable[[Array], Array], centre: float, half_width: float, panels: int = 48
) -> tuple[float, float, float]:
    """Return (mean, variance, error) of the law with (log p)' = `slope`, cut to centre +- half_width.

    The mean is that of the deviation from `centre`, so that small shifts keep their digits. The error is the larger
    change of the two when the panels are doubled.

    Raises
    ------
    NumericsError
        If the density at the cut is not below exp(-40) of its maximum.
    """
    found = []
    for n in (panels, 2 * panels):
        x, weights, log_p = log_density_from_slope(slope, np.linspace(centre - half_width, centre + half_width, n + 1))
        if max(log_p[0], log_p[-1]) > log_p.max() - 40.0:
            raise NumericsError("the density has not fallen off at the cut; widen the range")
        p = np.exp(log_p - log_p.max()) * weights
        y = x - centre
        mean = float((p * y).sum() / p.sum())
        found.append((mean, float((p * (y - mean) ** 2).sum() / p.sum())))
    return *found[1], max(abs(one - two) for one, two in zip(*found, strict=True))


def dyadic_masses(slope: Callable[[Array], Array], place: float, inside: int, levels: int, scale: float = 1.0) -> Array:
    r"""Return the logarithms of the masses of dyadic shells around an end of the support.

    Shell k holds the states at distance :math:`(2^{-k-1}, 2^{-k})` `scale` from a finite end `place`, or between
    :math:`2^k` and :math:`2^{k+1}` times `scale` for an infinite one. The density is
    integrable at the end iff the masses are summable.

    Parameters
    ----------
    slope : callable
        (log p)' as a function of x.
    place : float
        The end; may be infinite.
    inside : int
        +1 when the support lies above the end, -1 when below.
    levels : int
        Number of shells, >= 2.
    scale : float
        Outer distance (innermost place for an infinite end), > 0.
    """
    if levels < 2 or not scale > 0:
        raise NumericsError(f"levels = {levels}, scale = {scale}; give at least 2 levels and a positive scale")
    step = math.log(2.0)
    edges = np.linspace(0.0, levels * step, 2 * levels + 1)

    def along(z: Array) -> Array:
        if math.isinf(place):
            x = -inside * scale * np.exp(z)
            jacobian = x
        else:
            x = place + inside * scale * np.exp(-z)
            # from z and not from x - place, which loses its digits next to the end
            jacobian = -inside * scale * np.exp(-z)
        return np.asarray(slope(x)) * jacobian

    nodes, weights, log_p = log_density_from_slope(along, edges)
    grow = 1.0 if math.isinf(place) else -1.0
    terms = (log_p + grow * nodes + np.log(weights)).reshape(levels, -1)
    top = terms.max(axis=1)
    return np.asarray(top + np.log(np.exp(terms - top[:, None]).sum(axis=1)))
