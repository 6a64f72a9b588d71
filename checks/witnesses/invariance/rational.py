"""Invariant sets on small explicit networks in rational arithmetic: the exact step of SGD on one sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

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
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...witness import Task, witness
from .places import entries, put_on_set, shapes

_METHOD = "rational networks"
#: A vanishing exact gradient is caught whatever its size.
_EXACT = 2.0**-52

Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class _Function:
    """An activation with rational values: its name, and value and derivative at a number."""

    name: str
    at: Callable[[Fraction], Pair]


_LINEAR = _Function("3 v/2", lambda v: (Fraction(3, 2) * v, Fraction(3, 2)))
_CUBIC = _Function("v - v^3/5", lambda v: (v - v**3 / 5, 1 - 3 * v**2 / 5))
_BENT = _Function("v + v^2/2", lambda v: (v + v**2 / 2, 1 + v))
_LEAKY = _Function("max(v, v/3)", lambda v: (v, Fraction(1)) if v > 0 else (v / 3, Fraction(1, 3)))
_SHIFTED = _Function("1 + v + v^2/2", lambda v: (1 + v + v**2 / 2, 1 + v))
_FUNCTIONS = {
    Activation.LINEAR: (_LINEAR,),
    Activation.ODD: (_CUBIC, _LINEAR),
    Activation.ORIGIN_PASSING: (_BENT, _LEAKY, _CUBIC),
    Activation.ANY: (_SHIFTED, _BENT, _LEAKY),
}


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=InvariantSet,  # type: ignore[type-abstract]
    starts_from="one step of SGD on one sample, differentiated exactly on small networks with rational parameters",
)
def rational_networks(statement: InvariantSet, task: Task) -> Finding:
    """Take one exact step from a point of the set; an equation that it leaves refutes."""
    moved, seen = False, []
    for shape in shapes(statement):
        for function in _FUNCTIONS[statement.network.activation]:
            network = _Network(statement, shape, function)
            forms = list(statement.forms(shape))
            put_on_set(network.parameters, forms, Fraction)
            seen.append("-".join(map(str, shape.widths)))
            for form in forms:
                slope = network.derivative(form.coefficients)
                if slope != 0:
                    return _refuted(network, form, slope)
            moved = moved or any(network.derivative({entry: 1}) != 0 for entry in entries(shape))
    if not moved:
        return undecided(f"{_METHOD}: no parameter moved on the networks {', '.join(dict.fromkeys(seen))}.")
    return confirmed(
        f"{_METHOD}: exact steps from the set satisfy every equation, on networks of widths "
        f"{', '.join(dict.fromkeys(seen))}.",
        _EXACT,
    )


def _refuted(network: _Network, form: LinearForm, slope: Fraction) -> Finding:
    left = " + ".join(
        (f"{c}*" if c != 1 else "") + _name(e) for e, c in sorted(form.coefficients.items(), key=lambda item: str(item))
    )
    point = {
        "widths": "-".join(map(str, network.shape.widths)),
        **{name: f"hidden layer {k}" for name, k in network.shape.places.items()},
        "sigma(v)": network.function.name,
        **{_name(e): str(v) for e, v in network.parameters.items()},
        "x": str([str(v) for v in network.x]),
        "y": str([str(v) for v in network.y]),
        "loss": network.loss,
        "eta": "1",
    }
    return refuted(
        f"{_METHOD}: one step of SGD on one sample leaves the set.",
        point,
        f"{left} = {form.value} after the step",
        f"{left} = {Fraction(form.value) - slope}",
        str(slope),
        effect=1.0,
        certified=True,
    )


def _name(entry: Entry) -> str:
    kind, layer, row, column = entry
    return f"w{layer}[{row + 1},{column + 1}]" if kind == "w" else f"b{layer}[{row + 1}]"


class _Network:
    """A network with rational parameters, and the derivative of one sample's loss along a direction."""

    def __init__(self, statement: InvariantSet, shape: Shape, function: _Function):
        self.statement, self.shape, self.function = statement, shape, function
        numbers = _numbers()
        self.parameters: dict[Entry, Any] = {entry: next(numbers) for entry in entries(shape)}
        self.x = [next(numbers) + 1 for _ in range(shape.widths[0])]
        self.y = [next(numbers) for _ in range(shape.widths[-1])]
        self.loss = "sum over i < j of ((z_i - y_i) - (z_j - y_j))^2/2, a function of the softmax of z"
        if statement.network.head is Head.NONE:
            self.loss = "sum of (f - y)^2/2"
        if isinstance(statement, ConstantProjection):
            v = [Fraction(k) for k in statement.direction(len(self.x))]
            along = sum((a * b for a, b in zip(self.x, v, strict=True)), Fraction(0)) / len(v)
            kernel = [a - along * b for a, b in zip(self.x, v, strict=True)]
            self.x = kernel if statement.along is Along.KERNEL else v

    def derivative(self, direction: Mapping[Entry, Any]) -> Fraction:
        """Return the derivative of the loss along a direction in the space of parameters."""
        h: list[Pair] = [(v, Fraction(0)) for v in self.x]
        kept: dict[int, list[Pair]] = {}
        names = {number: name for name, number in self.shape.places.items()}
        last = len(self.shape.widths) - 1
        for layer in range(1, last + 1):
            z = [self._affine(layer, row, h, direction) for row in range(self.shape.widths[layer])]
            if layer == last:
                return self._loss(z)
            h = [(value, slope * dv) for (v, dv) in z for value, slope in (self.function.at(v),)]
            for one, other in self.statement.network.skips:
                if names.get(layer) == other:
                    added = kept[self.shape.places[one]]
                    h = [(a + c, b + d) for (a, b), (c, d) in zip(h, added, strict=True)]
            kept[layer] = h
        raise AssertionError("a network has a last layer")

    def _affine(self, layer: int, row: int, h: list[Pair], direction: Mapping[Entry, Any]) -> Pair:
        bias: Entry = ("b", layer, row, 0)
        value, slope = self.parameters[bias], Fraction(direction.get(bias, 0))
        for column, (v, dv) in enumerate(h):
            entry: Entry = ("w", layer, row, column)
            value += self.parameters[entry] * v
            slope += self.parameters[entry] * dv + Fraction(direction.get(entry, 0)) * v
        return value, slope

    def _loss(self, z: list[Pair]) -> Fraction:
        gaps = [(v - y, dv) for (v, dv), y in zip(z, self.y, strict=True)]
        if self.statement.network.head is Head.NONE:
            return sum((v * dv for v, dv in gaps), Fraction(0))
        pairs = [(a, b) for i, a in enumerate(gaps) for b in gaps[i + 1 :]]
        return sum(((a - c) * (b - d) for (a, b), (c, d) in pairs), Fraction(0))


def _numbers() -> Iterator[Fraction]:
    """Yield rational numbers of both signs that are unrelated to each other and of moderate size."""
    k = 0
    while True:
        k += 1
        yield Fraction((7 * k) % 11 - 5 or 3, 4 + (3 * k) % 5)
