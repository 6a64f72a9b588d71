"""Ball arithmetic: rigorous enclosures of SymPy expressions at exact points (Arb through python-flint)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_FUNCTIONS = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tanh: "tanh",
    sp.cosh: "cosh",
    sp.sinh: "sinh",
    sp.atan: "atan",
    sp.gamma: "gamma",
    sp.loggamma: "lgamma",
    sp.erf: "erf",
    sp.erfc: "erfc",
}


def enclose(expr: sp.Expr, point: Mapping[sp.Symbol, Any], digits: int = 40) -> Any:
    """Return a ball (``flint.arb``) that contains the value of `expr` at the exact `point`.

    Parameters
    ----------
    expr : sympy.Expr
        Built of rationals, sums, products, powers and the elementary functions, gamma and erf.
    point : mapping
        Exact (rational or algebraic) value of every free symbol.
    digits : int
        Working precision in decimal digits.

    Raises
    ------
    NumericsError
        If a symbol has no value, the expression contains something else, or the value is undefined.
    """
    from flint import arb, ctx, fmpq

    def walk(e: sp.Basic) -> Any:
        if e.is_Rational:
            return arb(fmpq(int(e.p), int(e.q)))
        if e.is_Symbol:
            if e not in point:
                raise NumericsError(f"no value for {e} in {sp.sympify(expr)}; give every free symbol a value")
            return walk(sp.sympify(point[e]))
        if e.is_Pow and e.exp.is_Integer:
            return apply(e, [walk(e.base), None])
        return apply(e, [walk(a) for a in e.args])

    before = ctx.dps
    ctx.dps = digits
    try:
        ball = walk(sp.sympify(expr))
        # asking for the value while the precision is raised keeps every digit
        if not ball.is_finite():
            raise NumericsError(f"{expr} is undefined or not enclosed at {dict(point)}")
        return ball
    except ZeroDivisionError:
        raise NumericsError(f"{expr} divides by zero at {dict(point)}") from None
    finally:
        ctx.dps = before


def apply(e: sp.Basic, values: Sequence[Any]) -> Any:
    """Return a ball for the node `e` from balls (`values`) of its arguments; no value is needed for an integer power.

    Raises
    ------
    NumericsError
        If the node is a number or function without ball arithmetic here.
    """
    from flint import arb

    if e is sp.pi:
        return arb.pi()
    if e is sp.E:
        return arb(1).exp()
    if e is sp.EulerGamma:
        return arb.const_euler()
    if e.is_Add:
        return sum(values[1:], values[0])
    if e.is_Mul:
        return math.prod(values[1:], start=values[0])
    if e.is_Pow:
        if e.exp.is_Integer:
            return _integer_power(values[0], int(e.exp))
        return values[0].sqrt() if e.exp == sp.Rational(1, 2) else values[0] ** values[1]
    if isinstance(e, sp.Abs):
        return abs(values[0])
    name = _FUNCTIONS.get(e.func)
    if name is None:
        raise NumericsError(f"{e.func} has no ball arithmetic here; expression {e}")
    return getattr(values[0], name)()


def _integer_power(base: Any, exponent: int) -> Any:
    if exponent <= 0 or not base.contains(0) or base.is_exact():
        return base**exponent
    # across zero the power of a ball is far too wide, or undefined
    low, high = base.lower() ** exponent, base.upper() ** exponent
    return low.union(high) if exponent % 2 else low.union(high).union(0)


def sign(expr: sp.Expr, point: Mapping[sp.Symbol, Any], digits: int = 40) -> int | None:
    """Return the certified sign (-1 or 1) of `expr` at `point`, or None when the ball contains zero."""
    ball = enclose(expr, point, digits)
    if ball.contains(0):
        return None
    return 1 if ball > 0 else -1


def midpoint(expr: sp.Expr, point: Mapping[sp.Symbol, Any]) -> float:
    """Return the value of `expr` at `point` as a float, from a ball of at least 30 correct digits.

    Raises
    ------
    NumericsError
        If cancellation leaves fewer than 8 correct digits.
    """
    ball = enclose(expr, point)
    middle, radius = float(ball.mid()), float(ball.rad())
    if radius > 1e-8 * max(abs(middle), 1e-300) and radius > 1e-25:
        raise NumericsError(f"{expr} loses its digits to cancellation at {dict(point)}")
    if not math.isfinite(middle):
        raise NumericsError(f"{expr} overflows a float at {dict(point)}")
    return middle
