r"""The reduced equation of one mode of a deep linear network: stationary law, its tails and moments, diffusion peak.

For :math:`ds=a\,dt+\sqrt D\,dW` of an aligned balanced mode (document 003, Proposition 3.5, re-derived),

.. math:: a=Ls^{2-2/L}(\tilde s-s)+\eta_b\tfrac{L(L-1)}2s^{3-4/L}S,\quad D=\eta_bL^2s^{4-4/L}S,\quad
          S=2(\tilde s-s)^2+\sigma^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import DomainError
from ..arguments import check_fields, checked
from .quadrature import Law

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ModeLaw:
    """One mode with its teacher, noise and step.

    Parameters
    ----------
    depth : int
        L >= 1.
    stilde : float
        Teacher singular value, > 0.
    eta_b : float
        Learning rate over batch size, > 0.
    sigma : float
        Standard deviation of the label noise, >= 0.

    Raises
    ------
    DomainError
        If a value is out of range.
    """

    depth: int
    stilde: float
    eta_b: float
    sigma: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.depth < 1:
            raise DomainError(f"depth={self.depth!r}; it must be an integer >= 1")
        for name in ("stilde", "eta_b"):
            if not 0 < getattr(self, name) < math.inf:
                raise DomainError(f"{name}={getattr(self, name)!r}; it must be finite and > 0")
        if not 0 <= self.sigma < math.inf:
            raise DomainError(f"sigma={self.sigma!r}; it must be finite and >= 0")

    def drift(self, s: Array) -> Array:
        """Return a(s); `s` > 0 of any shape."""
        held, depth = _positive(s), self.depth
        own = depth * held ** (2 - 2 / depth) * (self.stilde - held)
        return own + self.eta_b * depth * (depth - 1) / 2 * held ** (3 - 4 / depth) * self._spread(held)

    def variance_rate(self, s: Array) -> Array:
        """Return D(s); `s` > 0 of any shape. Source: 003.eq7."""
        held = _positive(s)
        return self.eta_b * self.depth**2 * held ** (4 - 4 / self.depth) * self._spread(held)

    def _spread(self, s: Array) -> Array:
        return 2 * (self.stilde - s) ** 2 + self.sigma**2

    def peak(self) -> float | None:
        r"""Return the local maximum of the variance rate below the teacher value, None when there is none.

        .. math:: s^*=\frac{(5-4/L)\tilde s-\sqrt{\tilde s^2-\tfrac12(4-4/L)(6-4/L)\sigma^2}}{6-4/L}

        It exists for depth >= 2 and a positive radicand, and is never global: the variance rate grows beyond every
        bound with the amplitude. Source: 003.eq9, 003.eq10.exists.repaired.
        """
        p = 4 - 4 / self.depth
        radicand = self.stilde**2 - p * (p + 2) * self.sigma**2 / 2
        if self.depth == 1 or radicand <= 0:
            return None
        return ((p + 1) * self.stilde - math.sqrt(radicand)) / (p + 2)

    def slope(self, s: Array) -> Array:
        r"""Return the slope of the zero-current log-density, :math:`(2a-D')/D`. Source: 003.eq16."""
        held, depth = _positive(s), self.depth
        spread = self._spread(held)
        # 2a/D with the powers of s cancelled, so that nothing underflows before the quotient does
        force = 2 * (self.stilde - held) / (self.eta_b * depth * held ** (2 - 2 / depth) * spread)
        return force + ((depth - 1) / depth - 4 + 4 / depth) / held + 4 * (self.stilde - held) / spread

    def tails(self) -> tuple[float, float]:
        r"""Return the exponents (at 0, at infinity) of the zero-current density of a mode with label noise, depth >= 2.

        The density behaves as :math:`s^{\alpha}` at 0 and as :math:`s^{-\beta}` at infinity. At depth 2,
        :math:`\alpha=\tilde s/(\eta_b(2\tilde s^2+\sigma^2))-3/2`; deeper modes vanish faster than every power,
        :math:`\alpha=\infty`. :math:`\beta=5-3/L`.
        """
        self._check_noisy()
        at_zero = math.inf
        if self.depth == 2:
            at_zero = self.stilde / (self.eta_b * (2 * self.stilde**2 + self.sigma**2)) - 1.5
        return at_zero, 5 - 3 / self.depth

    def normalisable(self) -> bool:
        """Return whether the zero-current density has a finite integral."""
        if self.sigma == 0:
            return False
        return self.tails()[0] > -1

    @checked(DomainError)
    def moment_exists(self, order: float) -> bool:
        """Return whether ``E[s^order]`` of the stationary law is finite."""
        at_zero, at_infinity = self.tails()
        return self.normalisable() and order + at_zero > -1 and order - at_infinity < -1

    def log_density(self, s: Array) -> Array:
        """Return the logarithm of the zero-current density, 0 at the teacher value; `s` > 0 of any shape.

        Integrates :meth:`slope` over ln s by Gauss quadrature on panels that widen away from the teacher value.

        Raises
        ------
        DomainError
            Without label noise or at depth 1.
        """
        self._check_noisy()
        held = _positive(s)
        offset = np.log(held.ravel() / self.stilde)
        # panels as narrow as the noise at the teacher value, and growing with the distance from it
        narrow = min(0.05, 0.2 * self.sigma / self.stilde)
        reach = max(float(np.abs(offset).max()), narrow)
        count = int(np.ceil(8 * np.arcsinh(reach / narrow)))
        half = narrow * np.sinh(np.linspace(0, np.arcsinh(reach / narrow), count + 1))
        edges = np.concatenate([-half[:0:-1], half])
        pieces = self._slope_integral(edges[:-1], edges[1:])
        # summed from the teacher value outward: a far end where the density underflows leaves the rest alone
        above, below = np.cumsum(pieces[count:]), -np.cumsum(pieces[:count][::-1])
        totals = np.concatenate([below[::-1], [0.0], above])
        panel = np.clip(np.searchsorted(edges, offset, side="right") - 1, 0, len(edges) - 2)
        values: Array = totals[panel] + self._slope_integral(edges[panel], offset)
        return values.reshape(held.shape)

    def _slope_integral(self, low: Array, high: Array) -> Array:
        """Return the integrals of the slope over ln(s / stilde) from `low` to `high`."""
        nodes, weights = np.polynomial.legendre.leggauss(20)
        s = self.stilde * np.exp(low[:, None] + (high - low)[:, None] * (nodes + 1) / 2)
        found: Array = (s * self.slope(s)) @ weights * (high - low) / 2
        return found

    def stationary(self) -> Law:
        """Return the stationary law on s > 0, with its CDF, quantiles and means.

        Raises
        ------
        DomainError
            If there is none: without label noise the law is a point mass, and a noisy weak mode collapses to 0.
        """
        if not self.normalisable():
            raise DomainError(
                f"stilde={self.stilde}, eta_b={self.eta_b}, sigma={self.sigma}: no stationary density on s > 0; lower "
                "eta_b, or give sigma > 0"
            )
        return Law(self.log_density, 0.0, math.inf, tolerance=1e-8)

    def small_step_moments(self) -> tuple[float, float]:
        r"""Return mean and variance at first order in eta_b.

        .. math:: \tilde s-\eta_b\tfrac{L-1}2\tilde s^{1-2/L}\sigma^2,\qquad
                  \eta_b\tfrac L2\tilde s^{2-2/L}\sigma^2

        Source: 003.eq17.repaired, 003.eq18.
        """
        held, depth, noise = self.stilde, self.depth, self.eta_b * self.sigma**2
        return held - noise * (depth - 1) / 2 * held ** (1 - 2 / depth), noise * depth / 2 * held ** (2 - 2 / depth)

    def _check_noisy(self) -> None:
        if self.sigma == 0 or self.depth < 2:
            raise DomainError(f"depth={self.depth}, sigma={self.sigma}: give depth >= 2 and label noise sigma > 0")


@checked(DomainError)
def logistic_amplitude(time: Array, *, start: float, stilde: float) -> Array:
    r"""Return the gradient-flow solution at depth 2, :math:`\tilde s/(1+(\tilde s/s_0-1)e^{-2\tilde st})`.

    Parameters
    ----------
    time : array
        t >= 0, learning rate times steps.
    start, stilde : float
        s_0 > 0 and the teacher value > 0.

    Raises
    ------
    DomainError
        If an argument is out of range.

    Notes
    -----
    Source: 003.eq3.
    """
    t = np.asarray(time, dtype=np.float64)
    if not (np.all(np.isfinite(t)) and np.all(t >= 0)):
        raise DomainError("time holds values that are negative or not finite")
    for name, value in (("start", start), ("stilde", stilde)):
        if not 0 < value < math.inf:
            raise DomainError(f"{name}={value!r}; it must be finite and > 0")
    return stilde / (1 + (stilde / start - 1) * np.exp(-2 * stilde * t))


@checked(DomainError)
def finite_population_factor(batch: int, population: int) -> float:
    r"""Return :math:`(n-B)/(B(n-1))`, by which a batch of distinct samples scales the empirical covariance.

    Parameters
    ----------
    batch, population : int
        1 <= B <= n and n >= 2.

    Raises
    ------
    DomainError
        If they are out of range.

    Notes
    -----
    Source: 003.g.factor.
    """
    if not (1 <= batch <= population and population >= 2):
        raise DomainError(f"batch={batch!r}, population={population!r}: give integers 1 <= batch <= population, >= 2")
    return (population - batch) / (batch * (population - 1))


@checked(DomainError)
def _positive(s: Array) -> Array:
    held = np.asarray(s, dtype=np.float64)
    if not (np.all(np.isfinite(held)) and np.all(held > 0)):
        raise DomainError("s holds values that are not finite and > 0; an amplitude of a mode is positive")
    return held
