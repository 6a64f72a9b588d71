"""How large the numbers of a formula may become, bounded before any of them is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Bound on numbers as exponents or arguments of a factorial, and on the bits of a number: Python writes none that has
#: more than 4300 digits, 14284 bits.
MAX_EXPONENT, MAX_BITS = 1000, 14_000
#: Bits of the factorial of MAX_EXPONENT.
_FACTORIAL_BITS = 10.0 * MAX_EXPONENT

#: The same two sizes as in `Known`, of the first values of a range without bounds.
_PLAIN = (12.0, 6.0)
#: Bits of the rational that stands for an irrational bound, beside those before the point, which are at most the second
#: number; see :mod:`.ranges`.
_ROUNDED, _BEFORE_POINT = 40.0, 1000.0

_GROWING = (sp.exp, sp.sinh, sp.cosh)

#: Of parameters: the bits of a value, numerator and denominator together, and the binary logarithm of it.
Known = Mapping[sp.Symbol, tuple[float, float]]
_NONE: Known = MappingProxyType({})


def sizes_within(bounds: Iterable[sp.Expr], known: Known) -> tuple[float, float]:
    """Return the sizes of the first values of a range with these bounds, given those of the parameters in them."""
    digits, log = _PLAIN
    for bound in bounds:
        large = max(size(bound, known), 0.0)
        digits += bits(bound, known) + _PLAIN[0]
        if not bound.is_rational_function():
            digits += _ROUNDED + min(large, _BEFORE_POINT)
        log = max(log, large + 1.0)
    return digits, log


def bits(expr: sp.Expr, known: Known = _NONE) -> float:
    """Return a bound on the bits of the numbers that evaluation may multiply out of `expr`.

    A parameter that is not `known` stays a letter and has no bits.
    """
    if expr.is_Symbol:
        return known[expr][0] if expr in known else 0.0
    if expr.is_Rational:
        return 0.0 if abs(expr) in (0, 1) else float(int(expr.p).bit_length() + int(expr.q).bit_length() - 1)
    if isinstance(expr, sp.gamma | sp.loggamma | sp.factorial | sp.binomial) and not expr.free_symbols:
        return _factorial_bits(max(map(size, expr.args))) + sum(map(bits, expr.args))
    if isinstance(expr, sp.Pow | sp.exp):
        base, exponent = expr.args if isinstance(expr, sp.Pow) else (sp.S.One, expr.args[0])
        # n log k in an exponent is a power of k, too
        logs = (e for e in sp.preorder_traversal(exponent) if isinstance(e, sp.log))
        powered = bits(base, known) + sum(bits(e, known) for e in logs)
        return (powered * _multiple(exponent, known) if powered else 0.0) + bits(exponent, known)
    return sum((bits(arg, known) for arg in expr.args), float(len(expr.args) if expr.is_Add else 0))


def size(number: sp.Expr, known: Known = _NONE) -> float:
    """Return about the binary logarithm of the absolute value of a number, or of an expression in known parameters.

    A bound from above where no sum cancels: it is for the arguments of exponentials, not for proofs.
    """
    if number.is_Rational:
        return math.log2(abs(int(number.p))) - math.log2(int(number.q)) if number else 0.0
    if number.is_Atom:
        return known[number][1] if number in known else 2.0
    inner = [size(arg, known) for arg in number.args]
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
    return _factorial_bits(inner[0]) + abs(inner[0]) if isinstance(number, sp.gamma | sp.factorial) else inner[0]


def _factorial_bits(log: float) -> float:
    """Return a bound on the bits of the factorial of a number with this binary logarithm."""
    return min((max(log, 0.0) + 2.0) * _power_of_two(max(log, 0.0)), _FACTORIAL_BITS)


def _power_of_two(exponent: float) -> float:
    return float(2.0 ** min(exponent, 1000.0))


def _multiple(exponent: sp.Expr, known: Known) -> float:
    """Return a bound on the number that an exponent may come down to, parameters that are not known counted as 1."""
    if exponent.is_Rational:
        return max(_power_of_two(size(exponent)), 1.0)
    if exponent.free_symbols <= known.keys():
        return 1.0 + _power_of_two(size(exponent, known))
    parts = [_multiple(arg, known) for arg in exponent.args]
    return sum(parts) if exponent.is_Add else math.prod(parts, start=1.0)
