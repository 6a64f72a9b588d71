"""Roots on boxes: exactly one in one variable, certified for all values of the others."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ...derivations.errors import DomainError, NumericsError
from ..arguments import checked
from ..exact.balls import enclose
from ..exact.enclosures import Box
from .boxes import bound_gap, prove_sign


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


@checked(DomainError)
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
    start = time.thread_time()
    if variable not in box:
        raise DomainError(f"variable = {variable} has no interval in the box; give one")
    f = sp.sympify(expr)
    low, high = (sp.Rational(e) for e in box[variable])
    others = {s: ends for s, ends in box.items() if s != variable}
    used = 0

    def certified(e: sp.Expr, where: Box) -> int | None:
        nonlocal used
        for direction in (1, -1):
            left = seconds - (time.thread_time() - start)
            if left <= 0 or used >= boxes:
                return None
            found = prove_sign(e, where, sign=direction, boxes=boxes - used, seconds=left)
            used += found.boxes
            if found.outcome == "holds":
                return direction
        return None

    def answer(outcome: Any, reason: str, ends: tuple[Any, Any] = (None, None)) -> RootOnBox:
        return RootOnBox(outcome, *ends, used, time.thread_time() - start, reason)

    signs = [certified(f.subs(variable, end), others) for end in (low, high)]
    if None in signs:
        return answer("unknown", f"the sign at {variable} = {low if signs[0] is None else high} was not certified")
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
            value = enclose(f, {variable: middle})
            if value.contains(0):
                break
            low, high = (middle, high) if (value > 0) == (signs[0] == 1) else (low, middle)
    return answer("unique", "opposite signs at the ends, monotone in between", (None, None) if others else (low, high))
