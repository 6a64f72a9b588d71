"""Functions on boxes with exact rational ends, as balls that contain their range (Arb through python-flint)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sympy as sp

from ...derivations.errors import DomainError, NumericsError
from .balls import apply
from .fraction_field import flint

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Box = Mapping[sp.Symbol, tuple[Any, Any]]
Point = dict[sp.Symbol, sp.Expr]

#: Working precision of the enclosures, in decimal digits.
_DIGITS = 25


class Program:
    """Expressions as one list of distinct nodes, evaluated bottom-up on balls."""

    def __init__(self, outputs: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> None:
        self._places: dict[sp.Basic, int] = {v: i for i, v in enumerate(variables)}
        self._inputs = len(variables)
        self._steps: list[tuple[sp.Basic, tuple[int, ...]]] = []
        self._outputs = [self._place(e) for e in outputs]

    def _place(self, e: sp.Basic) -> int:
        if e not in self._places:
            if e.is_Symbol:
                raise DomainError(f"no interval for {e}; give the box an interval for every free symbol")
            args = () if e.is_Rational else tuple(self._place(a) for a in e.args)
            self._steps.append((e, args))
            self._places[e] = self._inputs + len(self._steps) - 1
        return self._places[e]

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        f = flint()
        found = list(values)
        for e, args in self._steps:
            found.append(f.arb(f.fmpq(int(e.p), int(e.q))) if e.is_Rational else apply(e, [found[i] for i in args]))
        return [found[i] for i in self._outputs]


class BoxFunction:
    """An expression on boxes with exact rational ends."""

    def __init__(self, expr: sp.Expr, box: Box) -> None:
        if not isinstance(box, Mapping):
            raise DomainError(f"box={box!r}; give a mapping from symbols to (low, high)")
        self.expr = sp.sympify(expr)
        self.variables = list(box)
        self.start = [interval(s, ends) for s, ends in box.items()]
        self.program = Program([self.expr], self.variables)
        try:
            gradient = [sp.diff(self.expr, v) for v in self.variables]
            self.gradient: Program | None = Program(gradient, self.variables)
            with precision():
                self.gradient([ball((a + b) / 2, (a + b) / 2) for a, b in self.start])
        except (NumericsError, DomainError, ZeroDivisionError):
            self.gradient = None

    def range(self, box: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return a ball that contains the range on `box` (None when undefined there) and weights for the halving."""
        widths = [b - a for a, b in box]
        balls = [ball(a, b) for a, b in box]
        value = self.value(balls)
        if value is None or self.gradient is None:
            return value, widths
        try:
            slopes = self.gradient(balls)
        except ZeroDivisionError:
            return value, widths
        if not all(g.is_finite() for g in slopes):
            return value, widths
        centre = [ball((a + b) / 2, (a + b) / 2) for a, b in box]
        middle = self.value(centre)
        if middle is not None:
            mean = middle + sum(g * (x - c) for g, x, c in zip(slopes, balls, centre, strict=True))
            value = _meet(value, mean)
        if any(g > 0 or g < 0 for g, w in zip(slopes, widths, strict=True) if w):
            ends = [
                self.value(
                    [
                        ball(box[i][k], box[i][k]) if g > 0 else ball(box[i][1 - k], box[i][1 - k]) if g < 0 else x
                        for i, (g, x) in enumerate(zip(slopes, balls, strict=True))
                    ]
                )
                for k in (0, 1)
            ]
            if None not in ends:
                value = _meet(value, ends[0].lower().union(ends[1].upper()))
        return value, [float(abs(g).upper()) * float(w) for g, w in zip(slopes, widths, strict=True)]

    def value(self, balls: Sequence[Any]) -> Any:
        """Return a ball that contains the values on `balls`, or None when the function may be undefined there."""
        try:
            value = self.program(balls)[0]
        except ZeroDivisionError:
            return None
        return value if value.is_finite() else None

    def point(self, box: Sequence[Any]) -> Point:
        """Return the exact point of `box` whose coordinates are the simplest rationals of the middle halves."""
        return {v: simplest((3 * a + b) / 4, (a + 3 * b) / 4) for v, (a, b) in zip(self.variables, box, strict=True)}

    def surely_positive(self, point: Point) -> bool:
        """Whether a ball at working precision shows a positive value at `point`, which is cheap."""
        fmpq = flint().fmpq
        value = self.value([ball(x, x) for x in (fmpq(int(c.p), int(c.q)) for c in point.values())])
        return value is not None and bool(value > 0)


def interval(symbol: sp.Symbol, ends: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = (sp.sympify(e) for e in ends)
    if not (low.is_Rational and high.is_Rational and low <= high):
        raise DomainError(f"box[{symbol}] = ({low}, {high}); give exact rationals with low <= high")
    fmpq = flint().fmpq
    return fmpq(int(low.p), int(low.q)), fmpq(int(high.p), int(high.q))


def ball(low: Any, high: Any) -> Any:
    arb = flint().arb
    return arb(low) if low == high else arb(low).union(arb(high))


def exact(x: Any) -> sp.Expr:
    return sp.Rational(int(x.p), int(x.q))


def simplest(low: Any, high: Any) -> sp.Expr:
    """Return the rational with the smallest denominator between `low` and `high`."""
    if low <= 0 <= high:
        return sp.Integer(0)
    if high < 0:
        return -simplest(-high, -low)
    whole = -(-low.p // low.q)
    if whole <= high:
        return sp.Integer(int(whole))
    floor = low.p // low.q
    return sp.Integer(int(floor)) + 1 / simplest(1 / (high - floor), 1 / (low - floor))


def _meet(a: Any, b: Any) -> Any:
    return a.intersection(b) if b.is_finite() and a.overlaps(b) else a


@contextmanager
def precision() -> Iterator[None]:
    context = flint().ctx
    before = context.dps
    context.dps = _DIGITS
    try:
        yield
    finally:
        context.dps = before
