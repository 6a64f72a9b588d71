"""Ranges of expressions on boxes whose ends may be open or infinite, from monotonicity and known envelopes (Arb).

An end that is not attained stays open through strictly monotone functions, so that tanh of an unbounded interval is
known to stay below 1. An infinite end of a set is open. A closed infinite end stands for a limit: the range is then a
set that contains all limit points, and 0 times infinity has none that are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from ..exact.balls import apply
from ..exact.fraction_field import flint

_INCREASING = (sp.exp, sp.log, sp.atan, sp.tanh, sp.erf, sp.sinh)
#: The positive zero of the derivative of gamma lies between these, where gamma exceeds 0.8856.
_GAMMA_LOW, _GAMMA_HIGH, _GAMMA_LEAST = sp.Rational(14616, 10000), sp.Rational(14617, 10000), "0.8856"
#: Values and limits of increasing functions at the ends of their domains.
_AT_INFINITY = {sp.exp: (0, None), sp.atan: ("-pi/2", "pi/2"), sp.tanh: (-1, 1), sp.erf: (-1, 1)}


@dataclass(frozen=True)
class End:
    """An end of a range: a ball that contains it (or an infinity), and whether it is attained."""

    value: Any
    attained: bool


@dataclass(frozen=True)
class ExtendedRange:
    """The numbers between two ends."""

    low: End
    high: End

    @property
    def sign(self) -> str | None:
        """ "positive", "nonnegative", "negative", "nonpositive", "zero", or None."""
        low, high = self.low, self.high
        if low.value > 0 or (low.value == 0 and not low.attained):
            return "positive"
        if high.value < 0 or (high.value == 0 and not high.attained):
            return "negative"
        if low.value == 0 and high.value == 0:
            return "zero"
        if low.value >= 0:
            return "nonnegative"
        return "nonpositive" if high.value <= 0 else None


Walk = Callable[[sp.Basic], ExtendedRange]


def between(low: Any, high: Any, low_attained: bool, high_attained: bool) -> ExtendedRange:
    """Return the range between two numbers or infinities of SymPy, which need not be rational."""
    return ExtendedRange(End(_number(low), low_attained), End(_number(high), high_attained))


def extended_range(expr: sp.Expr, box: Mapping[sp.Symbol, ExtendedRange]) -> ExtendedRange:
    """Return a range that contains the values of `expr` on `box`; that it exists shows that `expr` is defined there.

    Raises
    ------
    NumericsError
        If the expression may be undefined on the box, or contains a function whose range is not known here.
    """
    known: dict[sp.Basic, ExtendedRange] = {}

    def walk(e: sp.Basic) -> ExtendedRange:
        if e not in known:
            known[e] = _node(e, walk, box)
        return known[e]

    try:
        found = walk(sp.sympify(expr))
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        raise NumericsError(f"{expr} has no range on the box: {error}") from None
    return found


def _number(value: Any) -> Any:
    f, e = flint(), sp.sympify(value)
    if e is sp.oo:
        return f.arb.pos_inf()
    if e is sp.S.NegativeInfinity:
        return f.arb.neg_inf()
    return _constant(e)


def _constant(e: sp.Basic) -> Any:
    f = flint()
    if e.is_Rational:
        return f.arb(f.fmpq(int(e.p), int(e.q)))
    if e.is_Pow and e.exp.is_Integer:
        found = _constant(e.base) ** int(e.exp)
    else:
        found = apply(e, [_constant(a) for a in e.args])
    if not found.is_finite():
        raise NumericsError(f"{e} is undefined or not enclosed")
    return found


def _node(e: sp.Basic, walk: Walk, box: Mapping[sp.Symbol, ExtendedRange]) -> ExtendedRange:
    if e in box:
        return box[e]
    if not e.free_symbols:
        value = _constant(e)
        return ExtendedRange(End(value, True), End(value, True))
    if e.is_Add:
        total = walk(e.args[0])
        for a in e.args[1:]:
            total = _add(total, walk(a))
        return total
    if e.is_Mul:
        product = walk(e.args[0])
        for a in e.args[1:]:
            product = _multiply(product, walk(a))
        return product
    if e.is_Pow:
        return _power(e, walk)
    if e.is_Symbol or len(e.args) != 1:
        raise NumericsError(f"{e} has no range on the box")
    return _function(e.func, walk(e.args[0]))


def _add(a: ExtendedRange, b: ExtendedRange) -> ExtendedRange:
    low, high = (End(x.value + y.value, x.attained and y.attained) for x, y in ((a.low, b.low), (a.high, b.high)))
    if low.value.is_nan() or high.value.is_nan():
        raise NumericsError("infinity minus infinity")
    return ExtendedRange(low, high)


def _times(x: End, y: End) -> End:
    for one, other in ((x, y), (y, x)):
        if one.value == 0:
            if _infinite(other.value) and other.attained:
                raise NumericsError("zero times infinity")
            return End(one.value, one.attained or (x.attained and y.attained))
    if (x.value.contains(0) and _infinite(y.value)) or (y.value.contains(0) and _infinite(x.value)):
        raise NumericsError("a number that may be 0 times infinity")
    return End(x.value * y.value, x.attained and y.attained)


def _multiply(a: ExtendedRange, b: ExtendedRange) -> ExtendedRange:
    limits = any(_infinite(e.value) and e.attained for r in (a, b) for e in (r.low, r.high))
    if limits and not (a.sign in ("positive", "negative") and b.sign in ("positive", "negative")):
        inside = [r for r in (a, b) if r.low.value <= 0 <= r.high.value or r.sign is None]
        if inside:
            raise NumericsError("zero times infinity")
    corners = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return ExtendedRange(_least(corners), _opposite_end(_least([_opposite_end(c) for c in corners])))


def _least(ends: list[End]) -> End:
    """Return the smallest of several ends, attained where one that may be the smallest is."""
    bound = _below(ends[0].value)
    for e in ends[1:]:
        if _below(e.value) < bound:
            bound = _below(e.value)
    candidates = [e for e in ends if not _below(e.value) > bound]
    exact = all(e.value == bound for e in candidates)
    return End(bound, not exact or any(e.attained for e in candidates))


def _below(value: Any) -> Any:
    return value if _infinite(value) else value.lower()


def _opposite_end(e: End) -> End:
    return End(-e.value, e.attained)


def _infinite(value: Any) -> bool:
    return not value.is_finite()


def _power(e: sp.Pow, walk: Walk) -> ExtendedRange:
    base, exponent = walk(e.base), e.exp
    if exponent.is_Integer:
        return _integer_power(base, int(exponent))
    if exponent.is_Rational and exponent > 0:
        if not (base.low.value >= 0):
            raise NumericsError(f"{e.base} may be negative under a root")
        return ExtendedRange(*(End(_root(x.value, exponent), x.attained) for x in (base.low, base.high)))
    if exponent.is_Rational:
        return _integer_power(_power(e.base ** (-exponent), walk) if e.base.free_symbols else base, -1)
    return _function(sp.exp, _multiply(walk(exponent), _function(sp.log, base)))


def _root(value: Any, exponent: sp.Rational) -> Any:
    if value == 0 or _infinite(value):
        return value
    return value.sqrt() if exponent == sp.Rational(1, 2) else value ** _constant(exponent)


def _integer_power(base: ExtendedRange, n: int) -> ExtendedRange:
    f = flint()
    if n == 0:
        return ExtendedRange(End(f.arb(1), True), End(f.arb(1), True))
    if n < 0:
        raised = _integer_power(base, -n)
        if raised.sign not in ("positive", "negative"):
            raise NumericsError("a denominator may be 0")
        return ExtendedRange(_reciprocal(raised.high, raised.sign), _reciprocal(raised.low, raised.sign))
    low, high = base.low, base.high
    if n % 2 == 0 and not low.value >= 0:
        if high.value <= 0:
            low, high = _opposite_end(high), _opposite_end(low)
        else:
            far = _opposite_end(_least([low, _opposite_end(high)]))
            low, high = End(f.arb(0), True), far
    return ExtendedRange(*(End(_raised(x.value, n), x.attained) for x in (low, high)))


def _raised(value: Any, n: int) -> Any:
    if _infinite(value):
        return value if n % 2 or value > 0 else -value
    return value**n


def _reciprocal(e: End, sign: str) -> End:
    f = flint()
    if _infinite(e.value):
        return End(f.arb(0), e.attained)
    if e.value == 0:
        return End(f.arb.pos_inf() if sign == "positive" else f.arb.neg_inf(), False)
    return End(1 / e.value, e.attained)


def _function(kind: Any, r: ExtendedRange) -> ExtendedRange:
    f = flint()
    if kind in _INCREASING:
        if kind is sp.log and not (r.low.value > 0 or r.low.value == 0):
            raise NumericsError("the argument of a logarithm may not be positive")
        if kind is sp.log and r.low.value == 0 and r.low.attained and r.high.value != 0:
            raise NumericsError("the argument of a logarithm may be 0")
        return ExtendedRange(*(End(_increasing(kind, x.value), x.attained) for x in (r.low, r.high)))
    if kind is sp.erfc:
        return ExtendedRange(*(End(_erfc(x.value), x.attained) for x in (r.high, r.low)))
    if kind is sp.Abs:
        if r.low.value >= 0:
            return r
        if r.high.value <= 0:
            return ExtendedRange(_opposite_end(r.high), _opposite_end(r.low))
        return ExtendedRange(End(f.arb(0), True), _opposite_end(_least([r.low, _opposite_end(r.high)])))
    if kind is sp.cosh:
        positive = _function(sp.Abs, r)
        return ExtendedRange(
            *(End(x.value if _infinite(x.value) else x.value.cosh(), x.attained) for x in (positive.low, positive.high))
        )
    if kind in (sp.sin, sp.cos):
        if _infinite(r.low.value) or _infinite(r.high.value):
            return ExtendedRange(End(f.arb(-1), True), End(f.arb(1), True))
        ball = r.low.value.union(r.high.value)
        wave = ball.sin() if kind is sp.sin else ball.cos()
        return ExtendedRange(
            End(wave.lower() if wave.lower() > -1 else f.arb(-1), True),
            End(wave.upper() if wave.upper() < 1 else f.arb(1), True),
        )
    if kind is sp.gamma:
        return _gamma(r)
    raise NumericsError(f"the range of {kind} is not known here")


def _increasing(kind: Any, value: Any) -> Any:
    f = flint()
    if _infinite(value):
        if kind not in _AT_INFINITY:
            return value
        limit = _AT_INFINITY[kind][1 if value > 0 else 0]
        return value if limit is None else _constant(sp.sympify(limit))
    if kind is sp.log and value == 0:
        return f.arb.neg_inf()
    return getattr(value, str(kind.__name__))()


def _erfc(value: Any) -> Any:
    f = flint()
    if _infinite(value):
        return f.arb(0 if value > 0 else 2)
    return value.erfc()


def _gamma(r: ExtendedRange) -> ExtendedRange:
    f = flint()
    low, high = r.low, r.high
    if not (low.value > 0 or (low.value == 0 and not low.attained)):
        raise NumericsError("the argument of gamma may not be positive")

    def at(e: End) -> End:
        if _infinite(e.value):
            return e
        return End(f.arb.pos_inf(), False) if e.value == 0 else End(e.value.gamma(), e.attained)

    if low.value > _constant(_GAMMA_HIGH):
        return ExtendedRange(at(low), at(high))
    if high.value < _constant(_GAMMA_LOW):
        return ExtendedRange(at(high), at(low))
    ends = [_opposite_end(at(e)) for e in (low, high)]
    return ExtendedRange(End(f.arb(_GAMMA_LEAST), True), _opposite_end(_least(ends)))
