"""Statements about scalar expressions."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from .base import Statement


@dataclass(frozen=True)
class Identity(Statement):
    """``lhs == rhs`` at every point of the domain.

    Parameters
    ----------
    lhs, rhs : sympy.Expr
        The two sides as printed. `rhs` is what :func:`crossproof.formula` returns.
    """

    lhs: sp.Expr
    rhs: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("rhs",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.lhs.free_symbols | self.rhs.free_symbols)

    def latex(self) -> str:
        return f"{sp.latex(self.lhs)} = {sp.latex(self.rhs)}"

    def formula(self) -> sp.Expr | None:
        return self.rhs
