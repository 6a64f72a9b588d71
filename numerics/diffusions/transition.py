"""The law of a scalar diffusion at a time, from finite volumes on four grids: means, distribution function, density.

Errors add up the extrapolation in h, the exponential in one against two steps, what the cut of a natural end can
change (reflecting against absorbing there), and rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from .generator import Estimate
from .refinement import refined
from .scalar_diffusion import ScalarDiffusion
from .scharfetter_gummel import Chain

Array = NDArray[np.float64]
Observable = Callable[[Array], Array]

#: Accuracy of the rational exponential relative to the total mass.
_ROUNDING = 3e-13


@dataclass(frozen=True)
class Transition:
    """The law of X_T given X_0 = start.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    levels : tuple of (Chain, masses)
        Grids of spacing 8h, 4h, 2h, h.
    horizon : float
        T.
    two_steps, shut : array
        Masses of the finest grid with the exponential in twice as many steps, and of the coarsest with absorbing cuts
        at natural ends.
    cut : (bool, bool)
        Whether the lower and the upper end of the range are cuts of natural ends.
    """

    process: ScalarDiffusion
    levels: tuple[tuple[Chain, Array], ...]
    horizon: float
    two_steps: Array
    shut: Array
    cut: tuple[bool, bool]

    @property
    def range(self) -> tuple[float, float]:
        """The states at both ends of the grid."""
        nodes = self.levels[-1][0].nodes
        low, high = self.process.x(nodes[[0, -1]])
        return float(low), float(high)

    @cached_property
    def rounding(self) -> float:
        """Relative rounding error: a rate is rounded as if mass were created at eps times that rate."""
        grid, mass = self.levels[-1]
        turnover = float(np.abs(mass) @ np.abs(grid.generator()[1]))
        return _ROUNDING + 8 * float(np.finfo(float).eps) * self.horizon * turnover

    @cached_property
    def cell_drift(self) -> float:
        """Mean over the law of 2 |drift| h / variance rate on the finest grid: where large, the scheme is upwind."""
        grid, mass = self.levels[-1]
        drift = np.abs(np.concatenate([grid.exponents[:1], grid.exponents]))[grid.alive]
        alive = np.abs(mass[grid.alive])
        return float(alive @ np.minimum(drift, 1e9) / (alive.sum() + 1e-300))

    @property
    def mass_defect(self) -> float:
        """Distance of the total mass (alive and absorbed) on the finest grid from 1."""
        return abs(float(self.levels[-1][1].sum()) - 1)

    @property
    def leakage(self) -> float:
        """Probability to reach the cut of a natural end before T: bounds the mass that the cut displaces."""
        return float(sum(abs(self.shut[i]) for i, cut in zip((0, -1), self.cut, strict=True) if cut))

    @checked(DomainError)
    def absorbed(self, end: str) -> Estimate:
        """Return the probability of having been absorbed by T at the "low" or the "high" end.

        Raises
        ------
        DomainError
            If that end does not absorb.
        """
        if end not in ("low", "high") or not self.levels[0][0].absorbing[end == "high"]:
            raise DomainError(f"end = {end!r} does not absorb; choose an absorbing end, 'low' or 'high'")
        at = -1 if end == "high" else 0
        return self._estimate(
            [float(p[at]) for _, p in self.levels], float(self.two_steps[at]), float(self.shut[at]), 1.0
        )

    def survival(self) -> Estimate:
        """Return the probability of not having been absorbed by T."""
        return self.expectation(np.ones_like)

    @checked(DomainError)
    def expectation(self, observable: Observable) -> Estimate:
        r"""Return :math:`E[f(X_T);\,\text{not absorbed}]` of a smooth function f of the states.

        Raises
        ------
        NumericsError
            If f is not finite on the grid.
        """

        def terms(grid: Chain, mass: Array, keep: slice) -> Array:
            with np.errstate(all="ignore"):
                f = np.asarray(observable(self.process.x(grid.nodes[keep])), dtype=np.float64)
            if not np.all(np.isfinite(f)):
                raise NumericsError(f"the observable is not finite on {self.range}; shorten the range")
            return np.asarray(f * mass[keep], dtype=np.float64)

        def weighted(grid: Chain, mass: Array, keep: slice) -> float:
            return float(terms(grid, mass, keep).sum())

        coarse, fine = self.levels[0][0], self.levels[-1][0]
        inside = slice(
            coarse.alive.start + self.cut[0] * (not coarse.absorbing[0]),
            coarse.alive.stop - self.cut[1] * (not coarse.absorbing[1]),
        )
        values = [weighted(grid, mass, grid.alive) for grid, mass in self.levels]
        size = float(np.abs(terms(coarse, self.levels[0][1], coarse.alive)).sum())
        return self._estimate(
            values, weighted(fine, self.two_steps, fine.alive), weighted(coarse, self.shut, inside), size
        )

    def _estimate(self, values: list[float], two_steps: float, shut: float, size: float) -> Estimate:
        value, error = refined(values)
        error += 2 * abs(two_steps - values[-1]) + 2 * abs(shut - values[0]) + self.rounding * size
        return Estimate(value, error)

    @cached_property
    def _densities(self) -> list[tuple[BSpline, BSpline]]:
        found = []
        for grid, mass in self.levels:
            per_length = mass / grid.volumes
            ends = [i for i, stops in zip((0, -1), grid.absorbing, strict=True) if stops]
            per_length[ends] = 0.0
            spline = make_interp_spline(grid.nodes, per_length, k=5)
            found.append((spline, spline.antiderivative()))
        return found

    @checked(DomainError)
    def density(self, x: float) -> Estimate:
        """Return the density of X_T (not absorbed) at the state x; 0 outside the range."""
        z = self._inside(x)
        if z is None:
            return Estimate(0.0, self.leakage + self.rounding)
        scale = float(self.process.slope(np.array([z]))[0])
        coarse = self.levels[0][0]
        floor = (self.leakage + self.rounding) / coarse.spacing
        value, error = self._pointwise(lambda at: [float(d(at)) / scale for d, _ in self._densities], z)
        return Estimate(value, error + floor / scale)

    @checked(DomainError)
    def cdf(self, x: float) -> Estimate:
        """Return P[X_T <= x], with what the lower end has absorbed."""
        z = self._inside(x)
        nodes = self.levels[-1][0].nodes
        if z is None:
            if x <= self.range[0]:
                return (
                    self.absorbed("low")
                    if self.levels[0][0].absorbing[0]
                    else Estimate(0.0, self.leakage + self.rounding)
                )
            z = float(nodes[-1])

        def below(at: float) -> list[float]:
            return [
                float(s(at) - s(nodes[0])) + (float(mass[0]) if grid.absorbing[0] else 0.0)
                for (_, s), (grid, mass) in zip(self._densities, self.levels, strict=True)
            ]

        value, error = self._pointwise(below, z)
        return Estimate(value, error + 2 * self.leakage + self.rounding)

    def _pointwise(self, values: Callable[[float], list[float]], z: float) -> tuple[float, float]:
        """Return the value at z with the largest error there and half a coarse cell away.

        At a single point the leading error may cross zero, and the next one with it.
        """
        nodes, reach = self.levels[0][0].nodes, self.levels[0][0].spacing / 2
        points = np.clip([z, z - reach, z + reach], nodes[0], nodes[-1])
        found = [refined(values(float(at)), pointwise=True) for at in points]
        return found[0][0], max(error for _, error in found)

    def _inside(self, x: float) -> float | None:
        low, high = self.range
        if math.isnan(x):
            raise DomainError("x is not a number; give a state")
        return self.process.z(x) if low < x < high else None
