"""The value of a formula at one point of float64 numbers, from balls of rising precision, rounded once."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.errors import AccuracyWarning, NumericsError, UndefinedError
from ..exact.values import OpenError, values

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Relative radius of a ball that rounds to float64, and the one that a value without a warning may have.
_ROUNDS, _WARNED = 2.0**-56, 1e-6
#: CPU seconds that one value may take.
_SECONDS = 2.0


def nearest_float(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Rational], name: str) -> float:
    """Return the value of `expr` at `point`, rounded to float64; what is smaller than its smallest number is 0.

    Raises
    ------
    NumericsError
        If there is no real value, no digit of it is found, or it is beyond the range of float64.

    Warns
    -----
    AccuracyWarning
        If the value is not known to 1e-6 relative.
    """
    from flint import arb

    at = ", ".join(f"{s} = {float(v):.17g}" for s, v in point.items())
    place = f"{name} at {at}" if at else name
    smallest = arb(2) ** -1080
    best: Any = None
    try:
        for found in values(expr, point, _SECONDS):
            best = found.ball
            if best.rad() <= abs(best.mid()) * _ROUNDS or best.rad() < smallest:
                return _rounded(best, place)
    except UndefinedError as error:
        raise NumericsError(f"{place} has no real value ({error}); give values at which it has one") from None
    except OpenError as error:
        raise NumericsError(f"{place} is not told ({error}); give values farther from where it is undefined") from None
    if best is None or not best.rad() < abs(best.mid()):
        raise NumericsError(f"{place} has more digits than can be computed; give values nearer to 1")
    if not best.rad() <= abs(best.mid()) * _WARNED:
        said = f"{place} is known as {best.str(8)} only, not to 1e-6; give values nearer to 1"
        warnings.warn(AccuracyWarning(said), stacklevel=2)
    return _rounded(best, place)


def _rounded(ball: Any, place: str) -> float:
    middle = ball.mid()
    try:
        value = float(middle)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise NumericsError(f"{place} is {middle.str(5, radius=False)}, beyond float64; give values nearer to 1")
    return value


def values_at_rows(expr: sp.Expr, arguments: Sequence[sp.Symbol], rows: np.ndarray, name: str) -> np.ndarray:
    """Return the values of `expr` at the rows of an array (points, arguments), equal rows computed once."""
    if not len(rows):
        return np.empty(0)
    distinct, inverse = (
        np.unique(rows, axis=0, return_inverse=True) if rows.shape[1] else (rows[:1], np.zeros(len(rows), int))
    )
    found = [nearest_float(expr, dict(zip(arguments, map(exact, row), strict=True)), name) for row in distinct]
    return np.array(found)[inverse.reshape(-1)]


def exact(value: float) -> sp.Rational:
    """Return a float64 number exactly."""
    return sp.Rational(*float(value).as_integer_ratio())
