"""Statements about the second derivatives of the loss of a linear network in its weights."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from ..matrices.networks import NetworkSetting
from .networks import MatrixStatement, OfNetwork


@dataclass(frozen=True)
class LossHessian(OfNetwork, MatrixStatement):
    r"""One block of the Hessian of the mean loss in the stacked weights equals `value`.

    .. math:: \frac{\partial^2 \mathcal L}{\partial \mathrm{vec} W_i\,\partial (\mathrm{vec} W_j)^\top}

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss, of a fixed depth.
    row, column : str
        Layers i and j.
    value : sympy.MatrixExpr
        The block: rows are the weights of layer i, columns those of layer j, each with columns stacked.

    Raises
    ------
    ClaimError
        If the setting has no fixed depth, or the value another shape.
    """

    setting: NetworkSetting
    row: str
    column: str
    value: sp.MatrixExpr

    def __post_init__(self) -> None:
        if self.setting.depth is None:
            raise ClaimError("a block of the Hessian needs a network of fixed depth; give NetworkSetting(depth=...)")
        wanted = tuple(sp.Mul(*self.setting.layer_shape(k)) for k in (self.row, self.column))
        if any(sp.expand(a - b) != 0 for a, b in zip(self.value.shape, wanted, strict=True)):
            raise ClaimError(f"value has shape {tuple(self.value.shape)}; the statement needs {wanted}")

    def latex(self) -> str:
        row, column = (sp.latex(self.setting.weight(k)) for k in (self.row, self.column))
        left = (
            rf"\frac{{\partial^2 \mathcal{{L}}}}{{\partial \operatorname{{vec}} {row}\,"
            rf"\partial (\operatorname{{vec}} {column})^{{T}}}}"
        )
        return f"{left} = {sp.latex(self.value)}"
