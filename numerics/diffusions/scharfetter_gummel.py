r"""Scharfetter-Gummel finite volumes for :math:`\partial_tp=-\partial_zJ`, :math:`J=\beta p-\tfrac12(\nu p)'`.

With D = nu/2 the current between the nodes i and i + 1, a distance h apart, is
:math:`J=h^{-1}[B(-w)D_ip_i-B(w)D_{i+1}p_{i+1}]`, :math:`B(w)=w/(e^w-1)`, where
:math:`w=\int_{z_i}^{z_{i+1}}2\beta/\nu` is taken by three Gauss points. Probabilities stay positive however steep the
drift, and the nodal values of the stationary density are exact up to the quadrature of w. The masses of the cells
obey a birth-death equation, whose columns sum to zero: no mass is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import DomainError
from .scalar_diffusion import ScalarDiffusion

Array = NDArray[np.float64]

_MOST_CELLS = 1 << 22
_GAUSS, _WEIGHTS = np.polynomial.legendre.leggauss(3)
# six-point Lagrange interpolation: l_k(s) = prod_{j != k} (s - j) / (k - j)
_OTHERS = ~np.eye(6, dtype=bool)
_SCALES = np.where(_OTHERS, np.arange(6.0)[:, None] - np.arange(6.0), 1.0).prod(axis=1)


def bernoulli(w: Array) -> Array:
    """Return w / (exp(w) - 1), without overflow."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value = w / np.expm1(np.minimum(w, 700.0))
    return np.where(w == 0, 1.0, np.where(w > 700.0, 0.0, value))


@dataclass(frozen=True)
class Chain:
    """The birth-death process of the masses on equally spaced nodes; an absorbing end keeps what reaches it.

    Parameters
    ----------
    nodes : array of shape (n,)
        Coordinates z.
    exponents : array of shape (n - 1,)
        Integrals w of 2 beta / nu between nodes.
    diffusivity : array of shape (n,)
        D = nu / 2 at the nodes.
    absorbing : (bool, bool)
        Whether the lower and the upper end absorb.
    """

    nodes: Array
    exponents: Array
    diffusivity: Array
    absorbing: tuple[bool, bool]

    @property
    def spacing(self) -> float:
        """Distance between neighbouring nodes."""
        return float(self.nodes[1] - self.nodes[0])

    @property
    def volumes(self) -> Array:
        """Widths of the cells around the nodes: half a spacing at the ends."""
        widths = np.full(self.nodes.size, self.spacing)
        widths[[0, -1]] /= 2
        return widths

    @property
    def alive(self) -> slice:
        """The nodes at which the process has not been absorbed."""
        return slice(int(self.absorbing[0]), self.nodes.size - int(self.absorbing[1]))

    def rates(self) -> tuple[Array, Array]:
        """Return the rates from node i up to i + 1 and from node i + 1 down to i, shapes (n - 1,)."""
        per_mass = self.diffusivity / (self.spacing * self.volumes)
        up = bernoulli(-self.exponents) * per_mass[:-1]
        down = bernoulli(self.exponents) * per_mass[1:]
        if self.absorbing[0]:
            up[0] = 0.0
        if self.absorbing[1]:
            down[-1] = 0.0
        return up, down

    def generator(self) -> tuple[Array, Array, Array]:
        """Return (lower, diagonal, upper) of the matrix A of dP/dt = A P for the masses P."""
        up, down = self.rates()
        diagonal = np.zeros(self.nodes.size)
        diagonal[:-1] -= up
        diagonal[1:] -= down
        return up, diagonal, down

    def log_stationary(self) -> Array:
        """Return the logarithm of the density with zero current (up to a constant): the null vector of A."""
        return np.concatenate([[0.0], np.cumsum(self.exponents)]) - np.log(self.diffusivity)

    def symmetric(self) -> tuple[Array, Array]:
        """Return diagonal and off-diagonal of the symmetric matrix similar to A on the nodes that are alive."""
        up, down = self.rates()
        diagonal = self.generator()[1]
        keep = self.alive
        return diagonal[keep], np.sqrt(up * down)[keep.start : keep.stop - 1]

    def point_mass(self, z: float) -> Array:
        """Return masses that stand for a unit mass at z: the weights of six-point interpolation at z.

        The mean of a function over the later law is then the interpolated solution of the backward equation, so
        that a start between nodes costs an error of order h^6.
        """
        first = int(np.clip(np.floor((z - self.nodes[0]) / self.spacing) - 2, 0, self.nodes.size - 6))
        local = (z - self.nodes[first]) / self.spacing - np.arange(6.0)
        weights = np.zeros(self.nodes.size)
        weights[first : first + 6] = np.where(_OTHERS, local, 1.0).prod(axis=1) / _SCALES
        return weights


def chain(
    process: ScalarDiffusion, low: float, high: float, cells: int, absorbing: tuple[bool, bool] = (False, False)
) -> Chain:
    """Return the discretised process on `cells` equal intervals of the coordinate range [low, high].

    Raises
    ------
    DomainError
        If the range is empty or `cells` is below 8 or above 2^22.
    NumericsError
        If the coefficients are not finite and positive there.
    """
    if not 8 <= cells <= _MOST_CELLS:
        raise DomainError(f"cells = {cells}; give an integer from 8 to {_MOST_CELLS}")
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise DomainError(f"the range [{low}, {high}] of the coordinate must be finite and not empty")
    nodes = np.linspace(low, high, cells + 1)
    h = (high - low) / cells
    between = nodes[:-1, None] + h * (1 + _GAUSS) / 2
    drift, variance = process(np.concatenate([nodes, between.ravel()]))
    ratio = (2 * drift / variance)[nodes.size :].reshape(cells, -1)
    return Chain(nodes, ratio @ _WEIGHTS * h / 2, variance[: nodes.size] / 2, absorbing)
