r"""The exponential of a birth-death generator applied to a vector, without time steps.

On the negative real axis a rational function r of degree 14 differs from the exponential by less than 1e-12, so that
:math:`e^{tA}p\approx r_\infty p+2\,\mathrm{Re}\sum_k c_k\,(tA-z_k)^{-1}p`: seven complex tridiagonal solves whatever
the stiffness of A, whose spectrum is real and non-positive. The poles come from the Caratheodory-Fejer method
(Trefethen, Weideman and Schmelzer, Talbot quadratures and rational approximations, BIT 46, 2006, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.linalg import lapack

from ...derivations.errors import NumericsError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Array = NDArray[np.float64]

DEGREE = 14


@dataclass(frozen=True)
class Rational:
    """Partial fractions limit + 2 Re sum_k residues_k / (x - poles_k), poles in the upper half plane.

    Parameters
    ----------
    poles, residues : complex arrays of shape (7,)
        One of each conjugate pair.
    limit : float
        Value at infinity.
    error : float
        Largest distance to exp(x) over x <= 0.
    """

    poles: NDArray[np.complex128]
    residues: NDArray[np.complex128]
    limit: float
    error: float

    def __call__(self, x: Array) -> Array:
        """Return the values at real x."""
        terms = self.residues / (np.asarray(x, dtype=np.float64)[..., None] - self.poles)
        return np.asarray(self.limit + 2 * terms.real.sum(axis=-1), dtype=np.float64)


@cache
def rational_exponential() -> Rational:
    """Return the near-best rational approximation of exp on (-oo, 0], of degree 14.

    Raises
    ------
    NumericsError
        If this machine's linear algebra returns poles whose error, measured on a grid, exceeds 1e-12.
    """
    n, series, points, scale = DEGREE, 75, 1024, 9.0
    w = np.exp(2j * np.pi * np.arange(points) / points)
    t = w.real
    transplanted = np.exp(scale * (t - 1) / (t + 1 + 1e-16))
    c = np.fft.fft(transplanted).real / points
    analytic = np.polyval(c[series::-1], w)
    u, s, vh = linalg.svd(linalg.hankel(c[1 : series + 1]))
    left, right = u[::-1, n].conj(), vh[n].conj()
    padding = np.zeros(points - series)
    blaschke = np.fft.fft(np.concatenate([left, padding])) / np.fft.fft(np.concatenate([right, padding]))
    extended = analytic - s[n] * w**series * blaschke
    roots = np.roots(right)
    q = roots[np.abs(roots) > 1]
    numerator = (np.fft.fft(extended * np.polyval(np.poly(q), w)).real / points)[n::-1]
    residues = np.array([np.polyval(numerator, z) / np.polyval(np.poly(np.delete(q, k)), z) for k, z in enumerate(q)])
    poles = scale * (q - 1) ** 2 / (q + 1) ** 2
    residues = 4 * residues * poles / (q**2 - 1)
    upper = poles.imag > 0
    grid = -np.concatenate([[0.0], np.logspace(-12, 12, 4000)])
    bare = Rational(poles[upper], residues[upper], 0.0, 0.0)
    # the additive constant is fitted at the far end, where exp vanishes to all digits
    limit = -float(bare(np.array([-1e15]))[0])
    fitted = Rational(bare.poles, bare.residues, limit, 0.0)
    error = float(np.abs(fitted(grid) - np.exp(grid)).max())
    if upper.sum() != n // 2 or not error < 1e-12:
        raise NumericsError(f"the rational exponential has an error of {error:.1e} here; 1e-12 is needed")
    return Rational(fitted.poles, fitted.residues, limit, error)


def propagate(lower: Array, diagonal: Array, upper: Array, mass: Array, time: float) -> Array:
    """Return exp(time * A) mass for a tridiagonal A with real non-positive spectrum.

    Parameters
    ----------
    lower, diagonal, upper : arrays of shape (n - 1,), (n,), (n - 1,)
        Diagonals of A.
    mass : array of shape (n,)
        Initial vector.
    time : float
        Duration, > 0.

    Raises
    ------
    NumericsError
        If `time` is not positive and finite, or a solve fails.
    """
    if not (0 < time < np.inf):
        raise NumericsError(f"time = {time}; give a positive finite duration")
    rational = rational_exponential()
    count, n = rational.poles.size, mass.size
    # the systems of all poles as one, uncoupled: a single call of the solver
    below, above = np.zeros((2, count, n), dtype=np.complex128)
    below[:, : n - 1], above[:, : n - 1] = time * lower, time * upper
    middle = time * diagonal - rational.poles[:, None]
    solve: Any = lapack.zgtsv
    *_, x, info = solve(
        below.ravel()[:-1], middle.ravel(), above.ravel()[:-1], np.tile(mass.astype(np.complex128), count), 1, 1, 1, 1
    )
    if info != 0 or not np.all(np.isfinite(x)):
        raise NumericsError("a tridiagonal solve failed: the rates on the grid are too large; narrow the range")
    found = rational.limit * mass + 2 * (rational.residues @ x.reshape(count, n)).real
    return np.asarray(found, dtype=np.float64)
