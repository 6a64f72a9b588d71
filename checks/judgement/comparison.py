"""Two numbers at an exact point: they differ, they agree to so many digits, one is undefined, or it stays open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import sympy as sp

from ...derivations.errors import NumericsError, UndefinedError
from ...numerics.exact.point_forms import exactly_zero
from ...numerics.exact.programs import program_of
from ...numerics.exact.values import PRECISIONS, Value, value_at_precision, values

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Bits of relative agreement of two sides beyond which no higher precision is tried, usually and at a few points.
AGREEMENT_BITS, MANY_BITS = 600, 25_000
#: A relative agreement of fewer bits says nothing, and numbers that may be 0 are small below so many.
COARSEST_BITS = 40
#: CPU seconds for one comparison at one point.
SECONDS = 1.5


class Comparison(NamedTuple):
    """Two sides at one point.

    Parameters
    ----------
    outcome : {"differ", "agree", "zero", "undefined", "open"}
        Certified to differ; equal to `bits` bits; both so small that they may be 0, which has no relative
        size and says nothing either way; a side certainly without a real value; or not told.
    gap : flint.arb or None
        Ball around left - right, where both have values.
    bits : float
        For "agree": minus the binary logarithm of the largest relative deviation that the balls leave possible.
    effect : float
        For "differ": the gap relative to the larger side, where the sides themselves told it.
    principal : bool
        Whether a side passes through numbers that are not real.
    verified : bool
        Whether the balls are rigorous; what differs by estimated values only is "open".
    reason : str
        For "undefined" and "open": what has no value, or why it is not told.
    """

    outcome: Literal["differ", "agree", "zero", "undefined", "open"]
    gap: Any = None
    bits: float = 0.0
    effect: float | None = None
    principal: bool = False
    verified: bool = True
    reason: str = ""


def compare(
    left: sp.Expr,
    right: sp.Expr,
    point: Mapping[sp.Symbol, Any],
    seconds: float = SECONDS,
    bits: int = AGREEMENT_BITS,
) -> Comparison:
    """Compare two expressions, as they are written, at an exact point with rising precision.

    Parameters
    ----------
    left, right : sympy.Expr
        The sides.
    point : mapping
        Exact value of every free symbol.
    seconds : float
        CPU seconds that may be spent.
    bits : int
        Bits of relative agreement that suffice.
    """
    if left == right:
        found = values(left, point, seconds)
        try:
            only = next(found)
        except UndefinedError as error:
            return Comparison("undefined", reason=str(error))
        except NumericsError as error:
            return Comparison("open", reason=str(error))
        return Comparison("agree", only.ball * 0, math.inf, principal=only.principal, verified=only.verified)
    best = Comparison("open", reason="no precision told the sides apart")
    precisions = PRECISIONS[1:] if program_of(left).plain and program_of(right).plain else PRECISIONS
    try:
        both = (values(side, point, seconds, precisions) for side in (left, right))
        for one, other in zip(*both, strict=False):
            best = _compared(one, other)
            if best.outcome == "differ" or (best.outcome == "agree" and (best.bits >= bits or not best.verified)):
                break
    except UndefinedError as error:
        return Comparison("undefined", reason=str(error))
    except NumericsError as error:
        return best if best.outcome == "agree" else Comparison("open", reason=str(error))
    return best


def _compared(one: Value, other: Value) -> Comparison:
    gap = one.ball - other.ball
    verified = one.verified and other.verified
    facts: dict[str, Any] = {"principal": one.principal or other.principal, "verified": verified}
    if not gap.contains(0):
        if not verified:
            return Comparison("open", gap, reason="estimated values differ, which is no proof", **facts)
        scale = max(one.ball.abs_upper(), other.ball.abs_upper())
        return Comparison("differ", gap, effect=float(abs(gap).mid() / scale), **facts)
    # relative to what a side is certain to be at least; a side that may be 0 has no relative size
    least = max(one.ball.abs_lower(), other.ball.abs_lower())
    if not least > 0:
        if one.ball.is_zero() and other.ball.is_zero():
            return Comparison("agree", gap, math.inf, **facts)
        small = gap.abs_upper() < 2.0**-COARSEST_BITS
        return Comparison("zero" if small else "open", gap, reason="both sides may be 0", **facts)
    left = gap.abs_upper() / least
    agreed = math.inf if left.is_zero() else -float((left.log() / type(left).const_log2()).upper())
    if agreed < COARSEST_BITS:
        return Comparison("open", gap, reason="the sides lose their digits to cancellation", **facts)
    return Comparison("agree", gap, agreed, **facts)


def certified_nonzero(expr: sp.Expr, point: Mapping[sp.Symbol, Any]) -> Comparison | None:
    """Return the comparison of `expr` with 0 at an exact point if a ball of 640 bits excludes 0, or None."""
    try:
        found = value_at_precision(expr, point, PRECISIONS[1])
    except NumericsError:
        return None
    if found.verified and not found.ball.contains(0):
        return Comparison("differ", found.ball, principal=found.principal)
    return None


def certified_sign(expr: sp.Expr, point: Mapping[sp.Symbol, Any], seconds: float = SECONDS) -> int | None:
    """Return the sign (-1, 0, 1) of `expr` at an exact point, certified by a ball or exactly; None where it is open.

    Raises
    ------
    UndefinedError
        If the expression certainly has no real value there.
    """
    exact = sp.sympify(expr)
    try:
        for found in values(exact, point, seconds):
            if not found.verified:
                return None
            if found.ball.is_zero():
                return 0
            if not found.ball.contains(0):
                return 1 if found.ball > 0 else -1
            if found.ball.rad() < 1e-60 and exactly_zero(exact, point):
                return 0
    except UndefinedError:
        raise
    except NumericsError:
        return None
    return None
