"""Domains in which claims are generated, exact points inside them, and deviations that live at one place.

A tent is ``abs(x-c+w) - 2*abs(x-c) + abs(x-c-w)``: 2*w at c and exactly 0 outside of (c-w, c+w).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Variable:
    """A parameter: its range as text, its ends (None: none) and the class of its values.

    The classes are those of :mod:`.pairs`: R real, P positive, G at least 1, U inside (-1, 1), I inside (0, 1).
    """

    name: str
    range: str
    low: Fraction | None
    high: Fraction | None
    kind: str
    integral: bool = False


def real(name: str) -> Variable:
    return Variable(name, "real", None, None, "R")


def positive(name: str) -> Variable:
    return Variable(name, "positive", Fraction(0), None, "P")


def unit(name: str) -> Variable:
    return Variable(name, "between(0, 1)", Fraction(0), Fraction(1), "I")


def symmetric(name: str) -> Variable:
    return Variable(name, "between(-1, 1)", Fraction(-1), Fraction(1), "U")


def above(name: str, bound: str) -> Variable:
    base, _, exponent = bound.partition("**")
    return Variable(name, f"above({bound})", Fraction(int(base) ** int(exponent or 1)), None, "G")


def at_least(name: str, bound: int) -> Variable:
    return Variable(name, f"at_least({bound})", Fraction(bound), None, "G")


def integers(name: str, low: int, high: int | None = None) -> Variable:
    ends = f"{low}" if high is None else f"{low}, {high}"
    kind = "G" if low >= 1 else "R"
    return Variable(name, f"integers({ends})", Fraction(low), None if high is None else Fraction(high), kind, True)


#: Domains of identities and inequalities.
DOMAINS: tuple[tuple[Variable, ...], ...] = (
    (real("x"),),
    (positive("x"),),
    (real("x"), real("y")),
    (positive("x"), positive("y")),
    (real("x"), positive("c")),
    (positive("x"), positive("a"), real("b")),
    (unit("x"),),
    (symmetric("x"), real("y")),
    (unit("x"), positive("c")),
    (at_least("x", 1),),
    (above("x", "12"),),
    (above("x", "200"),),
    (above("x", "10**6"),),
    (above("x", "10**40"),),
    (integers("n", 1),),
    (integers("n", 1, 60), positive("x")),
    (positive("x"), integers("n", 2)),
)


def ranges(domain: tuple[Variable, ...]) -> dict[str, str]:
    """Return the ranges of a domain as text by name."""
    return {v.name: v.range for v in domain}


def exact_point(rng: random.Random, domain: tuple[Variable, ...]) -> dict[str, Fraction]:
    """Return a point inside the domain whose coordinates have nothing to do with each other."""
    return {v.name: value(rng, v) for v in domain}


def value(rng: random.Random, v: Variable) -> Fraction:
    """Return an exact value strictly inside the range of `v`."""
    if v.integral:
        low, high = int(v.low or 0), int(v.high) if v.high is not None else int(v.low or 0) + 40
        return Fraction(rng.randint(low, high))
    share = Fraction(rng.randint(1, 9999), 10007)
    if v.low is None:
        return 6 * share - 3
    return v.low + (share * (v.high - v.low) if v.high is not None else 4 * share)


def written(number: Fraction) -> str:
    """Return a number as text that may stand anywhere in a formula."""
    return str(number) if number.denominator == 1 and number >= 0 else f"({number})"


@dataclass(frozen=True)
class Deviation:
    """A deviation that is 1 at an exact point: its text, the coordinate that fixes the point, place and width."""

    text: str
    name: str
    at: Fraction
    place: str
    width: float


def deviation(rng: random.Random, domain: tuple[Variable, ...]) -> Deviation:
    """Return a non-negative deviation of height 1 at a random place of a random coordinate.

    Every text is 1 at its point by exact arithmetic, so that adding a non-zero multiple changes the value there.
    """
    v = rng.choice(domain)
    x = v.name
    at = value(rng, v)
    if v.integral:
        c = written(at)
        return Deviation(f"(abs({x}-{c}+1)-2*abs({x}-{c})+abs({x}-{c}-1))/2", x, at, f"at {x} = {c} alone", 1.0)
    c = written(at)
    places = ["bump", "tent"] + (["far"] if v.high is None else []) + (["edge"] if v.low is not None else [])
    place = rng.choice(places)
    scale = 10 ** rng.choice((1, 2, 3, 5, 9, 15))
    if place == "bump":
        return Deviation(f"exp(-({scale}*({x}-{c}))**2)", x, at, f"within 1/{scale} of {x} = {c}", 2 / scale)
    if place == "tent":
        room = [abs(at - end) for end in (v.low, v.high) if end is not None]
        width = min([Fraction(1, scale), *room])
        w = written(width)
        text = f"(abs({x}-{c}+{w})-2*abs({x}-{c})+abs({x}-{c}-{w}))/{written(2 * width)}"
        return Deviation(text, x, at, f"on one interval of length 2*{w}", float(2 * width))
    if place == "edge":
        assert v.low is not None
        width = Fraction(1, scale * 10)
        low, w = written(v.low), written(width)
        inside = v.low + width / 2
        text = f"(abs({x}-{low}-{w})-({x}-{low}-{w}))/{w}"
        return Deviation(text, x, inside, f"within {w} of the lower end of {x}", float(width))
    start = (v.low or 0) + 10 ** rng.choice((4, 6, 8, 12, 20))
    s = written(Fraction(start))
    return Deviation(f"(abs({x}-{s})+({x}-{s}))/2", x, Fraction(start) + 1, f"beyond {x} = {s} alone", 0.0)


def at(point: Mapping[str, Fraction], found: Deviation) -> dict[str, Fraction]:
    """Return the point with the coordinate at which the deviation is 1."""
    return {**point, found.name: found.at}


def size(rng: random.Random) -> Fraction:
    """Return the size of a perturbation: 1e-30 to a factor of two, either sign."""
    exponent = rng.choice((0, 0, 0, 1, 2, 3, 4, 6, 9, 12, 15, 20, 25, 30))
    return rng.choice((-1, 1)) * Fraction(rng.randint(1, 9), 10) / 10**exponent
