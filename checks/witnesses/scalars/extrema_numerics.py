"""Extrema by power series and balls at exact points, without any formula for a derivative.

A point may refute, by a derivative that is certified not to vanish, a curvature of the wrong sign, a turning point
elsewhere or a larger value. Points never confirm an extremum.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath
import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.positivity import edge_points
from ....derivations.statements.extrema import CriticalPoints, GlobalMaximum, LocalExtrema, MaximumExists
from ....numerics.exact.power_series import Jet, derivative_agrees
from ....numerics.exact.values import value_at_precision
from ....numerics.signs.line_pieces import Line
from ....numerics.signs.line_signs import nonnegative_on_line
from ....numerics.signs.turning_points import SCAN, Value, turning_points
from ...evidence import Finding, Kind
from ...judgement.domain_signs import certified_sign
from ...judgement.exact import value_text
from ...judgement.findings import refuted, undecided
from ...judgement.straddle import excess, generic_points, straddle
from ...meaning.processes import meaning
from ...witness import Task, witness

_DIGITS = 50
#: Bits of the balls around stated locations.
_BITS = 200
#: CPU seconds to show that a function is monotone at one point of the parameters.
_SECONDS = 1.0


def value_of(statement: Any, point: Point) -> Value:
    """Return the function at `point` as an mpmath function of the variable."""
    function = sp.lambdify(statement.variable, statement.function.subs(point), "mpmath")

    def value(x: Any) -> Any:
        try:
            return function(mpmath.mpf(x))
        except ZeroDivisionError:
            return mpmath.nan

    return value


def _number(expr: Any, point: Point) -> Any:
    return mpmath.mpf(str(sp.N(sp.sympify(expr).subs(point), _DIGITS)))


def taylor(statement: Any, place: sp.Expr, point: Point, order: int) -> list[Any]:
    """Return balls around f^(k)/k! at a place that depends on the parameters, k = 0 .. order.

    Raises
    ------
    NumericsError
        If the place or the function has no value, or no power series is known.
    """
    from flint import ctx

    centre = value_at_precision(sp.sympify(place), point, _BITS).ball
    before = ctx.prec
    ctx.prec = _BITS
    try:
        found = Jet(statement.function.xreplace(point), statement.variable).coefficients(centre, order)
    finally:
        ctx.prec = before
    if found is None:
        raise NumericsError(f"{statement.function} has no power series at {place}")
    return found


@witness(
    "power series at the extremum",
    kind=Kind.DETERMINISTIC,
    statement=LocalExtrema,
    starts_from="values of the function",
)
def series_at_extrema(statement: LocalExtrema, task: Task) -> Finding:
    """The first Taylor coefficient at each stated location may vanish, and the second has not the wrong sign."""
    listed = [("maximum", -1, e) for e in statement.maxima] + [("minimum", 1, e) for e in statement.minima]
    count, open_part = 0, ""
    for point in inside_and_at_edges(task, 4):
        for kind, sign, place in listed:
            try:
                _, slope, curvature = taylor(statement, place, point, 2)
            except NumericsError as error:
                open_part = str(error)
                continue
            if not slope.contains(0) or sign * curvature < 0:
                what = "slope" if not slope.contains(0) else "curvature"
                size = (slope if what == "slope" else 2 * curvature).str(12, radius=False)
                return refuted(
                    f"the {what} at {place} contradicts a local {kind}.",
                    point,
                    f"a local {kind} at {place}",
                    f"{what} {size}",
                    size,
                    certified=True,
                )
            count += 1
    return undecided(f"nothing objects at {count} places, which is no proof of an extremum{_also(open_part)}.")


def _also(open_part: str) -> str:
    return f"; {open_part}" if open_part else ""


@witness(
    "scan of the interval",
    kind=Kind.DETERMINISTIC,
    statement=CriticalPoints,
    starts_from="values of the function",
)
def scanned_critical_points(statement: CriticalPoints, task: Task) -> Finding:
    """The slope may vanish at each stated location, and no turning point is certified anywhere else."""
    count = 0
    for point in inside_and_at_edges(task, 4):
        try:
            for place in statement.locations:
                slope = taylor(statement, place, point, 1)[1]
                if not slope.contains(0):
                    size = slope.str(12, radius=False)
                    stated = f"a critical point at {place}"
                    return refuted(
                        f"the slope at {place} is not 0.", point, stated, f"slope {size}", size, certified=True
                    )
            other = _turning_elsewhere(statement, point)
        except NumericsError:
            continue
        if other is not None:
            text = mpmath.nstr(mpmath.mpf(other.p) / other.q, 12)
            return refuted(
                "a turning point is certified where none is stated.",
                point,
                ", ".join(value_text(e, point) for e in statement.locations),
                f"turning point near {text}",
                "not listed",
                certified=True,
            )
        count += 1
    return undecided(f"no other turning point in scans at {count} points, which is no proof.")


def _turning_elsewhere(statement: CriticalPoints, point: Point) -> sp.Rational | None:
    """Return a number next to a certified turning point inside the interval and away from the stated ones, or None."""
    with mpmath.workdps(_DIGITS):
        stated = [_number(e, point) for e in statement.locations]
        start, end = statement.interval.start, statement.interval.end
        low = _number(start, point) if start.is_finite is not False else min(stated) - 1
        high = _number(end, point) if end.is_finite is not False else 2 * max(stated) + 1
        found = [x for _, x in turning_points(value_of(statement, point), low + (high - low) / 10**6, high)]
        for place in found:
            step = max(abs(place), (high - low) / SCAN) / 10**6
            if any(abs(place - s) <= 2 * step for s in stated):
                continue
            left, right = (sp.Rational(str(mpmath.nstr(place + side * step, 40))) for side in (-1, 1))
            slopes = [taylor(statement, e, point, 1)[1] for e in (left, right)]
            if (slopes[0] > 0 > slopes[1]) or (slopes[0] < 0 < slopes[1]):
                return left
    return None


@witness(
    "comparison of values",
    kind=Kind.DETERMINISTIC,
    statement=GlobalMaximum,
    starts_from="values of the function",
)
def compared_values(statement: GlobalMaximum, task: Task) -> Finding:
    """Compare the value at the location with a scan of the interval; a larger value is certified before it refutes."""
    missing = meaning((statement.location,), task.claim.domain)
    if missing is not None:
        return missing
    count = 0
    for point in inside_and_at_edges(task, 12):
        start, end = (sp.sympify(e).subs(point) for e in (statement.interval.start, statement.interval.end))
        place = sp.sympify(statement.location).subs(point)
        low = start if start.is_finite else place - 100 * (1 + abs(place))
        high = end if end.is_finite else place + 100 * (1 + abs(place))
        best = statement.function.subs(point).subs(statement.variable, place)
        with mpmath.workdps(_DIGITS):
            f, numbers = value_of(statement, point), [_number(e, {}) for e in (place, low, high)]
            top = f(numbers[0])
            if not isinstance(top, mpmath.mpf):
                return undecided(f"the function has no real value at its asserted place {place}.")
            scan = {i: f(numbers[1] + (numbers[2] - numbers[1]) * i / SCAN) for i in range(1, SCAN + 1)}
            steps = [i for i, value in scan.items() if isinstance(value, mpmath.mpf) and value > top]
        for i in steps[:3]:
            x = low + (high - low) * sp.Rational(i, SCAN)
            if statement.interval.subs(point).contains(x) != sp.true:
                continue
            value = statement.function.subs(point).subs(statement.variable, x)
            if certified_sign(value - best, {}) == 1:
                return refuted(
                    "a larger value is certified inside the interval.",
                    point | {statement.variable: x},
                    f"largest value {value_text(best, {})}",
                    value_text(value, {}),
                    value_text(value - best, {}),
                    certified=True,
                )
        count += 1
    return undecided(f"no larger value in scans at {count} points, which is no proof.")


@witness(
    "scan on both sides of the condition",
    kind=Kind.DETERMINISTIC,
    statement=MaximumExists,
    starts_from="values of the function",
)
def scanned_existence(statement: MaximumExists, task: Task) -> Finding:
    """On one side of the condition a turning point is certified, on the other side the function is monotone.

    A scan only proposes turning points; what no power series certifies stays open, and so does what the condition says
    elsewhere.
    """
    margin = sp.nsimplify(task.effort.resolution)
    pairs = list(straddle(statement.condition, task.claim.domain, margin, 3))
    for point in () if pairs else itertools.islice(edge_points(task.claim.domain), 81):
        if certified_sign(excess(statement.condition), point) == -1 and _maximum(statement, point):
            return refuted(
                "a maximum is certified where the condition fails.",
                point,
                "no maximum",
                "a certified one",
                "1",
                certified=True,
            )
    certain = True
    for pair in pairs:
        for inside in (True, False):
            point = pair.inside if inside else pair.outside
            found = _maximum(statement, point)
            if found is None:
                certain = False
            elif found is not inside:
                return refuted(
                    f"a maximum {'is certified' if found else 'is excluded'} {float(margin):.0%} from equality.",
                    point,
                    f"a maximum {'exists' if inside else 'does not exist'}",
                    "a certified sign change of the slope" if found else "the function is monotone",
                    f"{float(margin):.3g}",
                    effect=float(margin),
                    certified=True,
                )
    if not pairs or not certain:
        return undecided(
            "existence was not certified on both sides of the condition."
            if pairs
            else "no parameter of the domain crosses the asserted threshold"
        )
    return undecided(f"certified at {len(pairs)} pairs of points {float(margin):.0%} from equality, which is no proof.")


def _maximum(statement: MaximumExists, point: Point) -> bool | None:
    """Return whether the function has a certified local maximum, or is certified to be monotone; else None."""
    start, end = (sp.sympify(e).subs(point) for e in (statement.interval.start, statement.interval.end))
    with mpmath.workdps(_DIGITS):
        f, low = value_of(statement, point), _number(start, {})
        for place in _peaks(f, low, _number(end, {}) if end.is_finite else None):
            step = abs(place - low) / 10**6
            left, right = (sp.Rational(str(mpmath.nstr(place + side * step, 40))) for side in (-1, 1))
            try:
                slopes = [taylor(statement, e, point, 1)[1] for e in (left, right)]
            except NumericsError:
                continue
            if slopes[0] > 0 > slopes[1]:
                return True
    x, function = statement.variable, statement.function.subs(point)
    slope, line = sp.diff(function, x), Line(x, start, end)
    values = ({x: low_end + sp.Rational(k, 3)} for low_end in (start,) for k in range(1, 5))
    if not derivative_agrees(function, slope, x, values):
        return None
    signs = (nonnegative_on_line(sign * slope, line, (), _SECONDS).outcome for sign in (1, -1))
    return False if "holds" in signs else None


def _peaks(f: Value, low: Any, high: Any) -> Iterator[Any]:
    """Yield places of maxima that a scan proposes; an unbounded interval is scanned by decades."""
    if high is not None:
        yield from (x for kind, x in turning_points(f, low, high) if kind == "maximum")
        return
    marks = [low + mpmath.mpf(10) ** k for k in range(-3, 4)]
    for a, b in itertools.pairwise(marks):
        yield from (x for kind, x in turning_points(f, (low + a) / 2, b) if kind == "maximum")


def inside_and_at_edges(task: Task, edges: int) -> Iterator[Point]:
    """Yield generic points of the claim's domain, then up to `edges` points near its edges."""
    domain: Domain = task.claim.domain
    yield from generic_points(domain, max(task.effort.points // 2, 2))
    yield from itertools.islice(edge_points(domain), edges)
