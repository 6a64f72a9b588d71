"""Statements about stationary laws: densities, thresholds of normalisability, expansions, detailed balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..sde import SDE
from .base import Statement, directed, proportional

#: Senses in which a probability current j = F p + (second-order part) can be written; see `DetailedBalance`.
CURRENTS = ("printed", "ito", "stratonovich")


def _one_dimensional(sde: SDE) -> sp.Symbol:
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
    """The process has the stationary probability law with this density on the support.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    density : sympy.Expr
        Unnormalised density as a function of the state; asserted to be stationary and integrable on the support.
    support : sympy.Interval
        Where the process lives.
    """

    sde: SDE
    density: sp.Expr
    support: sp.Interval

    def __post_init__(self) -> None:
        _one_dimensional(self.sde)
        if len(pieces(self.support)) != 1:
            raise ClaimError(f"support {self.support} must be one interval")

    def asserted(self) -> tuple[str, ...]:
        return ("density",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return proportional(self.density, other.density, self.sde.state)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.sde.free_symbols | set(self.density.free_symbols) | set(self.support.free_symbols)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        return rf"{self.sde.latex()} \;\Rightarrow\; p_\infty({x}) \propto {sp.latex(self.density)}"

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
        _one_dimensional(self.sde)
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
        _one_dimensional(self.sde)
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


@dataclass(frozen=True)
class StationaryExpansion(Statement):
    """A moment of the stationary law is ``zeroth + parameter * first + o(parameter)`` as the parameter tends to 0.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    support : sympy.Interval
        Where the process lives.
    observable : {"mean", "variance"}
        Which moment.
    parameter : Symbol
        The small positive parameter.
    centre : sympy.Expr
        Point at which the law concentrates.
    zeroth, first : sympy.Expr
        Coefficients; for the variance `zeroth` is 0.
    """

    sde: SDE
    support: sp.Interval
    observable: str
    parameter: sp.Symbol
    centre: sp.Expr
    zeroth: sp.Expr
    first: sp.Expr

    def __post_init__(self) -> None:
        _one_dimensional(self.sde)
        if self.observable not in ("mean", "variance"):
            raise ClaimError(f"observable is {self.observable!r}; choose 'mean' or 'variance'")

    def asserted(self) -> tuple[str, ...]:
        return ("zeroth", "first")

    def free_symbols(self) -> set[sp.Symbol]:
        named = self.sde.free_symbols.union(
            *(sp.sympify(e).free_symbols for e in (self.centre, self.zeroth, self.first))
        )
        return named - set(self.sde.state)

    def latex(self) -> str:
        name = {"mean": r"\mathbb{E}", "variance": r"\operatorname{Var}"}[self.observable]
        x, small = sp.latex(self.sde.state[0]), sp.latex(self.parameter)
        value = sp.latex(self.formula())
        return rf"{name}_{{p_\infty}}[{x}] = {value} + o({small}),\quad {self.sde.latex()}"

    def formula(self) -> sp.Expr | None:
        return self.zeroth + self.parameter * self.first


@dataclass(frozen=True)
class RootExpansion(Statement):
    """The zero of a function near ``zeroth`` is ``zeroth + parameter * first + o(parameter)``.

    Parameters
    ----------
    function : sympy.Expr
        Function of `variable`.
    variable, parameter : Symbol
        Unknown and small positive parameter.
    zeroth, first : sympy.Expr
        Coefficients.
    """

    function: sp.Expr
    variable: sp.Symbol
    parameter: sp.Symbol
    zeroth: sp.Expr
    first: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("zeroth", "first")

    def free_symbols(self) -> set[sp.Symbol]:
        named = set(self.function.free_symbols) | set(self.zeroth.free_symbols) | set(self.first.free_symbols)
        return (named | {self.parameter}) - {self.variable}

    def latex(self) -> str:
        x, small = sp.latex(self.variable), sp.latex(self.parameter)
        return rf"{sp.latex(self.function)} = 0 \;\Rightarrow\; {x} = {sp.latex(self.formula())} + o({small})"

    def formula(self) -> sp.Expr | None:
        return self.zeroth + self.parameter * self.first


@dataclass(frozen=True)
class LocalBehaviour(Statement):
    """Each expression is equivalent to its partner as ``variable -> point``: the ratio tends to 1, from both sides.

    Parameters
    ----------
    variable : Symbol
        What moves.
    point : sympy.Expr
        Where it goes.
    pairs : tuple of (Expr, Expr)
        Expression and equivalent.
    """

    variable: sp.Symbol
    point: sp.Expr
    pairs: tuple[tuple[sp.Expr, sp.Expr], ...]

    def asserted(self) -> tuple[str, ...]:
        return ("pairs",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        both = zip(self.pairs, other.pairs, strict=True)
        ratios = [
            sp.factor(one) / sp.factor(two) for mine, theirs in both for one, two in zip(mine, theirs, strict=True)
        ]
        return tuple((r.subs(self.variable, self.point), sp.Integer(1)) for r in ratios)

    def free_symbols(self) -> set[sp.Symbol]:
        named = set(self.point.free_symbols).union(*(e.free_symbols for pair in self.pairs for e in pair))
        return named - {self.variable}

    def latex(self) -> str:
        limit = rf"({sp.latex(self.variable)} \to {sp.latex(self.point)})"
        return r",\quad ".join(rf"{sp.latex(e)} \sim {sp.latex(f)}" for e, f in self.pairs) + rf"\quad {limit}"


@dataclass(frozen=True)
class DetailedBalance(Statement):
    r"""The current :math:`j = F p + A\nabla p + \ldots` vanishes identically for a positive density.

    Parameters
    ----------
    state : tuple of Symbol
        The d coordinates.
    force : sequence
        F, the d entries that multiply p (minus the drift).
    tensor : Matrix
        A, symmetric positive definite, d x d: half the variance rate.
    density : sympy.Expr or None
        The density asserted to solve ``j = 0``; None asserts that some positive density does.
    current : {"printed", "ito", "stratonovich"}
        Second-order part: ``A grad p`` (as printed in document 001), ``div (A p)`` (Ito), or
        ``sqrt(A) (sqrt(A) p)'`` (Stratonovich, d = 1 only).
    """

    state: tuple[sp.Symbol, ...]
    force: sp.ImmutableMatrix
    tensor: sp.ImmutableMatrix
    density: sp.Expr | None = None
    current: str = "printed"

    def __post_init__(self) -> None:
        d = len(self.state)
        object.__setattr__(self, "force", sp.ImmutableMatrix(self.force).reshape(d, 1))
        object.__setattr__(self, "tensor", sp.ImmutableMatrix(self.tensor))
        if self.tensor.shape != (d, d):
            raise ClaimError(f"tensor has shape {self.tensor.shape}; {d} coordinates need ({d}, {d})")
        if self.current not in CURRENTS:
            raise ClaimError(f"current is {self.current!r}; choose one of {', '.join(CURRENTS)}")
        if self.current == "stratonovich" and d != 1:
            raise ClaimError("the Stratonovich current depends on the root of the tensor for d > 1; use d = 1")

    def asserted(self) -> tuple[str, ...]:
        return () if self.density is None else ("density",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return proportional(self.density, other.density, self.state)

    def free_symbols(self) -> set[sp.Symbol]:
        named = set(self.force.free_symbols) | set(self.tensor.free_symbols)
        if self.density is None:
            return named - set(self.state)
        return named | set(self.density.free_symbols)

    def latex(self) -> str:
        force, tensor = sp.latex(self.force), sp.latex(self.tensor)
        second = {
            "printed": rf"{tensor} \nabla p",
            "ito": rf"\nabla\cdot\left({tensor} p\right)",
            "stratonovich": rf"\sqrt{{A}}\,\left(\sqrt{{A}}\, p\right)',\; A = {tensor}",
        }[self.current]
        if self.density is None:
            return rf"\exists\, p > 0:\quad {force} p + {second} = 0"
        return rf"p \propto {sp.latex(self.density)} \;\Rightarrow\; {force} p + {second} = 0"

    def formula(self) -> sp.Expr | None:
        return None if self.density is None or self.density.has(sp.core.function.AppliedUndef) else self.density
