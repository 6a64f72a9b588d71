"""Arithmetic in float64 with a bound on the error of every element beside its value, for NumPy arrays and tensors.

The bounds follow the rules of rounding: a sum adds the bounds of its terms and half a unit of its own last place, a
function multiplies the bound of its argument by its slope, and the functions of the libraries are taken to be right to
a few units. They are bounds to first order, with a margin; where they stop to be small, they become infinite, and the
caller computes otherwise. What underflows or overflows has no digits and an infinite bound relative to its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Half a unit in the last place of 1, relative.
UNIT = 2.0**-53
#: Relative errors of elementary and of special functions of the libraries.
_ELEMENTARY, _SPECIAL = 8 * UNIT, 64 * UNIT
#: Smallest positive number of float64: what underflow may lose.
_TINY = 5e-324
#: A slope serves where the argument is known to this share of the length on which the slope changes.
_STRAIGHT = 1e-3
#: Below this size the integrals of s**n*exp(u*s) are summed as a series, with so many terms.
_SERIES, _TERMS = 1.0, 20


class Bounded(NamedTuple):
    """An array and a bound on the error of each of its elements."""

    value: Any
    error: Any


class Arithmetic:
    """Operations on :class:`Bounded` arrays of one library.

    Parameters
    ----------
    library : module
        ``numpy`` or ``torch``.
    special : module
        ``scipy.special`` or ``torch.special``.
    array : callable
        Makes a float64 array of a number.
    """

    def __init__(self, library: Any, special: Any, array: Callable[[float], Any]) -> None:
        self.x, self.special, self.array = library, special, array
        self._tiny, self._zero, self._infinite = array(_TINY), array(0.0), array(float("inf"))

    def constant(self, value: float, exact: bool) -> Bounded:
        """Return a number, which was rounded unless it is `exact`."""
        return Bounded(self.array(value), self.array(0.0 if exact else UNIT * abs(value)))

    def add(self, a: Bounded, b: Bounded) -> Bounded:
        """Return the sum."""
        value = a.value + b.value
        return Bounded(value, a.error + b.error + UNIT * abs(value))

    def multiply(self, a: Bounded, b: Bounded) -> Bounded:
        """Return the product."""
        value = a.value * b.value
        lost = self._underflow((a.value != 0) & (b.value != 0))
        error = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
        return Bounded(value, error + UNIT * abs(value) + lost)

    def _underflow(self, possible: Any) -> Any:
        return self.x.where(possible, self._tiny, self._zero)

    def relative(self, a: Bounded) -> Any:
        """Return the error relative to the size; 0 where a value is exact."""
        return self.x.where(a.error == 0, 0.0 * a.error, a.error / abs(a.value))

    def whole_power(self, a: Bounded, n: int) -> Bounded:
        """Return the power with an integer n."""
        if n == -1:
            value, spread = 1.0 / a.value, -self.x.log1p(-self.relative(a))
        else:
            value = a.value ** float(n)
            spread = abs(n) * -self.x.log1p(-self.relative(a))
        return self._scaled(a, value, spread)

    def power(self, a: Bounded, p: Bounded) -> Bounded:
        """Return the power with a real exponent; NaN where the base is negative and the exponent no integer."""
        value = a.value**p.value
        logarithm = self.x.where(p.error == 0, 0.0 * p.error, abs(self.x.log(abs(a.value))) * p.error)
        return self._scaled(a, value, abs(p.value) * -self.x.log1p(-self.relative(a)) + logarithm)

    def root(self, a: Bounded) -> Bounded:
        """Return the square root."""
        value = self.x.sqrt(a.value)
        return self._scaled(a, value, -self.x.log1p(-self.relative(a)))

    def _scaled(self, a: Bounded, value: Any, spread: Any) -> Bounded:
        """Return a power of `a` whose logarithm is known to `spread`."""
        lost = self._underflow(a.value != 0)
        return Bounded(value, abs(value) * (self.x.expm1(spread) + _ELEMENTARY) + lost)

    def exp(self, a: Bounded) -> Bounded:
        """Return the exponential."""
        value = self.x.exp(a.value)
        return Bounded(value, value * (self.x.expm1(a.error) + _ELEMENTARY) + _TINY)

    def expm1(self, a: Bounded) -> Bounded:
        """Return exp(a) - 1."""
        value = self.x.expm1(a.value)
        return Bounded(value, self.x.exp(a.value) * self.x.expm1(a.error) + _ELEMENTARY * abs(value))

    def log(self, a: Bounded) -> Bounded:
        """Return the logarithm."""
        value = self.x.log(a.value)
        return Bounded(value, -self.x.log1p(-self.relative(a)) + _ELEMENTARY * abs(value))

    def log1p(self, a: Bounded) -> Bounded:
        """Return log(1 + a)."""
        value = self.x.log1p(a.value)
        shifted = Bounded(1 + a.value, a.error)
        return Bounded(value, -self.x.log1p(-self.relative(shifted)) + _ELEMENTARY * abs(value))

    def absolute(self, a: Bounded) -> Bounded:
        """Return the modulus."""
        return Bounded(abs(a.value), a.error)

    def sign(self, a: Bounded) -> Bounded:
        """Return the sign."""
        unsure = (abs(a.value) <= a.error) & (a.error > 0)
        return Bounded(self.x.sign(a.value), self.x.where(unsure, 2.0 + 0.0 * a.error, 0.0 * a.error))

    def choose(self, condition: Any, decided: Any, a: Bounded, b: Bounded) -> Bounded:
        """Return `a` where `condition` holds, else `b`; nothing is known where it is not `decided`."""
        error = self.x.where(condition, a.error, b.error)
        return Bounded(self.x.where(condition, a.value, b.value), self.x.where(decided, error, self._infinite))

    def extreme(self, name: str, a: Bounded, b: Bounded) -> Bounded:
        """Return the "maximum" or "minimum" of two."""
        return Bounded(getattr(self.x, name)(a.value, b.value), self.x.maximum(a.error, b.error))

    def unknown(self, a: Bounded) -> Bounded:
        """Return what no library computes: no value, and no bound."""
        return Bounded(a.value * float("nan"), a.error + float("inf"))

    def function(self, name: str, a: Bounded) -> Bounded:
        """Return a function of :data:`SLOPES` of an array."""
        value = self._value(name, a.value)
        slope, turn, own = SLOPES[name]
        error = a.error * slope(self, a.value, value)
        straight = a.error * turn(self, a.value, value) < _STRAIGHT
        error = self.x.where((a.error == 0) | straight, 2 * error, self._infinite)
        error = self.x.where(a.error == 0, 0.0 * a.error, error)
        base = abs(value) + (1.0 if name in ("loggamma", "digamma") else 0.0)
        return Bounded(value, error + own * base + self._underflow(a.value != 0))

    def _value(self, name: str, a: Any) -> Any:
        if name in ("erf", "erfc", "erfcx", "digamma"):
            return getattr(self.special, name)(a)
        if name in ("loggamma", "gamma"):
            positive = self.x.where(a > 0, a, self.array(float("nan")))
            logarithm = self.special.gammaln(positive)
            return logarithm if name == "loggamma" else self._gamma(positive, logarithm)
        return getattr(self.x, {"asinh": "arcsinh", "atan": "arctan"}.get(name, name))(a)

    def _gamma(self, a: Any, logarithm: Any) -> Any:
        return self.special.gamma(a) if hasattr(self.special, "gamma") else self.x.exp(logarithm)

    def polygamma(self, n: int, a: Bounded) -> Bounded:
        """Return the n-th derivative of the digamma function, n >= 1, of a positive array."""
        positive = self.x.where(a.value > 0, a.value, self.array(float("nan")))
        value, slope = self.special.polygamma(n, positive), self.special.polygamma(n + 1, positive)
        return Bounded(value, 2 * abs(slope) * a.error + 4 * _SPECIAL * abs(value))

    def exprel(self, n: int, a: Bounded) -> Bounded:
        """Return the integral of s**n*exp(a*s) over s in [0, 1].

        Its slope relative to itself is at most 1 and, where a < 0, (n + 1)/abs(a).
        """
        near = abs(a.value) <= _SERIES
        inner = self.x.where(near, a.value, 0.0 * a.value)
        series = 0.0 * inner
        for j in reversed(range(_TERMS)):
            series = series * inner / (j + 1) + 1.0 / (j + n + 1)
        room = abs(a.value) - a.error
        slope = self.x.where((a.value < 0) & (room > n + 1), (n + 1) / room, self.array(1.0))
        spread = self.x.expm1(a.error * slope)
        small = Bounded(series, series * (spread + 4 * _ELEMENTARY))
        outer = Bounded(self.x.where(near, 1.0 + 0.0 * a.value, a.value), 0.0 * a.error)
        inverse = self.whole_power(outer, -1)
        large = self.multiply(self.expm1(outer), inverse)
        for k in range(1, n + 1):
            lower = self.multiply(self.constant(-float(k), True), large)
            large = self.multiply(self.add(self.exp(outer), lower), inverse)
        large = Bounded(large.value, large.error + abs(large.value) * spread)
        return self.choose(near, near == near, small, large)


@cache
def numpy_arithmetic() -> Arithmetic:
    """Return the arithmetic of NumPy arrays."""
    import numpy as np
    from scipy import special

    return Arithmetic(np, special, np.float64)


@cache
def torch_arithmetic(device: Any) -> Arithmetic:
    """Return the arithmetic of tensors on a device."""
    import torch

    return Arithmetic(torch, torch.special, lambda v: torch.tensor(v, dtype=torch.float64, device=device))


_Rule = Callable[[Arithmetic, Any, Any], Any]


@dataclass(frozen=True)
class _Same:
    """A length on which slopes change that is the same everywhere."""

    turns: float = 1.0

    def __call__(self, at: Arithmetic, a: Any, value: Any) -> Any:
        return self.turns


def _gauss(at: Arithmetic, a: Any, value: Any) -> Any:
    return 1.13 * at.x.exp(-a * a)


def _scaled_gauss(at: Arithmetic, a: Any, value: Any) -> Any:
    """The slope of erfcx: for a > 0 at most 2/(a + sqrt(a**2 + 2)) of its value, by bounds of Mills' ratio."""
    return at.x.where(a > 0, 2 * value / (abs(a) + at.x.sqrt(a * a + 2)), 2 * abs(a) * value + 1.13)


def _wider(at: Arithmetic, a: Any, value: Any) -> Any:
    return 1 + 2 * abs(a)


def _digamma(at: Arithmetic, a: Any, value: Any) -> Any:
    return abs(at.special.digamma(a))


#: By function: the size of its slope, the inverse of the length on which that changes, the relative error of libraries.
SLOPES: dict[str, tuple[_Rule, _Rule, float]] = {
    "sin": (_Same(), _Same(), _ELEMENTARY),
    "cos": (_Same(), _Same(), _ELEMENTARY),
    "tan": (lambda at, a, v: 1 + v * v, lambda at, a, v: 1 + abs(v), _ELEMENTARY),
    "sinh": (lambda at, a, v: at.x.cosh(a), _Same(), _ELEMENTARY),
    "cosh": (lambda at, a, v: abs(at.x.sinh(a)), _Same(), _ELEMENTARY),
    "tanh": (lambda at, a, v: 1 / at.x.cosh(a) ** 2, _Same(2.0), _ELEMENTARY),
    "asinh": (lambda at, a, v: 1 / at.x.sqrt(1 + a * a), _Same(), _ELEMENTARY),
    "atan": (lambda at, a, v: 1 / (1 + a * a), _Same(), _ELEMENTARY),
    "erf": (_gauss, _wider, _SPECIAL),
    "erfc": (_gauss, _wider, _SPECIAL),
    "erfcx": (_scaled_gauss, lambda at, a, v: at.x.where(a > 0, at.array(1.0), 1 + 2 * abs(a)), _SPECIAL),
    "gamma": (
        lambda at, a, v: abs(v) * _digamma(at, a, v),
        lambda at, a, v: 1 + _digamma(at, a, v) + 1 / a,
        16 * _SPECIAL,
    ),
    "loggamma": (_digamma, lambda at, a, v: 1 + 1 / a, _SPECIAL),
    "digamma": (lambda at, a, v: abs(at.special.polygamma(1, a)), lambda at, a, v: 1 + 1 / a, _SPECIAL),
}
