"""Signs on whole boxes: ball arithmetic with adaptive subdivision (Arb through python-flint).

Each box is enclosed by the natural extension, by the mean-value form and, in the variables in which the function is
certified to be monotone, by its value at the lower end. What no enclosure decides is halved along the variable that
contributes most to the width.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from ..exact.balls import enclose
from ..exact.enclosures import Box, BoxFunction, Point, precision

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

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


@checked(DomainError)
def prove_sign(
    expr: sp.Expr, box: Box, *, sign: Literal[1, -1] = 1, boxes: int = 20_000, seconds: float = 10.0
) -> SignOnBox:
    """Certify that `expr` is > 0 (`sign` = 1) or < 0 (-1) on a whole compact box, or find where it is not.

    Parameters
    ----------
    expr : sympy.Expr
        Built of the functions that :func:`crossproof.numerics.exact.balls.enclose` knows.
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
    start = time.thread_time()
    function = BoxFunction(sign * sp.sympify(expr), box)
    corners = itertools.islice(itertools.product(*([(a, a), (b, b)] for a, b in function.start)), 64)
    for corner in corners:
        failure = _failure(function, corner, sign)
        if failure:
            return SignOnBox("fails", *failure, 1, time.thread_time() - start, "a corner of the box")
    order = itertools.count()
    heap: list[tuple[float, int, Any]] = [(0.0, next(order), function.start)]
    done = 0
    smallest = _SMALLEST * max((float(b - a) for a, b in function.start), default=0.0)
    with precision():
        while heap:
            if done >= boxes or time.thread_time() - start > seconds:
                where = {str(v): float(x) for v, x in function.point(heap[0][2]).items()}
                reason = f"budget spent after {done} boxes; {len(heap)} are left, the worst is around {where}"
                return SignOnBox("unknown", None, None, done, time.thread_time() - start, reason)
            current = heapq.heappop(heap)[2]
            done += 1
            value, weights = function.range(current)
            if value is not None and value > 0:
                continue
            failure = _failure(function, current, sign)
            if failure:
                return SignOnBox("fails", *failure, done, time.thread_time() - start, "a point inside")
            if max((float(b - a) for a, b in current), default=0.0) <= smallest:
                where = {str(v): float(x) for v, x in function.point(current).items()}
                reason = f"zero or undefined at, or too close to, {where}"
                return SignOnBox("unknown", None, None, done, time.thread_time() - start, reason)
            key = float("-inf") if value is None else float(value.lower())
            for half in _halves(current, weights):
                heapq.heappush(heap, (key, next(order), half))
    return SignOnBox("holds", None, None, done, time.thread_time() - start, f"{done} boxes enclosed")


def _halves(box: Sequence[Any], weights: Sequence[Any]) -> Iterator[list[Any]]:
    widths = [b - a for a, b in box]
    k = max(range(len(box)), key=lambda i: (widths[i] > 0, weights[i], widths[i]))
    a, b = box[k]
    for ends in ((a, (a + b) / 2), ((a + b) / 2, b)):
        yield [*box[:k], ends, *box[k + 1 :]]


def _failure(function: BoxFunction, box: Sequence[Any], sign: int) -> tuple[Point, str] | None:
    """Return a point of `box` with `sign` times its value when the function is certified not to be positive there."""
    point = function.point(box)
    if function.surely_positive(point):
        return None
    try:
        value = enclose(function.expr, point)
    except NumericsError:
        return None
    if value < 0:
        return point, str((sign * value).mid().str(15, radius=False))
    if value.contains(0) and value.rad() < 1e-25 and function.expr.subs(point) == 0:
        return point, "0"
    return None
