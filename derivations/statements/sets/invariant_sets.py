"""Statements about affine sets of parameters that stochastic gradient descent never leaves, whatever the data."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ...errors import ClaimError
from ...statement import Statement

#: An entry of the parameters: ("w", layer, row, column) or ("b", layer, row, 0); layers from 1, the rest from 0.
Entry = tuple[str, int, int, int]


class Activation(StrEnum):
    """Which activation functions a statement speaks of: all of them."""

    ANY = "any activation"
    ORIGIN_PASSING = "any origin-passing activation"
    ODD = "any odd activation"
    LINEAR = "a linear activation"


class Head(StrEnum):
    """What stands between the last layer and the loss."""

    NONE = "none"
    SOFTMAX = "softmax"


@dataclass(frozen=True)
class FeedForward:
    r""":math:`h^{(l)}=\sigma(w^{(l)}h^{(l-1)}+b^{(l)})` plus residual connections; the last layer has no activation.

    Depth, widths and the loss (a differentiable function of the output and the label) are arbitrary.

    Parameters
    ----------
    activation : Activation
        Which functions sigma may be.
    skips : tuple of (str, str)
        Residual connections: for ``("l1", "l2")`` the activations of hidden layer l1 are added to those of l2.
    head : Head
        What the last layer feeds.
    """

    activation: Activation
    skips: tuple[tuple[str, str], ...] = ()
    head: Head = Head.NONE

    def __post_init__(self) -> None:
        for one, other in self.skips:
            if not one < other:
                raise ClaimError(f"skips has {(one, other)!r}, which goes backwards; write ('l1', 'l2')")


@dataclass(frozen=True)
class Shape:
    """Sizes of one network: widths with the input's first, and the number (from 1) of each named hidden layer."""

    widths: tuple[int, ...]
    places: Mapping[str, int]


@dataclass(frozen=True)
class LinearForm:
    """The equation ``sum(coefficients[e] * theta[e]) == value``, which determines the entry `lead`."""

    lead: Entry
    coefficients: Mapping[Entry, sp.Expr]
    value: sp.Expr


@dataclass(frozen=True)
class InvariantSet(Statement):
    """An affine set of parameters is invariant under SGD: started in it, all steps stay in it, for every data set.

    Parameters
    ----------
    network : FeedForward
        The network, of any depth and any widths.
    """

    network: FeedForward

    @abstractmethod
    def forms(self, shape: Shape) -> Iterator[LinearForm]:
        """Yield the equations of the set for a network of that shape."""

    @abstractmethod
    def set_latex(self) -> str:
        """Return the set in LaTeX."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all hidden layers that the statement mentions, in their order."""
        return tuple(sorted({name for pair in self.network.skips for name in pair}))

    def free_symbols(self) -> set[sp.Symbol]:
        return set()

    def latex(self) -> str:
        return rf"A = {self.set_latex()}: \quad \theta \in A \implies \theta - \eta\, \nabla\ell(\theta; x, y) \in A"


@dataclass(frozen=True)
class _OfNeurons(InvariantSet):
    incoming: sp.Expr | None
    bias: sp.Expr | None
    outgoing: sp.Expr | None
    at: tuple[str, ...] = ("l",)

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(sorted({*super().layers, *self.at}))

    def problem(self) -> str | None:
        numbers = (self.incoming, self.bias, self.outgoing)
        if any(number is not None and not sp.sympify(number).is_Rational for number in numbers):
            return f"incoming, bias and outgoing are {numbers}; give rational numbers, or None for what is free"
        if not self.at or all(number is None for number in numbers):
            return "no parameter is constrained, so that nothing is said; give a layer and one of the numbers"
        return None

    def asserted(self) -> tuple[str, ...]:
        return ("incoming", "bias", "outgoing")

    def entries(self, shape: Shape, neuron: int) -> Iterator[tuple[sp.Expr, Entry]]:
        """Yield the constrained entries of one neuron, each with the number that constrains it."""
        for name in self.at:
            layer = shape.places[name]
            parts: list[tuple[sp.Expr | None, list[Entry]]] = [
                (self.outgoing, [("w", layer + 1, row, neuron) for row in range(shape.widths[layer + 1])]),
                (self.incoming, [("w", layer, neuron, column) for column in range(shape.widths[layer - 1])]),
                (self.bias, [("b", layer, neuron, 0)]),
            ]
            for number, entries in parts:
                if number is not None:
                    yield from ((number, entry) for entry in entries)

    def _equations(self, other: str) -> str:
        names = (("w_{in,%s}", self.incoming), ("b_%s", self.bias), ("w_{out,%s}", self.outgoing))
        parts = []
        for name, number in names:
            if number is not None:
                factor = "" if other and number == 1 else sp.latex(number)
                parts.append(f"{name % 'p'} = {factor} {name % other if other else ''}".strip())
        at = "" if self.at == ("l",) else rf"\;\text{{ at }} {', '.join(self.at)}"
        return rf"\{{{', '.join(parts)}{at}\}}"


@dataclass(frozen=True)
class SilentNeuron(_OfNeurons):
    """The set on which all parameters of one neuron p are fixed numbers (0: it is silent) is invariant under SGD.

    Parameters
    ----------
    incoming, bias, outgoing : sympy.Rational or None
        Value of each incoming weight, of the bias and of each outgoing weight; None leaves them free.
    at : tuple of str
        Hidden layers at which neuron p is constrained.
    """

    def forms(self, shape: Shape) -> Iterator[LinearForm]:
        for number, entry in self.entries(shape, 0):
            yield LinearForm(entry, {entry: sp.Integer(1)}, number)

    def set_latex(self) -> str:
        return self._equations("")


@dataclass(frozen=True)
class TiedNeurons(_OfNeurons):
    """The set on which the parameters of neuron p are multiples of those of neuron q is invariant under SGD.

    Parameters
    ----------
    incoming, bias, outgoing : sympy.Rational or None
        The multiples, 1 for identical neurons; None leaves the two free.
    at : tuple of str
        Hidden layers at which p and q are tied.
    """

    def forms(self, shape: Shape) -> Iterator[LinearForm]:
        for (number, entry), (_, other) in zip(self.entries(shape, 0), self.entries(shape, 1), strict=True):
            yield LinearForm(entry, {entry: sp.Integer(1), other: -number}, sp.Integer(0))

    def set_latex(self) -> str:
        return self._equations("q")


class Sums(StrEnum):
    """Sums of the parameters of the last layer."""

    OVER_OUTPUTS = "over the outputs: of the weights from each neuron, and of the biases"
    OVER_INPUTS = "over the neurons: of the weights to each output"


@dataclass(frozen=True)
class ConstantSums(InvariantSet):
    """Sums of parameters of the last layer keep the values of the start under SGD.

    Parameters
    ----------
    over : Sums
        Which sums.
    """

    over: Sums

    def asserted(self) -> tuple[str, ...]:
        return ("over",)

    def forms(self, shape: Shape) -> Iterator[LinearForm]:
        last = len(shape.widths) - 1
        rows, columns = range(shape.widths[last]), range(shape.widths[last - 1])
        groups: list[list[Entry]]
        if self.over is Sums.OVER_OUTPUTS:
            groups = [[("w", last, i, j) for i in rows] for j in columns] + [[("b", last, i, 0) for i in rows]]
        else:
            groups = [[("w", last, i, j) for j in columns] for i in rows]
        for k, group in enumerate(groups):
            yield LinearForm(group[0], dict.fromkeys(group, sp.Integer(1)), sp.Rational(k + 1, 3))

    def set_latex(self) -> str:
        if self.over is Sums.OVER_OUTPUTS:
            return r"\{\textstyle\sum_i w^{(m)}_{ij} = s_j,\; \sum_i b^{(m)}_i = s_0\}"
        return r"\{\textstyle\sum_j w^{(m)}_{ij} = s_i\}"


class Along(StrEnum):
    """Directions in the space of inputs."""

    KERNEL = "orthogonal to every input of the data"
    DATA = "an input of the data"


@dataclass(frozen=True)
class ConstantProjection(InvariantSet):
    """The first layer's weights, applied to a direction v, keep the value of the start under SGD.

    Parameters
    ----------
    along : Along
        Which directions v.
    """

    along: Along

    def asserted(self) -> tuple[str, ...]:
        return ("along",)

    @staticmethod
    def direction(size: int) -> tuple[int, ...]:
        """Return the direction v = (1, -1, 1, ...) that is looked at for inputs of that size."""
        return tuple((-1) ** j for j in range(size))

    def forms(self, shape: Shape) -> Iterator[LinearForm]:
        v = self.direction(shape.widths[0])
        for i in range(shape.widths[1]):
            found = {("w", 1, i, j): sp.Integer(v[j]) for j in range(shape.widths[0])}
            yield LinearForm(("w", 1, i, 0), found, sp.Rational(i + 1, 3))

    def set_latex(self) -> str:
        where = r"v \perp x_i\;\forall i" if self.along is Along.KERNEL else r"v = x_1"
        return rf"\{{w^{{(1)}} v = s\}},\; {where}"
