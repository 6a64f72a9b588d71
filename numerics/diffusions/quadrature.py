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

from ...derivations.errors import NumericsError
from ..arguments import checked

Array = NDArray[np.float64]
LogDensity = Callable[[Array], Array]

#: Logarithmic drop from the peak beyond which mass is neglected (exp(-45) = 3e-20).
DROP = 45.0
MOST_PANELS = 4096
NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)


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
    panels : int
        Panels of equal width to begin with.

    Raises
    ------
    NumericsError
        If the density does not fall off, is infinite where a float cannot resolve the distance to the end (at an end
        other than 0), or the tolerance is not reached with 4096 panels.
    """

    @checked(NumericsError)
    def __init__(
        self, log_density: LogDensity, low: float, high: float, tolerance: float = 1e-11, panels: int = 32
    ) -> None:
        self.coordinate = Coordinate(low, high)
        self._log_density = log_density
        if not 0 < tolerance < 1:
            raise NumericsError(f"tolerance={tolerance}; give a relative tolerance in (0, 1)")
        z = scan_grid()
        lo, hi = bulk(self._log_z(z), z)
        fine = np.linspace(lo, hi, 2001)
        lo, hi = max(lo, fine[0]), min(hi, fine[-1])
        self._peak = float(np.nanmax(self._log_z(fine)))
        before = math.nan
        while True:
            self.edges = np.linspace(lo, hi, panels + 1)
            self._nodes, self._weights = panel_rule(self.edges)
            self._values = np.exp(self._log_z(self._nodes) - self._peak) * self._weights
            mass = float(self._values.sum())
            #: Estimated relative error of masses (change at the last doubling, plus the neglected tails).
            self.error = abs(mass - before) / mass + 1e-15 if mass > 0 else math.inf
            if self.error < tolerance:
                break
            if panels >= MOST_PANELS:
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

    @checked(NumericsError)
    def cdf(self, x: float) -> float:
        """Return P[X <= x]."""
        z = self.coordinate.z(x)
        if z <= self.edges[0]:
            return 0.0
        if z >= self.edges[-1]:
            return 1.0
        k = int(np.searchsorted(self.edges, z)) - 1
        nodes, weights = panel_rule(np.array([self.edges[k], z]))
        part = float((np.exp(self._log_z(nodes) - self._peak) * weights).sum()) / self.mass_scaled
        return float(self._cumulative[k]) + part

    @checked(NumericsError)
    def on_line(self, levels: Array) -> Array:
        """Return where on the line the distribution function takes the levels, shape of `levels`; for sampling.

        Read off a fine grid: the distribution function is met to 1e-6.

        Raises
        ------
        NumericsError
            If a level is outside [0, 1].
        """
        outside = ~((levels >= 0) & (levels <= 1))
        if np.any(outside):
            raise NumericsError(f"levels hold {levels[outside][0]}; give values of a distribution function, in [0, 1]")
        z = np.linspace(self.edges[0], self.edges[-1], 2**16 + 1)
        density = np.exp(self._log_z(z) - self._peak)
        mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
        return np.asarray(np.interp(levels, mass / mass[-1], z))

    @checked(NumericsError)
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

    @checked(NumericsError)
    def mean(self, f: LogDensity) -> float:
        """Return E[f(X)] for f that does not grow faster than the density falls."""
        values = np.asarray(f(self.coordinate.x(self._nodes)))
        return float((self._values * values).sum() / self.mass_scaled)


def panel_rule(edges: Array) -> tuple[Array, Array]:
    """Return nodes and weights of the Gauss-Legendre rule on panels between `edges`."""
    half = np.diff(edges)[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    nodes, weights = middle + half * NODES, half * WEIGHTS
    return np.asarray(nodes, dtype=np.float64).ravel(), np.asarray(weights, dtype=np.float64).ravel()
