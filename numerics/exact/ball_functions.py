"""Functions in complex ball arithmetic, each with the places where it has no value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from ...derivations.errors import NumericsError, UndefinedError
from .ball_pieces import PIECES, Function

if TYPE_CHECKING:
    from .values import Evaluation

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Lower number of a binomial coefficient up to which its factors are multiplied.
_LARGEST_LOWER = 1000


def _constant(name: str) -> Callable[[], Any]:
    def value() -> Any:
        from flint import acb, arb

        return acb(getattr(arb, name)())

    return value


def _imaginary_unit() -> Any:
    from flint import acb

    return acb(0, 1)


def _golden_ratio() -> Any:
    from flint import acb

    return (1 + acb(5).sqrt()) / 2


#: Numbers with a name.
CONSTANTS: dict[sp.Basic, Callable[[], Any]] = {
    sp.pi: _constant("pi"),
    sp.E: _constant("const_e"),
    sp.EulerGamma: _constant("const_euler"),
    sp.Catalan: _constant("const_catalan"),
    sp.GoldenRatio: _golden_ratio,
    sp.I: _imaginary_unit,
}


def _entire(name: str) -> Function:
    """Return a function that is analytic everywhere."""
    return lambda at, e: getattr(at(e.args[0]), name)()


def _cut(name: str, *points: int) -> Function:
    """Return a function with a branch cut, and `points` at which it has no value."""

    def value(at: Evaluation, e: Any) -> Any:
        from flint import acb

        z = at(e.args[0])
        for place in points:
            if (z - place).contains(0) and at.is_zero(e.args[0] - place):
                raise UndefinedError(f"{e} has no value at {place}", e)
        if at.analytic and not _OFF_CUTS.get(name, _right)(z):
            return z * float("nan")
        if name == "atanh" and z.imag.is_zero() and abs(z.real) < 1:
            return acb(z.real.atanh())  # else a ball of imaginary parts around 0
        return getattr(z, name)()

    return value


def _right(z: Any) -> bool:
    return bool(z.real > 0)


def _within_one(part: Any, other: Any) -> bool:
    return bool(abs(part) < 1) or not other.contains(0)


#: Whether a ball certainly meets no branch cut; the right half plane where a function is not listed.
_OFF_CUTS: dict[str, Callable[[Any], bool]] = {
    "asin": lambda z: _within_one(z.real, z.imag),
    "acos": lambda z: _within_one(z.real, z.imag),
    "atanh": lambda z: _within_one(z.real, z.imag),
    "atan": lambda z: _within_one(z.imag, z.real),
    "asinh": lambda z: _within_one(z.imag, z.real),
    "acosh": lambda z: bool(z.real > 1) or not z.imag.contains(0),
    "li": lambda z: bool(z.real > 1),
    "zeta": lambda z: not (z - 1).contains(0),
}


def _poles_at_whole(name: str) -> Function:
    """Return a function with poles at 0, -1, -2, ... (gamma and its relatives)."""

    def value(at: Evaluation, e: Any) -> Any:
        z = at(e.args[-1])
        found = z.unique_fmpz() if z.imag.is_zero() and z.real.contains_integer() else None
        if found is not None and found <= 0 and at.is_zero(e.args[-1] - int(found)):
            raise UndefinedError(f"{e} has a pole at {int(found)}", e)
        if name == "polygamma":
            return z.digamma() if at.is_zero(e.args[0]) else z.polygamma(at(e.args[0]))
        if name == "lgamma" and not at.analytic and z.imag.is_zero() and z.real < 0:
            raise UndefinedError(f"{e} is not real", e)
        if name == "lgamma" and at.analytic and not _right(z):
            return z * float("nan")
        return getattr(z, name)()

    return value


def _over(bottom: str, name: str) -> Function:
    """Return a quotient, such as the tangent, that is undefined where its denominator is 0."""
    lower = {"cos": sp.cos, "sin": sp.sin, "sinh": sp.sinh}[bottom]

    def value(at: Evaluation, e: Any) -> Any:
        z = at(e.args[0])
        if getattr(z, bottom)().contains(0) and at.is_zero(lower(e.args[0])):
            raise UndefinedError(f"{e} has a pole", e)
        return getattr(z, name)()

    return value


def _of_order(name: str) -> Function:
    """Return a Bessel function with a singular point at 0 for the second kind."""

    def value(at: Evaluation, e: Any) -> Any:
        z = at(e.args[1])
        if name in ("bessel_y", "bessel_k") and z.contains(0) and at.is_zero(e.args[1]):
            raise UndefinedError(f"{e} has no value at 0", e)
        if at.analytic and not _right(z):
            return z * float("nan")
        return getattr(z, name)(at(e.args[0]))

    return value


def _as(rewritten: Callable[..., Any]) -> Function:
    """Return a function defined by others, e.g. a factorial by gamma."""
    return lambda at, e: at(rewritten(*e.args))


def _binomial(at: Evaluation, e: Any) -> Any:
    """Return a binomial coefficient: a polynomial in the upper number where the lower one is whole."""
    from flint import acb

    top, low = e.args
    k = at(low)
    if k.imag.is_zero() and k.real.is_integer() and k.real <= _LARGEST_LOWER:
        n = at(top)
        return math.prod(((n - j) / (j + 1) for j in range(int(k.real.unique_fmpz()))), start=acb(int(k.real >= 0)))
    if k.imag.is_zero() and k.real.is_integer() and (n := at(top)).imag.is_zero() and n.real.is_integer():
        if 0 <= n.real < k.real:
            return acb(0)
        if n.real < 0:
            turned = (k - n).gamma() * (k + 1).rgamma() * (-n).rgamma()
            return -turned if int(k.real.unique_fmpz()) % 2 else turned
    # the reciprocal of gamma has values everywhere
    return at(sp.gamma(top + 1, evaluate=False)) * at(low + 1).rgamma() * at(top - low + 1).rgamma()


def _beta(at: Evaluation, e: Any) -> Any:
    one, other = (at(sp.gamma(a, evaluate=False)) for a in e.args)
    return one * other * at(e.args[0] + e.args[1]).rgamma()


def _incomplete_gamma(name: str) -> Function:
    def value(at: Evaluation, e: Any) -> Any:
        if at.analytic and not _right(at(e.args[1])):
            return at(e.args[1]) * float("nan")
        return getattr(at(e.args[1]), name)(at(e.args[0]))

    return value


def _lambert(at: Evaluation, e: Any) -> Any:
    if at.analytic and not _right(at(e.args[0])):
        return at(e.args[0]) * float("nan")
    return at(e.args[0]).lambertw(int(e.args[1]) if len(e.args) > 1 else 0)


def _zeta(at: Evaluation, e: Any) -> Any:
    """Return zeta, of Riemann or, with a second argument, of Hurwitz: a sum over 1/(k + a)^s."""
    if len(e.args) == 1:
        return _cut("zeta", 1)(at, e)
    s, a = (at(argument) for argument in e.args)
    if (s - 1).contains(0) and at.is_zero(e.args[0] - 1):
        raise UndefinedError(f"{e} has a pole at 1", e)
    if not _right(a) or (at.analytic and not _OFF_CUTS["zeta"](s)):
        raise NumericsError(f"{e} has no ball arithmetic here where its second argument is not positive")
    return s.zeta(a)


def _exponential_integral(at: Evaluation, e: Any) -> Any:
    return at(e.args[1]).expint(at(e.args[0]))


#: What is known of each function: how it is evaluated at a node.
FUNCTIONS: dict[Any, Function] = {
    sp.log: _cut("log", 0),
    sp.sin: _entire("sin"),
    sp.cos: _entire("cos"),
    sp.tan: _over("cos", "tan"),
    sp.cot: _over("sin", "cot"),
    sp.sec: _over("cos", "sec"),
    sp.csc: _over("sin", "csc"),
    sp.asin: _cut("asin"),
    sp.acos: _cut("acos"),
    sp.atan: _cut("atan"),
    sp.sinh: _entire("sinh"),
    sp.cosh: _entire("cosh"),
    sp.tanh: _entire("tanh"),
    sp.coth: _over("sinh", "coth"),
    sp.sech: _entire("sech"),
    sp.csch: _over("sinh", "csch"),
    sp.asinh: _cut("asinh"),
    sp.acosh: _cut("acosh"),
    sp.atanh: _cut("atanh", 1, -1),
    sp.gamma: _poles_at_whole("gamma"),
    sp.loggamma: _poles_at_whole("lgamma"),
    sp.digamma: _poles_at_whole("digamma"),
    sp.polygamma: _poles_at_whole("polygamma"),
    sp.factorial: _as(lambda n: sp.gamma(n + 1, evaluate=False)),
    sp.binomial: _binomial,
    sp.beta: _beta,
    sp.erf: _entire("erf"),
    sp.erfc: _entire("erfc"),
    sp.erfi: _entire("erfi"),
    sp.besselj: _of_order("bessel_j"),
    sp.bessely: _of_order("bessel_y"),
    sp.besseli: _of_order("bessel_i"),
    sp.besselk: _of_order("bessel_k"),
    sp.airyai: _entire("airy_ai"),
    sp.airybi: _entire("airy_bi"),
    sp.Si: _entire("si"),
    sp.Ci: _cut("ci", 0),
    sp.Ei: _cut("ei", 0),
    sp.li: _cut("li", 1),
    sp.expint: _exponential_integral,
    sp.lowergamma: _incomplete_gamma("gamma_lower"),
    sp.uppergamma: _incomplete_gamma("gamma_upper"),
    sp.zeta: _zeta,
    sp.LambertW: _lambert,
    **PIECES,
}
