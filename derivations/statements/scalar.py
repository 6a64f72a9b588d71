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

    def problem(self) -> str | None:
        for name, side in (("lhs", self.lhs), ("rhs", self.rhs)):
            if getattr(side, "is_Matrix", False):
                other = self.rhs if name == "lhs" else self.lhs
                return (
                    f"{name} has shape {side.shape} and the other side {getattr(other, 'shape', 'none, a number')}; "
                    "an identity compares two numbers: state one claim an entry, or compare traces or norms"
                )
            if not isinstance(side, sp.Expr):
                return f"{name} is {side!r} of type {type(side).__name__}; give a SymPy expression, e.g. sp.Integer(2)"
            if side in (sp.nan, sp.zoo, sp.oo, -sp.oo):
                return f"{name} is {side}, which is not a number; use a limit statement"
        return None

    def asserted(self) -> tuple[str, ...]:
        return ("rhs",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(self.lhs.free_symbols | self.rhs.free_symbols)

    def latex(self) -> str:
        return f"{sp.latex(self.lhs)} = {sp.latex(self.rhs)}"

    def formula(self) -> sp.Expr | None:
        return self.rhs
