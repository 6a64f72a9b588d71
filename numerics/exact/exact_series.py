"""Expansions of an expression at 0+ with exact coefficients: leading terms, limits and values at removable points.

Truncated power series, possibly in a root of the variable and with a pole, over rational and algebraic numbers. Sums,
products, powers and the elementary functions are expanded from their parts; every kept coefficient is exact, what lies
beyond the kept terms is unknown, and whether a coefficient is 0 is decided or the expansion is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from .point_forms import exactly_zero

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Terms that are kept, and roots of the variable that are tried.
_TERMS, _ROOTS = 14, (1, 2, 4)
#: Largest numerator of an exponent.
_LARGEST_POWER = 100


class _OddPowerError(Exception):
    """A root of an odd power: a root of the variable is needed."""


@dataclass(frozen=True)
class Series:
    """``x**start * (coefficients[0] + coefficients[1] x + ...)``, and O of the next power where it is not `exact`.

    The first coefficient is not 0. Without coefficients it is 0 where `exact`, else O(x**start).
    """

    start: int
    coefficients: tuple[sp.Expr, ...]
    exact: bool = False

    @property
    def end(self) -> int:
        """Power of the first unknown term of a series that is not exact."""
        return self.start + len(self.coefficients)

    def at(self, power: int) -> sp.Expr:
        """Return the coefficient of a known power."""
        k = power - self.start
        return self.coefficients[k] if 0 <= k < len(self.coefficients) else sp.Integer(0)


ZERO = Series(0, (), True)


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
    """Return the exact limit of `expr` as `u` tends to 0 from above (an infinity where it grows).

    Raises
    ------
    NumericsError
        As for :func:`expand_at_zero`; also where all kept terms cancel and the rest need not vanish.
    """
    found, _ = expand_at_zero(expr, u)
    if found.start > 0 or found == ZERO:
        return sp.Integer(0)
    if not found.coefficients:
        raise NumericsError(f"the kept terms of {expr} cancel")
    first = found.coefficients[0]
    return first if found.start == 0 else sp.oo * sp.sign(first)


def sign_at_zero(expr: sp.Expr, u: sp.Symbol) -> int:
    """Return the sign (-1, 0, 1) of `expr` for all small positive `u`; NumericsError where it is not told."""
    found, _ = expand_at_zero(expr, u)
    if found == ZERO:
        return 0
    if not found.coefficients:
        raise NumericsError(f"the kept terms of {expr} cancel")
    first = found.coefficients[0]
    if not (first.is_positive or first.is_negative):
        raise NumericsError(f"the sign of {first} is not told")
    return 1 if first.is_positive else -1


class _Expansion:
    def __init__(self, u: sp.Symbol, q: int) -> None:
        self.u, self.q = u, q

    def __call__(self, e: sp.Basic) -> Series:
        if e == self.u:
            return Series(self.q, (sp.Integer(1),), True)
        if self.u not in e.free_symbols:
            return _made(0, [e], True)
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
        if inner.start < 0 or (inner.start == 0 and not inner.coefficients and inner != ZERO):
            raise NumericsError(f"{f} of what may grow has no expansion here")
        centre = inner.at(0)
        rest = _sum(inner, _made(0, [-centre], True))
        if f is sp.log and not centre.is_positive:
            raise NumericsError("a logarithm near 0 has no expansion here")
        w = sp.Dummy("w")
        if rest == ZERO:
            return _made(0, [f(w).subs(w, centre)], True)
        derivative, factorial = f(w), sp.Integer(1)
        total, power = Series(_TERMS * rest.start, ()), _made(0, [sp.Integer(1)], True)
        for k in range(_TERMS):
            total = _sum(total, _product(_made(0, [derivative.subs(w, centre) / factorial], True), power))
            derivative, factorial, power = sp.diff(derivative, w), factorial * (k + 1), _product(power, rest)
        return total


def _is_zero(c: sp.Expr) -> bool:
    found = exactly_zero(c, {})
    if found is None:
        if c.is_number and abs(sp.N(c, 30)) > sp.Rational(1, 10**20):
            return False
        raise NumericsError(f"whether the coefficient {c} is 0 is not decided")
    return found


def _made(start: int, coefficients: Sequence[sp.Expr], exact: bool) -> Series:
    """Return the series, with what is 0 at its beginning taken off."""
    known = [sp.expand(c) for c in coefficients]
    if len(known) > _TERMS:
        known, exact = known[:_TERMS], False
    for shift, c in enumerate(known):
        if not _is_zero(c):
            return Series(start + shift, tuple(known[shift:]), exact)
    return ZERO if exact else Series(start + len(known), ())


def _sum(a: Series, b: Series) -> Series:
    if ZERO in (a, b):
        return b if a == ZERO else a
    low = min(a.start, b.start)
    ends = [s.end for s in (a, b) if not s.exact]
    high = min(ends) if ends else max(a.end, b.end)
    return _made(low, [a.at(k) + b.at(k) for k in range(low, high)], not ends)


def _product(a: Series, b: Series) -> Series:
    if ZERO in (a, b):
        return ZERO
    lengths = [len(s.coefficients) for s in (a, b) if not s.exact]
    count = min(lengths) if lengths else len(a.coefficients) + len(b.coefficients) - 1
    terms = [
        sum((a.at(a.start + i) * b.at(b.start + k - i) for i in range(k + 1)), sp.Integer(0)) for k in range(count)
    ]
    return _made(a.start + b.start, terms, not lengths)


def _power(base: Series, exponent: sp.Rational) -> Series:
    if not base.coefficients:
        raise NumericsError("a power of what may vanish has no expansion here")
    if exponent.q > _ROOTS[-1] or abs(exponent.p) > _LARGEST_POWER:
        raise NumericsError(f"the power {exponent} has no expansion in roots of the variable here")
    first = base.coefficients[0]
    start = base.start * exponent
    if not start.is_Integer:
        raise _OddPowerError
    if not exponent.is_Integer and not first.is_positive:
        raise NumericsError("a root of what is negative has no expansion here")
    if base.exact and len(base.coefficients) == 1:
        return _made(int(start), [first**exponent], True)
    # (1 + z)^r by the recurrence of J. C. P. Miller
    count = _TERMS if base.exact else len(base.coefficients)
    z = [base.at(base.start + k) / first for k in range(count)]
    found: list[sp.Expr] = [sp.Integer(1)]
    for k in range(1, count):
        terms = ((exponent * i - (k - i)) * z[i] * found[k - i] for i in range(1, k + 1))
        found.append(sum(terms, sp.Integer(0)) / k)
    return _made(int(start), [first**exponent * c for c in found], False)
