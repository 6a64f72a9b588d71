"""Gradients of one neuron: the chain rule for every size, and autograd of networks with neighbours of the neuron."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from ....derivations.statements.sets import neuron_gradients as names
from ....derivations.statements.sets.neuron_gradients import NeuronGradient, NeuronPart
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, proved, refuted, undecided
from ...witness import Task, witness

_ALGEBRA, _EXACT, _AUTOGRAD = "chain rule for one neuron's gradient", "exact neurons", "autograd of one neuron"
#: A vanishing exact difference is caught whatever its size.
_CAUGHT = 2.0**-52
#: Widths of layers l-1, l and l+1.
_WIDTHS = ((1, 1, 1), (2, 2, 2), (3, 2, 4), (2, 4, 3))
#: A relative difference above this cannot be rounding; one below the second counts as none.
_DIFFERENCE, _ROUNDING = 1e-7, 1e-11

_FUNCTIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "tanh(v)": (torch.tanh, lambda v: 1 - torch.tanh(v) ** 2),
    "v + v^2": (lambda v: v + v**2, lambda v: 1 + 2 * v),
    "exp(v) - 1": (torch.expm1, torch.exp),
}


@witness(
    _ALGEBRA,
    kind=Kind.ALGEBRA,
    statement=NeuronGradient,
    starts_from="the loss as any function of the next layer's activations, differentiated by SymPy",
)
def neuron_chain_rule(statement: NeuronGradient, task: Task) -> Finding:
    """Differentiate the loss along one activation of the next layer, of which the gradient is the sum."""
    gap = sp.expand(slope_at_neuron(statement) - statement.term)
    if gap != 0:
        return undecided(f"{_ALGEBRA}: the derivative less the term is {gap}.")
    return proved(f"{_ALGEBRA}: the derivative is the term, for every size and every loss.")


def slope_at_neuron(statement: NeuronGradient) -> sp.Expr:
    """Return the derivative of the loss along one activation of the next layer, by the chain rule."""
    weight, bias, rest_z, rest_u = sp.symbols("weight bias rest_z rest_u", real=True)
    own = weight * names.h + rest_u + bias
    # only w_out and u move; the other neurons of layer l are in rest_z, the other inputs in rest_u
    next_one = names.w_out * names.sigma(own) + rest_z
    by = {NeuronPart.OUTGOING: names.w_out, NeuronPart.INCOMING: weight, NeuronPart.BIAS: bias}[statement.part]
    outer = names.delta * names.sigma_slope(names.z) * _slope(next_one, by)
    return outer.xreplace({own: names.u})


def _slope(expr: sp.Expr, by: sp.Symbol) -> sp.Expr:
    """Return the derivative, in which the derivative of sigma is a function of its own."""
    found = sp.diff(expr, by)
    return found.replace(
        lambda e: isinstance(e, sp.Subs | sp.Derivative),
        lambda e: names.sigma_slope(e.point[0] if isinstance(e, sp.Subs) else e.args[0].args[0]),
    )


@dataclass(frozen=True)
class _Layers:
    """Layers around neuron 1: the inputs, its weights and those of its one neighbour, and the next layer's."""

    h: tuple[int, ...]
    w_in: tuple[tuple[int, ...], tuple[int, ...]]
    b: tuple[int, int]
    w_out: tuple[tuple[int, int], ...]
    b_next: tuple[int, ...]


_SMALL = (
    _Layers((1,), ((1,), (1,)), (0, 0), ((1, 1),), (0,)),
    _Layers((1, -2), ((1, 1), (-1, 2)), (2, 3), ((1, -1), (2, 1)), (1, -2)),
    _Layers((2, 1), ((-1, 1), (2, 0)), (3, -1), ((-2, 1), (1, 3), (1, 1)), (2, 1, -1)),
)


@witness(
    _EXACT,
    kind=Kind.DETERMINISTIC,
    statement=NeuronGradient,
    starts_from="the derivative of the sum of the next layer's activations, exactly, with sigma(v) = v^2 and v + v^3",
)
def exact_neurons(statement: NeuronGradient, task: Task) -> Finding:
    """Compare the printed gradient with an exact derivative on integer weights; a difference refutes."""
    v = sp.Symbol("v")
    for layers in _SMALL:
        for function in (v**2, v + v**3):
            stated, found = _exact_pair(statement, layers, function, v)
            if stated != found:
                return refuted(
                    f"{_EXACT}: the exact derivative differs from the printed one.",
                    {
                        **{k: str(n) for k, n in vars(layers).items()},
                        "sigma(v)": str(function),
                        "loss": "sum of h_next",
                    },
                    f"gradient = {stated}",
                    f"gradient = {found}",
                    stated - found,
                    effect=float(abs(stated - found) / max(abs(stated), abs(found))),
                    certified=True,
                )
    if not _multilinear(statement.term):
        return undecided(f"{_EXACT}: a term that is not linear in each number may agree by chance at so few integers.")
    return confirmed(f"{_EXACT}: the derivatives agree exactly on {len(_SMALL)} small networks.", _CAUGHT)


def _multilinear(term: sp.Expr) -> bool:
    """Whether a term is linear in each number and in each value of sigma and its derivative at u and z."""
    values = {f: sp.Dummy() for f in term.atoms(sp.Function)}
    known = {f(at) for f in (names.sigma, names.sigma_slope) for at in (names.u, names.z)}
    plain = term.xreplace(values)
    generators = sorted(plain.free_symbols, key=str)
    if not set(values) <= known or not generators or not plain.is_polynomial(*generators):
        return False
    return all(sp.degree(plain, g) <= 1 for g in generators)


def _exact_pair(statement: NeuronGradient, layers: _Layers, function: sp.Expr, v: sp.Symbol) -> tuple[Any, Any]:
    """Return the printed gradient and the exact one for the first parameter of neuron 1."""
    step = sp.Symbol("step")
    moved = {part: step if part is statement.part else sp.Integer(0) for part in NeuronPart}
    own = [
        sum(w * x for w, x in zip(row, layers.h, strict=True)) + b for row, b in zip(layers.w_in, layers.b, strict=True)
    ]
    active = function.subs(v, own[0] + moved[NeuronPart.INCOMING] * layers.h[0] + moved[NeuronPart.BIAS])
    neighbour = function.subs(v, own[1])
    sums = [row[0] * active + row[1] * neighbour + b for row, b in zip(layers.w_out, layers.b_next, strict=True)]
    sums[0] = sums[0] + moved[NeuronPart.OUTGOING] * active
    found = sp.diff(sum(function.subs(v, s) for s in sums), step).subs(step, 0)
    stated = [
        statement.term.subs(
            {
                names.delta: 1,
                names.w_out: row[0],
                names.z: s.subs(step, 0),
                names.b_next: b,
                names.b_next_i: layers.b_next[0],
                names.u: own[0],
                names.h: layers.h[0],
            }
        )
        .replace(names.sigma, lambda e: function.subs(v, e))
        .replace(names.sigma_slope, lambda e: sp.diff(function, v).subs(v, e))
        for row, s, b in zip(layers.w_out, sums, layers.b_next, strict=True)
    ]
    return stated[0] if statement.part is NeuronPart.OUTGOING else sp.Add(*stated), found


@witness(
    _AUTOGRAD,
    kind=Kind.DETERMINISTIC,
    statement=NeuronGradient,
    starts_from="autograd gradients of networks with two layers of neurons around the weights",
)
def neuron_autograd(statement: NeuronGradient, task: Task) -> Finding:
    """Compare the printed gradient with autograd for each neuron of small layers."""
    worst, seen = 0.0, 0
    for where, stated, found in _pairs(statement, task):
        if not math.isfinite(stated + found):
            return undecided(f"{_AUTOGRAD}: the printed gradient is no number for {where}.")
        scale = max(abs(stated), abs(found))
        seen += 1
        worst = max(worst, abs(stated - found) / scale if scale else 0.0)
        if abs(stated - found) > _DIFFERENCE * max(scale, 1e-3):
            return refuted(
                f"{_AUTOGRAD}: the printed gradient differs far beyond rounding.",
                {"network": where},
                f"gradient = {stated:.12g}",
                f"gradient = {found:.12g}",
                f"{stated - found:.6g}",
                effect=abs(stated - found) / scale,
            )
    if worst > _ROUNDING:
        return undecided(f"{_AUTOGRAD}: differences up to {worst:.1e}, which may be rounding.")
    return confirmed(f"{_AUTOGRAD}: {seen} entries agree.", _DIFFERENCE)


def _pairs(statement: NeuronGradient, task: Task) -> Iterator[tuple[str, float, float]]:
    """Yield the network, the printed value and that of autograd for each entry of each neuron."""
    for widths in _WIDTHS:
        for name, (sigma, slope) in _FUNCTIONS.items():
            where = f"widths {widths}, sigma(v) = {name}"
            draws = task.draws(where)
            before, own, after = widths
            w1, b1, w2, b2 = (draws.normal(*size) / 2 for size in ((own, before), (own, 1), (after, own), (after, 1)))
            h, y = draws.normal(before, 1), draws.normal(after, 1)
            moving = [p.requires_grad_() for p in (w1, b1, w2)]
            u = w1 @ h + b1
            z = w2 @ sigma(u) + b2
            top = sigma(z)
            # any loss: a function of the activations that joins them
            loss = (top - y).square().sum() + torch.sin(top.sum())
            (delta,) = torch.autograd.grad(loss, top, retain_graph=True)
            gradients = torch.autograd.grad(loss, moving)
            function = sp.lambdify(
                [names.delta, names.w_out, names.z, names.b_next, names.b_next_i, names.u, names.h],
                statement.term,
                [{"sigma": sigma, "sigma_slope": slope}, "math"],
            )
            with torch.no_grad():
                for i in range(min(own, after)):
                    terms = [
                        [function(delta[j], w2[j, i], z[j], b2[j], b2[i], u[i], h[k]) for j in range(after)]
                        for k in range(before)
                    ]
                    if statement.part is NeuronPart.OUTGOING:
                        yield from ((where, float(terms[0][j]), float(gradients[2][j, i])) for j in range(after))
                    elif statement.part is NeuronPart.INCOMING:
                        yield from ((where, float(sum(terms[k])), float(gradients[0][i, k])) for k in range(before))
                    else:
                        yield where, float(sum(terms[0])), float(gradients[1][i, 0])
