"""Statements about the second derivatives of a mode amplitude in the weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ..statement import Statement
from .modes import DEPTH


class HessianBlocks(StrEnum):
    """Blocks of the Hessian of an amplitude in the stacked weights, by the layers of rows and columns."""

    SAME_LAYER = "same layer"
    DIFFERENT_LAYERS = "different layers"


@dataclass(frozen=True)
class VanishingCurvature(Statement):
    r"""Blocks of :math:`\nabla^2c_{\alpha\beta}` vanish at all weights, balanced and aligned or not.

    Parameters
    ----------
    blocks : HessianBlocks
        Which blocks.
    contracted : bool
        Assert instead that :math:`\tfrac12\eta_b\,\mathrm{tr}(\Sigma\nabla^2c_{\alpha\beta})=0` for every
        covariance supported on those blocks.
    depth : Expr
        The symbol ``DEPTH`` or a positive integer.
    """

    blocks: HessianBlocks
    contracted: bool = False
    depth: sp.Expr = DEPTH

    def asserted(self) -> tuple[str, ...]:
        return ("blocks",)

    def free_symbols(self) -> set[sp.Symbol]:
        return set(sp.sympify(self.depth).free_symbols)

    def latex(self) -> str:
        sign = "=" if self.blocks is HessianBlocks.SAME_LAYER else r"\neq"
        where = rf"\quad(k{sign} l)"
        if self.contracted:
            off = r"\neq" if sign == "=" else "="
            where = rf"\quad\text{{if }}\Sigma_{{kl}}=0\text{{ for }}k{off} l"
            return rf"\tfrac12\eta_b\,\mathrm{{tr}}\bigl(\Sigma\nabla^2c_{{\alpha\beta}}\bigr)=0{where}"
        return rf"\frac{{\partial^2c_{{\alpha\beta}}}}{{\partial W_k\,\partial W_l}}=0{where}"
