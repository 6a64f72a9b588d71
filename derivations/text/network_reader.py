"""Expressions of the matrices of a linear network given as text: ``transpose(P(l))*E*transpose(Q(l))``.

Layers are named in brackets: ``W(l)`` is a weight matrix, ``P(l)`` and ``Q(l)`` the products of the layers after and
before it, ``R(j, i)`` that of the layers between, ``d(l)`` a width, with ``d(0)`` and ``d(L)`` those of inputs and
outputs; ``X(l)`` is a free direction. ``samples(A)`` sums over a data set, ``covariance(A)`` is that of ``vec(A)``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..matrices.kronecker import SampleCovariance, SampleSum
from ..matrices.networks import NetworkSetting
from ..ranges import Integers
from ..statements.amplitudes import direction
from .forms import items, whole
from .quoting import short, shown
from .stacked_reader import StackedReader
from .statements import Fields

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most layers of a network of fixed depth.
MAX_DEPTH = 6
#: Number of samples of a data set.
SAMPLES = sp.Symbol("N", integer=True, positive=True)
_LAYER = re.compile(r"[a-z]")

#: Fields that describe a network.
NETWORK = ("loss_scale", "data")
MORE_OF_NETWORK = ("depth", "label_noise", "at_teacher", "silent")


class NetworkReader(StackedReader):
    """One text, and what it may name of a network: matrices by name, and functions of layers.

    Parameters
    ----------
    setting : NetworkSetting
        The network.
    layers : tuple of str
        Layers that the statement names; with a fixed depth all may be named.
    functions : str
        Those of `W`, `P`, `Q`, `R`, `X` that the statement may hold.
    """

    calls = {**StackedReader.calls, "d": 1, "W": 1, "P": 1, "Q": 1, "R": 2, "X": 1, "samples": 1, "covariance": 1}

    def __init__(
        self,
        text: str,
        symbols: Mapping[str, sp.Symbol],
        matrices: Mapping[str, Any],
        setting: NetworkSetting,
        layers: tuple[str, ...],
        functions: str,
    ) -> None:
        super().__init__(text, symbols, matrices)
        self._setting, self._layers, self._functions = setting, layers, functions

    def expression(self, node: ast.expr, depth: int = 0) -> Any:
        """Translate one node into a number or a matrix."""
        if isinstance(node, ast.Name) and node.id == "E" and "E" not in self._matrices:
            self.fail(node, "the gap E to a teacher is not known here; write exp(1) for Euler's number")
        return super().expression(node, depth)

    def _matrix_call(self, node: ast.Call, name: str, depth: int) -> Any:
        if name in ("samples", "covariance"):
            if self._setting.data != "dataset":
                self.fail(node, f"{name} is one over a data set, which a teacher does not have")
            (value,) = self._arguments(node, name, depth)
            if not isinstance(value, sp.MatrixExpr):
                self.fail(node, f"{name} takes a matrix")
            data = self._setting.sample
            return SampleSum(value, SAMPLES, data) if name == "samples" else SampleCovariance(value, data)
        if name not in ("d", *"WPQRX"):
            return super()._matrix_call(node, name, depth)
        count = self.calls[name]
        if node.keywords or len(node.args) != count:
            self.fail(node, f"{name} takes {'one layer' if count == 1 else 'two layers'}")
        if name == "d":
            return self._width(node.args[0])
        if name not in self._functions:
            known = ", ".join(f"{f}(...)" for f in self._functions) or "no weights"
            self.fail(node, f"{name}(...) has no place in this statement, which may hold {known}")
        layers = [self._layer(argument) for argument in node.args]
        if name == "R":
            if tuple(layers) != self._layers[::-1]:
                self.fail(node, f"write R({', '.join(self._layers[::-1])}): the later layer first")
            return self._setting.between(*layers)
        if name == "X":
            return direction(self._setting, *layers)
        made = {"W": self._setting.weight, "P": self._setting.left, "Q": self._setting.right}[name]
        return made(*layers)

    def _layer(self, node: ast.expr) -> str:
        name = re.sub(r"\s", "", self._piece(node))
        known = self._layers if self._setting.depth is None else all_layers(self._setting)
        if name not in known:
            self.fail(node, f"no layer of this statement; it has {', '.join(known)}")
        return name

    def _width(self, node: ast.expr) -> sp.Symbol:
        """Return a width: of a layer, of the one before it, of the inputs or of the outputs."""
        name = re.sub(r"\s", "", self._piece(node))
        known = {"0": self._setting.inputs, "L": self._setting.outputs}
        for layer in self._layers if self._setting.depth is None else all_layers(self._setting):
            rows, columns = self._setting.layer_shape(layer)
            known |= {layer: rows} | ({f"{layer}-1": columns} if self._setting.depth is None else {})
        if name not in known:
            self.fail(node, f"no width of this statement; it has d({'), d('.join(known)})")
        return known[name]


class Network:
    """The network of a claim, and its expressions of the network's matrices.

    Parameters
    ----------
    fields : Fields
        Those of the claim.
    setting : NetworkSetting
        The network.
    layers : tuple of str
        Layers that the statement names.
    functions : str
        Functions of layers that it may hold.
    more : mapping
        Matrices that it may name besides those of one sample and of the teacher.
    """

    def __init__(
        self,
        fields: Fields,
        setting: NetworkSetting,
        layers: tuple[str, ...],
        functions: str = "WPQ",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self._fields, self.setting, self._layers, self._functions = fields, setting, layers, functions
        named = {"x": setting.x, "W": setting.end_to_end if setting.depth is None else setting.network("1")}
        if setting.data == "dataset":
            named["y"] = setting.y
            if fields.symbols.get("N", SAMPLES) != SAMPLES:
                raise ParsingError("N is the number of samples of a data set; give it the range integers(1), or none")
            fields.symbols["N"] = SAMPLES
        else:
            named |= {"E": setting.gap, "M": setting.teacher, "epsilon": setting.noise}
        self.matrices: dict[str, Any] = {**named, **(more or {})}
        for name in self.matrices:
            if name in fields.symbols:
                raise ParsingError(f"domain: {name!r} is a matrix of the network; name the parameter differently")
        widths = {setting.inputs, setting.outputs}
        for layer in layers if setting.depth is None else all_layers(setting):
            widths |= set(setting.layer_shape(layer))
        fields.sizes |= {size: Integers(1) for size in (*widths, SAMPLES)}

    def read(self, name: str) -> Any:
        """Return the field as an expression."""

        def parse(text: str, symbols: Mapping[str, sp.Symbol]) -> Any:
            reader = NetworkReader(text, symbols, self.matrices, self.setting, self._layers, self._functions)
            return reader.expression(reader.tree)

        return self._fields.read(name, parse)


def all_layers(setting: NetworkSetting) -> tuple[str, ...]:
    """Return the names of the layers of a network of fixed depth, from 1."""
    return tuple(map(str, range(1, (setting.depth or 0) + 1)))


def setting_of(fields: Fields) -> NetworkSetting:
    """Return the network that the fields describe.

    Raises
    ------
    ParsingError
        If a field does not fit.
    """
    entry = fields.entry
    scale = fields.expression("loss_scale")
    if not (scale.is_Rational and scale > 0):
        raise ParsingError(f"loss_scale is {short(str(scale))}; write a positive number: c in c*|W x - y|^2")
    data = fields.text("data")
    if data not in ("dataset", "teacher"):
        raise ParsingError(f"data is {shown(data)}; choose one of dataset, teacher")
    more: dict[str, Any] = {}
    if "depth" in entry:
        more["depth"] = whole(fields, "depth")
        if not 1 <= more["depth"] <= MAX_DEPTH:
            raise ParsingError(f"depth is {shown(more['depth'])}; write 1 to {MAX_DEPTH}, or none for any depth")
    if "label_noise" in entry:
        more["label_noise"] = label_noise(fields)
    if "at_teacher" in entry:
        more["at_teacher"] = entry["at_teacher"]
        if not isinstance(more["at_teacher"], bool):
            raise ParsingError(f"at_teacher is {shown(more['at_teacher'])}; write true or false")
    if "silent" in entry:
        silent = items(fields, "silent")
        if len(silent) != 2 or not isinstance(silent[0], str) or silent[1] not in ("before", "after"):
            raise ParsingError(f"silent is {shown(silent)}; write ['l', 'after'] or ['l', 'before']")
        more["silent"] = (silent[0], silent[1])
    return NetworkSetting(scale, data, **more)


def label_noise(fields: Fields) -> sp.Expr:
    """Return the standard deviation of the label noise."""
    value = fields.expression("label_noise")
    if not value.is_nonnegative:
        raise ParsingError(f"label_noise is {short(str(value))}; a standard deviation is nowhere negative")
    return value


def layer_name(setting: NetworkSetting, name: str, given: Any) -> str:
    """Return the name of a layer that the field `name` gives: a letter, or the number in a network of fixed depth."""
    known = all_layers(setting)
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if isinstance(text, str) and (text in known if known else _LAYER.fullmatch(text)):
        return text
    wanted = f"one of {', '.join(known)}" if known else "a small letter such as 'l'"
    raise ParsingError(f"{name} is {shown(given)}; name the layer by {wanted}")


def layer_names(setting: NetworkSetting, fields: Fields, name: str, most: int) -> tuple[str, ...]:
    """Return the layers that a field lists, at most `most`."""
    given = items(fields, name)
    if not 0 < len(given) <= most:
        raise ParsingError(f"{name} is {shown(given)}; write a list of 1 to {most} layers")
    return tuple(layer_name(setting, name, part) for part in given)
