"""Limits of expressions in functions of which only the first derivatives at a point are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import ClaimError
from ..statement import Statement


@dataclass(frozen=True)
class Jet:
    """An undefined function and its derivatives of order 0, 1, ... at 0; it has no others that are continuous there.

    Parameters
    ----------
    function : AppliedUndef
        f(x), of the variable alone.
    derivatives : tuple of Expr
        f(0), f'(0), ...; the last one is that of the highest order that is known to be continuous.
    """

    function: Any
    derivatives: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class FunctionLimit(Statement):
    r"""`expression` tends to `value` as `variable` decreases to 0, whatever functions with these jets stand in it.

    Parameters
    ----------
    expression : sympy.Expr
        Of the variable, the functions and their derivatives.
    variable : Symbol
        Tends to 0 from above.
    jets : tuple of Jet
        The functions.
    value : sympy.Expr
        The limit, in the derivatives at 0 and other parameters.

    Raises
    ------
    ClaimError
        If a function has no jet, or depends on something else than the variable.
    """

    expression: sp.Expr
    variable: sp.Symbol
    jets: tuple[Jet, ...]
    value: sp.Expr

    def __post_init__(self) -> None:
        if not self.variable.is_positive:
            raise ClaimError(f"variable {self.variable} tends to 0 from above; create it as a positive symbol")
        for jet in self.jets:
            if not isinstance(jet.function, AppliedUndef) or jet.function.args != (self.variable,):
                raise ClaimError(f"function {jet.function} must be undefined and of {self.variable} alone")
            if not jet.derivatives:
                raise ClaimError(f"function {jet.function} has no derivatives; give its value at 0 at least")
        unknown = self.expression.atoms(AppliedUndef) - {jet.function for jet in self.jets}
        if unknown:
            raise ClaimError(f"functions {sorted(map(str, unknown))} have no jet; add one Jet for each")

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        parts = [self.expression, self.value, *(d for jet in self.jets for d in jet.derivatives)]
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found - {self.variable}

    def latex(self) -> str:
        return rf"\lim_{{{sp.latex(self.variable)} \to 0^+}} {sp.latex(self.expression)} = {sp.latex(self.value)}"

    def formula(self) -> sp.Expr | None:
        return self.value
