"""Invariant sets by the chain rule at one neuron: for every depth, every width, every loss and every input.

What the layers before a neuron make of the input is an arbitrary vector h, and what the layers after it and the loss
make of the pre-activations of the next layer has an arbitrary derivative delta. The gradient for a neuron with
pre-activation u, activation value H and back-propagated derivative g is then g sigma'(u) h for its incoming weights,
g sigma'(u) for its bias and H delta for its outgoing weights. A set is invariant if every equation of the set holds for
these, whatever h and delta are; sizes enter through scalar products only. Where an activation has a kink, sigma'(u)
stands for whichever fixed number is used there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import singledispatch

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.statements.sets.invariant_sets import (
    Activation,
    Along,
    ConstantProjection,
    ConstantSums,
    Head,
    InvariantSet,
    SilentNeuron,
    Sums,
    TiedNeurons,
)
from ...evidence import Finding, Kind
from ...judgement.findings import proved, undecided
from ...witness import Task, witness

_METHOD = "chain rule at a neuron"


@witness(
    _METHOD,
    kind=Kind.ALGEBRA,
    statement=InvariantSet,  # type: ignore[type-abstract]
    starts_from="the gradient at one neuron, for arbitrary layers before and after it",
)
def chain_rule(statement: InvariantSet, task: Task) -> Finding:
    """Prove that the gradient of every sample's loss satisfies the equations of the set."""
    for what, remainder in remainders(statement):
        if sp.expand(remainder) != 0:
            return undecided(f"{_METHOD}: for arbitrary layers around it, {what} leaves {sp.expand(remainder)}.")
    return proved(f"{_METHOD}: the gradient satisfies every equation of the set, for all sizes, losses and data.")


@singledispatch
def remainders(statement: InvariantSet) -> Iterator[tuple[str, sp.Expr]]:
    """Yield what must vanish, with words for it."""
    raise ClaimError(f"no chain rule for a statement of type {type(statement).__name__}")


@remainders.register
def _(statement: SilentNeuron) -> Iterator[tuple[str, sp.Expr]]:
    sums = {name: (sp.Symbol(f"h_{name}"), sp.Symbol(f"delta_{name}")) for name in statement.at}
    weights = {
        name: (
            _given(statement.incoming, sums[name][0], f"wh_{name}"),
            _given(statement.bias, sp.Integer(1), f"b_{name}"),
            _given(statement.outgoing, sums[name][1], f"delta_a_{name}"),
        )
        for name in statement.at
    }
    neuron = _Neuron("p", statement, weights)
    for name in statement.at:
        slope = neuron.derivative(name) * neuron.slope(name)
        if statement.incoming is not None:
            yield f"the gradient for the incoming weights at {name}", slope
        if statement.bias is not None:
            yield f"the gradient for the bias at {name}", slope
        if statement.outgoing is not None:
            yield f"the gradient for the outgoing weights at {name}", neuron.value(name)


@remainders.register
def _(statement: TiedNeurons) -> Iterator[tuple[str, sp.Expr]]:
    of_q = {
        name: (sp.Symbol(f"wh_{name}"), sp.Symbol(f"b_{name}"), sp.Symbol(f"delta_a_{name}")) for name in statement.at
    }
    factors = (statement.incoming, statement.bias, statement.outgoing)
    of_p = {
        name: tuple(
            sp.Symbol(f"{term}_p") if factor is None else factor * term
            for factor, term in zip(factors, of_q[name], strict=True)
        )
        for name in statement.at
    }
    p, q = _Neuron("p", statement, of_p), _Neuron("q", statement, of_q)
    for name in statement.at:
        slopes = [n.derivative(name) * n.slope(name) for n in (p, q)]
        if statement.incoming is not None:
            yield f"the gradient for the incoming weights at {name}", slopes[0] - statement.incoming * slopes[1]
        if statement.bias is not None:
            yield f"the gradient for the bias at {name}", slopes[0] - statement.bias * slopes[1]
        if statement.outgoing is not None:
            values = [n.value(name) for n in (p, q)]
            yield f"the gradient for the outgoing weights at {name}", values[0] - statement.outgoing * values[1]


@remainders.register
def _(statement: ConstantSums) -> Iterator[tuple[str, sp.Expr]]:
    if statement.over is Sums.OVER_INPUTS:
        yield "the gradient summed over the weights to an output", sp.Symbol("delta_i") * sp.Symbol("sum_h")
        return
    if statement.network.head is not Head.SOFTMAX:
        yield "the derivative summed over the outputs", sp.Symbol("sum_delta")
        return
    # delta = (diag(s) - s s^t) c with c the loss's derivative in the softmax's values s, whose sum is 1
    total, product = sp.Symbol("sum_s"), sp.Symbol("s_dot_c")
    yield "the derivative summed over the outputs", (product - total * product).subs(total, 1)


@remainders.register
def _(statement: ConstantProjection) -> Iterator[tuple[str, sp.Expr]]:
    product = sp.Integer(0) if statement.along is Along.KERNEL else sp.Symbol("x_dot_v")
    yield "the gradient for the first layer applied to v", sp.Symbol("delta_i") * product


class _Neuron:
    """One neuron at the layers of a set: scalar products of its weights by layer, and what follows from them."""

    def __init__(self, name: str, statement: SilentNeuron | TiedNeurons, weights: dict[str, tuple[sp.Expr, ...]]):
        self.name, self.statement, self.weights = name, statement, weights
        self.sigma, self.sigma_slope = _activation(statement.network.activation)

    def slope(self, layer: str) -> sp.Expr:
        """Return sigma'(u)."""
        return self.sigma_slope(sp.expand(self.weights[layer][0] + self.weights[layer][1]))

    def value(self, layer: str) -> sp.Expr:
        """Return the activation at `layer`, residual connections included; arbitrary outside the set."""
        if layer not in self.weights:
            return sp.Symbol(f"H_{self.name}_{layer}")
        own = self.sigma(sp.expand(self.weights[layer][0] + self.weights[layer][1]))
        return own + sum(self.value(one) for one, other in self.statement.network.skips if other == layer)

    def derivative(self, layer: str) -> sp.Expr:
        """Return the derivative of the loss in the activation at `layer`; arbitrary outside the set."""
        if layer not in self.weights:
            return sp.Symbol(f"g_{self.name}_{layer}")
        after = sum(self.derivative(other) for one, other in self.statement.network.skips if one == layer)
        return self.weights[layer][2] + after


def _given(number: sp.Expr | None, term: sp.Expr, name: str) -> sp.Expr:
    return sp.Symbol(name) if number is None else number * term


def _activation(kind: Activation) -> tuple[Callable[[sp.Expr], sp.Expr], Callable[[sp.Expr], sp.Expr]]:
    """Return sigma and sigma' as functions of an argument, with nothing known of them but what `kind` says."""
    sigma, slope = sp.Function("sigma"), sp.Function("sigma_slope")
    if kind is Activation.LINEAR:
        c = sp.Symbol("c")
        return (lambda u: c * u), (lambda u: c)
    if kind is Activation.ODD:

        def odd(u: sp.Expr) -> sp.Expr:
            if u == 0:
                return sp.Integer(0)
            return -sigma(-u) if u.could_extract_minus_sign() else sigma(u)

        return odd, lambda u: slope(-u if u.could_extract_minus_sign() else u)
    if kind is Activation.ORIGIN_PASSING:
        return (lambda u: sp.Integer(0) if u == 0 else sigma(u)), slope
    return sigma, slope
