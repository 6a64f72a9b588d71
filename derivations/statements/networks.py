"""Statements about matrices: identities, and gradients and gradient noise of linear networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..matrices.kronecker import SAMPLES, SampleSum
from ..matrices.networks import NetworkSetting
from ..statement import Statement


def symbols_of(expressions: Iterable[Any]) -> set[sp.Symbol]:
    """Return the numbers and sizes in matrix expressions; ClaimError where a matrix has two shapes."""
    found: set[sp.Symbol] = set()
    shapes: dict[str, tuple[sp.Expr, ...]] = {}
    for expr in expressions:
        found |= expr.atoms(sp.Symbol)
        for symbol in expr.atoms(sp.MatrixSymbol):
            if shapes.setdefault(symbol.name, symbol.shape) != symbol.shape:
                raise ClaimError(
                    f"matrix symbol {symbol.name} has two shapes, {shapes[symbol.name]} and {symbol.shape}"
                )
    return found


class MatrixStatement(Statement):
    """An assertion that a matrix equals a printed matrix expression, for all shapes."""

    @abstractmethod
    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        """Return the matrix expressions that the assertion mentions."""

    def settings(self) -> tuple[NetworkSetting, ...]:
        """Return the networks that the assertion is about."""
        return ()

    def problem(self) -> str | None:
        sizes = {node.size for expr in self.expressions() for node in expr.atoms(SampleSum)} - {SAMPLES}
        if sizes:
            return (
                f"a sum over the data has {min(sizes, key=str)} samples; a data set has {SAMPLES}, a positive integer"
            )
        return None

    def free_symbols(self) -> set[sp.Symbol]:
        found = symbols_of(self.expressions())
        for setting in self.settings():
            found |= setting.parameters()
        return found


class OfNetwork:
    """Part of a statement: it asserts the `value` of a matrix, or of a number, in the networks of a `setting`."""

    setting: NetworkSetting
    value: Any

    def asserted(self) -> tuple[str, ...]:
        return ("value",)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return (self.value,)

    def settings(self) -> tuple[NetworkSetting, ...]:
        return (self.setting,)


@dataclass(frozen=True)
class MatrixIdentity(MatrixStatement):
    """``lhs == rhs`` for all matrices of the given symbolic shapes.

    Parameters
    ----------
    lhs, rhs : sympy.MatrixExpr
        The two sides as printed.
    """

    lhs: sp.MatrixExpr
    rhs: sp.MatrixExpr

    def __post_init__(self) -> None:
        _check_shape("rhs", self.rhs, self.lhs.shape)

    def asserted(self) -> tuple[str, ...]:
        return ("rhs",)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return self.lhs, self.rhs

    def latex(self) -> str:
        return f"{sp.latex(self.lhs)} = {sp.latex(self.rhs)}"


class GradientOf(StrEnum):
    """Scalars whose gradient with respect to one layer is asserted."""

    SAMPLE = "the loss of one sample"
    MEAN = "the mean loss over the data"
    NOISE = "the loss of one sample minus the mean loss"
    MODE = "the mode amplitude u^T W v"


_SYMBOL = {
    GradientOf.SAMPLE: r"\nabla_{%s} \ell_\mu",
    GradientOf.MEAN: r"\nabla_{%s} \mathcal{L}",
    GradientOf.NOISE: r"\nabla_{%s} (\ell_\mu - \mathcal{L})",
    GradientOf.MODE: r"\nabla_{%s} (u^{T} W v)",
}


@dataclass(frozen=True)
class LayerGradient(OfNetwork, MatrixStatement):
    """The gradient of a scalar with respect to one weight matrix equals `value`.

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss.
    layer : str
        Layer of the weight matrix.
    of : GradientOf
        What is differentiated.
    value : sympy.MatrixExpr
        The gradient, in the shape of the weight matrix or (`stacked`) as its stacked columns.
    stacked : bool
        Whether `value` is ``vec`` of the gradient.
    """

    setting: NetworkSetting
    layer: str
    of: GradientOf
    value: sp.MatrixExpr
    stacked: bool = False

    def __post_init__(self) -> None:
        rows, columns = self.setting.layer_shape(self.layer)
        expected = (rows * columns, sp.Integer(1)) if self.stacked else (rows, columns)
        _check_shape("value", self.value, expected)

    def latex(self) -> str:
        left = _SYMBOL[self.of] % sp.latex(self.setting.weight(self.layer))
        left = rf"\operatorname{{vec}}\left({left}\right)" if self.stacked else left
        return f"{left} = {sp.latex(self.value)}"


@dataclass(frozen=True)
class NetworkJacobian(OfNetwork, MatrixStatement):
    """``d vec(W_L ... W_1) / d vec(W_layer)`` equals `value`.

    Parameters
    ----------
    setting : NetworkSetting
        The network.
    layer : str
        Layer of the weight matrix.
    value : sympy.MatrixExpr
        The Jacobian: rows are entries of the end-to-end matrix, columns entries of the weight, columns stacked.
    """

    setting: NetworkSetting
    layer: str
    value: sp.MatrixExpr

    def __post_init__(self) -> None:
        rows, columns = self.setting.layer_shape(self.layer)
        _check_shape("value", self.value, (self.setting.outputs * self.setting.inputs, rows * columns))

    def latex(self) -> str:
        weight = sp.latex(self.setting.weight(self.layer))
        left = rf"\frac{{\partial \operatorname{{vec}} W}}{{\partial \operatorname{{vec}} {weight}}}"
        return f"{left} = {sp.latex(self.value)}"


@dataclass(frozen=True)
class GradientNoiseCovariance(OfNetwork, MatrixStatement):
    """The covariance, over one sample, of stacked per-sample gradients equals `value`.

    Parameters
    ----------
    setting : NetworkSetting
        Network, data and loss; a data set is averaged with 1/N.
    rows, columns : tuple of str
        Layers whose vectorised gradients are stacked in rows and in columns.
    value : sympy.MatrixExpr
        The block of the covariance.
    """

    setting: NetworkSetting
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    value: sp.MatrixExpr

    def __post_init__(self) -> None:
        sizes = [
            sp.Add(*[sp.Mul(*self.setting.layer_shape(k)) for k in layers]) for layers in (self.rows, self.columns)
        ]
        _check_shape("value", self.value, (sizes[0], sizes[1]))

    def latex(self) -> str:
        sides = [
            r",\,".join(rf"\operatorname{{vec}} \nabla_{{{sp.latex(self.setting.weight(k))}}} \ell" for k in layers)
            for layers in (self.rows, self.columns)
        ]
        stacked = [
            side if len(k) == 1 else f"({side})" for side, k in zip(sides, (self.rows, self.columns), strict=True)
        ]
        return rf"\operatorname{{Cov}}\left[{stacked[0]};\; {stacked[1]}\right] = {sp.latex(self.value)}"


@dataclass(frozen=True)
class AllOf(MatrixStatement):
    """Several matrix assertions that a document states together.

    Parameters
    ----------
    parts : tuple of MatrixStatement
        The assertions; the claim holds when all of them do.
    """

    parts: tuple[MatrixStatement, ...]

    def asserted(self) -> tuple[str, ...]:
        return ("parts",)

    def problem(self) -> str | None:
        if not self.parts:
            return "parts is empty; name the assertions that hold together"
        return next((found for part in self.parts if (found := part.problem()) is not None), None)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return tuple(expr for part in self.parts for expr in part.expressions())

    def settings(self) -> tuple[NetworkSetting, ...]:
        return tuple(setting for part in self.parts for setting in part.settings())

    def latex(self) -> str:
        return r",\quad ".join(part.latex() for part in self.parts)


def _check_shape(name: str, value: sp.MatrixExpr, expected: tuple[sp.Expr, sp.Expr]) -> None:
    if any(sp.expand(a - b) != 0 for a, b in zip(value.shape, expected, strict=True)):
        raise ClaimError(f"{name} has shape {tuple(value.shape)}; the statement needs {expected}")
