"""Statements about scalar diffusions near an invariant point, for all coefficients with the same derivatives there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ...errors import ClaimError
from ...statement import Statement, directed
from ..function_limits import Jet


@dataclass(frozen=True)
class LocalDiffusion:
    r""":math:`dX = b(X)\,dt + \sqrt{v(X)}\,dB` near 0, where b and v hold functions that are known at 0 only.

    Parameters
    ----------
    state : Symbol
        X, real.
    drift, variance : sympy.Expr
        b and v, polynomials in the state, the functions and their derivatives.
    jets : tuple of Jet
        The functions with their derivatives at 0, from both sides.

    Raises
    ------
    ClaimError
        If the state has a sign, or a function has no jet or depends on something else than the state.
    """

    state: sp.Symbol
    drift: sp.Expr
    variance: sp.Expr
    jets: tuple[Jet, ...]

    def __post_init__(self) -> None:
        if self.state.is_nonnegative or self.state.is_nonpositive or not self.state.is_real:
            raise ClaimError(f"state {self.state} moves on both sides of 0; create it as a real symbol")
        known = {jet.function for jet in self.jets}
        unknown = (self.drift.atoms(AppliedUndef) | self.variance.atoms(AppliedUndef)) - known
        if unknown:
            raise ClaimError(f"functions {sorted(map(str, unknown))} have no jet; add one Jet for each")
        for jet in self.jets:
            if jet.function.args != (self.state,) or not jet.derivatives:
                raise ClaimError(f"function {jet.function} must be of {self.state} alone and have its value at 0")

    def parameters(self) -> set[sp.Symbol]:
        """Return the parameters."""
        parts = [self.drift, self.variance, *(d for jet in self.jets for d in jet.derivatives)]
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found - {self.state}

    def latex(self) -> str:
        """Return the equation and what is known of its functions."""
        x = sp.latex(self.state)
        known = [
            rf"{sp.latex(jet.function.func)}^{{({k})}}(0) = {sp.latex(d)}"
            for jet in self.jets
            for k, d in enumerate(jet.derivatives)
        ]
        noise = rf"\sqrt{{{sp.latex(self.variance)}}}\,dB"
        return rf"d{x} = \left({sp.latex(self.drift)}\right) dt + {noise},\; {',; '.join(known)}".replace(",;", r",\;")


@dataclass(frozen=True)
class AttractiveNear(Statement):
    """For all functions with these jets the invariant point 0 is stochastically attractive when `condition` holds.

    Parameters
    ----------
    process : LocalDiffusion
        The equations.
    condition : sympy relational
        An inequality in the parameters.
    direction : {"if", "iff"}
        ``"if"``: the condition suffices. ``"iff"``: moreover, where the opposite strict inequality holds, the point is
        attractive for none of the functions; equality is left open.
    """

    process: LocalDiffusion
    condition: Any
    direction: str = "iff"

    def __post_init__(self) -> None:
        if self.direction not in ("if", "iff"):
            raise ClaimError(f"direction is {self.direction!r}; it must be 'if' or 'iff'")
        if not isinstance(self.condition, sp.Gt | sp.Ge | sp.Lt | sp.Le):
            raise ClaimError(f"condition is {self.condition!r}; give an inequality such as sp.Gt(a, b, evaluate=False)")

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return directed(self.direction, self.condition, other.condition)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.process.parameters() | set(self.condition.free_symbols)

    def latex(self) -> str:
        arrow = r"\;\Longleftarrow\;" if self.direction == "if" else r"\;\Longleftrightarrow\;"
        return rf"{self.process.latex()}:\quad \{{0\}} \text{{ attractive}} {arrow} {sp.latex(self.condition)}"


class Starts(StrEnum):
    """Starts from which a process is followed."""

    REAL = "every real start"
    POSITIVE = "every start above 0"


@dataclass(frozen=True)
class EscapesNear(Statement):
    r"""For all functions with these jets there is eps > 0 such that X reaches eps, or starts beyond, almost surely.

    Parameters
    ----------
    process : LocalDiffusion
        The equations; 0 is invariant.
    starts : Starts
        Where X starts.
    """

    process: LocalDiffusion
    starts: Starts

    def asserted(self) -> tuple[str, ...]:
        return ("starts",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.process.parameters()

    def latex(self) -> str:
        x = sp.latex(self.process.state)
        time = rf"\exists\, \epsilon > 0:\; \inf\{{t: {x}_t \ge \epsilon\}} < \infty \text{{ a.s. from {self.starts}}}"
        return rf"{self.process.latex()}:\quad {time}"
