"""Functions of one variable with the places that a statement names: critical points, extrema, maxima."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from ...checks.evidence import Verdict
from ...derivations.claim import Claim
from ...derivations.errors import CrossproofError
from ...derivations.statements.extrema import CriticalPoints, GlobalMaximum, LocalExtrema, MaximumExists
from ...derivations.text.parsing import parse_expression
from .picture import Axis, Curve, Mark, NoPicture, Panel, Picture
from .sides import finished, label_of, legend, padded
from .values import along, grid_between, number, visible_range
from .window import COUNTEREXAMPLE, Place, at_values, places

_PLACES = 161
_TRIED = 6
#: Ratio of values at marked places from which the axis may be logarithmic.
_RATIO = 30.0


def marked_function(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The function on its interval, with the stated places and the counterexample."""
    statement: Any = claim.statement
    x = statement.variable
    for number_, place in enumerate(places(claim, verdict)):
        named = [(word, number(e, place.point)) for word, e in _named(statement)]
        if all(math.isfinite(at) for _, at in named):
            break
        if number_ == _TRIED:
            raise NoPicture(f"{claim.id}: the stated places have no real values at the points that were tried")
    other = _other_place(x, place)
    low, high = _ends(statement, place, [at for _, at in named], other)
    grid = grid_between(low, high, _PLACES)
    values = along(statement.function, x, grid, place.point)
    if np.isfinite(values).sum() < 3:
        raise NoPicture(f"{claim.id}: the function has no real values on its interval{at_values(place.point)}")
    marks = [Mark(word, at, number(statement.function, {**place.point, x: sp.Rational(at)})) for word, at in named]
    if other is not None:
        marks.append(Mark(COUNTEREXAMPLE, float(other), number(statement.function, {**place.point, x: other})))
    marks = [m for m in marks if math.isfinite(m.y)]
    at = np.array([float(v) for v in grid])
    ends = [abs(m.y) for m in marks if m.y != 0]
    # values of different size at the marked places are seen on a logarithmic axis only
    scaled = bool(ends) and max(ends) > _RATIO * min(ends)
    bottom, top, logarithmic = visible_range([values], [m.y for m in marks], logarithmic=scaled)
    panel = Panel(
        Axis(label_of(x), *padded(np.array([*at, *(m.x for m in marks)]))), Axis("function", bottom, top, logarithmic),
        (Curve(legend("function", statement.function), at, values, "found"),), marks=tuple(marks),
    )  # fmt: skip
    said = f"The function against {x} with the stated places{at_values(place.point, [x])}"
    if isinstance(statement, MaximumExists):
        holds = statement.condition.subs(place.point)
        said = f"The function against {x}{at_values(place.point, [x])}, where the stated condition is {holds}"
    return finished(claim, verdict, "function with marked places", [panel], f"{said}.")


def _named(statement: Any) -> list[tuple[str, sp.Expr]]:
    if isinstance(statement, CriticalPoints):
        return [("stated critical point", e) for e in statement.locations]
    if isinstance(statement, LocalExtrema):
        return [("stated minimum", e) for e in statement.minima] + [("stated maximum", e) for e in statement.maxima]
    return [("stated maximum", statement.location)] if isinstance(statement, GlobalMaximum) else []


def _other_place(x: sp.Symbol, place: Place) -> sp.Expr | None:
    """Return the value of the variable at the counterexample, if it names one."""
    example = place.counterexample
    if example is None or str(x) not in example.point:
        return None
    try:
        value = sp.sympify(parse_expression(example.point[str(x)], {})).doit()
    except CrossproofError:
        return None
    return value if value.is_real else None


def _ends(statement: Any, place: Place, named: list[float], other: sp.Expr | None) -> tuple[float, float]:
    """Return the ends of what is shown: all places with room around them, within the interval."""
    shown = [*named, *([] if other is None else [float(other)])]
    interval = getattr(statement, "interval", None)
    low, high = -math.inf, math.inf
    if interval is not None:
        low, high = (
            (-math.inf if e == -sp.oo else math.inf if e == sp.oo else number(e, place.point))
            for e in (interval.start, interval.end)
        )
    elif statement.variable.is_positive or statement.variable.is_nonnegative:
        low = 0.0
    reach = max([abs(v) for v in shown], default=1.0) or 1.0
    first = max(low, min(shown, default=0.0) - 0.4 * reach)
    last = min(high, max(shown) + 0.4 * reach if shown else 1.3 * _size(place))
    small = 1e-3 * (last - first)
    return (first + small if first == low else first), (last - small if last == high else last)


def _size(place: Place) -> float:
    """Return the size of the parameters that are no counts."""
    return max([abs(float(v)) for s, v in place.point.items() if not s.is_integer] or [1.0])
