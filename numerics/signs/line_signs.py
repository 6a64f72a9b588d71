"""Positivity of a function of one variable on a whole interval, open, closed or infinite, touching points included.

The interval is cut into pieces. Each is settled by its range from monotonicity and envelopes, by a Taylor form with
balls, around an exact zero by the first derivative that does not vanish there, or, towards an open or infinite end, by
descent: the derivative keeps its sign on the piece, and the value or the limit at the lower end is not negative.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ...derivations.calculus.sign_forms import SignForm, sign_forms
from ...derivations.errors import NumericsError
from ..exact.enclosures import precision
from ..exact.exact_zeros import Zero
from ..exact.fraction_field import flint
from ..exact.power_series import Jet, derivative_agrees
from .extended_ranges import ExtendedRange, between, extended_range
from .line_pieces import Line, around, cut, halves, hull, middle, samples

#: Pieces after which the search is given up, and the finest cut of a bounded one.
_PIECES, _INNER_PIECES, _FINEST = 4000, 40, 80
#: Cuts before descent is tried on a piece at an open or infinite end, and how many derivatives it may take.
_PATIENCE, _DEEPEST = 2, 3
#: Cuts at which a derivative may have a search of its own.
_DEEP_AT = (3, 8, 20)
#: Radii 2^-k of the neighbourhood of a touching point.
_RADII = range(40)


@dataclass(frozen=True)
class SignOnLine:
    """Whether a function is positive on a line: certified, certified to fail at `point`, or given up.

    At the `zeros` the function vanishes; those inside the line are the only places where a certified function does.
    """

    outcome: Literal["holds", "fails", "unknown"]
    reason: str
    zeros: tuple[sp.Expr, ...] = ()
    point: sp.Expr | None = None


def nonnegative_on_line(expr: sp.Expr, line: Line, zeros: Sequence[Zero], seconds: float) -> SignOnLine:
    """Certify that `expr` is positive on `line` except at `zeros`, where it vanishes.

    Parameters
    ----------
    expr : sympy.Expr
        In the variable of the line only.
    line : Line
        Where.
    zeros : sequence of Zero
        Exact zeros of `expr` on the line or at its ends, verified, with their orders.
    seconds : float
        CPU seconds that may be spent, greater than 0.

    Raises
    ------
    NumericsError
        If the expression contains another symbol.
    """
    search = _Search(sp.sympify(expr), line, time.thread_time() + seconds)
    with precision():
        return search.run(zeros)


class _Search:
    def __init__(self, expr: sp.Expr, line: Line, deadline: float, depth: int = 0) -> None:
        self.expr, self.line, self.deadline, self.depth = expr, line, deadline, depth
        self.jet = Jet(expr, line.variable)
        self._forms: list[SignForm] | None = None

    def run(self, zeros: Sequence[Zero], most: int = _PIECES) -> SignOnLine:
        places = tuple(z.place for z in zeros)
        pieces, done = deque((p, 0) for p in self._without(zeros)), 0
        while pieces:
            if done >= most or time.thread_time() > self.deadline:
                at = ", ".join(f"({p.low}, {p.high})" for p, _ in list(pieces)[:2])
                return SignOnLine("unknown", f"given up after {done} pieces; {len(pieces)} are left, such as {at}")
            piece, cuts = pieces.popleft()
            done += 1
            if self._settled(piece, cuts):
                continue
            centre = middle(piece)
            if self._value(centre) is not None and self._value(centre) < 0:
                return SignOnLine("fails", f"negative at {centre}", places, centre)
            if cuts >= _FINEST:
                return SignOnLine("unknown", f"zero at, or too close to, {float(centre):.10g}")
            for half in halves(piece, centre):
                pieces.append((half, cuts + 1))
        at = f", zero at {', '.join(map(str, places))} only" if places else ""
        return SignOnLine("holds", f"{done} pieces of the line enclosed{at}", places)

    def _without(self, zeros: Sequence[Zero]) -> list[Line]:
        """Return the line without certified neighbourhoods of the zeros; where one is not certified, nothing is cut."""
        rest = [self.line]
        for zero in zeros:
            hole = self._neighbourhood(zero)
            if hole is not None:
                rest = [part for piece in rest for part in cut(piece, hole)]
        return rest

    def _neighbourhood(self, zero: Zero) -> tuple[sp.Expr, sp.Expr] | None:
        """Return ends between which the first derivative that does not vanish at the zero keeps a fitting sign."""
        k, line = zero.order, self.line
        if (line.low <= zero.place) != sp.true or (zero.place <= line.high) != sp.true:
            return None
        left, right = zero.place != line.low, zero.place != line.high
        if left and right and k % 2:
            return None
        wanted = 1 if right or k % 2 == 0 else -1
        for exponent in _RADII:
            radius = sp.Rational(1, 2**exponent)
            ends = around(zero.place, radius)
            low = max(ends[0], line.low) if left else zero.place
            high = min(ends[1], line.high) if right else zero.place
            if not (low.is_finite and high.is_finite):
                continue
            found = self.jet.coefficients(hull(low, high), k)
            if found is not None and wanted * found[k] > 0:
                return low, high
            if time.thread_time() > self.deadline:
                break
        return None

    def _settled(self, piece: Line, cuts: int) -> bool:
        if self._enclosed(piece):
            return True
        at_end = piece.low == self.line.low or piece.high == self.line.high
        if not at_end or cuts < _PATIENCE or self.depth >= _DEEPEST:
            return False
        # what one derivative settles at once comes before what needs a search of its own
        return self._descends(piece, deep=False) or (cuts in _DEEP_AT and self._descends(piece, deep=True))

    def _enclosed(self, piece: Line) -> bool:
        box = {piece.variable: piece.range()}
        for form in self.forms():
            if _sign(form.expr, box) == "positive" and all(_sign(n, box) == "positive" for n in form.needs):
                return True
        return piece.bounded and self._taylor(piece)

    def _taylor(self, piece: Line) -> bool:
        ball, centre = hull(piece.low, piece.high), middle(piece)
        whole = self.jet.coefficients(ball, 2)
        if whole is None:
            return False
        if whole[0] > 0:
            return True
        ends = (piece.low, piece.high)
        if whole[1] > 0 or whole[1] < 0:
            value = self._value(ends[0] if whole[1] > 0 else ends[1])
            if value is not None and value > 0:
                return True
        here = self.jet.coefficients(hull(centre, centre), 1)
        if here is None:
            return False
        step = ball - hull(centre, centre)
        square = flint().arb(0).union(step.abs_upper() ** 2)
        return bool(here[0] + here[1] * step + whole[2] * square > 0)

    def _descends(self, piece: Line, deep: bool) -> bool:
        """Whether a form of the function is monotone on the piece and not negative at the end where it is least."""
        box = {piece.variable: piece.range()}
        for form in self.forms():
            if any(_sign(n, box) != "positive" for n in form.needs) or not _defined(form.expr, box):
                continue
            slope = sp.diff(form.expr, piece.variable)
            points = ({piece.variable: place} for place in samples(piece))
            if slope.free_symbols - {piece.variable} or not derivative_agrees(form.expr, slope, piece.variable, points):
                continue
            for direction in (1, -1):
                if time.thread_time() > self.deadline:
                    return False
                if self._not_negative_at_end(form.expr, piece, direction) and self._keeps_sign(
                    direction * slope, piece, deep
                ):
                    return True
        return False

    def _not_negative_at_end(self, expr: sp.Expr, piece: Line, direction: int) -> bool:
        """Whether the value, or all limits, at the end where a monotone function is least are positive, or 0 beyond."""
        end, closed = (piece.low, piece.low_closed) if direction > 0 else (piece.high, piece.high_closed)
        try:
            limit = extended_range(expr, {piece.variable: between(end, end, True, True)})
        except NumericsError:
            return False
        return limit.sign == "positive" or (not closed and limit.sign in ("nonnegative", "zero"))

    def _keeps_sign(self, slope: sp.Expr, piece: Line, deep: bool) -> bool:
        now = time.thread_time()
        inner = _Search(slope, piece, now + (self.deadline - now) / 8, self.depth + 1)
        value = inner._value(middle(piece))
        if value is None or not value > 0:
            return False
        return inner.run((), _INNER_PIECES).outcome == "holds" if deep else inner._enclosed(piece)

    def forms(self) -> list[SignForm]:
        """Return the expressions with the same sign that agree with the function at points of the line."""
        if self._forms is None:
            places = list(samples(self.line))
            self._forms = [f for f in sign_forms(self.expr) if f.expr == self.expr or self._agrees(f, places)]
        return self._forms

    def _agrees(self, form: SignForm, places: Sequence[sp.Expr]) -> bool:
        if form.expr.free_symbols - {self.line.variable}:
            return False
        other, agreed = Jet(form.expr, self.line.variable), 0
        for place in places:
            one, two = self._value(place), _safe(other, place)
            if one is None or two is None or one.contains(0) or two.contains(0):
                continue
            if (one > 0) != (two > 0):
                return False
            agreed += 1
        return agreed >= 2

    def _value(self, place: sp.Expr) -> Any:
        return _safe(self.jet, place)


def _safe(jet: Jet, place: sp.Expr) -> Any:
    try:
        return jet.value(hull(place, place))
    except NumericsError:
        return None


def _sign(expr: sp.Expr, box: dict[sp.Symbol, ExtendedRange]) -> str | None:
    try:
        return extended_range(expr, box).sign
    except NumericsError:
        return None


def _defined(expr: sp.Expr, box: dict[sp.Symbol, ExtendedRange]) -> bool:
    """Whether a range on the box exists, which needs every part to be defined there."""
    try:
        extended_range(expr, box)
    except NumericsError:
        return False
    return True
