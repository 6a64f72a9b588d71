"""Statements about the determinant of a matrix process."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..matrices.matrix_flow import MatrixFlow
from ..statement import Statement


@dataclass(frozen=True)
class DeterminantDrift(Statement):
    r""":math:`\frac{d}{dt}\det(\Theta^\top\Theta) = r\det(\Theta^\top\Theta)` with `rate` r, as its Ito drift."""

    flow: MatrixFlow
    rate: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("rate",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.flow.free_symbols | set(self.rate.free_symbols)

    def latex(self) -> str:
        right = "0" if self.rate == 0 else rf"{sp.latex(self.rate)} \det(\Theta^\top\Theta)"
        return rf"\frac{{d}}{{dt}} \det(\Theta^\top\Theta) = {right} \quad \text{{for}}\; {self.flow.latex()}"


@dataclass(frozen=True)
class DeterminantNoiseFree(Statement):
    r"""The determinant of :math:`\Theta^\top\Theta` has no Brownian term: it moves deterministically."""

    flow: MatrixFlow

    def free_symbols(self) -> set[sp.Symbol]:
        return self.flow.free_symbols

    def latex(self) -> str:
        return rf"\det(\Theta^\top\Theta) \;\text{{has no martingale part for}}\; {self.flow.latex()}"


@dataclass(frozen=True)
class DeterminantPath(Statement):
    r""":math:`\det(\Theta^\top\Theta)(t) = \det(\Theta_0^\top\Theta_0)` times `factor`, along every path.

    Parameters
    ----------
    flow : MatrixFlow
        The process.
    time : Symbol
        t.
    factor : sympy.Expr
        Asserted ratio of the determinant at t to its initial value.
    """

    flow: MatrixFlow
    time: sp.Symbol
    factor: sp.Expr

    def asserted(self) -> tuple[str, ...]:
        return ("factor",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.flow.free_symbols | set(self.factor.free_symbols) | {self.time}

    def latex(self) -> str:
        return (
            rf"\det(\Theta^\top\Theta)({sp.latex(self.time)}) = \det(\Theta_0^\top\Theta_0)\,{sp.latex(self.factor)}"
            rf" \quad \text{{for}}\; {self.flow.latex()}"
        )

    def formula(self) -> sp.Expr | None:
        return self.factor
