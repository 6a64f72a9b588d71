"""Invariant sets in real training: per-sample autograd gradients and steps of SGD in double precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from ....derivations.statements.sets.invariant_sets import (
    Activation,
    Along,
    ConstantProjection,
    Entry,
    Head,
    InvariantSet,
    LinearForm,
    Shape,
)
from ....numerics.networks.invariance import Equations, invariance
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...witness import Task, witness
from .places import put_on_set, shapes

_METHOD = "autograd training"
#: Samples of a data set.
SAMPLES = 5
#: A relative departure above this cannot be rounding, which is some hundred units of 2e-16; below, it counts as none.
DEPARTURE, ROUNDING = 1e-7, 1e-11

Function = Callable[[Tensor], Tensor]

_ODD: dict[str, Function] = {
    "identity": lambda h: h,
    "tanh": torch.tanh,
    "softsign": nn.functional.softsign,
    "sin": torch.sin,
}
_ORIGIN_PASSING: dict[str, Function] = {
    **_ODD,
    "relu": torch.relu,
    "leaky relu": nn.functional.leaky_relu,
    "elu": nn.functional.elu,
    "silu": nn.functional.silu,
    "swish": lambda h: h * torch.sigmoid(1.7 * h),
    "gelu": nn.functional.gelu,
}
_FUNCTIONS: dict[Activation, dict[str, Function]] = {
    Activation.LINEAR: {"identity": _ODD["identity"]},
    Activation.ODD: _ODD,
    Activation.ORIGIN_PASSING: _ORIGIN_PASSING,
    Activation.ANY: {**_ORIGIN_PASSING, "sigmoid": torch.sigmoid, "softplus": nn.functional.softplus},
}


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=InvariantSet,  # type: ignore[type-abstract]
    starts_from="per-sample autograd gradients and SGD steps of random networks with common activations",
)
def training_steps(statement: InvariantSet, task: Task) -> Finding:
    """Measure how far per-sample gradients point out of the set, and how far training leaves it."""
    worst, seen = 0.0, 0
    for shape in shapes(statement):
        forms = list(statement.forms(shape))
        for name, function in _FUNCTIONS[statement.network.activation].items():
            where = f"widths {'-'.join(map(str, shape.widths))}, {dict(shape.places)}, {name}"
            network = _Network(statement, shape, function, task, where)
            network.start(forms)
            for departed in invariance(network, _equations(forms), _Network.losses).departures:
                what, departure, moved = departed.what, departed.size, departed.moved
                if not 0.0 < moved < float("inf"):
                    continue
                if not departure < float("inf"):
                    return undecided(f"{_METHOD}: {what} ends in no number for {where}.")
                seen += 1
                worst = max(worst, departure / moved)
                if departure > DEPARTURE * moved:
                    return refuted(
                        f"{_METHOD}: {what} leaves the set far beyond rounding.",
                        {"network": where, "set": "; ".join(map(_written, forms))},
                        f"the equations of the set hold for {what}",
                        f"its component normal to the set is {departure:.6g} of a movement of {moved:.6g}",
                        f"{departure:.6g}",
                        effect=min(departure / moved, 1.0),
                    )
    if not seen or worst > ROUNDING:
        return undecided(f"{_METHOD}: {seen} comparisons, with departures up to {worst:.1e}, which may be rounding.")
    return confirmed(
        f"{_METHOD}: {seen} gradients and trainings stay in the set, departures at most {worst:.0e} of the movement.",
        DEPARTURE,
    )


def _written(form: LinearForm) -> str:
    """Return an equation of the set, with w_l[i, j] as ``w-l-i-j``."""
    terms = (f"{coefficient} {'-'.join(map(str, place))}" for place, coefficient in form.coefficients.items())
    return f"{' + '.join(terms)} = {form.value}"


class _Network(nn.Module):
    """A network with the data that it is trained on."""

    def __init__(self, statement: InvariantSet, shape: Shape, function: Function, task: Task, where: str):
        super().__init__()
        self.statement, self.shape, self.function = statement, shape, function
        draws = task.draws(where)
        sizes = list(zip(shape.widths[1:], shape.widths[:-1], strict=True))
        self.weights = nn.ParameterList(nn.Parameter(draws.normal(*size)) for size in sizes)
        self.biases = nn.ParameterList(nn.Parameter(draws.normal(rows, 1)) for rows, _ in sizes)
        self.x = draws.normal(SAMPLES, shape.widths[0])
        self.y = draws.normal(SAMPLES, shape.widths[-1])
        if isinstance(statement, ConstantProjection):
            v = torch.tensor(statement.direction(shape.widths[0]), dtype=self.x.dtype, device=self.x.device)
            self.x = self.x - (self.x @ v)[:, None] * v / (v @ v)
            if statement.along is Along.DATA:
                self.x[0] = v

    def start(self, forms: list[LinearForm]) -> None:
        """Move the parameters into the set."""
        with torch.no_grad():
            put_on_set(_Entries(self), forms, float)

    def losses(self) -> Tensor:
        """Return the loss of every sample."""
        kept: dict[int, Tensor] = {}
        places = self.shape.places
        h = self.x
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            z = h @ weight.mT + bias[:, 0]
            if layer == len(self.weights):
                break
            into = [kept[places[a]] for a, b in self.statement.network.skips if places[b] == layer]
            kept[layer] = h = self.function(z) + sum(into)
        if self.statement.network.head is Head.SOFTMAX:
            # cross entropy with labels that are probabilities
            labels = self.y.exp() / self.y.exp().sum(1, keepdim=True)
            entropy: Tensor = torch.logsumexp(z, 1) - (labels * z).sum(1)
            return entropy
        gaps: Tensor = (z - self.y).square().sum(1) / 2
        return gaps


class _Entries:
    """Entries of the parameters of a network by name."""

    def __init__(self, network: _Network):
        self.tensors = {"w": [p.detach() for p in network.weights], "b": [p.detach() for p in network.biases]}

    def __getitem__(self, entry: Entry) -> float:
        kind, layer, row, column = entry
        return float(self.tensors[kind][layer - 1][row, column])

    def __setitem__(self, entry: Entry, value: float) -> None:
        kind, layer, row, column = entry
        self.tensors[kind][layer - 1][row, column] = value


def _equations(forms: list[LinearForm]) -> Equations:
    """Return the equations of the set as a function of named parameters."""

    def violations(parameters: Mapping[str, Tensor]) -> Tensor:
        found = []
        for form in forms:
            terms = [float(c) * _entry(parameters, entry) for entry, c in form.coefficients.items()]
            found.append(torch.stack(terms).sum() - float(form.value))
        return torch.stack(found)

    return violations


def _entry(parameters: Mapping[str, Tensor], entry: Entry) -> Tensor:
    kind, layer, row, column = entry
    return parameters[f"{'weights' if kind == 'w' else 'biases'}.{layer - 1}"][row, column]
