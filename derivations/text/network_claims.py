"""Types of statement as text about linear networks of any widths: gradients, covariances, Hessians, invariances."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..errors import CrossproofError, ParsingError
from ..matrices.networks import NetworkSetting
from ..statements.amplitudes import (
    BATCH,
    COLUMNS,
    LAYERS,
    LEARNING_RATE,
    AmplitudeQuantity,
    AmplitudeTerm,
    SecondMoment,
    column,
)
from ..statements.hessians import LossHessian
from ..statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
    basis_change,
)
from ..statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixStatement,
    NetworkJacobian,
)
from .forms import FLAG, items, one_of
from .matrix_claims import MATRICES, Matrices
from .network_reader import (
    MORE_OF_NETWORK,
    NETWORK,
    Network,
    label_noise,
    layer_name,
    layer_names,
    setting_of,
)
from .quoting import shown
from .stacked_reader import StackedReader, without_numbers
from .statements import Fields, Type, check_fields

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most assertions that one claim states together.
MAX_PARTS = 8


def _matrix(network: Network, name: str) -> Any:
    return without_numbers(name, network.read(name))


def _layer_gradient(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    layer = layer_name(setting, "layer", fields.entry["layer"])
    of = one_of(GradientOf).read(fields, "of")
    columns = {c: column(setting, c) for c in "uv"} if of is GradientOf.MODE else {}
    stacked = FLAG.read(fields, "stacked") if "stacked" in fields.entry else False
    return LayerGradient(
        setting, layer, of, _matrix(Network(fields, setting, (layer,), more=columns), "value"), stacked
    )


def _jacobian(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    layer = layer_name(setting, "layer", fields.entry["layer"])
    return NetworkJacobian(setting, layer, _matrix(Network(fields, setting, (layer,)), "value"))


def _covariance(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    rows, columns = (layer_names(setting, fields, name, 2) for name in ("rows", "columns"))
    named = tuple(dict.fromkeys((*rows, *columns)))
    if setting.depth is None and len(named) > 2:
        raise ParsingError(f"columns: {', '.join(named)} are more than two layers; split the claim")
    if setting.silent is not None and setting.silent[0] not in named:
        raise ParsingError(
            f"silent: {setting.silent[0]!r} is no layer of rows or columns; name one of {', '.join(named)}"
        )
    return GradientNoiseCovariance(setting, rows, columns, _matrix(Network(fields, setting, named), "value"))


def _hessian(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    row, col = (layer_name(setting, name, fields.entry[name]) for name in ("row", "column"))
    return LossHessian(setting, row, col, _matrix(Network(fields, setting, (row, col)), "value"))


def _amplitude(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    quantity = one_of(AmplitudeQuantity).read(fields, "quantity")
    layers = layer_names(setting, fields, "layers", LAYERS[quantity])
    if quantity is AmplitudeQuantity.STEP_COVARIANCE:
        for symbol, wanted in ((LEARNING_RATE, "positive"), (BATCH, "integers(1)")):
            if fields.symbols.get(symbol.name) != symbol:
                raise ParsingError(f"domain: a step has {symbol.name}, with the range {wanted}; add it")
    ordered = quantity in (AmplitudeQuantity.SECOND_DERIVATIVE, AmplitudeQuantity.ITO_DRIFT)
    if len(set(layers)) < len(layers) and ordered:
        raise ParsingError(f"layers is {shown(list(layers))}; this quantity is one of two different layers")
    functions = "WPQR" + "X" * (quantity is AmplitudeQuantity.SECOND_DERIVATIVE) if ordered else "WPQ"
    network = Network(fields, setting, layers, functions, {c: column(setting, c) for c in COLUMNS})
    value = network.read("value")
    if isinstance(value, sp.MatrixExpr):
        if value.shape != (1, 1):
            raise ParsingError("value: this is a matrix, and a number is wanted; write its trace")
        value = sp.Trace(value)
    if value.atoms(sp.Determinant, sp.Inverse):
        raise ParsingError("value: only sums and products of traces are known here; leave inverses and det out")
    return AmplitudeTerm(setting, quantity, layers, value)


def _second_moment(fields: Fields) -> MatrixStatement:
    noise = label_noise(fields) if "label_noise" in fields.entry else sp.Integer(0)
    setting = NetworkSetting(sp.Rational(1, 2), "teacher", label_noise=noise)
    for name, size in (("inputs", setting.inputs), ("outputs", setting.outputs)):
        if name in fields.symbols:
            raise ParsingError(f"domain: {name!r} is the size of a vector here; name the parameter differently")
        fields.symbols[name] = size
    network = Network(fields, setting, (), "")
    if "matrices" in fields.entry:
        own = Matrices(fields, StackedReader)
        for name in own.symbols:
            if "_" in name or name in (*network.matrices, *COLUMNS):
                raise ParsingError(f"matrices: {name!r} has a meaning in networks; take another name without _")
        if own.kinds:
            raise ParsingError("matrices: kinds are not known here; a second moment is said of all matrices")
        network.matrices |= own.symbols
    left, right, value = (_matrix(network, name) for name in ("left", "right", "value"))
    return SecondMoment(setting, left, right, value)


def _flow_invariant(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    return FlowInvariant(setting, _matrix(Network(fields, setting, (LOWER, UPPER), "W"), "quantity"))


def _basis_change(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    network = Network(fields, setting, (LOWER, UPPER), "W", {"G": basis_change(setting)})
    lower, upper = (without_numbers(name, network.read(name), inverses=True) for name in ("lower", "upper"))
    return HiddenBasisChange(setting, lower, upper, one_of(Invariant).read(fields, "invariant"))


def _critical(fields: Fields) -> MatrixStatement:
    setting = setting_of(fields)
    return CriticalWhen(setting, _matrix(Network(fields, setting, (LOWER,)), "condition"))


_TEACHER = ("label_noise", "at_teacher")
_OF_MATRICES = {
    "layer-gradient": Type((*NETWORK, "layer", "of", "value"), ("stacked", "depth", *_TEACHER), _layer_gradient),
    "network-jacobian": Type((*NETWORK, "layer", "value"), ("depth", *_TEACHER), _jacobian),
    "gradient-noise-covariance": Type((*NETWORK, "rows", "columns", "value"), MORE_OF_NETWORK, _covariance),
    "loss-hessian": Type((*NETWORK, "depth", "row", "column", "value"), _TEACHER, _hessian),
    "amplitude-term": Type((*NETWORK, "quantity", "layers", "value"), _TEACHER, _amplitude),
    "second-moment": Type(("left", "right", "value"), ("label_noise", "matrices"), _second_moment),
    "flow-invariant": Type((*NETWORK, "quantity"), _TEACHER, _flow_invariant),
    "hidden-basis-change": Type((*NETWORK, "lower", "upper", "invariant"), _TEACHER, _basis_change),
    "critical-when": Type((*NETWORK, "condition"), _TEACHER, _critical),
}
_PARTS = {**_OF_MATRICES, "matrix-identity": MATRICES["matrix-identity"]}
#: Fields that the parts of a claim may share.
_SHARED = (*NETWORK, *MORE_OF_NETWORK, "matrices")


def _all_of(fields: Fields) -> MatrixStatement:
    given = items(fields, "parts")
    if not 0 < len(given) <= MAX_PARTS or not all(isinstance(part, dict) for part in given):
        raise ParsingError(f"parts is {shown(given)}; write a list of 1 to {MAX_PARTS} tables {{type = ...}}")
    made = []
    taken: set[str] = set()
    for number, part in enumerate(given, 1):
        place, kind = f"parts[{number}]", part.get("type")
        if not isinstance(kind, str) or kind not in _PARTS:
            raise ParsingError(f"{place}: type is {shown(kind)}; choose one of {', '.join(_PARTS)}")
        known = _PARTS[kind]
        shared = {n: fields.entry[n] for n in _SHARED if n in fields.entry and n in (*known.required, *known.optional)}
        entry = {**shared, **{n: value for n, value in part.items() if n != "type"}}
        taken |= set(shared)
        own = Fields(entry, fields.symbols)
        try:
            check_fields(entry, known.required, known.optional, f"a part of type {kind!r}")
            statement = known.make(own)
        except CrossproofError as error:
            raise ParsingError(f"{place}: {error}") from None
        assert isinstance(statement, MatrixStatement)
        made.append(statement)
        fields.written |= {f"{place}.{name}": text for name, text in own.written.items()}
        fields.bound |= own.bound
        fields.sizes |= own.sizes
    left = sorted({n for n in _SHARED if n in fields.entry} - taken)
    if left:
        raise ParsingError(f"{left[0]}: no part takes it; leave it out")
    return AllOf(tuple(made))


NETWORKS = {**_OF_MATRICES, "all-of": Type(("parts",), _SHARED, _all_of)}
