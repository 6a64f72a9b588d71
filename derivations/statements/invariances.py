"""Statements about what gradient flow conserves, where gradients vanish, and changes of basis in hidden layers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..matrices.networks import NetworkSetting
from .networks import MatrixStatement

#: Names of an arbitrary hidden layer and of the layer after it.
LOWER, UPPER = "l", "l+1"


@dataclass(frozen=True)
class _AboutLayers(MatrixStatement):
    setting: NetworkSetting

    def __post_init__(self) -> None:
        if self.setting.depth is not None:
            raise ClaimError("the statement is about an arbitrary layer; use a setting of any depth (depth=None)")

    def settings(self) -> tuple[NetworkSetting, ...]:
        return (self.setting,)

    def free_symbols(self) -> set[sp.Symbol]:
        sizes = {d for k in self.layers() for d in self.setting.layer_shape(k)}
        return super().free_symbols() | sizes | {self.setting.inputs, self.setting.outputs}

    def layers(self) -> tuple[str, ...]:
        """Return the names of the layers that the statement mentions."""
        return (LOWER, UPPER)


@dataclass(frozen=True)
class FlowInvariant(_AboutLayers):
    r"""`quantity` is constant under the gradient flow :math:`\dot W_k=-\nabla_{W_k}\mathcal L` of the mean loss.

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss.
    quantity : sympy.MatrixExpr
        A matrix in the weights of layers ``"l"`` and ``"l+1"``.

    Raises
    ------
    ClaimError
        If the quantity holds another matrix, whose motion the statement does not give.
    """

    quantity: sp.MatrixExpr

    def __post_init__(self) -> None:
        super().__post_init__()
        weights = {self.setting.weight(layer) for layer in (LOWER, UPPER)}
        others = sorted(s.name for s in self.quantity.atoms(sp.MatrixSymbol) - weights)
        if others:
            raise ClaimError(f"the quantity holds {others[0]}, which moves too or is no weight; use layers l and l+1")

    def asserted(self) -> tuple[str, ...]:
        return ("quantity",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return _up_to_a_factor(self.quantity, other.quantity)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return (self.quantity,)

    def latex(self) -> str:
        flow = r"\quad (\dot W_k = -\nabla_{W_k} \mathcal{L})"
        return rf"\frac{{d}}{{dt}}\left({sp.latex(self.quantity)}\right) = 0 {flow}"


class Invariant(StrEnum):
    """What a change of basis leaves unchanged."""

    LOSS = "the loss"
    CRITICAL_POINTS = "the set of critical points of the loss"


@dataclass(frozen=True)
class HiddenBasisChange(_AboutLayers):
    """Replacing the weights of layers l and l+1 by `lower` and `upper` leaves something unchanged.

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss.
    lower, upper : sympy.MatrixExpr
        New weights of layers ``"l"`` and ``"l+1"``, in the old ones, in `change` and in ``Inverse(change)``.
    invariant : Invariant
        What stays the same, for every invertible `change`.
    """

    lower: sp.MatrixExpr
    upper: sp.MatrixExpr
    invariant: Invariant

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, layer in (("lower", LOWER), ("upper", UPPER)):
            given, wanted = getattr(self, name).shape, self.setting.layer_shape(layer)
            if any(sp.expand(a - b) != 0 for a, b in zip(given, wanted, strict=True)):
                raise ClaimError(f"{name} has shape {tuple(given)}; layer {layer} has {wanted}")

    @property
    def change(self) -> sp.MatrixSymbol:
        """The invertible matrix G."""
        return basis_change(self.setting)

    def asserted(self) -> tuple[str, ...]:
        return ("lower", "upper")

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return self.lower, self.upper

    def latex(self) -> str:
        moves = ", ".join(
            rf"{sp.latex(self.setting.weight(k))} \mapsto {sp.latex(e)}"
            for k, e in ((LOWER, self.lower), (UPPER, self.upper))
        )
        what = r"\mathcal{L}" if self.invariant is Invariant.LOSS else r"\{\nabla \mathcal{L} = 0\}"
        return rf"{what} \;\text{{is invariant under}}\; {moves},\quad \det G \neq 0"


def basis_change(setting: NetworkSetting) -> sp.MatrixSymbol:
    """Return the symbol G of an invertible matrix on the hidden units after layer ``"l"``."""
    width = setting.layer_shape(LOWER)[0]
    return sp.MatrixSymbol("G", width, width)


@dataclass(frozen=True)
class CriticalWhen(_AboutLayers):
    """The gradient of the mean loss for layer l vanishes if and only if `condition` does.

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss.
    condition : sympy.MatrixExpr
        As many numbers as the layer has weights; written for ``vec`` of the gradient.
    """

    condition: sp.MatrixExpr

    def __post_init__(self) -> None:
        super().__post_init__()
        rows, columns = self.setting.layer_shape(LOWER)
        if any(sp.expand(a - b) != 0 for a, b in zip(self.condition.shape, (rows * columns, 1), strict=True)):
            raise ClaimError(f"condition has shape {tuple(self.condition.shape)}; it must be ({rows * columns}, 1)")

    def layers(self) -> tuple[str, ...]:
        return (LOWER,)

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return _up_to_a_factor(self.condition, other.condition)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return (self.condition,)

    def latex(self) -> str:
        weight = sp.latex(self.setting.weight(LOWER))
        return rf"\nabla_{{{weight}}} \mathcal{{L}} = 0 \iff {sp.latex(self.condition)} = 0"


def _up_to_a_factor(one: sp.MatrixExpr, other: sp.MatrixExpr) -> tuple[Any, ...]:
    """Return the condition under which two matrices vanish together: a factor in front of the whole is left out."""
    ratio = sp.cancel(_coefficient(other) / _coefficient(one))
    return ((ratio * one, other),)


def _coefficient(expr: sp.MatrixExpr) -> sp.Expr:
    return expr.as_coeff_mmul()[0] if isinstance(expr, sp.MatMul) else sp.Integer(1)
