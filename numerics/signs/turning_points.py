"""Turning points of a function of one variable from its values alone: a scan, then golden-section search (mpmath)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from ...derivations.errors import DomainError

#: Points of a scan.
SCAN = 400
#: Steps of golden-section search: the bracket shrinks by 1e-18.
_GOLDEN_STEPS = 87

#: A function of one mpmath number.
Value = Callable[[Any], Any]


def turning_points(f: Value, low: Any, high: Any) -> list[tuple[str, Any]]:
    """Return the interior turning points of `f` found on a grid, each refined by golden-section search.

    Parameters
    ----------
    f : callable
        The function, of an mpmath number.
    low, high : mpmath numbers
        Ends of the scan, low < high; a turning point at an end is not found.

    Returns
    -------
    list of (str, mpmath number)
        "maximum" or "minimum", and its location to about half the working digits.

    Raises
    ------
    DomainError
        If the ends are out of order.
    """
    if not low < high:
        raise DomainError(f"low={low}, high={high}: give low < high")
    grid = [low + (high - low) * mpmath.mpf(i) / SCAN for i in range(SCAN + 1)]
    values = [f(x) for x in grid]
    found = []
    for i in range(1, SCAN):
        before, here, after = values[i - 1 : i + 2]
        if here > before and here >= after:
            found.append(("maximum", _golden(f, grid[i - 1], grid[i + 1], 1)))
        elif here < before and here <= after:
            found.append(("minimum", _golden(f, grid[i - 1], grid[i + 1], -1)))
    return found


def _golden(f: Value, a: Any, b: Any, orientation: int) -> Any:
    ratio = (mpmath.sqrt(5) - 1) / 2
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    fc, fd = orientation * f(c), orientation * f(d)
    for _ in range(_GOLDEN_STEPS):
        if fc >= fd:
            b, d, fd = d, c, fc
            c = b - ratio * (b - a)
            fc = orientation * f(c)
        else:
            a, c, fc = c, d, fd
            d = a + ratio * (b - a)
            fd = orientation * f(d)
    return (a + b) / 2
