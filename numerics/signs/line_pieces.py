"""Intervals of one variable with exact or infinite ends: points inside, halves and holes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .extended_ranges import ExtendedRange, between


@dataclass(frozen=True)
class Line:
    """An interval of one variable, with exact or infinite ends and whether they belong to it."""

    variable: sp.Symbol
    low: sp.Expr
    high: sp.Expr
    low_closed: bool = False
    high_closed: bool = False

    def range(self) -> ExtendedRange:
        """Return the interval as a range."""
        return between(self.low, self.high, self.low_closed, self.high_closed)

    def contains(self, place: sp.Expr) -> bool:
        """Return whether an exact number is certain to lie on the line."""
        above = (place >= self.low) if self.low_closed else (place > self.low)
        below = (place <= self.high) if self.high_closed else (place < self.high)
        return bool(above == sp.true and below == sp.true)

    @property
    def bounded(self) -> bool:
        """Whether both ends are finite."""
        return bool(self.low.is_finite and self.high.is_finite)


def samples(piece: Line) -> Iterator[sp.Expr]:
    """Yield points inside, at different distances from the ends."""
    parts = [piece]
    for _ in range(3):
        yield from (middle(p) for p in parts)
        parts = [half for p in parts for half in halves(p, middle(p))]


def hull(low: sp.Expr, high: sp.Expr) -> Any:
    ends = between(low, high, True, True)
    return ends.low.value if low == high else ends.low.value.union(ends.high.value)


def rational(value: sp.Expr) -> sp.Rational:
    """Return a rational number next to an exact one."""
    if value.is_Rational:
        return value
    ball = hull(value, value)
    return sp.Rational(str(ball.mid().str(20, radius=False)))


def around(place: sp.Expr, radius: sp.Rational) -> tuple[sp.Rational, sp.Rational]:
    centre = rational(place)
    return centre - radius, centre + radius


def middle(piece: Line) -> sp.Rational:
    """Return a rational point inside: the middle, or in its order of magnitude where the ends are far apart."""
    low, high = piece.low, piece.high
    if low == high:
        return low
    if not low.is_finite and not high.is_finite:
        return sp.Integer(0)
    if not high.is_finite:
        start = rational(low)
        return max(sp.Integer(1), 2 * sp.ceiling(start)) if start >= 0 else max(start / 2, start + 1)
    if not low.is_finite:
        return -middle(Line(piece.variable, -high, sp.oo))
    a, b = rational(low), rational(high)
    if a >= 0 and b > 16 * a and b > 16:
        least = sp.Rational(1) if a == 0 else a
        exponent = (int(sp.floor(sp.log(least, 2))) + int(sp.floor(sp.log(b, 2)))) // 2
        between_scales = sp.Rational(2) ** exponent
        if a < between_scales < b:
            return between_scales
    if b <= 0 and (a < -16 or not low.is_finite):
        return -middle(Line(piece.variable, -high, -low))
    return (a + b) / 2


def halves(piece: Line, place: sp.Expr) -> tuple[Line, Line]:
    v = piece.variable
    return Line(v, piece.low, place, piece.low_closed, True), Line(v, place, piece.high, True, piece.high_closed)


def cut(piece: Line, hole: tuple[sp.Expr, sp.Expr]) -> Iterator[Line]:
    """Yield what is left of a piece without a closed hole."""
    v = piece.variable
    if hole[1] <= piece.low or hole[0] >= piece.high:
        yield piece
        return
    if piece.low < hole[0]:
        yield Line(v, piece.low, hole[0], piece.low_closed, True)
    if hole[1] < piece.high:
        yield Line(v, hole[1], piece.high, True, piece.high_closed)
