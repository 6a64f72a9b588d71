"""Expansions of an expression at 0+ with exact coefficients: leading terms, limits and values at removable points.

Truncated power series, possibly in a root of the variable and with a pole, over rational and algebraic numbers. Sums,
products, powers and the elementary functions are expanded from their parts; every coefficient is exact, and whether
one is 0 is decided or the expansion is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..derivations.errors import NumericsError
from .values import exactly_zero

#: Terms that are kept, and roots of the variable that are tried.
_TERMS, _ROOTS = 10, (1, 2, 4)
#: Largest numerator of an exponent.
_LARGEST_POWER = 100


class _OddPowerError(Exception):
    """A root of an odd power: a root of the variable is needed."""


@dataclass(frozen=True)
class Series:
    """``x**start * (coefficients[0] + coefficients[1] x + ...)``; the first coefficient is not 0 unless all are."""

    start: int
    coefficients: tuple[sp.Expr, ...]


def expand_at_zero(expr: sp.Expr, u: sp.Symbol) -> tuple[Series, int]:
    """Return the expansion of `expr` as `u` tends to 0 from above in x, and the root q with x = u**(1/q).

    Parameters
    ----------
    expr : sympy.Expr
        In `u` alone.
    u : Symbol
        Positive.

    Raises
    ------
    NumericsError
        If a function has no expansion here, or whether a coefficient is 0 is not decided.
    """
    for q in _ROOTS:
        try:
            return _Expansion(u, q)(sp.sympify(expr)), q
        except _OddPowerError:
            continue
    raise NumericsError(f"{expr} has no expansion in roots of {u}")


def limit_at_zero(expr: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Return the exact limit of `expr` as `u` tends to 0 from above (an infinity where it grows); NumericsError."""
    found, _ = expand_at_zero(expr, u)
    if found.start > 0 or found.coefficients[0] == 0:
        return sp.Integer(0)
    first = found.coefficients[0]
    return first if found.start == 0 else sp.oo * sp.sign(first)


class _Expansion:
    def __init__(self, u: sp.Symbol, q: int) -> None:
        self.u, self.q = u, q

    def __call__(self, e: sp.Basic) -> Series:
        if e == self.u:
            return _made(self.q, [sp.Integer(1)])
        if self.u not in e.free_symbols:
            return _made(0, [e])
        if e.is_Add:
            total = self(e.args[0])
            for a in e.args[1:]:
                total = _sum(total, self(a))
            return total
        if e.is_Mul:
            product = self(e.args[0])
            for a in e.args[1:]:
                product = _product(product, self(a))
            return product
        if e.is_Pow and e.exp.is_Rational:
            return _power(self(e.base), e.exp)
        if isinstance(e, sp.exp | sp.sin | sp.cos | sp.sinh | sp.cosh | sp.atan | sp.erf | sp.tanh | sp.log):
            return self._function(e.func, self(e.args[0]))
        raise NumericsError(f"{e} has no expansion here")

    def _function(self, f: Any, inner: Series) -> Series:
        if inner.start < 0:
            raise NumericsError(f"{f} of what grows has no expansion here")
        centre = inner.coefficients[0] if inner.start == 0 else sp.Integer(0)
        rest = _sum(inner, _made(0, [-centre]))
        if f is sp.log and not (centre.is_positive):
            raise NumericsError("a logarithm near 0 has no expansion here")
        w = sp.Dummy("w")
        derivative, factorial, total, power = f(w), sp.Integer(1), None, _made(0, [sp.Integer(1)])
        for k in range(_TERMS):
            value = derivative.subs(w, centre)
            term = _product(_made(0, [value / factorial]), power)
            total = term if total is None else _sum(total, term)
            derivative, factorial, power = sp.diff(derivative, w), factorial * (k + 1), _product(power, rest)
        assert total is not None
        return total


def _is_zero(c: sp.Expr) -> bool:
    found = exactly_zero(c, {})
    if found is None:
        if c.is_number and abs(sp.N(c, 30)) > sp.Rational(1, 10**20):
            return False
        raise NumericsError(f"whether the coefficient {c} is 0 is not decided")
    return found


def _made(start: int, coefficients: Sequence[sp.Expr]) -> Series:
    """Return the series, with what is 0 at its beginning taken off; all kept terms of 0 are the series 0."""
    padded = [sp.expand(c) for c in coefficients][:_TERMS]
    padded += [sp.Integer(0)] * (_TERMS - len(padded))
    for shift, c in enumerate(padded):
        if not _is_zero(c):
            return Series(start + shift, tuple(padded[shift:] + [sp.Integer(0)] * shift))
    return Series(0, tuple(padded))


def _sum(a: Series, b: Series) -> Series:
    if all(c == 0 for c in a.coefficients):
        return b
    if all(c == 0 for c in b.coefficients):
        return a
    low = min(a.start, b.start)
    return _made(low, [_at(a, low + k) + _at(b, low + k) for k in range(_TERMS)])


def _at(a: Series, power: int) -> sp.Expr:
    k = power - a.start
    return a.coefficients[k] if 0 <= k < _TERMS else sp.Integer(0)


def _product(a: Series, b: Series) -> Series:
    return _made(
        a.start + b.start,
        [sum(a.coefficients[i] * b.coefficients[k - i] for i in range(k + 1)) for k in range(_TERMS)],
    )


def _power(base: Series, exponent: sp.Rational) -> Series:
    first = base.coefficients[0]
    if first == 0:
        raise NumericsError("a power of what vanishes has no expansion here")
    if exponent.q > _ROOTS[-1] or abs(exponent.p) > _LARGEST_POWER:
        raise NumericsError(f"the power {exponent} has no expansion in roots of the variable here")
    start = base.start * exponent
    if not start.is_Integer:
        raise _OddPowerError
    if not exponent.is_Integer and not first.is_positive:
        raise NumericsError("a root of what is negative has no expansion here")
    # (1 + z)^r by the recurrence of J. C. P. Miller
    z = [c / first for c in base.coefficients]
    found: list[sp.Expr] = [sp.Integer(1)]
    for k in range(1, _TERMS):
        found.append(sum((exponent * i - (k - i)) * z[i] * found[k - i] for i in range(1, k + 1)) / k)
    return _made(int(start), [first**exponent * c for c in found])
