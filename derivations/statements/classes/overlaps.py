"""The statement on singular vectors of a low-rank matrix in noise, for all such matrices."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ...statement import Statement
from ..random_matrices import OfSpike


@dataclass(frozen=True)
class SpikedOverlap(OfSpike, Statement):
    r"""The overlaps of the singular vectors of a spike, before and in noise, have a product that tends to `value`.

    With W and E as in :class:`SpikedSingularValue`: :math:`|u_i \cdot \hat u_i|\,|v_i \cdot \hat v_i|` for the i-th
    singular vectors u, v of W and :math:`\hat u, \hat v` of W + E.

    Parameters
    ----------
    spike, aspect : sympy.Expr
        Singular value of W, and m/n; both positive on the domain.
    value : sympy.Expr
        The limit.
    """

    def latex(self) -> str:
        limit = rf"|u_i \cdot \hat u_i|\, |v_i \cdot \hat v_i| \to {sp.latex(self.value)}"
        given = rf"\sigma_i(W) = {sp.latex(self.spike)},\; E_{{ij}} \sim N(0, 1/n),\; m/n \to {sp.latex(self.aspect)}"
        return rf"{limit},\quad \hat u, \hat v \text{{ of }} W + E \in \mathbb{{R}}^{{m \times n}},\; {given}"

    def formula(self) -> sp.Expr | None:
        return self.value
