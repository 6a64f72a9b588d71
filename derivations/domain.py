"""The domain of a claim: named parameters with ranges, met by construction."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from .errors import DomainError
from .ranges import Range

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Point = dict[sp.Symbol, sp.Expr]


class Domain:
    """Parameters and their ranges, in the order in which values are chosen.

    Parameters
    ----------
    **ranges : Range
        One range a parameter, e.g. ``Domain(eta=Positive, s=Above(eta / 2))``. A bound may mention only
        parameters that come before it. Each parameter becomes a SymPy symbol of that name with the assumptions of
        its range; the same name with other assumptions is a different symbol to SymPy and is refused in a claim.

    Raises
    ------
    DomainError
        If an argument is no range or a bound mentions a parameter that is not declared before it.
    """

    def __init__(self, /, **ranges: Range) -> None:
        known: set[str] = set()
        for name, given in ranges.items():
            if not isinstance(given, Range):
                raise DomainError(
                    f"range of {name!r} is {given!r} of type {type(given).__name__}; "
                    "use Positive, Real, Integers(...), Above(...), AtLeast(...) or Between(...)"
                )
            late = {s.name for s in given.symbols()} - known
            if late:
                raise DomainError(f"range of {name!r} mentions {sorted(late)}; declare them before {name!r}")
            known.add(name)
        self._ranges: dict[sp.Symbol, Range] = {
            sp.Symbol(name, **given.assumptions): given for name, given in ranges.items()
        }

    @property
    def ranges(self) -> Mapping[sp.Symbol, Range]:
        """Ranges by symbol, in order of choice."""
        return self._ranges

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """The parameters, in order of choice."""
        return tuple(self._ranges)

    def symbol(self, name: str) -> sp.Symbol:
        """Return the parameter called `name`."""
        for symbol in self._ranges:
            if symbol.name == name:
                return symbol
        raise DomainError(f"no parameter {name!r}; the domain has {[s.name for s in self._ranges]}")

    def point(self, indices: tuple[int, ...]) -> Point:
        """Return the exact point whose k-th parameter is value number ``indices[k]`` of its range."""
        if len(indices) != len(self._ranges) or min(indices, default=0) < 0:
            raise DomainError(f"indices {indices!r}: give {len(self._ranges)} integers >= 0, one a parameter")
        chosen: Point = {}
        for (symbol, given), index in zip(self._ranges.items(), indices, strict=True):
            chosen[symbol] = given.value(index, chosen)
        return chosen

    def points(self, count: int) -> Iterator[Point]:
        """Yield up to `count` distinct exact points, simplest first (by the sum of the indices).

        An exhausted finite domain ends the iteration early.
        """
        sizes = [given.size for given in self._ranges.values()]
        most = [math.inf if size is None else min(size - 1, sys.maxsize) for size in sizes]
        last = sum(most)
        yielded = 0
        for level in itertools.count() if last == math.inf else range(int(last) + 1):
            for indices in _compositions(level, most):
                yield self.point(indices)
                yielded += 1
                if yielded == count:
                    return

    def generic_points(self, count: int) -> Iterator[Point]:
        """Yield `count` exact points of moderate size whose parameters are unrelated to each other.

        The simplest points make many terms vanish or coincide; an assertion should also be looked at where nothing
        is special.
        """
        for k in range(count):
            yield self.point(tuple(5 + (11 * k + 17 * j + 3 * k * j) % 41 for j in range(len(self._ranges))))

    def conditions(self) -> tuple[Any, ...]:
        """Return the inequalities that define the domain."""
        return tuple(c for s, given in self._ranges.items() for c in given.conditions(s))

    def check(self, point: Mapping[sp.Symbol, Any]) -> None:
        """Raise DomainError unless `point` gives every parameter an exact value inside its range."""
        values = {s: sp.sympify(v) for s, v in point.items()}
        for symbol, given in self._ranges.items():
            if symbol not in values:
                raise DomainError(f"no value for {symbol}; give one that satisfies {self.describe(symbol)}")
            value = values[symbol]
            if given.integral and not value.is_integer:
                raise DomainError(f"{symbol} = {value} must be an integer")
            for condition in given.conditions(symbol):
                if condition.xreplace(values).doit() != sp.true:
                    raise DomainError(f"{symbol} = {value} is outside the domain; it must satisfy {condition}")

    def describe(self, symbol: sp.Symbol) -> str:
        """Return the range of `symbol` in words."""
        given = self._ranges[symbol]
        conditions = ", ".join(str(c) for c in given.conditions(symbol)) or f"{symbol} real"
        return f"{conditions}, integer" if given.integral else conditions

    def latex(self) -> str:
        """Return the inequalities in LaTeX."""
        parts = []
        for symbol, given in self._ranges.items():
            conditions = [sp.latex(c) for c in given.conditions(symbol)]
            kind = r" \in \mathbb{Z}" if given.integral else r" \in \mathbb{R}"
            parts.append(
                r",\; ".join(conditions)
                if conditions and not given.integral
                else r",\; ".join([sp.latex(symbol) + kind, *conditions])
            )
        return r",\quad ".join(parts)

    def __repr__(self) -> str:
        return f"Domain({', '.join(self.describe(s) for s in self._ranges)})"


def _compositions(total: int, most: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Yield the tuples of non-negative integers that sum to `total`, none above its entry of `most`; first ones first.

    In descending order, as words; no tuple is made in vain, and no number of entries is too deep.
    """
    counts = [0] * len(most)

    def fill(left: int, start: int) -> int:
        for i in range(start, len(most)):
            counts[i] = int(min(left, most[i]))
            left -= counts[i]
        return left

    if fill(total, 0):
        return
    while True:
        yield tuple(counts)
        moved, room = 1, 0.0
        for i in reversed(range(len(most))):
            if counts[i] and room >= moved:
                break
            moved += counts[i]
            room += most[i]
        else:
            return
        counts[i] -= 1
        fill(moved, i + 1)
