"""Values of formulas along one parameter by ball arithmetic, and the range of an axis that shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from ...checks.judgement.points import inside
from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError, UndefinedError
from ...numerics.exact.values import OpenError, values
from .picture import Array

#: Relative radius of a ball below which its middle is drawn; a pixel is a thousandth.
_FINE = 1e-7
#: Sizes from which on a value leaves a gap: no axis in floats has room beyond.
_LARGEST = 1e250
#: CPU seconds for one value.
_SECONDS = 0.05
#: How many times the middle nine tenths of the values the whole range may be, before the axis shows the middle only.
_STRETCH = 4.0
#: Ratio of positive values from which an axis is logarithmic.
_DECADES = 1e3
_MARGIN = 0.06


def number(expr: Any, point: Mapping[sp.Symbol, Any]) -> float:
    """Return the value of an expression at an exact point as a float, from a ball; NaN where it has no real value."""
    try:
        for found in values(sp.sympify(expr), point, _SECONDS):
            middle, radius = float(found.ball.mid()), float(found.ball.rad())
            if radius <= _FINE * max(abs(middle), 1e-300) or (middle == 0 and radius < 1e-30):
                return middle if abs(middle) < _LARGEST else math.nan
            if radius < 1e-30 and abs(middle) < 1e-30:
                return 0.0
    except (UndefinedError, OpenError, NumericsError, OverflowError, ZeroDivisionError):
        pass
    return math.nan


def along(expr: Any, symbol: sp.Symbol, grid: Sequence[Any], point: Point, domain: Domain | None = None) -> Array:
    """Return the values of `expr` at `point` with `symbol` on an exact grid, shape (len(grid),).

    NaN where there is none, and where the point leaves `domain`.
    """
    found = np.full(len(grid), np.nan)
    for k, at in enumerate(grid):
        moved = {**point, symbol: at}
        if domain is None or symbol not in domain.ranges or inside(domain, moved):
            found[k] = number(expr, moved)
    return found


def grid_between(low: float, high: float, count: int, *, logarithmic: bool = False) -> list[sp.Rational]:
    """Return `count` increasing rational numbers from `low` to `high`, ends included, equally spaced on the axis."""
    spaced = np.geomspace(low, high, count) if logarithmic else np.linspace(low, high, count)
    return [sp.Rational(float(f"{v:.9g}")).limit_denominator(10**9) if abs(v) > 1e-6 else sp.Rational(float(v))
            for v in spaced]  # fmt: skip


def visible_range(
    parts: Sequence[Any], always: Sequence[float] = (), *, logarithmic: bool = True
) -> tuple[float, float, bool]:
    """Return (low, high, logarithmic) of an axis that shows `parts`, arrays of values, and `always` in any case.

    Where a few values lie far away from the rest (a pole) the axis shows the rest. Positive values of many sizes get a
    logarithmic axis, if it is allowed.
    """
    seen = np.concatenate([np.ravel(np.asarray(p, dtype=np.float64)) for p in parts] or [np.empty(0)])
    seen = seen[np.isfinite(seen)]
    kept = np.array([v for v in always if math.isfinite(v)])
    if seen.size + kept.size == 0:
        return 0.0, 1.0, False
    everything = np.concatenate([seen, kept])
    low, high = float(everything.min()), float(everything.max())
    if logarithmic and low > 0 and high > _DECADES * low:
        return low / 1.5, high * 1.5, True
    if seen.size > 20:
        first, last = np.percentile(seen, [5, 95])
        if high - low > _STRETCH * (last - first) > 0:
            spread = last - first
            low, high = max(low, first - 0.6 * spread), min(high, last + 0.6 * spread)
            low, high = min([low, *kept]), max([high, *kept])
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        middle, half = (low + high) / 2, 0.5 * max(abs(low), abs(high)) or 1.0
        return middle - half, middle + half, False
    margin = _MARGIN * (high - low)
    return low - margin, high + margin, False
