r"""Statements about the gradient of one sample's loss for the parameters of one hidden neuron, at any place and size.

Neuron i of layer l has pre-activation :math:`u=w_{in,i}\cdot h^{(l-1)}+b_i^{(l)}` and activation :math:`\sigma(u)`;
layer l+1 has pre-activations :math:`z_j=\sum_{i'}w_{out,i',j}h_{i'}^{(l)}+b_j^{(l+1)}` and activations
:math:`\sigma(z_j)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from ...errors import ClaimError
from ...statement import Statement
from ...symbols import real

#: Derivative of the loss in the activation j of layer l+1, weight from neuron i to j, and pre-activation of j.
delta, w_out, z = real("delta_j w_out z_j")
#: Biases of layer l+1: of j, and the one with the number i.
b_next, b_next_i = real("b_next b_next_i")
#: Pre-activation of neuron i, and activation k of layer l-1.
u, h = real("u h_k")
#: The activation function and its derivative.
sigma, sigma_slope = sp.Function("sigma"), sp.Function("sigma_slope")

_KNOWN = {delta, w_out, z, b_next, b_next_i, u, h}


class NeuronPart(StrEnum):
    """Parameters of a neuron, each with what is asserted of them."""

    OUTGOING = "the weight to neuron j of the next layer"
    INCOMING = "the weight from neuron k of the layer before, as a sum over j"
    BIAS = "the bias, as a sum over j"


_LATEX = {
    NeuronPart.OUTGOING: r"\frac{\partial\ell}{\partial w_{out,i,j}^{(l+1)}} = ",
    NeuronPart.INCOMING: r"\frac{\partial\ell}{\partial w_{in,i,k}^{(l)}} = \sum_j ",
    NeuronPart.BIAS: r"\frac{\partial\ell}{\partial b_i^{(l)}} = \sum_j ",
}


@dataclass(frozen=True)
class NeuronGradient(Statement):
    """The gradient of one sample's loss for a parameter of hidden neuron i is `term`, or its sum over j.

    Parameters
    ----------
    part : NeuronPart
        Which parameter.
    term : sympy.Expr
        In the symbols of this module.
    """

    part: NeuronPart
    term: sp.Expr

    def __post_init__(self) -> None:
        foreign = self.term.free_symbols - _KNOWN
        if foreign:
            names = ", ".join(sorted(map(str, foreign)))
            raise ClaimError(f"term mentions {names}; use delta, w_out, z, b_next, b_next_i, u and h of this module")

    def asserted(self) -> tuple[str, ...]:
        return ("term",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return ((str(sp.expand(self.term)), str(sp.expand(other.term))),)

    def free_symbols(self) -> set[sp.Symbol]:
        return set()

    def latex(self) -> str:
        names = {delta: r"\frac{\partial\ell}{\partial h_j^{(l+1)}}", w_out: "w_{out,i,j}", h: "h_k^{(l-1)}"}
        names |= {b_next: "b_j^{(l+1)}", b_next_i: "b_i^{(l+1)}"}
        printed = self.term.replace(sigma_slope, sp.Function(r"\sigma^{\prime}"))
        text: str = sp.latex(printed, symbol_names=names)
        return _LATEX[self.part] + text
