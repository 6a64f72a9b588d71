"""Statements about expansions: moments of a stationary law, zeros and leading terms at small parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement
from .stationary import one_dimensional


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
        one_dimensional(self.sde)
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
class SmallNoiseGaussian(Statement):
    """As the parameter tends to 0, the stationary law becomes Gaussian on its own scale.

    For every small enough value of the parameter there is one stationary probability law on the support, and the law of
    ``(x - centre)/sqrt(parameter)`` under it tends weakly to the Gaussian of mean 0 and the stated variance.

    Parameters
    ----------
    sde : SDE
        One-dimensional process.
    support : sympy.Interval
        Where the process lives.
    parameter : Symbol
        The small positive parameter.
    centre : sympy.Expr
        Point at which the law concentrates.
    variance : sympy.Expr
        Variance of the limit, positive.
    """

    sde: SDE
    support: sp.Interval
    parameter: sp.Symbol
    centre: sp.Expr
    variance: sp.Expr

    def __post_init__(self) -> None:
        one_dimensional(self.sde)

    def asserted(self) -> tuple[str, ...]:
        return ("centre", "variance")

    def free_symbols(self) -> set[sp.Symbol]:
        named = self.sde.free_symbols | set(self.centre.free_symbols | self.variance.free_symbols)
        return (named | {self.parameter}) - set(self.sde.state)

    def latex(self) -> str:
        x, small, centre = (sp.latex(e) for e in (self.sde.state[0], self.parameter, self.centre))
        limit = rf"N\left(0, {sp.latex(self.variance)}\right)"
        return rf"{self.sde.latex()}:\quad \frac{{{x} - {centre}}}{{\sqrt{{{small}}}}} \to {limit}\quad ({small} \to 0)"

    def formula(self) -> sp.Expr | None:
        return self.variance

    def as_variance(self) -> StationaryExpansion:
        """Return the expansion of the variance that goes with the limit, where second moments have it, too."""
        zero = sp.Integer(0)
        return StationaryExpansion(
            self.sde, self.support, "variance", self.parameter, self.centre, zero, sp.sympify(self.variance)
        )


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
    """Each expression is equivalent to its partner as ``variable -> point``: the ratio tends to 1.

    So it does from both sides, unless the point is 0 and an end of the range that the variable is declared to have.

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

    def sides(self) -> tuple[int, ...]:
        """Return the sides from which the variable may come: 1 from above, -1 from below; none where that is open."""
        if not self.variable.is_nonnegative or self.point.is_positive:
            return 1, -1
        return (1,) if self.point.is_zero else ()

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
