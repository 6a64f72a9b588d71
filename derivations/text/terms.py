"""Products that are kept as written, with one coefficient in front."""

from __future__ import annotations

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def negated(value: sp.Expr) -> sp.Expr:
    """Return minus `value` with one coefficient in front."""
    if value.is_Rational:
        return -value
    if value.is_Mul and value.args[0].is_Rational:
        return times(-value.args[0], list(value.args[1:]))
    return times(sp.S.NegativeOne, [value])


def times(number: sp.Expr, values: list[sp.Expr]) -> sp.Expr:
    """Return the product as written, with `number` in front unless it is 1."""
    if not values:
        return number
    factors = values if number is sp.S.One else [number, *values]
    return factors[0] if len(factors) == 1 else sp.Mul(*factors, evaluate=False)
