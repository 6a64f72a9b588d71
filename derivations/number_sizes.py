"""How large the numbers of a formula may become, bounded before any of them is computed."""

from __future__ import annotations

import math

import sympy as sp

#: Bound on numbers as exponents or arguments of a factorial, and on the bits of a power of numbers.
MAX_EXPONENT, MAX_BITS = 1000, 20_000
#: Bits of the factorial of MAX_EXPONENT.
_FACTORIAL_BITS = 10 * MAX_EXPONENT

_GROWING = (sp.exp, sp.sinh, sp.cosh)


def bits(expr: sp.Expr) -> float:
    """Return a bound on the bits of the numbers that evaluation may multiply out of `expr`."""
    if expr.is_Rational:
        return 0.0 if abs(expr) in (0, 1) else float(int(expr.p).bit_length() + int(expr.q).bit_length() - 1)
    if isinstance(expr, sp.gamma | sp.loggamma) and not expr.free_symbols:
        return _FACTORIAL_BITS + bits(expr.args[0])
    inside = sum(map(bits, expr.args), float(len(expr.args) if expr.is_Add else 0))
    if isinstance(expr, sp.Pow | sp.exp):
        base, exponent = expr.args if isinstance(expr, sp.Pow) else (sp.S.One, expr.args[0])
        # n log k in an exponent is a power of k, too
        powered = bits(base) + sum(bits(e) for e in sp.preorder_traversal(exponent) if isinstance(e, sp.log))
        return (powered * _multiple(exponent) if powered else 0.0) + inside
    return inside


def size(number: sp.Expr) -> float:
    """Return about the binary logarithm of the absolute value of a number without symbols.

    A bound from above where no sum cancels: it is for the arguments of exponentials, not for proofs.
    """
    if number.is_Rational:
        return math.log2(abs(int(number.p))) - math.log2(int(number.q)) if number else 0.0
    if number.is_Atom:
        return 2.0
    inner = [size(arg) for arg in number.args]
    if number.is_Add:
        return max(inner) + math.log2(len(inner))
    if number.is_Mul:
        return sum(inner)
    if number.is_Pow:
        base, exponent = number.args
        moved = inner[0] * (float(exponent) if exponent.is_Rational else _power_of_two(inner[1]))
        return moved if base.is_Rational else abs(moved)  # the sign of an exponent in the base is not looked at
    if isinstance(number, _GROWING):
        return 1.5 * _power_of_two(inner[0])
    return float(_FACTORIAL_BITS) if isinstance(number, sp.gamma) else inner[0]


def _power_of_two(exponent: float) -> float:
    return float(2.0 ** min(exponent, 1000.0))


def _multiple(exponent: sp.Expr) -> float:
    """Return a bound on the number that an exponent may come down to, its parameters counted as 1."""
    if not exponent.free_symbols:
        return 1.0 + _power_of_two(size(exponent))
    return math.prod(map(_multiple, exponent.args), start=1.0)
