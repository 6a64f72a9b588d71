"""Description of a linear network, its data and its loss; `numerics` knows how to build one with real weights."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_DATA = ("dataset", "teacher")


@dataclass(frozen=True)
class NetworkSetting:
    r"""A linear network :math:`\hat y = W_L \cdots W_1 x` under the loss :math:`c\,\lVert \hat y - y\rVert^2`.

    Layers are named by text. With a fixed depth the names are ``"1"``, ``"2"``, ... and the network is the product of
    the symbols ``W_1, W_2, ...``. With any depth a name such as ``"i"`` stands for an arbitrary layer and the network
    is ``P_i W_i Q_i``, where ``P_i = W_L ... W_{i+1}`` and ``Q_i = W_{i-1} ... W_1`` do not contain ``W_i``; the name
    ``"i+1"`` stands for the layer after it.

    Parameters
    ----------
    loss_scale : sympy.Expr
        c: 1 or 1/2 in the documents.
    data : {"dataset", "teacher"}
        ``"dataset"``: N fixed samples ``(x_mu, y_mu)`` and averages over them. ``"teacher"``: whitened Gaussian
        inputs ``x ~ N(0, I)`` and labels ``y = M x + epsilon``.
    depth : int, optional
        Number of layers; None for any depth.
    label_noise : sympy.Expr
        Standard deviation sigma of each independent zero-mean entry of epsilon.
    at_teacher : bool
        Whether the network equals its teacher, ``W_L ... W_1 = M``.
    silent : pair of str, optional
        Name of a layer whose Jacobian vanishes, and why: ``"after"`` when the product of the layers after it is zero,
        ``"before"`` when that of the layers before it is. The network then is zero.

    Raises
    ------
    ClaimError
        If `data` is unknown, a teacher's attribute is given for a data set, or `silent` is malformed or given for a
        fixed depth.
    """

    loss_scale: sp.Expr
    data: str
    depth: int | None = None
    label_noise: sp.Expr = sp.S.Zero
    at_teacher: bool = False
    silent: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.data not in _DATA:
            raise ClaimError(f"data is {self.data!r}; it must be one of {', '.join(_DATA)}")
        if self.data == "dataset" and (self.label_noise != 0 or self.at_teacher):
            raise ClaimError("label_noise and at_teacher need data='teacher'")
        if self.silent is not None and (self.depth is not None or self.silent[1] not in ("before", "after")):
            raise ClaimError(f"silent is {self.silent!r}; give (layer, 'before' or 'after') in a network of any depth")

    def width(self, place: str) -> sp.Symbol:
        """Return the symbol ``d_place`` of a layer's number of units; place 0 is the input."""
        name = f"d{place}" if place.isdigit() else f"d_{{{place}}}"
        return sp.Symbol(name, integer=True, positive=True)

    @property
    def inputs(self) -> sp.Symbol:
        """Input dimension."""
        return self.width("0")

    @property
    def outputs(self) -> sp.Symbol:
        """Output dimension."""
        return self.width("L" if self.depth is None else str(self.depth))

    def layer_shape(self, layer: str) -> tuple[sp.Symbol, sp.Symbol]:
        """Return (rows, columns) of the weight matrix of `layer`."""
        if self.depth is None:
            below = layer.removesuffix("+1")
            return self.width(layer), self.width(below if below != layer else f"{layer}-1")
        if not layer.isdigit() or not 1 <= int(layer) <= self.depth:
            raise ClaimError(f"layer is {layer!r}; a network of depth {self.depth} has '1' to '{self.depth}'")
        return self.width(layer), self.width(str(int(layer) - 1))

    def weight(self, layer: str) -> sp.MatrixSymbol:
        """Return the weight matrix of `layer`."""
        return sp.MatrixSymbol(f"W_{layer}", *self.layer_shape(layer))

    def left(self, layer: str) -> sp.MatrixExpr:
        """Return the product of the layers after `layer`, the identity after the last."""
        rows, _ = self.layer_shape(layer)
        if self.depth is None:
            return sp.MatrixSymbol(f"P_{layer}", self.outputs, rows)
        return _product([self.weight(str(k)) for k in range(self.depth, int(layer), -1)], rows)

    def right(self, layer: str) -> sp.MatrixExpr:
        """Return the product of the layers before `layer`, the identity before the first."""
        _, columns = self.layer_shape(layer)
        if self.depth is None:
            return sp.MatrixSymbol(f"Q_{layer}", columns, self.inputs)
        return _product([self.weight(str(k)) for k in range(int(layer) - 1, 0, -1)], columns)

    def network(self, layer: str) -> sp.MatrixExpr:
        """Return the end-to-end matrix with the weight matrix of `layer` in sight."""
        if self.depth is None:
            return self.left(layer) * self.weight(layer) * self.right(layer)
        return _product([self.weight(str(k)) for k in range(self.depth, 0, -1)], self.inputs)

    def between(self, later: str, earlier: str) -> sp.MatrixExpr:
        """Return the product ``W_{later-1} ... W_{earlier+1}`` of the layers in the middle, for any depth."""
        if self.depth is not None:
            raise ClaimError("`between` names the layers in the middle of a network of any depth; write the product")
        return sp.MatrixSymbol(f"R_{later}{earlier}", self.layer_shape(later)[1], self.layer_shape(earlier)[0])

    def vanishing(self) -> tuple[sp.MatrixSymbol, ...]:
        """Return the matrices that are zero: a partial product around a silent layer, and the network with it."""
        if self.silent is None:
            return ()
        layer, side = self.silent
        return (self.left(layer) if side == "after" else self.right(layer), self.end_to_end)

    @property
    def end_to_end(self) -> sp.MatrixSymbol:
        """Symbol W of the end-to-end matrix, whatever the layer in sight."""
        return sp.MatrixSymbol("W", self.outputs, self.inputs)

    @property
    def teacher(self) -> sp.MatrixSymbol:
        """Teacher matrix M."""
        return sp.MatrixSymbol("M", self.outputs, self.inputs)

    @property
    def gap(self) -> sp.MatrixSymbol:
        """Error term E = W_L ... W_1 - M."""
        return sp.MatrixSymbol("E", self.outputs, self.inputs)

    @property
    def x(self) -> sp.MatrixSymbol:
        """Input of one sample."""
        return sp.MatrixSymbol("x_mu" if self.data == "dataset" else "x", self.inputs, 1)

    @property
    def y(self) -> sp.MatrixSymbol:
        """Target of one sample of a data set."""
        return sp.MatrixSymbol("y_mu", self.outputs, 1)

    @property
    def noise(self) -> sp.MatrixSymbol:
        """Label noise of one sample."""
        return sp.MatrixSymbol("epsilon", self.outputs, 1)

    @property
    def sample(self) -> tuple[sp.MatrixSymbol, sp.MatrixSymbol]:
        """Symbols of the random data of one sample."""
        return (self.x, self.y) if self.data == "dataset" else (self.x, self.noise)

    def target(self) -> sp.MatrixExpr:
        """Return the target y of one sample in terms of its data."""
        return self.y if self.data == "dataset" else self.teacher * self.x + self.noise

    def residual(self, layer: str) -> sp.MatrixExpr:
        """Return the residual ``W_L ... W_1 x - y`` with the weight matrix of `layer` in sight."""
        return self.network(layer) * self.x - self.target()

    def parameters(self) -> set[sp.Symbol]:
        """Return the scalar parameters of the description."""
        return set(sp.sympify(self.label_noise).free_symbols | sp.sympify(self.loss_scale).free_symbols)


def _product(factors: list[sp.MatrixSymbol], size: sp.Symbol) -> sp.MatrixExpr:
    return sp.MatMul(*factors) if factors else sp.Identity(size)
