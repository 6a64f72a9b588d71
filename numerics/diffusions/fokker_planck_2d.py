r"""Stationary density and probability current of a two-dimensional SDE in a box.

The finite volumes are those of :mod:`~crossproof.numerics.diffusions.finite_volumes_2d`. Every number is extrapolated
from four grids, with an error that includes what moving natural walls changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked
from .finite_volumes_2d import Box, Coefficients, Grid, cell_widths, solve_on_grid
from .generator import Estimate
from .refinement import refined

Array = NDArray[np.float64]
#: A function of both coordinates, arrays of one shape.
Field = Callable[[Array, Array], Array]

#: Rounding of the sparse solve, relative to the largest value.
_ROUNDING = 1e-11
#: Largest mean of drift h / A over the law (eight times that on the coarsest grid) at which grids are extrapolated.
_RESOLVED = 1.0
#: A wall that stands for a natural end is moved inward by this part of the box to see what it changes.
_INWARD = 0.06


@dataclass(frozen=True)
class Stationary2D:
    """The stationary law and its current.

    Parameters
    ----------
    levels : tuple of grids
        Spacings 8h, 4h, 2h, h.
    shorter : grid or None
        The second coarsest spacing on a smaller box, when the walls stand for natural ends.
    """

    levels: tuple[Grid, ...]
    shorter: Grid | None
    coefficients: Coefficients

    @cached_property
    def negative_mass(self) -> float:
        """Total of negative probabilities on the finest grid: central differences of A_12 keep no sign."""
        fine = self.levels[-1]
        return float(-(np.minimum(fine.p, 0) * fine.volumes).sum())

    @cached_property
    def border_mass(self) -> float:
        """Probability within a hundredth of the box from its walls: what natural ends may displace."""
        fine = self.levels[-1]
        near = [(v < v[0] + 0.01 * (v[-1] - v[0])) | (v > v[-1] - 0.01 * (v[-1] - v[0])) for v in (fine.x, fine.y)]
        return float((np.abs(fine.p) * fine.volumes)[near[0][:, None] | near[1][None, :]].sum())

    def _estimate(self, functional: Callable[[Grid], float], size: float) -> Estimate:
        values = [functional(g) for g in self.levels]
        value, error = refined(values)
        if self.shorter is not None:
            error += 2 * abs(functional(self.shorter) - values[1])
        return Estimate(value, error + _ROUNDING * size)

    def mean(self, observable: Field) -> Estimate:
        """Return E[f(X, Y)] for a smooth f."""

        def functional(g: Grid) -> float:
            f = np.asarray(observable(g.x[:, None], g.y[None, :]), dtype=np.float64)
            if not np.all(np.isfinite(f)):
                raise NumericsError("the observable is not finite in the box")
            return float((f * g.p * g.volumes).sum())

        return self._estimate(functional, abs(functional(self.levels[-1])) + 1)

    def density(self, x: float, y: float) -> Estimate:
        """Return p(x, y) at a point of the box."""
        return self._pointwise(lambda g: (g.x, g.y, g.p), x, y)

    def current(self, x: float, y: float) -> tuple[Estimate, Estimate]:
        """Return both components of J(x, y) at a point of the box."""
        return (
            self._pointwise(lambda g: ((g.x[1:] + g.x[:-1]) / 2, g.y, g.along_x), x, y),
            self._pointwise(lambda g: (g.x, (g.y[1:] + g.y[:-1]) / 2, g.along_y), x, y),
        )

    def _pointwise(self, field: Callable[[Grid], tuple[Array, Array, Array]], x: float, y: float) -> Estimate:
        """Return the value at a point with the largest error there and half a coarse cell away.

        At a single point the leading error may cross zero, and the next one with it.
        """
        fine, coarse = self.levels[-1], self.levels[0]
        if not (fine.x[0] <= x <= fine.x[-1] and fine.y[0] <= y <= fine.y[-1]):
            raise DomainError(
                f"({x}, {y}) lies outside the box [{fine.x[0]}, {fine.x[-1]}] x [{fine.y[0]}, {fine.y[-1]}]"
            )
        grids = (*self.levels, *([self.shorter] if self.shorter is not None else []))
        splines = [RectBivariateSpline(*field(g), kx=5, ky=5) for g in grids]
        hx, hy = (float(v[1] - v[0]) / 2 for v in (coarse.x, coarse.y))
        found = []
        for dx, dy in ((0.0, 0.0), (hx, 0.0), (-hx, 0.0), (0.0, hy), (0.0, -hy)):
            at = np.clip(x + dx, fine.x[0], fine.x[-1]), np.clip(y + dy, fine.y[0], fine.y[-1])
            values = [float(s(*at)[0, 0]) for s in splines]
            value, error = refined(values[:4], pointwise=True)
            found.append((value, error + sum(2 * abs(v - values[1]) for v in values[4:])))
        size = float(np.abs(field(fine)[2]).max()) + float(fine.p.max())
        return Estimate(found[0][0], max(error for _, error in found) + _ROUNDING * size)

    def current_moment(self, first: Field, second: Field) -> Estimate:
        r"""Return :math:`\int (g_1J_1+g_2J_2)\,dx\,dy` for a smooth vector field g; zero in detailed balance."""

        def functional(g: Grid) -> float:
            mx, my = (g.x[1:] + g.x[:-1]) / 2, (g.y[1:] + g.y[:-1]) / 2
            one = np.asarray(first(mx[:, None], g.y[None, :])) * g.along_x * cell_widths(g.y)[None, :]
            two = np.asarray(second(g.x[:, None], my[None, :])) * g.along_y * cell_widths(g.x)[:, None]
            return float(one.sum() * (g.x[1] - g.x[0]) + two.sum() * (g.y[1] - g.y[0]))

        return self._estimate(functional, abs(functional(self.levels[-1])) + 1)

    def entropy_production(self) -> Estimate:
        r"""Return :math:`\int J^TA^{-1}J/p`, zero exactly in detailed balance (A positive definite)."""

        def functional(g: Grid) -> float:
            _, _, a11, a12, a22 = self.coefficients(g.x[:, None], g.y[None, :])
            determinant = a11 * a22 - a12**2
            if determinant.min() <= 0:
                raise NumericsError("A is singular in the box: the entropy production is not defined")
            one, two = g.node_currents()
            form = (a22 * one**2 - 2 * a12 * one * two + a11 * two**2) / determinant
            # where rounding has eaten the density nothing is left to divide by
            solid = g.p > 1e-12 * g.p.max()
            return float((np.where(solid, form / np.where(solid, g.p, 1.0), 0.0) * g.volumes).sum())

        return self._estimate(functional, abs(functional(self.levels[-1])) + 1)


@checked(DomainError)
def solve_stationary_2d(
    sde: SDE,
    parameters: Mapping[sp.Symbol, Any],
    box: Box,
    *,
    cells: int = 96,
    walls: str = "natural",
) -> Stationary2D:
    """Solve the stationary Fokker-Planck equation in a box without current through its walls.

    Parameters
    ----------
    sde : SDE
        Two coordinates.
    parameters : mapping
        Value of every parameter.
    box : ((float, float), (float, float))
        Range of the two coordinates.
    cells : int
        Cells along each side of the finest of four grids; a multiple of 8, at least 64 and at most 512.
    walls : {"natural", "reflecting"}
        Natural walls stand for ends that are hardly reached: errors include what moving them inward changes.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the coefficients are not finite, or A_11 or A_22 not positive, in the box, or the cells are too wide for
        the noise.
    """
    if sde.dimension != 2:
        raise DomainError(f"the SDE has {sde.dimension} coordinates; this solver takes two")
    if cells != int(cells) or not 64 <= cells <= 512 or cells % 8:
        raise DomainError(f"cells = {cells}; give a multiple of 8 from 64 to 512")
    if walls not in ("natural", "reflecting"):
        raise DomainError(f"walls = {walls!r}; choose 'natural' or 'reflecting'")
    for name, (low, high) in zip(sde.state, box, strict=True):
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise DomainError(f"box gives {name} the range ({low}, {high}); give finite low < high")
    coefficients = Coefficients(sde, parameters)
    sizes = [cells // 8, cells // 4, cells // 2, cells]
    levels = tuple(solve_on_grid(coefficients, box, (n, n)) for n in sizes)
    if levels[-1].peclet > _RESOLVED:
        raise NumericsError(
            f"the drift over a cell is {levels[-1].peclet:.2g} times the noise where the law lies, which cells = "
            f"{cells} do not resolve; give at least {8 * math.ceil(cells * levels[-1].peclet / _RESOLVED / 8)}"
        )
    shorter = None
    if walls == "natural":
        trimmed = max(1, round(_INWARD * sizes[1]))
        inner = tuple(
            (low + (high - low) * trimmed / sizes[1], high - (high - low) * trimmed / sizes[1]) for low, high in box
        )
        kept = sizes[1] - 2 * trimmed
        shorter = solve_on_grid(coefficients, (inner[0], inner[1]), (kept, kept))
    return Stationary2D(levels, shorter, coefficients)
