"""Statements about amplitudes u^T W v of linear networks with any weights, depth and widths, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ..errors import ClaimError
from ..matrices.networks import NetworkSetting
from .networks import MatrixStatement, OfNetwork


class AmplitudeQuantity(StrEnum):
    r"""Parts, by layers, of the Ito equation of :math:`c=u^\top Wv`, with :math:`c'=a^\top Wb` a second amplitude.

    g_i is the one-sample gradient for layer i of the setting's loss.
    """

    GRADIENT_DRIFT = "the drift of u^T W v through layer i under gradient flow"
    COVARIANCE = "the covariance, over one sample, of the parts of the gradients of layers i and j along two amplitudes"
    STEP_COVARIANCE = (
        "the covariance, over one step of SGD with batch size B and learning rate eta, of the first-order changes of "
        "two amplitudes through layers i and j"
    )
    SECOND_DERIVATIVE = "the mixed second derivative of u^T W v in layers i < j along free directions X_i, X_j"
    ITO_DRIFT = "the mean of the mixed second derivative of u^T W v along the gradient noises of layers i < j"
    GRADIENT_PRODUCT = "the inner product of the gradients of two amplitudes for layer i"


LAYERS = {
    AmplitudeQuantity.GRADIENT_DRIFT: 1,
    AmplitudeQuantity.COVARIANCE: 2,
    AmplitudeQuantity.STEP_COVARIANCE: 2,
    AmplitudeQuantity.SECOND_DERIVATIVE: 2,
    AmplitudeQuantity.ITO_DRIFT: 2,
    AmplitudeQuantity.GRADIENT_PRODUCT: 1,
}
_LATEX = {
    AmplitudeQuantity.GRADIENT_DRIFT: r"-\langle \nabla_{0}\, c,\, \nabla_{0}\, \mathcal{{L}}\rangle",
    AmplitudeQuantity.COVARIANCE: (
        r"\operatorname{{Cov}}\left[\langle \nabla_{0}\, c,\, g_{0}\rangle,\,"
        r"\langle \nabla_{1}\, c',\, g_{1}\rangle\right]"
    ),
    AmplitudeQuantity.STEP_COVARIANCE: (
        r"\operatorname{{Cov}}\left[\langle \nabla_{0}\, c,\, \Delta_{0}\rangle,\,"
        r"\langle \nabla_{1}\, c',\, \Delta_{1}\rangle\right]"
    ),
    AmplitudeQuantity.SECOND_DERIVATIVE: r"\partial_{0}\partial_{1}\, c\,[X_{0}, X_{1}]",
    AmplitudeQuantity.ITO_DRIFT: (
        r"\mathbb{{E}}\, \partial_{0}\partial_{1}\, c\,[g_{0} - \mathbb{{E}} g_{0},\, g_{1} - \mathbb{{E}} g_{1}]"
    ),
    AmplitudeQuantity.GRADIENT_PRODUCT: r"\langle \nabla_{0}\, c,\, \nabla_{0}\, c'\rangle",
}
#: Learning rate and batch size of a step of SGD.
LEARNING_RATE, BATCH = sp.Symbol("eta", positive=True), sp.Symbol("B", integer=True, positive=True)
#: Names of the columns of the two amplitudes.
COLUMNS = ("u", "v", "a", "b")


def column(setting: NetworkSetting, name: str) -> sp.MatrixSymbol:
    """Return u, v, a or b: u and a have the size of the outputs, v and b that of the inputs."""
    return sp.MatrixSymbol(name, setting.outputs if name in "ua" else setting.inputs, 1)


def direction(setting: NetworkSetting, layer: str) -> sp.MatrixSymbol:
    """Return the free direction X_layer, of the shape of the layer's weights."""
    return sp.MatrixSymbol(f"X_{layer}", *setting.layer_shape(layer))


@dataclass(frozen=True)
class AmplitudeTerm(OfNetwork, MatrixStatement):
    """A quantity of amplitudes equals a sum of products of traces, for any weights.

    Parameters
    ----------
    setting : NetworkSetting
        A teacher setting of any depth.
    quantity : AmplitudeQuantity
        What is asserted.
    layers : tuple of str
        Names of the layers i (and j); for the second derivatives i < j.
    value : sympy.Expr
        The asserted value in ``Trace(...)`` of matrix expressions and scalars.

    Raises
    ------
    ClaimError
        If the number of layers does not fit the quantity, or the setting has a fixed depth or a data set.
    """

    setting: NetworkSetting
    quantity: AmplitudeQuantity
    layers: tuple[str, ...]
    value: sp.Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", sp.sympify(self.value))
        if len(self.layers) != LAYERS[self.quantity]:
            raise ClaimError(f"layers = {self.layers}: {self.quantity!r} needs {LAYERS[self.quantity]}")
        if self.setting.depth is not None or self.setting.data != "teacher":
            raise ClaimError("amplitudes need a teacher setting of any depth (depth=None, data='teacher')")

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return tuple(trace.arg for trace in sorted(self.value.atoms(sp.Trace), key=sp.default_sort_key))

    def free_symbols(self) -> set[sp.Symbol]:
        widths = {d for k in self.layers for d in self.setting.layer_shape(k)}
        sizes = {self.setting.inputs, self.setting.outputs}
        return super().free_symbols() | set(self.value.atoms(sp.Symbol)) | widths | sizes

    def latex(self) -> str:
        return f"{_LATEX[self.quantity].format(*self.layers)} = {sp.latex(self.value)}"


@dataclass(frozen=True)
class SecondMoment(OfNetwork, MatrixStatement):
    """``E[vec(left) vec(right)^T]`` over one sample equals `value`.

    Parameters
    ----------
    setting : NetworkSetting
        Distribution of the sample.
    left, right : sympy.MatrixExpr
        Random matrices, in the data of one sample and fixed matrices.
    value : sympy.MatrixExpr
        The asserted second moment.

    Raises
    ------
    ClaimError
        If the setting is a data set, the value has another shape, or a matrix has the name of a column.
    """

    setting: NetworkSetting
    left: sp.MatrixExpr
    right: sp.MatrixExpr
    value: sp.MatrixExpr

    def __post_init__(self) -> None:
        if self.setting.data != "teacher":
            raise ClaimError("a second moment is one over the inputs and the label noise of data='teacher'")
        columns = {self.setting.x, self.setting.noise} | {column(self.setting, name) for name in COLUMNS}
        named = {c.name for c in columns}
        for symbol in {s for e in self.expressions() for s in e.atoms(sp.MatrixSymbol)} - columns:
            if symbol.name in named:
                raise ClaimError(f"{symbol.name} of shape {symbol.shape} has the name of a column; name it differently")
        wanted = (self.left.rows * self.left.cols, self.right.rows * self.right.cols)
        if any(sp.expand(a - b) != 0 for a, b in zip(self.value.shape, wanted, strict=True)):
            raise ClaimError(f"value has shape {tuple(self.value.shape)}; the second moment has {wanted}")

    def fixed(self) -> tuple[sp.MatrixSymbol, ...]:
        """Return the matrices of its own, which no sample and no network gives; those of the sides first."""
        known = {*self.setting.sample, self.setting.end_to_end, self.setting.teacher, self.setting.gap}
        found: dict[sp.MatrixSymbol, None] = {}
        for side in (self.left, self.right, self.value):
            symbols = sorted(side.atoms(sp.MatrixSymbol) - known, key=lambda s: s.name)
            found |= {s: None for s in symbols if "_" not in s.name}
        return tuple(found)

    def expressions(self) -> tuple[sp.MatrixExpr, ...]:
        return self.left, self.right, self.value

    def latex(self) -> str:
        sides = [rf"\operatorname{{vec}}\left({sp.latex(e)}\right)" for e in (self.left, self.right)]
        return rf"\mathbb{{E}}\left[{sides[0]}\,{sides[1]}^{{T}}\right] = {sp.latex(self.value)}"
