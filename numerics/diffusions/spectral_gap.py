r"""Spectral gap of a one-dimensional diffusion: the smallest rate :math:`\lambda>0` with :math:`-Lf=\lambda f`.

The rates are the inverses of the eigenvalues of the Green's operator of the Scharfetter-Gummel chain. Its kernel is
:math:`g_ig_ja_{\min(i,j)}b_{\max(i,j)}` with positive factors, so that slow rates keep their digits however fast the
chain is elsewhere. With an absorbing end the smallest rate is that at which the survival probability decays in the
end. Four grids are extrapolated, and the cut of a natural end is moved to see what it changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from .boundaries import NATURAL, Boundary
from .generator import Estimate
from .refinement import refined
from .scalar_diffusion import ScalarDiffusion
from .scharfetter_gummel import Chain, chain
from .stationary import stationary_range

Array = NDArray[np.float64]

#: Natural ends are cut where the density has fallen by exp(-45); the cut moves to where it has fallen by exp(-36).
_SHORTER = 36.0


def _green(grid: Chain) -> tuple[Array, Array, Array]:
    """Return the factors (g, a, b) of the symmetric Green's kernel of the chain.

    With stationary masses pi, conductances c_i = pi_i up_i between nodes and resistances 1/c: absorbing ends give
    the resistance to either end at the nodes; two reflecting ends give the mass to either side of the edges, for the
    equation that differences of eigenfunctions obey (which has no rate 0).
    """
    log_p = grid.log_stationary()
    mass = np.exp(log_p - log_p.max()) * grid.volumes
    open_rates = Chain(grid.nodes, grid.exponents, grid.diffusivity, (False, False)).rates()[0]
    conductance = mass[:-1] * open_rates
    if not (np.all(np.isfinite(conductance)) and conductance.min() > 0):
        raise NumericsError("the rates of the chain leave the range of floats; narrow the range with reflecting ends")
    if not any(grid.absorbing):
        total = mass.sum()
        return 1 / np.sqrt(conductance), np.cumsum(mass)[:-1] / total, np.cumsum(mass[::-1])[::-1][1:]
    from_low = np.concatenate([[0.0], np.cumsum(1 / conductance)])
    to_high = np.concatenate([np.cumsum(1 / conductance[::-1])[::-1], [0.0]])
    keep = grid.alive
    if all(grid.absorbing):
        a, b = from_low / from_low[-1], to_high
    elif grid.absorbing[0]:
        a, b = from_low, np.ones_like(from_low)
    else:
        a, b = np.ones_like(to_high), to_high
    return np.sqrt(mass[keep]), a[keep], b[keep]


def _rate(grid: Chain, index: int) -> float:
    g, a, b = _green(grid)
    left, right = g * a, g * b

    def apply(y: Array) -> Array:
        y = y.ravel()
        below = np.cumsum(left * y)
        above = np.concatenate([np.cumsum((right * y)[::-1])[::-1][1:], [0.0]])
        return np.asarray(right * below + left * above, dtype=np.float64)

    n = g.size
    operator = LinearOperator((n, n), matvec=apply, dtype=np.float64)
    # an oblique start has a part along every eigenvector
    values = eigsh(operator, k=index, which="LA", v0=g * (1 + np.linspace(0, 1, n)), return_eigenvectors=False)
    return 1 / float(np.min(values))


@checked(DomainError)
def spectral_gap(
    process: ScalarDiffusion,
    *,
    low: Boundary = NATURAL,
    high: Boundary = NATURAL,
    cells: int = 1024,
    index: int = 1,
) -> Estimate:
    r"""Return the `index`-th decay rate: 1 is the gap (or, with an absorbing end, the rate of absorption).

    Parameters
    ----------
    process : ScalarDiffusion
        The SDE in its coordinate.
    low, high : Boundary
        Ends. A natural one needs a zero-current density that falls off there. Where the spectrum begins with a
        continuum no cut is far enough, and the error says so.
    cells : int
        Cells of the finest of four grids; a multiple of 8, at least 64.
    index : int
        At least 1: rates in increasing order, the rate 0 of a stationary law not counted.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the density does not fall off at a natural end, or the coefficients are not finite and positive.
    """
    if cells < 64 or cells % 8:
        raise DomainError(f"cells = {cells}; give a multiple of 8, at least 64")
    if not 1 <= index <= cells // 32:
        raise DomainError(f"index = {index}; give an integer from 1 to cells/32 = {cells // 32}")
    stops = (low.kind == "absorbing", high.kind == "absorbing")
    closed = [Boundary("reflecting", end.place) if end.kind == "absorbing" else end for end in (low, high)]
    first, last = stationary_range(process, closed[0], closed[1])
    grids = [chain(process, first, last, n, stops) for n in (cells // 8, cells // 4, cells // 2, cells)]
    values = [_rate(grid, index) for grid in grids]
    value, error = refined(values)
    if low.natural or high.natural:
        shorter = _rate(_shortened(grids[-1], low.natural, high.natural), index)
        error += 3 * abs(shorter - values[-1])
    return Estimate(value, error + 1e-12 * value)


def _shortened(grid: Chain, low: bool, high: bool) -> Chain:
    """Return the part of the chain where the density has not yet fallen by exp(-36), at natural ends."""
    log_p = grid.log_stationary()
    kept = np.flatnonzero(log_p > log_p.max() - _SHORTER)
    first = int(kept[0]) if low else 0
    stop = int(kept[-1]) + 1 if high else grid.nodes.size
    return Chain(grid.nodes[first:stop], grid.exponents[first : stop - 1], grid.diffusivity[first:stop], grid.absorbing)
