"""Where a picture looks: an exact point of the claim's domain, the parameter that moves, and how far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...checks.evidence import Counterexample, Outcome, Verdict
from ...checks.judgement.deterministic import generic_points
from ...checks.judgement.domain_ranges import ends_of
from ...checks.judgement.points import inside
from ...derivations.claim import Claim
from ...derivations.domain import Domain, Point
from ...derivations.errors import CrossproofError
from ...derivations.text.parsing import parse_expression
from .values import grid_between, number

#: Places at which a curve is evaluated, and integers that are shown at most.
PLACES, INTEGERS = 101, 24
#: Points of the domain that are tried when there is no counterexample.
_TRIED = 12
#: What the point is called at which a claim fails.
COUNTEREXAMPLE = "counterexample"


@dataclass(frozen=True)
class Place:
    """An exact point to look from.

    Parameters
    ----------
    point : dict
        A value for every parameter of the domain.
    counterexample : Counterexample or None
        The one of the verdict, where it gives the point.
    """

    point: Point
    counterexample: Counterexample | None = None


def counterexample_of(verdict: Verdict | None) -> Counterexample | None:
    """Return the counterexample of a verdict that refutes."""
    return verdict.counterexample if verdict is not None and verdict.outcome is Outcome.REFUTED else None


def exact_point(domain: Domain, given: Mapping[str, str]) -> Point:
    """Return the parameters of a domain, in its order, that a point as text gives exactly."""
    found: Point = {}
    for symbol in domain.symbols:
        try:
            value = sp.sympify(parse_expression(given[symbol.name], {})).doit()
        except (KeyError, CrossproofError, ValueError, TypeError):
            continue
        if value.is_number and value.is_real and value.is_finite:
            found[symbol] = value
    return found


def places(claim: Claim, verdict: Verdict | None) -> Iterator[Place]:
    """Yield points to look from: that of the counterexample, then generic ones, then simple ones."""
    domain = claim.domain
    example = counterexample_of(verdict)
    if not domain.symbols:
        yield Place({}, example)
        return
    if example is not None:
        known = exact_point(domain, example.point)
        if set(known) == set(domain.symbols):
            if inside(domain, known):
                yield Place(known, example)
        elif known:
            for base in (*generic_points(domain, _TRIED), *domain.points(_TRIED)):
                if inside(domain, moved := {**base, **known}):
                    yield Place(moved, example)
                    break
    yield from (Place(point) for point in generic_points(domain, _TRIED))
    yield from (Place(point) for point in domain.points(_TRIED))


@dataclass(frozen=True)
class Window:
    """The values of one parameter that are looked at, exact and increasing."""

    symbol: sp.Symbol
    grid: tuple[Any, ...]
    whole: bool

    @property
    def ends(self) -> tuple[float, float]:
        """First and last value."""
        return float(self.grid[0]), float(self.grid[-1])


def window(
    domain: Domain, point: Point, symbol: sp.Symbol, count: int = PLACES, shown: tuple[float, float] | None = None
) -> Window | None:
    """Return values of `symbol` around its value at `point`, within its range there; None where there is no room.

    With `shown`, the values lie between these two numbers instead.
    """
    given = domain.ranges[symbol]
    low, high, closed = ends_of(symbol, given)
    others = {s: v for s, v in point.items() if s != symbol}
    bottom, top = (_end(e, others) for e in (low, high))
    middle = number(point[symbol], {})
    if not math.isfinite(middle):
        return None
    if given.integral:
        first = max(bottom, middle - INTEGERS // 3)
        last = min(top, first + INTEGERS - 1, max(middle + INTEGERS // 2, first + 11))
        grid = tuple(sp.Integer(n) for n in range(int(first), int(last) + 1))
        return Window(symbol, grid, True) if len(grid) > 1 else None
    if shown is not None:
        first, last = max(bottom, shown[0]), min(top, shown[1])
    elif math.isfinite(bottom) and math.isfinite(top):
        first, last = bottom, top
    elif math.isfinite(bottom):
        reach = middle - bottom
        first, last = bottom, bottom + (2.5 * reach if reach > 0 else 2 * max(abs(middle), 1.0))
    elif math.isfinite(top):
        reach = top - middle
        first, last = top - (2.5 * reach if reach > 0 else 2 * max(abs(middle), 1.0)), top
    else:
        reach = 1.5 * max(abs(middle), 1.0)
        first, last = middle - reach, middle + reach
    if not last > first:
        return None
    step = (last - first) / (count - 1)
    low_end = first + step / 4 if first == bottom and not closed else first
    high_end = last - step / 4 if last == top and not closed else last
    exact = {*grid_between(low_end, high_end, count), *([point[symbol]] if first <= middle <= last else [])}
    return Window(symbol, tuple(sorted(exact, key=lambda v: number(v, {}))), False)


def _end(bound: Any, others: Point) -> float:
    if bound in (sp.oo, -sp.oo):
        return math.inf if bound == sp.oo else -math.inf
    return number(sp.sympify(bound).xreplace(others), {}) if not sp.sympify(bound).is_number else number(bound, {})


def at_values(point: Mapping[Any, Any], leave_out: Sequence[sp.Symbol] = ()) -> str:
    """Return the values of the parameters in words, such as ``, at k = 1/2, D = 1``; nothing without any."""
    named = [f"{s} = {short(v)}" for s, v in point.items() if s not in leave_out]
    return f", at {', '.join(named)}" if named else ""


def short(value: Any) -> str:
    """Return an exact number, or about what it is where its text is long."""
    text = str(value)
    return text if len(text) <= 16 else f"about {float(value):.6g}"
