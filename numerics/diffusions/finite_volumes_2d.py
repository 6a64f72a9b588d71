r"""Finite volumes for the stationary Fokker-Planck equation of a two-dimensional SDE in a box.

The current of :math:`dX=b\,dt+S\,dB` (Ito) is :math:`J_i=b_ip-\sum_j\partial_j(A_{ij}p)`, :math:`A=\tfrac12SS^T`.
Along each edge of the grid the drift and A_ii enter by the Scharfetter-Gummel flux and A_12 by central differences; no
current crosses the walls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..codegen import compile_expressions
from .scharfetter_gummel import bernoulli

Array = NDArray[np.float64]
Box = tuple[tuple[float, float], tuple[float, float]]

_GAUSS, _WEIGHTS = np.polynomial.legendre.leggauss(3)


class Coefficients:
    """Drift and A = S S^T / 2 on a grid: (b_1, b_2, A_11, A_12, A_22), checked."""

    def __init__(self, sde: SDE, parameters: Mapping[sp.Symbol, Any]) -> None:
        values = {s: sp.sympify(v) for s, v in parameters.items() if s not in sde.state}
        a = sde.covariance / 2
        entries = [e.subs(values) for e in (*sde.ito_drift, a[0, 0], a[0, 1], a[1, 1])]
        missing = sorted(map(str, set().union(*(e.free_symbols for e in entries)) - set(sde.state)))
        if missing:
            raise DomainError(f"parameters lacks values for {', '.join(missing)}; give one for each")
        self._function = compile_expressions(sde.state, entries, "numpy")

    def __call__(self, x: Array, y: Array) -> list[Array]:
        x, y = np.broadcast_arrays(x, y)
        with np.errstate(all="ignore"):
            found = [np.broadcast_to(np.asarray(v, dtype=np.float64), x.shape) for v in self._function(x, y)]
        _, _, first, cross, second = found
        good = np.all(np.isfinite(found), axis=0) & (first > 0) & (second > 0)
        good &= cross**2 <= first * second * (1 + 1e-12)
        if not good.all():
            at = np.flatnonzero(~good.ravel())[0]
            raise NumericsError(
                f"drift not finite or diffusion degenerate at ({x.ravel()[at]:.6g}, {y.ravel()[at]:.6g}); "
                "both A_11 and A_22 must be positive in the box: narrow it"
            )
        return found


@dataclass(frozen=True)
class Grid:
    """Nodes, the density on them, the currents on the edges along x and y, and the mean of drift h / A over the law."""

    x: Array
    y: Array
    p: Array
    along_x: Array
    along_y: Array
    peclet: float

    @property
    def volumes(self) -> Array:
        return np.outer(cell_widths(self.x), cell_widths(self.y))

    def node_currents(self) -> tuple[Array, Array]:
        """Return both components at the nodes: averages over the adjacent edges, zero at the walls they meet."""
        first, second = np.zeros_like(self.p), np.zeros_like(self.p)
        first[1:-1] = (self.along_x[1:] + self.along_x[:-1]) / 2
        second[:, 1:-1] = (self.along_y[:, 1:] + self.along_y[:, :-1]) / 2
        return first, second


def cell_widths(nodes: Array) -> Array:
    found = np.full(nodes.size, nodes[1] - nodes[0])
    found[[0, -1]] /= 2
    return found


def _edges(
    p_index: NDArray[np.intp], drift: Array, a: Array, cross: Array, h: float, lengths: Array
) -> tuple[Any, Any]:
    """Return (fluxes, differences), sparse (edges, nodes), of the edges along the first axis.

    drift / A is given as its integral over each edge, A and A_12 at the nodes; the cross term over the face of a
    dual cell is the difference of A_12 p at the two ends of the face.
    """
    tail, head = p_index[:-1], p_index[1:]
    count, n = tail.size, p_index.size
    face = np.arange(count).reshape(tail.shape)
    after = np.minimum(np.arange(p_index.shape[1]) + 1, p_index.shape[1] - 1)
    before = np.maximum(np.arange(p_index.shape[1]) - 1, 0)
    rows, columns, values = (
        [face, face],
        [tail, head],
        [
            lengths * bernoulli(-drift) * a[:-1] / h,
            -lengths * bernoulli(drift) * a[1:] / h,
        ],
    )
    if np.any(cross):
        for side in (slice(None, -1), slice(1, None)):
            for shift, sign in ((after, -0.25), (before, 0.25)):
                rows.append(face)
                columns.append(p_index[side][:, shift])
                values.append(sign * cross[side][:, shift])
    flat = [np.concatenate([v.ravel() for v in group]) for group in (values, rows, columns)]
    fluxes = csr_array((flat[0], (flat[1], flat[2])), shape=(count, n))
    ones = np.concatenate([np.ones(count), -np.ones(count)])
    ends = (np.concatenate([face.ravel()] * 2), np.concatenate([tail.ravel(), head.ravel()]))
    return fluxes, csr_array((ones, ends), shape=(count, n))


def solve_on_grid(coefficients: Coefficients, box: Box, cells: tuple[int, int]) -> Grid:
    x, y = (np.linspace(*side, n + 1) for side, n in zip(box, cells, strict=True))
    _, _, a11, a12, a22 = coefficients(x[:, None], y[None, :])
    hx, hy = float(x[1] - x[0]), float(y[1] - y[0])
    wx, wy = np.zeros((x.size - 1, y.size)), np.zeros((x.size, y.size - 1))
    for node, weight in zip(_GAUSS, _WEIGHTS, strict=True):
        along_x = coefficients(x[:-1, None] + hx * (1 + node) / 2, y[None, :])
        along_y = coefficients(x[:, None], y[None, :-1] + hy * (1 + node) / 2)
        wx += weight * hx / 2 * along_x[0] / along_x[2]
        wy += weight * hy / 2 * along_y[1] / along_y[4]
    index: NDArray[np.intp] = np.arange(x.size * y.size, dtype=np.intp).reshape(x.size, y.size)
    flux_x, diff_x = _edges(index, wx, a11, a12, hx, cell_widths(y)[None, :])
    flux_y, diff_y = _edges(index.T, wy.T, a22.T, a12.T, hy, cell_widths(x)[None, :])
    balance = (diff_x.T @ flux_x + diff_y.T @ flux_y).tocsc()
    p = _null_vector(balance, index.size)
    volumes = np.outer(cell_widths(x), cell_widths(y))
    p = p / float((p * volumes.ravel()).sum())
    weights = np.abs(p.reshape(index.shape)) / np.abs(p).sum()
    peclet = max(float((np.abs(wx) * weights[:-1]).sum()), float((np.abs(wy) * weights[:, :-1]).sum()))
    return Grid(
        x,
        y,
        p.reshape(index.shape),
        (flux_x @ p).reshape(x.size - 1, y.size) / cell_widths(y)[None, :],
        (flux_y @ p).reshape(y.size - 1, x.size).T / cell_widths(x)[:, None],
        peclet,
    )


def _null_vector(balance: Any, n: int) -> Array:
    """Return p with balance p = 0: one equation is redundant, and one value is set to 1 (twice: at the largest)."""
    reference = n // 2
    for _ in range(2):
        rest = np.delete(np.arange(n), reference)
        right = -balance[:, [reference]].toarray().ravel()[rest]
        p = np.ones(n)
        p[rest] = splu(balance[rest][:, rest].tocsc()).solve(right)
        if not np.all(np.isfinite(p)):
            raise NumericsError("the stationary equation is singular beyond its one null vector; narrow the box")
        if int(np.argmax(np.abs(p))) == reference or np.abs(p).max() < 1e3:
            break
        reference = int(np.argmax(np.abs(p)))
    return p
