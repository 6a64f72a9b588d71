"""Exact zeros of a function of one variable, with their order: verified by exact forms and by balls at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy as sp

from ...derivations.errors import NumericsError
from .balls import enclose
from .rational import vanishes_identically

#: Digits to which a number that an exact form calls 0 must be 0 in ball arithmetic too.
_DIGITS = 100
#: Highest order of a zero that is looked for.
_HIGHEST = 8


@dataclass(frozen=True)
class Zero:
    """An exact zero of a function: its place, and the order of the first derivative that is not 0 there."""

    place: sp.Expr
    order: int


def is_zero(value: sp.Expr) -> bool:
    """Return whether a number is exactly 0: by an exact form, and to 100 digits in ball arithmetic."""
    number = sp.sympify(value)
    if number.is_Rational:
        return bool(number == 0)
    if number.free_symbols or number.has(sp.nan, sp.zoo, sp.oo):
        return False
    try:
        ball = enclose(number, {}, _DIGITS)
    except NumericsError:
        return False
    if not ball.contains(0) or not ball.rad() < 1e-60:
        return False
    if vanishes_identically(number):
        return True
    logs = number.replace(lambda e: isinstance(e, sp.log) and e.args[0].is_Rational, _split_logarithm)
    return bool(sp.expand(sp.expand_log(logs)) == 0 or sp.radsimp(sp.powsimp(sp.expand(number))) == 0)


def _split_logarithm(e: sp.Expr) -> sp.Expr:
    factors = sp.factorrat(e.args[0])
    return sp.Add(*(power * sp.log(prime) for prime, power in factors.items()))


def zeros_among(expr: sp.Expr, variable: sp.Symbol, places: Iterable[sp.Expr]) -> Iterator[Zero]:
    """Yield the zeros of `expr` among exact places, each once, where their order is at most 8."""
    seen: set[sp.Expr] = set()
    for place in places:
        number = sp.sympify(place)
        if number in seen or number.free_symbols or number.is_real is not True or number.is_finite is not True:
            continue
        seen.add(number)
        derivative = expr
        for order in range(_HIGHEST + 1):
            if not is_zero(derivative.subs(variable, number)):
                if order and _certainly_not_zero(derivative.subs(variable, number)):
                    yield Zero(number, order)
                break
            derivative = sp.diff(derivative, variable)


def _certainly_not_zero(value: sp.Expr) -> bool:
    try:
        return not enclose(value, {}, _DIGITS).contains(0)
    except NumericsError:
        return False
