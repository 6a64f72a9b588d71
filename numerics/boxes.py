"""Signs, bounds and roots on whole boxes: ball arithmetic with adaptive subdivision (Arb through python-flint).

Each box is enclosed by the natural extension, by the mean-value form and, in the variables in which the function is
certified to be monotone, by its value at the lower end. What no enclosure decides is halved along the variable that
contributes most to the width.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ..derivations.errors import DomainError, NumericsError
from .balls import apply, enclose
from .fraction_field import flint

Box = Mapping[sp.Symbol, tuple[Any, Any]]
Point = dict[sp.Symbol, sp.Expr]

#: Working precision of the enclosures, in decimal digits.
_DIGITS = 25
#: Boxes are not halved below this fraction of the first one: there the function touches zero or is undefined.
_SMALLEST = 2.0**-40


@dataclass(frozen=True)
class SignOnBox:
    """Whether an expression has a sign on a box.

    Parameters
    ----------
    outcome : {"holds", "fails", "unknown"}
        Certified on the whole box, certified to fail at `point`, or given up.
    point, value : dict and str, or None
        An exact point where the sign is another, and the value there to 15 digits.
    boxes, seconds : int and float
        Work done.
    reason : str
        Why it was given up, or how it was decided.
    """

    outcome: Literal["holds", "fails", "unknown"]
    point: Point | None
    value: str | None
    boxes: int
    seconds: float
    reason: str


@dataclass(frozen=True)
class GapBound:
    """Certified bounds on a gap over a box: ``attained <= max |first - second| <= largest``, the first at `point`."""

    attained: float
    largest: float
    point: Point
    boxes: int
    seconds: float
    reason: str


@dataclass(frozen=True)
class RootOnBox:
    """Whether an expression has exactly one root in one variable, for every value of the other variables.

    ``low <= root <= high`` when the variable is the only one; outcome "none" is certified, "unknown" is not.
    """

    outcome: Literal["unique", "none", "unknown"]
    low: sp.Expr | None
    high: sp.Expr | None
    boxes: int
    seconds: float
    reason: str


class _Program:
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
            found.append(
                f.arb(f.fmpq(int(e.p), int(e.q))) if e.is_Rational else apply(e, [found[i] for i in args])
            )
        return [found[i] for i in self._outputs]


class _Function:
    """An expression on boxes with exact rational ends."""

    def __init__(self, expr: sp.Expr, box: Box) -> None:
        self.expr = sp.sympify(expr)
        self.variables = list(box)
        self.start = [_interval(s, ends) for s, ends in box.items()]
        self.program = _Program([self.expr], self.variables)
        try:
            gradient = [sp.diff(self.expr, v) for v in self.variables]
            self.gradient: _Program | None = _Program(gradient, self.variables)
            with _precision():
                self.gradient([_ball((a + b) / 2, (a + b) / 2) for a, b in self.start])
        except (NumericsError, DomainError, ZeroDivisionError):
            self.gradient = None

    def range(self, box: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Return a ball that contains the range on `box` (None when undefined there) and weights for the halving."""
        widths = [b - a for a, b in box]
        balls = [_ball(a, b) for a, b in box]
        value = self.value(balls)
        if value is None or self.gradient is None:
            return value, widths
        try:
            slopes = self.gradient(balls)
        except ZeroDivisionError:
            return value, widths
        if not all(g.is_finite() for g in slopes):
            return value, widths
        centre = [_ball((a + b) / 2, (a + b) / 2) for a, b in box]
        middle = self.value(centre)
        if middle is not None:
            mean = middle + sum(g * (x - c) for g, x, c in zip(slopes, balls, centre, strict=True))
            value = _meet(value, mean)
        if any(g > 0 or g < 0 for g, w in zip(slopes, widths, strict=True) if w):
            ends = [
                self.value(
                    [
                        _ball(box[i][k], box[i][k])
                        if g > 0
                        else _ball(box[i][1 - k], box[i][1 - k])
                        if g < 0
                        else x
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
        return {
            v: _simplest((3 * a + b) / 4, (a + 3 * b) / 4)
            for v, (a, b) in zip(self.variables, box, strict=True)
        }

    def surely_positive(self, point: Point) -> bool:
        """Whether a ball at working precision shows a positive value at `point`, which is cheap."""
        fmpq = flint().fmpq
        value = self.value([_ball(x, x) for x in (fmpq(int(c.p), int(c.q)) for c in point.values())])
        return value is not None and bool(value > 0)


def prove_sign(
    expr: sp.Expr, box: Box, *, sign: Literal[1, -1] = 1, boxes: int = 20_000, seconds: float = 10.0
) -> SignOnBox:
    """Certify that `expr` is > 0 (`sign` = 1) or < 0 (-1) on a whole compact box, or find where it is not.

    Parameters
    ----------
    expr : sympy.Expr
        Built of the functions that :func:`crossproof.numerics.balls.enclose` knows.
    box : mapping
        Exact rational (low, high) for every free symbol; low == high fixes a symbol.
    sign : {1, -1}
        The sign to certify; zero counts as a failure.
    boxes, seconds : int and float
        Budget after which the answer is "unknown".

    Raises
    ------
    DomainError
        If an interval is missing, reversed or not rational.
    NumericsError
        If the expression contains a function without ball arithmetic.
    """
    start = time.monotonic()
    function = _Function(sign * sp.sympify(expr), box)
    corners = itertools.islice(itertools.product(*([(a, a), (b, b)] for a, b in function.start)), 64)
    for corner in corners:
        failure = _failure(function, corner)
        if failure:
            return SignOnBox("fails", *failure, 1, time.monotonic() - start, "a corner of the box")
    order = itertools.count()
    heap: list[tuple[float, int, Any]] = [(0.0, next(order), function.start)]
    done = 0
    smallest = _SMALLEST * max((float(b - a) for a, b in function.start), default=0.0)
    with _precision():
        while heap:
            if done >= boxes or time.monotonic() - start > seconds:
                where = {str(v): float(x) for v, x in function.point(heap[0][2]).items()}
                reason = f"budget spent after {done} boxes; {len(heap)} are left, the worst is around {where}"
                return SignOnBox("unknown", None, None, done, time.monotonic() - start, reason)
            current = heapq.heappop(heap)[2]
            done += 1
            value, weights = function.range(current)
            if value is not None and value > 0:
                continue
            failure = _failure(function, current)
            if failure:
                return SignOnBox("fails", *failure, done, time.monotonic() - start, "a point inside")
            if max((float(b - a) for a, b in current), default=0.0) <= smallest:
                where = {str(v): float(x) for v, x in function.point(current).items()}
                reason = f"zero or undefined at, or too close to, {where}"
                return SignOnBox("unknown", None, None, done, time.monotonic() - start, reason)
            key = float("-inf") if value is None else float(value.lower())
            for half in _halves(current, weights):
                heapq.heappush(heap, (key, next(order), half))
    return SignOnBox("holds", None, None, done, time.monotonic() - start, f"{done} boxes enclosed")


def bound_gap(
    first: sp.Expr,
    second: sp.Expr,
    box: Box,
    *,
    tolerance: float = 1e-6,
    boxes: int = 5_000,
    seconds: float = 10.0,
) -> GapBound:
    """Bound max |first - second| over a box from both sides, until the bounds are `tolerance` apart or the budget ends.

    Parameters
    ----------
    first, second : sympy.Expr
        Two expressions in the symbols of `box`.
    box, boxes, seconds
        As for :func:`prove_sign`.
    tolerance : float
        Wanted distance of the bounds.

    Raises
    ------
    DomainError, NumericsError
        As for :func:`prove_sign`; also when no bound exists because the gap is not defined on the whole box.
    """
    start = time.monotonic()
    function = _Function(sp.sympify(first) - sp.sympify(second), box)
    order = itertools.count()
    attained, point, done = 0.0, function.point(function.start), 0
    heap: list[tuple[float, int, Any, list[Any]]] = []
    parts: list[Any] = [function.start]
    smallest = _SMALLEST * max((float(b - a) for a, b in function.start), default=0.0)
    reason = "the bounds met"
    with _precision():
        while True:
            for part in parts:
                done += 1
                value, weights = function.range(part)
                at = function.value([_ball((a + b) / 2, (a + b) / 2) for a, b in part])
                if at is not None and float(at.abs_lower()) * (1 - 1e-15) > attained:
                    attained = float(at.abs_lower()) * (1 - 1e-15)
                    point = {
                        v: _sympy((a + b) / 2) for v, (a, b) in zip(function.variables, part, strict=True)
                    }
                bound = float("inf") if value is None else float(value.abs_upper()) * (1 + 1e-15)
                heapq.heappush(heap, (-bound, next(order), part, weights))
            current, weights = heap[0][2:]
            if -heap[0][0] <= attained + tolerance and heap[0][0] > -float("inf"):
                break
            narrow = max((float(b - a) for a, b in current), default=0.0) <= smallest
            if narrow or done >= boxes or time.monotonic() - start > seconds:
                reason = (
                    f"the smallest box was reached after {done}"
                    if narrow
                    else f"budget spent after {done} boxes"
                )
                break
            heapq.heappop(heap)
            parts = list(_halves(current, weights))
    if heap[0][0] == -float("inf"):
        raise NumericsError(
            f"{function.expr} is not enclosed on the whole box after {done} boxes; give a smaller box"
        )
    return GapBound(attained, max(-heap[0][0], attained), point, done, time.monotonic() - start, reason)


def unique_root(
    expr: sp.Expr, variable: sp.Symbol, box: Box, *, boxes: int = 20_000, seconds: float = 10.0
) -> RootOnBox:
    """Certify that `expr` has exactly one root in `variable` inside the box, for all values of the other symbols.

    The argument: opposite signs on the two faces, and a derivative that does not vanish in between.

    Parameters
    ----------
    expr : sympy.Expr
        A function that is continuous on the box (its enclosures there are finite).
    variable : Symbol
        The unknown; `box` gives its interval and those of the parameters.

    Raises
    ------
    DomainError, NumericsError
        As for :func:`prove_sign`.
    """
    start = time.monotonic()
    if variable not in box:
        raise DomainError(f"variable = {variable} has no interval in the box; give one")
    f = sp.sympify(expr)
    low, high = (sp.Rational(e) for e in box[variable])
    others = {s: ends for s, ends in box.items() if s != variable}
    used = 0

    def certified(e: sp.Expr, where: Box) -> int | None:
        nonlocal used
        for direction in (1, -1):
            left = seconds - (time.monotonic() - start)
            if left <= 0 or used >= boxes:
                return None
            found = prove_sign(e, where, sign=direction, boxes=boxes - used, seconds=left)
            used += found.boxes
            if found.outcome == "holds":
                return direction
        return None

    def answer(outcome: Any, reason: str, ends: tuple[Any, Any] = (None, None)) -> RootOnBox:
        return RootOnBox(outcome, *ends, used, time.monotonic() - start, reason)

    signs = [certified(f.subs(variable, end), others) for end in (low, high)]
    if None in signs:
        return answer(
            "unknown", f"the sign at {variable} = {low if signs[0] is None else high} was not certified"
        )
    if signs[0] == signs[1]:
        if certified(f, box) is not None:
            return answer("none", "the expression has one sign on the whole box")
        return answer("unknown", "the signs at both ends are equal")
    if certified(f.diff(variable), box) is None:
        return answer("unknown", "the derivative was not certified to keep its sign")
    try:
        bound_gap(f, sp.Integer(0), box, tolerance=float("inf"), boxes=boxes, seconds=seconds)
    except NumericsError as error:
        return answer("unknown", str(error))
    if not others:
        for _ in range(60):
            middle = (low + high) / 2
            ball = enclose(f, {variable: middle})
            if ball.contains(0):
                break
            low, high = (middle, high) if (ball > 0) == (signs[0] == 1) else (low, middle)
    return answer(
        "unique", "opposite signs at the ends, monotone in between", (None, None) if others else (low, high)
    )


def _interval(symbol: sp.Symbol, ends: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = (sp.sympify(e) for e in ends)
    if not (low.is_Rational and high.is_Rational and low <= high):
        raise DomainError(f"box[{symbol}] = ({low}, {high}); give exact rationals with low <= high")
    fmpq = flint().fmpq
    return fmpq(int(low.p), int(low.q)), fmpq(int(high.p), int(high.q))


def _ball(low: Any, high: Any) -> Any:
    arb = flint().arb
    return arb(low) if low == high else arb(low).union(arb(high))


def _sympy(x: Any) -> sp.Expr:
    return sp.Rational(int(x.p), int(x.q))


def _simplest(low: Any, high: Any) -> sp.Expr:
    """Return the rational with the smallest denominator between `low` and `high`."""
    if low <= 0 <= high:
        return sp.Integer(0)
    if high < 0:
        return -_simplest(-high, -low)
    whole = -(-low.p // low.q)
    if whole <= high:
        return sp.Integer(int(whole))
    floor = low.p // low.q
    return sp.Integer(int(floor)) + 1 / _simplest(1 / (high - floor), 1 / (low - floor))


def _meet(a: Any, b: Any) -> Any:
    return a.intersection(b) if b.is_finite() and a.overlaps(b) else a


def _halves(box: Sequence[Any], weights: Sequence[Any]) -> Iterator[list[Any]]:
    widths = [b - a for a, b in box]
    k = max(range(len(box)), key=lambda i: (widths[i] > 0, weights[i], widths[i]))
    a, b = box[k]
    for ends in ((a, (a + b) / 2), ((a + b) / 2, b)):
        yield [*box[:k], ends, *box[k + 1 :]]


def _failure(function: _Function, box: Sequence[Any]) -> tuple[Point, str] | None:
    """Return a point of `box` with its value when the function is certified not to be positive there."""
    point = function.point(box)
    if function.surely_positive(point):
        return None
    try:
        ball = enclose(function.expr, point)
    except NumericsError:
        return None
    if ball < 0:
        return point, str(ball.mid().str(15, radius=False))
    if ball.contains(0) and ball.rad() < 1e-25 and function.expr.subs(point) == 0:
        return point, "0"
    return None


@contextmanager
def _precision() -> Iterator[None]:
    context = flint().ctx
    before = context.dps
    context.dps = _DIGITS
    try:
        yield
    finally:
        context.dps = before
