"""Exact points of a domain at which an assertion is looked at: simple, generic, at its edges and at every scale.

A domain is met through its parametrisation: each fresh parameter runs over its own range whatever the others are, so
every choice of values is a point of the domain, and nothing is rejected.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import lru_cache

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError
from ...derivations.positivity import parametrise
from ...derivations.ranges import Integers, Range

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Distances from an end, and sizes, that are tried one after the other: near ones, then every scale.
SCALES = tuple(sp.Rational(10) ** k for k in (-1, 1, -3, 3, 2, 6, -6, 9, -12, 12, 15, 24, -30, 30, 60, 100, -100, 300))
#: Values without relations to each other: irrational ones, and rational ones of large height.
GENERIC = (
    sp.sqrt(2),
    sp.Rational(1000003, 777781),
    sp.pi / 5,
    sp.Rational(104729, 611953),
    sp.sqrt(7) * 3 / 2,
    sp.Rational(7919, 1259),
    sp.exp(1) / 4,
    sp.Rational(15485863, 2750159),
    sp.sqrt(3) / 7,
    sp.Rational(32452843, 49979687),
)


def examined(domain: Domain, count: int) -> Iterator[Point]:
    """Yield the simplest points, generic ones, edges and scales of `domain`, without repetition.

    Parameters
    ----------
    domain : Domain
        Where.
    count : int
        How many of the simplest points; half as many generic ones. Edges and scales are tried one parameter at a
        time, the others being generic or equal to it.
    """
    chart = Chart(domain)
    yield from distinct(itertools.chain(simple(domain, count), chart.generic(max(count // 2, 2)), chart.scaled()))


def simple(domain: Domain, count: int) -> Iterator[Point]:
    """Yield up to `count` of the simplest points, and some whose coordinates are not related."""
    for symbol, given in domain.ranges.items():
        if len(domain.symbols) == 1 and not given.symbols():  # many claims have the same
            yield from map(dict, _simple_of_one(symbol.name, given, count))
            return
    yield from _simple(domain, count)


def _simple(domain: Domain, count: int) -> Iterator[Point]:
    yield from domain.points(count)
    yield from domain.generic_points(max(count // 4, 2))


@lru_cache(maxsize=64)
def _simple_of_one(name: str, given: Range, count: int) -> tuple[Point, ...]:
    return tuple(_simple(Domain(**{name: given}), count))


class Chart:
    """A domain through its parametrisation, in fresh parameters that are independent of each other."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.images = parametrise(domain)
        #: The fresh parameters in the order of the domain.
        self.fresh: list[sp.Symbol] = []
        for image in self.images.values():
            self.fresh += sorted((s for s in image.free_symbols if s not in self.fresh), key=str)

    def generic(self, count: int) -> Iterator[Point]:
        """Yield up to `count` points with irrational coordinates and with rational ones of large height."""
        signs = (1,) if all(s.is_nonnegative for s in self.fresh) else (1, -1)
        for number, sign in itertools.product(range(count), signs):
            values = (GENERIC[(number + 3 * k) % len(GENERIC)] for k in range(len(self.fresh)))
            chosen = {
                s: _fitting(s, v if s.is_nonnegative else sign * v) for s, v in zip(self.fresh, values, strict=True)
            }
            yield from self.point(chosen)

    def scaled(self) -> Iterator[Point]:
        """Yield points near every end and at every scale: one parameter moves, or all move together."""
        for symbol, given in self.domain.ranges.items():
            if len(self.images) == 1 and not given.symbols():
                yield from map(dict, _scaled_of_one(symbol.name, given))
                return
        yield from self._scaled()

    def _scaled(self) -> Iterator[Point]:
        base = {s: _fitting(s, GENERIC[(3 * k + 1) % len(GENERIC)]) for k, s in enumerate(self.fresh)}
        for scale in SCALES:
            for s in self.fresh:
                for sign in (1,) if s.is_nonnegative else (1, -1):
                    yield from self.point(base | {s: _fitting(s, sign * scale)})
            if len(self.fresh) > 1:
                yield from self.point({s: _fitting(s, scale) * (1 + k) for k, s in enumerate(self.fresh)})
        for s in self.fresh:
            if not s.is_positive:
                yield from self.point(base | {s: sp.Integer(0)})

    def point(self, chosen: dict[sp.Symbol, sp.Expr]) -> Iterator[Point]:
        """Yield the point of the domain at these values of the fresh parameters, if there is one."""
        found: Point = {}
        for symbol, image in self.images.items():
            given = self.domain.ranges[symbol]
            if isinstance(given, Integers) and given.size is not None:
                found[symbol] = given.value(abs(int(chosen[symbol])), found)
            else:
                found[symbol] = image.xreplace(chosen)
        if inside(self.domain, found):
            yield found


@lru_cache(maxsize=64)
def _scaled_of_one(name: str, given: Range) -> tuple[Point, ...]:
    return tuple(Chart(Domain(**{name: given}))._scaled())


def around(domain: Domain, point: Point, symbol: sp.Symbol, values: Iterable[sp.Expr]) -> Iterator[Point]:
    """Yield `point` with other `values` of one parameter, where these lie in the domain."""
    for value in values:
        moved = point | {symbol: value}
        if inside(domain, moved):
            yield moved


def inside(domain: Domain, point: Point) -> bool:
    """Return whether an exact point is certain to lie in the domain."""
    try:
        domain.check(point)
    except (DomainError, TypeError):  # SymPy compares nothing that is not real
        return False
    return True


def distinct(points: Iterable[Point]) -> Iterator[Point]:
    """Yield each point once."""
    seen: set[tuple[sp.Expr, ...]] = set()
    for point in points:
        key = tuple(point.values())
        if key not in seen:
            seen.add(key)
            yield point


def _fitting(s: sp.Symbol, value: sp.Expr) -> sp.Expr:
    """Return `value`, or for an integer parameter a whole number of that size."""
    if not s.is_integer:
        return value
    whole = sp.Integer(sp.floor(abs(value))) * (-1 if value < 0 else 1)
    return whole if whole != 0 or not s.is_positive else sp.Integer(1)
