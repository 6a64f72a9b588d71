"""Taylor coefficients of expressions in one variable over a whole interval, as balls (Arb's power series).

The derivatives come from power series arithmetic, not from a symbolic derivative: over the ball X the k-th coefficient
encloses f^(k)(x)/k! for every x in X.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from .balls import apply
from .fraction_field import flint

_SERIES = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.atan: "atan",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.erfi: "erfi",
    sp.gamma: "gamma",
    sp.loggamma: "lgamma",
}


class Jet:
    """An expression in one variable as a power series around balls.

    Parameters
    ----------
    expr : sympy.Expr
        Built of rationals, constants, `variable` and the functions that have power series here.
    variable : Symbol
        The only free symbol.

    Raises
    ------
    NumericsError
        If the expression contains another symbol.
    """

    def __init__(self, expr: sp.Expr, variable: sp.Symbol) -> None:
        self.expr, self.variable = sp.sympify(expr), variable
        others = self.expr.free_symbols - {variable}
        if others:
            raise NumericsError(f"no value for {sorted(map(str, others))} in {self.expr}; give one variable only")

    def coefficients(self, ball: Any, order: int) -> list[Any] | None:
        """Return enclosures of f^(k)/k! over `ball` (``flint.arb``) for k = 0 .. order, or None when one is not finite.

        Raises
        ------
        NumericsError
            If a function has no power series here.
        """
        f = flint()
        cap = f.ctx.cap
        f.ctx.cap = order + 1
        try:
            found = self._series({self.variable: f.arb_series([ball, 1])}, order)
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        finally:
            f.ctx.cap = cap
        return found if all(c.is_finite() for c in found) else None

    def value(self, ball: Any) -> Any:
        """Return an enclosure of the range over `ball`, or None."""
        found = self.coefficients(ball, 0)
        return None if found is None else found[0]

    def _series(self, known: dict[sp.Basic, Any], order: int) -> list[Any]:
        f = flint()

        def walk(e: sp.Basic) -> Any:
            if e not in known:
                known[e] = node(e)
            return known[e]

        def node(e: sp.Basic) -> Any:
            if self.variable not in e.free_symbols:
                return f.arb_series([_constant(e)])
            if e.is_Add:
                return sum((walk(a) for a in e.args[1:]), walk(e.args[0]))
            if e.is_Mul:
                product = walk(e.args[0])
                for a in e.args[1:]:
                    product = product * walk(a)
                return product
            if e.is_Pow:
                return _power(walk, e, f)
            return _function(e, walk(e.args[0]), order, f)

        series = walk(self.expr)
        return [series[k] for k in range(order + 1)]


def _constant(e: sp.Basic) -> Any:
    f = flint()
    if e.is_Rational:
        return f.arb(f.fmpq(int(e.p), int(e.q)))
    if e.is_Pow and e.exp.is_Integer:
        return _constant(e.base) ** int(e.exp)
    return apply(e, [_constant(a) for a in e.args])


def _power(walk: Callable[[Any], Any], e: sp.Pow, f: Any) -> Any:
    base, exponent = walk(e.base), e.exp
    if exponent.is_Integer:
        n = int(exponent)
        power = _positive_power(base, abs(n), f)
        return power if n > 0 else f.arb_series([1]) / power
    if exponent == sp.Rational(1, 2):
        return base.sqrt()
    return (walk(exponent) * base.log()).exp()


def _positive_power(base: Any, n: int, f: Any) -> Any:
    if n == 0:
        return f.arb_series([1])
    power = base
    for bit in bin(n)[3:]:
        power = power * power
        if bit == "1":
            power = power * base
    head = base[0]
    if n % 2 == 0 and head.contains(0):
        # an even power is not negative, which products of balls do not know
        coefficients = [power[k] for k in range(max(len(power), 1))]
        coefficients[0] = coefficients[0].intersection(f.arb(0).union(head.abs_upper() ** n))
        return f.arb_series(coefficients)
    return power


def _function(e: sp.Basic, inner: Any, order: int, f: Any) -> Any:
    head = inner[0]
    if isinstance(e, sp.Abs):
        if not head.contains(0):
            return inner if head > 0 else -inner
        # no derivative across the corner
        return f.arb_series([abs(head), *[f.arb("nan")] * order])
    if e.func in (sp.tanh, sp.sinh, sp.cosh):
        return _hyperbolic(e.func, inner, order, f)
    if e.func in (sp.polygamma, sp.digamma):
        raise NumericsError(f"{e.func} has no power series here; expression {e}")
    name = _SERIES.get(e.func)
    if name is None:
        raise NumericsError(f"{e.func} has no power series here; expression {e}")
    series = getattr(inner, name)()
    with contextlib.suppress(NumericsError, ZeroDivisionError):
        # the value alone is often tighter than the series makes it
        tight = apply(e, [head])
        if tight.is_finite() and tight.overlaps(series[0]):
            series = f.arb_series([tight.intersection(series[0]), *(series[k] for k in range(1, order + 1))])
    return series


def _hyperbolic(kind: Any, inner: Any, order: int, f: Any) -> Any:
    """Solve y' = (1 - y^2) u' for tanh, and s' = c u', c' = s u' for sinh and cosh, coefficient by coefficient."""
    u = [inner[k] for k in range(order + 1)]
    sinh, cosh, tanh = [u[0].sinh()], [u[0].cosh()], [u[0].tanh()]
    for k in range(1, order + 1):
        if kind is sp.tanh:
            square = [sum((tanh[i] * tanh[j - i] for i in range(j + 1)), f.arb(0)) for j in range(k)]
            rate = [1 - square[0], *(-s for s in square[1:])]
            tanh.append(sum((j * u[j] * rate[k - j] for j in range(1, k + 1)), f.arb(0)) / k)
        else:
            pairs = range(1, k + 1)
            sinh.append(sum((j * u[j] * cosh[k - j] for j in pairs), f.arb(0)) / k)
            cosh.append(sum((j * u[j] * sinh[k - j] for j in pairs), f.arb(0)) / k)
    return f.arb_series({sp.tanh: tanh, sp.sinh: sinh, sp.cosh: cosh}[kind])


def derivative_agrees(
    expr: sp.Expr, slope: sp.Expr, variable: sp.Symbol, points: Iterable[Mapping[sp.Symbol, Any]], least: int = 2
) -> bool:
    """Return whether a symbolic derivative overlaps the first Taylor coefficient at exact points, `least` of them.

    Parameters
    ----------
    expr, slope : sympy.Expr
        A function and what is said to be its derivative.
    variable : Symbol
        The variable of the derivative.
    points : iterable of mapping
        Exact values of all symbols; points at which either has no value are passed over.
    least : int
        Points at which both must have values and overlap.
    """
    if slope.has(sp.Derivative, sp.Subs):
        return False
    agreed = 0
    for point in points:
        others = {s: sp.sympify(v) for s, v in point.items() if s != variable}
        try:
            ball = _constant(sp.sympify(point[variable]))
            series = Jet(expr.xreplace(others), variable).coefficients(ball, 1)
            value = Jet(slope.xreplace(others), variable).value(ball)
        except (NumericsError, ZeroDivisionError):
            continue
        if series is None or value is None:
            continue
        if not series[1].overlaps(value):
            return False
        agreed += 1
    return agreed >= least
