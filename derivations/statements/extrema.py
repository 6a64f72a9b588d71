"""Statements about critical points, extrema and inequalities of explicit functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..expressions import as_printed
from ..statement import Implication, Statement


@dataclass(frozen=True)
class _OfFunction(Statement):
    """A statement about one function of one variable."""

    function: sp.Expr
    variable: sp.Symbol

    def _symbols(self, *more: Any) -> set[sp.Symbol]:
        found: set[sp.Symbol] = set().union(*(sp.sympify(e).free_symbols for e in (self.function, *more)))
        return found - {self.variable}


@dataclass(frozen=True)
class CriticalPoints(_OfFunction):
    """The critical points of `function` in the open `interval` are exactly `locations`.

    That is, for all parameters of the domain: the function is differentiable inside the interval, every location lies
    inside, and the derivative vanishes at the locations and nowhere else.
    """

    locations: tuple[sp.Expr, ...]
    interval: sp.Interval

    def asserted(self) -> tuple[str, ...]:
        return ("locations",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self._symbols(*self.locations)

    def latex(self) -> str:
        x = sp.latex(self.variable)
        places = ",\\; ".join(sp.latex(e) for e in self.locations)
        return rf"\partial_{{{x}}}\left[{sp.latex(self.function)}\right] = 0 \iff {x} \in \left\{{{places}\right\}}"

    def formula(self) -> sp.Expr | None:
        return self.locations[0]


@dataclass(frozen=True)
class LocalExtrema(_OfFunction):
    """`function` has strict local minima at `minima` and strict local maxima at `maxima`.

    That is, at each location the function is strictly larger (smaller for a maximum) at all other points of some
    neighbourhood inside the range of its variable. That the list is complete is not asserted.
    """

    minima: tuple[sp.Expr, ...] = ()
    maxima: tuple[sp.Expr, ...] = ()

    def __post_init__(self) -> None:
        if not (self.minima or self.maxima):
            raise ClaimError("LocalExtrema names no location; give minima or maxima")
        named = (*self.minima, *self.maxima)
        if len(set(named)) < len(named):
            raise ClaimError(f"LocalExtrema names a location twice among {named}; name each once")

    def asserted(self) -> tuple[str, ...]:
        return ("minima", "maxima")

    def free_symbols(self) -> set[sp.Symbol]:
        return self._symbols(*self.minima, *self.maxima)

    def latex(self) -> str:
        x, f = sp.latex(self.variable), sp.latex(self.function)
        parts = []
        for kind, places in (("minimum", self.minima), ("maximum", self.maxima)):
            parts += [rf"\text{{local {kind} at }} {x} = {sp.latex(p)}" for p in places]
        return rf"{f}:\quad " + ",\\; ".join(parts)

    def formula(self) -> sp.Expr | None:
        return (*self.maxima, *self.minima)[0]


@dataclass(frozen=True)
class GlobalMaximum(_OfFunction):
    """`function` takes its largest value over `interval` at `location`.

    The location belongs to the interval, and the function is nowhere in it larger than there. Other points may be as
    large.
    """

    location: sp.Expr
    interval: sp.Interval

    def asserted(self) -> tuple[str, ...]:
        return ("location",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self._symbols(self.location, self.interval)

    def latex(self) -> str:
        x, place = sp.latex(self.variable), sp.latex(self.location)
        return rf"\arg\max_{{{x} \in {sp.latex(self.interval)}}} {sp.latex(self.function)} = {place}"

    def formula(self) -> sp.Expr | None:
        return self.location


@dataclass(frozen=True)
class MaximumExists(_OfFunction):
    """`function` has a local maximum inside the open `interval` if and only if `condition` holds."""

    interval: sp.Interval
    condition: Any

    def __post_init__(self) -> None:
        _check_inequality(self.condition)

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self._symbols(self.condition)

    def latex(self) -> str:
        x, f = sp.latex(self.variable), sp.latex(self.function)
        inside = sp.latex(self.interval)
        return rf"{f} \text{{ has a local maximum in }} {x} \in {inside} \iff {sp.latex(self.condition)}"


@dataclass(frozen=True)
class Inequality(Statement):
    """`relation` holds at every point of the domain.

    Both sides are defined and real at every point; a strict relation holds strictly, however close it comes to
    equality.
    """

    relation: Any

    def __post_init__(self) -> None:
        _check_inequality(self.relation)

    def asserted(self) -> tuple[str, ...]:
        return ("relation",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return (Implication(self.relation, other.relation),)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.relation.free_symbols)

    def latex(self) -> str:
        return as_printed(self.relation)


@dataclass(frozen=True)
class EquivalentConditions(Statement):
    """Two inequalities hold at the same points of the domain.

    All four sides are defined and real at every point.
    """

    first: Any
    second: Any

    def __post_init__(self) -> None:
        _check_inequality(self.first)
        _check_inequality(self.second)

    def asserted(self) -> tuple[str, ...]:
        return ("second",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.first.free_symbols | self.second.free_symbols)

    def latex(self) -> str:
        return rf"{sp.latex(self.first)} \iff {sp.latex(self.second)}"


def _check_inequality(condition: Any) -> None:
    if not isinstance(condition, sp.Gt | sp.Ge | sp.Lt | sp.Le):
        raise ClaimError(f"{condition!r} is no inequality; give one such as sp.Gt(a, b, evaluate=False)")
