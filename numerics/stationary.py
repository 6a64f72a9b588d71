r"""Stationary Fokker-Planck equation in one dimension by the Scharfetter-Gummel finite volume scheme.

With :math:`u = \tfrac12 S^2 p` the current between two cells is
:math:`J = h^{-1}[B(-vh)\,u_i - B(vh)\,u_{i+1}]`, :math:`v = 2b/S^2`, :math:`B(x)=x/(e^x-1)`: exact for constant v, and
it keeps densities positive however steep the drift. The stationary vector of the resulting birth-death generator is
found with reflecting ends; the number of cells is doubled for an error estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from ..derivations.errors import NumericsError
from ..derivations.ito import transform
from ..derivations.sde import SDE
from .codegen import compile_expressions
from .quadrature import bulk, scan_grid

Array = NDArray[np.float64]


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
    z = sp.Symbol("z", real=True)
    inverse = support.start + sp.exp(z)
    return transform(sde, z, sp.log(x - support.start), inverse), inverse


@dataclass(frozen=True)
class StationarySolution:
    """Distribution function of the stationary law in the coordinate z, with an error estimate.

    Parameters
    ----------
    coarse, fine : CubicSpline
        Distribution functions on n and 2n cells.
    low, high : float
        Range of z that holds all but a negligible part of the mass.
    """

    coarse: CubicSpline
    fine: CubicSpline
    low: float
    high: float

    def cdf(self, z: float) -> tuple[float, float]:
        """Return (value, error): Richardson extrapolation of P[Z <= z] and twice its distance to the fine grid."""
        if z <= self.low:
            return 0.0, 1e-15
        if z >= self.high:
            return 1.0, 1e-15
        coarse, fine = float(self.coarse(z)), float(self.fine(z))
        correction = (fine - coarse) / 3
        return fine + correction, 2 * abs(correction) + 1e-13


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
    if cells < 16:
        raise NumericsError(f"cells = {cells}; give at least 16")
    z, drift, rate = sde.scalar()
    values = {s: sp.sympify(v) for s, v in parameters.items()}
    function = compile_expressions((z,), [e.subs(values) for e in (drift, rate)], "numpy")

    def coefficients(at: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            b, d = (np.asarray(c, dtype=np.float64) + np.zeros_like(at) for c in function(at))
        return b, d

    grid = scan_grid()
    _, log_p = _null_vector(coefficients, grid)
    low, high = bulk(log_p, (grid[1:] + grid[:-1]) / 2)
    splines = []
    for n in (cells, 2 * cells):
        edges = np.linspace(low, high, n + 1)
        widths, log_p = _null_vector(coefficients, edges)
        mass = np.exp(log_p - log_p.max()) * widths
        splines.append(CubicSpline(edges, np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()))
    return StationarySolution(splines[0], splines[1], low, high)


def _null_vector(coefficients: Any, edges: Array) -> tuple[Array, Array]:
    """Return cell widths and log p in the cells: the null vector of the generator with reflecting ends.

    The rates from cell i up and from cell i + 1 down are d_i B(-v h) and d_{i+1} B(v h) over h times the widths;
    at the reflecting ends the current is zero, so that p_{i+1}/p_i is the ratio of the two.
    """
    centres = (edges[1:] + edges[:-1]) / 2
    widths = np.diff(edges)
    _, rate = coefficients(centres)
    gaps = np.diff(centres)
    drift, middle = coefficients(edges[1:-1])
    with np.errstate(all="ignore"):
        peclet = 2 * drift / middle * gaps
        # log [B(-y) / B(y)] = y exactly, without the overflow of either factor
        log_u = np.concatenate([[0.0], np.cumsum(np.nan_to_num(peclet, nan=0.0, posinf=1e6, neginf=-1e6))])
        log_p = log_u - np.log(rate)
    log_p = np.where(np.isfinite(log_p), log_p, -np.inf)
    return widths, log_p
