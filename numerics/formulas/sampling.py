"""Random points of a domain on all scales, as float64 numbers that lie inside."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import NumericsError
from ...derivations.ranges import Between, Integers, Range, Real
from .exact_points import exact, nearest_float

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Powers of ten between which distances from an end are drawn: three in four points near 1, the others far out.
_NEAR, _FAR = 1.5, 12.0
_LARGEST_INTEGER = 4.0


def scattered_points(domain: Domain, count: int, seed: int, far: bool = True) -> np.ndarray | None:
    """Return up to `count` points as an array (points, parameters); None where a bound has no value at any.

    Distances from the ends of ranges are drawn from many powers of ten. `far` admits the extreme ones.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(4 * count):
        reach = _FAR if far and k % 4 == 3 else _NEAR
        try:
            rows.append(_point(domain, rng, reach))
        except (NumericsError, OverflowError):
            continue
        if len(rows) == count:
            break
    return np.array(rows) if rows else None


def _point(domain: Domain, rng: np.random.Generator, reach: float) -> list[float]:
    chosen: dict[sp.Symbol, sp.Rational] = {}
    for symbol, given in domain.ranges.items():
        for _ in range(20):
            value = _value(given, chosen, rng, reach)
            inside = (bool(c.xreplace({**chosen, symbol: exact(value)})) for c in given.conditions(symbol))
            if math.isfinite(value) and all(inside):
                chosen[symbol] = exact(value)
                break
        else:
            raise NumericsError(f"no float64 number inside the range of {symbol}")
    return [float(v) for v in chosen.values()]


def _value(given: Range, chosen: dict[sp.Symbol, sp.Rational], rng: np.random.Generator, reach: float) -> float:
    size = float(10.0 ** rng.uniform(-reach, reach))
    if isinstance(given, Integers):
        low = float(given.low.subs(chosen)) if isinstance(given.low, sp.Expr) else float(given.low)
        room = _LARGEST_INTEGER if given.high is None else math.log10(given.high - given.low + 1)
        return low + math.floor(float(10.0 ** rng.uniform(0, min(room, reach)))) - 1
    if given is Real:
        return float(size * rng.choice([-1.0, 1.0]))
    if isinstance(given, Between):
        low, high = (nearest_float(sp.sympify(b), chosen, "a bound") for b in (given.low, given.high))
        share = size / (1 + size) if size < 1 else 1 / (1 + 1 / size)
        return low + (high - low) * share
    bound = getattr(given, "bound", None)
    return size if bound is None else nearest_float(sp.sympify(bound), chosen, "a bound") + size
