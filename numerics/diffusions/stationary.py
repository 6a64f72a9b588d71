r"""Stationary Fokker-Planck equation in one dimension by the Scharfetter-Gummel finite volume scheme.

The density is the null vector of the birth-death generator of
:mod:`~crossproof.numerics.diffusions.scharfetter_gummel` with
zero current at both ends; between the nodes it is a quintic spline. The number of cells is doubled for an error
estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.ito import transform
from ...derivations.processes.sde import SDE
from ..arguments import checked
from .boundaries import NATURAL, Boundary, coordinate_limits
from .quadrature import bulk, scan_grid
from .scalar_diffusion import ScalarDiffusion
from .scharfetter_gummel import chain

Array = NDArray[np.float64]

#: Rounding of the running sum of exponents, relative to the total mass.
_ROUNDING = 1e-12


def to_line(sde: SDE, support: sp.Interval) -> tuple[SDE, sp.Expr]:
    """Return the SDE in a coordinate z that maps the support to the real line, and the state in terms of z.

    log x on a half line, the state itself on the real line.

    Raises
    ------
    NumericsError
        If the support is a finite interval or a half line downwards.
    """
    x = sde.state[0]
    if support.start.is_infinite and support.end.is_infinite:
        return sde, x
    if support.start.is_infinite or not support.end.is_infinite:
        raise NumericsError(f"support {support}: only (a, oo) and (-oo, oo) are solved here")
    z = sp.Dummy("z", real=True)  # a parameter may have any name
    inverse = support.start + sp.exp(z)
    return transform(sde, z, sp.log(x - support.start), inverse), inverse


@dataclass(frozen=True)
class StationarySolution:
    """The stationary law in the coordinate z, with an error estimate.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    coarse, fine : BSpline
        Densities of Z on n and 2n cells, of total mass 1.
    low, high : float
        Range of z that holds all but a negligible part of the mass.
    """

    process: ScalarDiffusion
    coarse: BSpline
    fine: BSpline
    low: float
    high: float

    @cached_property
    def _masses(self) -> tuple[BSpline, BSpline]:
        """Antiderivatives of both densities."""
        return self.coarse.antiderivative(), self.fine.antiderivative()

    @checked(DomainError)
    def cdf(self, z: float) -> tuple[float, float]:
        """Return (value, error) of P[Z <= z]: the fine grid, and its distance to the coarse one."""
        if z <= self.low:
            return 0.0, 1e-15
        if z >= self.high:
            return 1.0, 1e-15
        coarse, fine = (float(mass(z) - mass(self.low)) for mass in self._masses)
        return fine, abs(fine - coarse) + _ROUNDING

    @checked(DomainError)
    def density(self, z: float) -> tuple[float, float]:
        """Return (value, error) of the density of Z, which is that of X times dx/dz."""
        if not self.low <= z <= self.high:
            return 0.0, 1e-15
        coarse, fine = float(self.coarse(z)), float(self.fine(z))
        return fine, abs(fine - coarse) + _ROUNDING * (1 + fine)

    @checked(DomainError)
    def mean(self, observable: Callable[[Array], Array]) -> tuple[float, float]:
        """Return (value, error) of E[f(X)] for a smooth function f of the states.

        Raises
        ------
        NumericsError
            If f times the density has not fallen off at an end of the range that is not reflecting.
        """
        values = []
        for density in (self.coarse, self.fine):
            nodes = np.linspace(self.low, self.high, density.t.size - 6)
            with np.errstate(all="ignore"):
                terms = np.asarray(observable(self.process.x(nodes)), dtype=np.float64) * density(nodes)
            if not np.all(np.isfinite(terms)):
                raise NumericsError("the observable is not finite on the range of the stationary law")
            values.append(float(make_interp_spline(nodes, terms, k=5).integrate(self.low, self.high)))
        size = np.abs(terms)
        error = abs(values[1] - values[0]) + (self.high - self.low) * _ROUNDING * float(size.mean())
        top, inner = float(density(nodes).max()), nodes.size // 20
        for end, inside in ((0, inner), (-1, -1 - inner)):
            if density(nodes[end]) < np.exp(-40.0) * top and size[end] > 0:
                # a cut of a natural end: what falls exponentially from there on
                rate = float(np.log(size[inside] / size[end])) / abs(float(nodes[inside] - nodes[end]))
                if not rate > 0:
                    raise NumericsError("the observable times the density does not fall off; the mean may not exist")
                error += 2 * float(size[end]) / rate
        return values[1], error


@checked(DomainError)
def solve_stationary(sde: SDE, parameters: Mapping[sp.Symbol, Any], cells: int = 2000) -> StationarySolution:
    """Solve the stationary Fokker-Planck equation of a process on the real line.

    Parameters
    ----------
    sde : SDE
        One-dimensional process on R (see `to_line`), variance rate positive there.
    parameters : mapping
        Value of every parameter.
    cells : int
        Number of cells of the coarse grid, >= 16.

    Raises
    ------
    NumericsError
        If the stationary solution does not fall off at both ends: there is no stationary law.
    """
    return stationary_law(ScalarDiffusion(sde, parameters, support=(-np.inf, np.inf)), cells=cells)


@checked(DomainError)
def stationary_law(
    process: ScalarDiffusion, *, low: Boundary = NATURAL, high: Boundary = NATURAL, cells: int = 1000
) -> StationarySolution:
    """Return the law with zero current between two natural or reflecting ends.

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    low, high : Boundary
        Natural ends are cut where the density has fallen by a factor exp(-45).
    cells : int
        Number of cells of the coarse of two grids, >= 16.

    Raises
    ------
    DomainError
        If an end absorbs: nothing is stationary.
    NumericsError
        If the density does not fall off at a natural end, or the coefficients are not finite and positive.
    """
    if cells < 16:
        raise NumericsError(f"cells = {cells}; give at least 16")
    first, last = stationary_range(process, low, high)
    densities = []
    for n in (cells, 2 * cells):
        grid = chain(process, first, last, n)
        log_p = grid.log_stationary()
        p = np.exp(log_p - log_p.max())
        shape = make_interp_spline(grid.nodes, p, k=5)
        densities.append(BSpline(shape.t, shape.c / float(shape.integrate(first, last)), 5))
    return StationarySolution(process, densities[0], densities[1], first, last)


def stationary_range(process: ScalarDiffusion, low: Boundary, high: Boundary) -> tuple[float, float]:
    """Return the coordinates of the ends, natural ones cut where the zero-current density is negligible."""
    for name, end in (("low", low), ("high", high)):
        if end.kind == "absorbing":
            raise DomainError(f"{name} absorbs at {end.place}: there is no stationary law; use natural or reflecting")
    limits = coordinate_limits(process, low, high)
    if not (low.natural or high.natural):
        return limits
    finite = [v for v in limits if np.isfinite(v)]
    centre = finite[0] if len(finite) == 1 else 0.0
    edges = centre + scan_grid()
    edges = edges[(edges > limits[0]) & (edges < limits[1])]
    log_p = _scan(process, edges)
    # a reflecting end is where it is, however much mass lies next to it
    if not low.natural:
        edges, log_p = np.append(limits[0], edges), np.append(-np.inf, log_p)
    if not high.natural:
        edges, log_p = np.append(edges, limits[1]), np.append(log_p, -np.inf)
    first, last = bulk(log_p, (edges[1:] + edges[:-1]) / 2)
    return (first if low.natural else limits[0]), (last if high.natural else limits[1])


def _scan(process: ScalarDiffusion, edges: Array) -> Array:
    """Return log p in the cells between `edges`, roughly and without failing where floats end."""
    centres = (edges[1:] + edges[:-1]) / 2
    _, rate = process.raw(centres)
    drift, middle = process.raw(edges[1:-1])
    with np.errstate(all="ignore"):
        peclet = 2 * drift / middle * np.diff(centres)
        log_u = np.concatenate([[0.0], np.cumsum(np.nan_to_num(peclet, nan=0.0, posinf=1e6, neginf=-1e6))])
        log_p = log_u - np.log(rate)
    return np.where(np.isfinite(log_p), log_p, -np.inf)
