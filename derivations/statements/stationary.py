"""Statements about stationary laws: densities, thresholds of normalisability, point masses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement, directed, proportional


def one_dimensional(sde: SDE) -> sp.Symbol:
    """Return the state variable of a one-dimensional equation; ClaimError for others."""
    if sde.dimension != 1:
        raise ClaimError(f"a one-dimensional SDE is needed; this one has {sde.dimension} coordinates")
    return sde.state[0]


def pieces(support: sp.Set) -> tuple[sp.Interval, ...]:
    """Return the intervals of `support` (an interval or a union of intervals)."""
    found = support.args if isinstance(support, sp.Union) else (support,)
    for piece in found:
        if not isinstance(piece, sp.Interval):
            raise ClaimError(f"support {support} is no union of intervals; give sp.Interval objects")
    return tuple(found)


@dataclass(frozen=True)
class StationaryLaw(Statement):
    """The process has a stationary probability law with this density on the support.

    That is, for all parameters of the domain: the density is positive inside the support, up to isolated zeros, and
    has finite mass; started in this law, the process lives for all times on the open support and keeps the law. So it
    must not explode, nor leave the support or stay at an end of it: an end that is reached in finite time needs an
    equation that drives the process back at once (as in the Cox-Ingersoll-Ross process), or a stated reflection. The
    law need not be the only one: where the noise vanishes at an inner point that is never reached, the masses on both
    sides of it are free.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    density : sympy.Expr
        Unnormalised density as a function of the state.
    support : sympy.Interval
        Where the process lives.
    reflecting : tuple of sympy.Expr
        Finite ends of the support at which the process is reflected instantaneously.
    """

    sde: SDE
    density: sp.Expr
    support: sp.Interval
    reflecting: tuple[sp.Expr, ...] = ()

    def __post_init__(self) -> None:
        one_dimensional(self.sde)
        if len(pieces(self.support)) != 1:
            raise ClaimError(f"support {self.support} must be one interval")
        object.__setattr__(self, "reflecting", tuple(sp.sympify(e) for e in self.reflecting))
        for end in self.reflecting:
            if end not in (self.support.start, self.support.end) or end.is_infinite:
                raise ClaimError(f"reflecting: {end} is no finite end of the support {self.support}; give its ends")

    def asserted(self) -> tuple[str, ...]:
        return ("density",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return proportional(self.density, other.density, self.sde.state)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols | set(self.density.free_symbols) | set(self.support.free_symbols)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        ends = ",\\, ".join(sp.latex(e) for e in self.reflecting)
        reflection = rf",\quad \text{{reflected at }} {ends}" if ends else ""
        return rf"{self.sde.latex()}{reflection} \;\Rightarrow\; p_\infty({x}) \propto {sp.latex(self.density)}"

    def formula(self) -> sp.Expr | None:
        return self.density


@dataclass(frozen=True)
class NormalisableWhen(Statement):
    """The zero-current density of the process is integrable on every piece of the support iff `condition` holds.

    When the condition fails the density is integrable on no piece.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    support : sympy.Set
        An interval, or a union of intervals between which the process cannot pass.
    condition : relation or sympy.false
        Relation in the parameters; ``sp.false`` says that the density is never integrable.
    direction : {"iff", "if", "only if"}
        Whether the condition is asserted to be equivalent, sufficient or necessary.
    """

    sde: SDE
    support: sp.Set
    condition: Any
    direction: str = "iff"

    def __post_init__(self) -> None:
        one_dimensional(self.sde)
        pieces(self.support)
        if self.direction not in ("iff", "if", "only if"):
            raise ClaimError(f"direction is {self.direction!r}; choose 'iff', 'if' or 'only if'")
        if self.condition != sp.false and not isinstance(self.condition, sp.core.relational.Relational):
            raise ClaimError(f"condition {self.condition} must be one relation in the parameters, or sp.false")

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return directed(self.direction, self.condition, other.condition)

    def free_symbols(self) -> set[sp.Symbol]:
        named = self.sde.free_symbols | set(self.support.free_symbols) | set(self.condition.free_symbols)
        return named - set(self.sde.state)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        arrow = {"iff": r"\iff", "if": r"\Leftarrow", "only if": r"\Rightarrow"}[self.direction]
        integral = rf"\int_{{{sp.latex(self.support)}}} p_\infty({x})\,d{x} < \infty"
        return rf"{self.sde.latex()}:\quad {integral} {arrow} {sp.latex(self.condition)}"


@dataclass(frozen=True)
class DiracLaw(Statement):
    """The only stationary probability law of the process on the support is the Dirac mass at `point`.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    point : sympy.Expr
        Where the mass sits; inside the support.
    support : sympy.Interval
        Where the process may live; an end that belongs to the interval counts.
    """

    sde: SDE
    point: sp.Expr
    support: sp.Interval

    def __post_init__(self) -> None:
        one_dimensional(self.sde)
        pieces(self.support)

    def asserted(self) -> tuple[str, ...]:
        return ("point",)

    def free_symbols(self) -> set[sp.Symbol]:
        named = self.sde.free_symbols | set(self.point.free_symbols) | set(self.support.free_symbols)
        return named - set(self.sde.state)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        return rf"{self.sde.latex()} \;\Rightarrow\; p_\infty({x}) = \delta\left({x} - {sp.latex(self.point)}\right)"

    def formula(self) -> sp.Expr | None:
        return self.point
