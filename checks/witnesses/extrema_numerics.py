"""Scans of the function itself at high precision, without any formula for its derivative."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath
import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.positivity import edge_points
from ...derivations.statements.extrema import (
    CriticalPoints,
    GlobalMaximum,
    LocalExtrema,
    MaximumExists,
)
from ...numerics.balls import sign
from ...numerics.turning_points import SCAN, Value, turning_points, turning_points_near
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text
from ..judgement.straddle import excess, generic_points, straddle
from ..witness import Task, witness

_DIGITS = 50


def value_of(statement: Any, point: Point) -> Value:
    """Return the function at `point` as an mpmath function of the variable."""
    function = sp.lambdify(statement.variable, statement.function.subs(point), "mpmath")
    return lambda x: function(mpmath.mpf(x))


def _number(expr: Any, point: Point) -> Any:
    return mpmath.mpf(str(sp.N(sp.sympify(expr).subs(point), _DIGITS)))


#: Relative difference below which two values of a scan count as equal.
_ROUNDING = mpmath.mpf(10) ** -13


@witness(
    "scan and golden section",
    kind=Kind.DETERMINISTIC,
    statement=LocalExtrema,
    starts_from="values of the function",
)
def scanned_extrema(statement: LocalExtrema, task: Task) -> Finding:
    """Each stated location is a turning point of the stated kind, found from function values alone."""
    worst = mpmath.mpf(0)
    listed = [("maximum", e) for e in statement.maxima] + [("minimum", e) for e in statement.minima]
    points = list(inside_and_at_edges(task, 4))
    with mpmath.workdps(_DIGITS):
        for point in points:
            f = value_of(statement, point)
            for kind, place in listed:
                centre = _number(place, point)
                radius = max(abs(centre), 1) / 100
                found = turning_points_near(f, centre, radius, kind)
                if found is None:
                    return contradicted(point, f"a local {kind} at {place}", f"no {kind} within 1%", 0.01)
                worst = max(worst, abs(found - centre) / max(abs(centre), 1))
    return _located(worst, len(points), task)


@witness(
    "scan of the interval",
    kind=Kind.DETERMINISTIC,
    statement=CriticalPoints,
    starts_from="values of the function",
)
def scanned_critical_points(statement: CriticalPoints, task: Task) -> Finding:
    """The turning points of the function are the stated locations (points where they are well apart)."""
    worst, used = mpmath.mpf(0), 0
    with mpmath.workdps(_DIGITS):
        for point in inside_and_at_edges(task, 4):
            f = value_of(statement, point)
            stated = sorted(_number(e, point) for e in statement.locations)
            start = _number(statement.interval.start, point) if statement.interval.start.is_finite else stated[0] - 1
            end = _number(statement.interval.end, point) if statement.interval.end.is_finite else 2 * stated[-1] + 1
            if any(b - a < 4 * (end - start) / SCAN for a, b in itertools.pairwise(stated)):
                continue
            used += 1
            found = [x for _, x in turning_points(f, start + (end - start) / 10**6, end)]
            gaps = [abs(a - b) / b for a, b in zip(found, stated, strict=False)]
            if len(found) != len(stated) or max(gaps) > mpmath.mpf(10) ** -6:
                text = ", ".join(mpmath.nstr(x, 10) for x in found)
                size = float(max(gaps, default=mpmath.mpf(1)))
                return contradicted(
                    point, ", ".join(mpmath.nstr(x, 10) for x in stated), f"turning points {text}", size
                )
            worst = max(worst, *gaps)
    return _located(worst, used, task)


@witness(
    "comparison of values",
    kind=Kind.DETERMINISTIC,
    statement=GlobalMaximum,
    starts_from="values of the function",
)
def compared_values(statement: GlobalMaximum, task: Task) -> Finding:
    """Compare the value at the location with a scan of the interval (up to 100 locations when it is unbounded)."""
    margin = mpmath.inf
    with mpmath.workdps(_DIGITS):
        for point in inside_and_at_edges(task, 12):
            f = value_of(statement, point)
            place = _number(statement.location, point)
            start, end = statement.interval.start, statement.interval.end
            low = _number(start, point)
            high = _number(end, point) if end.is_finite or end.free_symbols else 100 * place
            best = f(place)
            for i in range(1, SCAN + 1):
                x = low + (high - low) * i / SCAN
                if f(x) > best * (1 + mpmath.mpf(10) ** -30):
                    return contradicted(
                        point,
                        f"largest value {mpmath.nstr(best, 12)} at {mpmath.nstr(place, 12)}",
                        f"{mpmath.nstr(f(x), 12)} at {mpmath.nstr(x, 12)}",
                        float(f(x) / best - 1),
                    )
            margin = min(margin, 1 - f(high) / best)
    return Finding(Outcome.CONFIRMED, "no larger value in the scans.", resolution=max(float(margin), 1e-6))


@witness(
    "scan on both sides of the condition",
    kind=Kind.DETERMINISTIC,
    statement=MaximumExists,
    starts_from="values of the function",
)
def scanned_existence(statement: MaximumExists, task: Task) -> Finding:
    """A maximum shows up in a scan on one side of the condition and not on the other.

    A condition that the domain never crosses is refuted by a maximum that the scan finds where it fails; it is never
    confirmed.
    """
    margin = sp.nsimplify(task.effort.resolution)
    pairs = list(straddle(statement.condition, task.claim.domain, margin, 3))
    with mpmath.workdps(_DIGITS):
        for point in () if pairs else itertools.islice(edge_points(task.claim.domain), 81):
            if sign(excess(statement.condition), point) != -1:
                continue
            start, end = statement.interval.start, statement.interval.end
            low, high = _number(start, point), _number(end, point) if end.is_finite else None
            if _any_maximum(value_of(statement, point), low, high):
                return contradicted(point, "no maximum", "the scan finds one", 1.0)
        for pair in pairs:
            for inside in (True, False):
                point = pair.inside if inside else pair.outside
                start, end = statement.interval.start, statement.interval.end
                low = _number(start, point)
                found = _any_maximum(value_of(statement, point), low, _number(end, point) if end.is_finite else None)
                if found is not inside:
                    return contradicted(
                        point,
                        f"a maximum {'exists' if inside else 'does not exist'}",
                        f"the scan finds {'one' if found else 'none'}",
                        float(margin),
                    )
    if not pairs:
        return Finding(Outcome.UNDECIDED, "no parameter of the domain crosses the asserted threshold")
    return Finding(
        Outcome.CONFIRMED,
        f"scans at {len(pairs)} pairs of points {float(margin):.0%} from equality agree.",
        resolution=float(margin),
    )


def _any_maximum(f: Value, low: Any, high: Any) -> bool:
    if high is not None:
        return any(kind == "maximum" for kind, _ in turning_points(f, low, high))
    # an unbounded interval is scanned by decades, in steps of one per cent
    values = [f(low + mpmath.mpf(10) ** (mpmath.mpf(i) / 250)) for i in range(-750, 750)]
    # a level stretch, to rounding, is no peak: a function that tends to a constant ends in one
    return any(b - max(a, c) > _ROUNDING * abs(b) for a, b, c in zip(values, values[1:], values[2:], strict=False))


def inside_and_at_edges(task: Task, edges: int) -> Iterator[Point]:
    """Yield generic points of the claim's domain, then up to `edges` points near its edges."""
    domain: Domain = task.claim.domain
    yield from generic_points(domain, max(task.effort.points // 2, 2))
    yield from itertools.islice(edge_points(domain), edges)


def contradicted(point: Point, stated: str, found: str, size: float) -> Finding:
    """Return a refutation at an exact point, of relative size `size`."""
    return Finding(
        Outcome.REFUTED,
        "values of the function contradict the statement.",
        effect=size,
        counterexample=Counterexample(as_text(point), stated, found, f"{size:.3g}"),
    )


def _located(worst: Any, count: int, task: Task) -> Finding:
    if count == 0 or worst > task.effort.resolution:
        return Finding(Outcome.UNDECIDED, f"{count} points, locations agree to {mpmath.nstr(worst, 2)} only.")
    return Finding(
        Outcome.CONFIRMED,
        f"locations found at {count} points agree to {mpmath.nstr(worst, 2)}.",
        resolution=max(float(worst), 1e-15),
    )
