"""Ranges of expressions over a whole domain, from monotonicity and known envelopes of their parts."""

from __future__ import annotations

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import NumericsError
from ...derivations.ranges import Above, AtLeast, Between, Positive, Range
from ...numerics.signs.extended_ranges import ExtendedRange, between, extended_range


def by_ranges(gap: sp.Expr, strict: bool, domain: Domain) -> tuple[bool | None, str]:
    """Read the sign of `gap` from the ranges of its parts, by monotonicity and envelopes; return answer and reason."""
    try:
        found = extended_range(gap, box_of(domain)).sign
    except NumericsError as error:
        return None, str(error)
    enough = ("positive",) if strict else ("positive", "nonnegative", "zero")
    return True if found in enough else None, f"by its range {gap} is {found or 'of no known sign'} on the domain"


def box_of(domain: Domain) -> dict[sp.Symbol, ExtendedRange]:
    """Return ranges that contain the parameters of a domain, one by one."""
    box: dict[sp.Symbol, ExtendedRange] = {}
    for symbol, given in domain.ranges.items():
        low, high, closed = ends_of(symbol, given)
        try:
            ends = [extended_range(e, box) if e.free_symbols else between(e, e, closed, closed) for e in (low, high)]
        except NumericsError:
            ends = [between(-sp.oo, -sp.oo, False, False), between(sp.oo, sp.oo, False, False)]
        lower, upper = ends[0].low, ends[1].high
        box[symbol] = ExtendedRange(
            type(lower)(lower.value, closed and lower.attained), type(upper)(upper.value, closed and upper.attained)
        )
    return box


def ends_of(symbol: sp.Symbol, given: Range) -> tuple[sp.Expr, sp.Expr, bool]:
    """Return the ends of a range, and whether finite ones belong to it."""
    if isinstance(given, Above | AtLeast):
        return given.bound, sp.oo, isinstance(given, AtLeast)
    if isinstance(given, Between):
        return given.low, given.high, False
    if given.integral:
        high = getattr(given, "high", None)
        return sp.sympify(getattr(given, "low", -sp.oo)), sp.oo if high is None else sp.Integer(high), True
    return (sp.Integer(0) if given == Positive else -sp.oo), sp.oo, False
