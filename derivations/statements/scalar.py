"""Statements about scalar expressions."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..expressions import as_printed, canonical
from ..statement import Statement


@dataclass(frozen=True)
class Identity(Statement):
    """``lhs == rhs`` at every point of the domain, where both sides are defined and real.

    Roots, logarithms and powers inside a side have their principal values, which may be complex as long as the side is
    real. A point of the domain at which a side has no real value is reported; it neither agrees nor refutes.

    Parameters
    ----------
    lhs, rhs : sympy.Expr
        The two sides as printed, evaluated by SymPy or not. :func:`crossproof.formula` returns `rhs` in canonical form.
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
        return f"{as_printed(self.lhs)} = {as_printed(self.rhs)}"

    def formula(self) -> sp.Expr | None:
        formula: sp.Expr = canonical(self.rhs)
        return formula
