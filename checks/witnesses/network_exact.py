"""Exact rational arithmetic on small networks and matrices: confirmation at listed shapes, or a counterexample.

A loss is a polynomial of degree two in any single weight, so its central difference with step one is the exact
derivative. Gaussian data are replaced by independent coordinates with values 0, +-1, +-2 and probabilities 1/2, 1/6,
1/12: their moments up to order five are Gaussian, so that means of quadratic forms in the data, and of products of two
of them, are exact finite sums.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np
import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import ClaimError, DomainError
from ...derivations.networks import NetworkSetting
from ...derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ...numerics.matrices import (
    Rational,
    Values,
    evaluate,
    network_sizes,
    network_values,
    silent_layer,
    stack_columns,
)
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..witness import Task, witness

#: Layer widths and the layers (first, second) that a statement's layer names stand for; simplest first.
Networks = tuple[tuple[tuple[int, ...], tuple[int, int]], ...]
NETWORKS: Networks = (
    ((1, 1, 1), (1, 2)),
    ((2, 1, 1), (2, 1)),
    ((1, 3, 2), (1, 1)),
    ((2, 3, 2), (2, 2)),
    ((2, 1, 3, 1), (1, 3)),
    ((1, 2, 1, 2, 2), (3, 2)),
)
#: Exactness makes any relative deviation larger than rounding of the report visible.
RESOLUTION = 1e-12
_NODES = ((0, Fraction(1, 2)), (1, Fraction(1, 6)), (-1, Fraction(1, 6)), (2, Fraction(1, 12)), (-2, Fraction(1, 12)))


@dataclass(frozen=True)
class Case:
    """One comparison: the printed value, the value found, and the exact point."""

    what: str
    point: Mapping[str, str]
    stated: Any
    found: Any


@witness(
    "exact small networks",
    kind=Kind.DETERMINISTIC,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="the loss in rational arithmetic, differenced exactly, on small explicit networks and data",
)
def exact_small_networks(statement: MatrixStatement, task: Task) -> Finding:
    """Compare printed and exact values entry by entry at small shapes; the first difference refutes."""
    shapes = []
    for case in cases(statement, task.claim.domain):
        shapes.append(case.point["shapes"])
        difference = case.stated - case.found
        wrong = [index for index in np.ndindex(*difference.shape) if difference[index] != 0]
        if wrong:
            return _refuted(case, difference, wrong[0])
    if not shapes:
        return Finding(Outcome.UNDECIDED, "exact small networks: no shape on the list lies in the domain.")
    listed = "; ".join(dict.fromkeys(shapes))
    return Finding(
        Outcome.CONFIRMED,
        f"exact small networks: every entry agrees exactly at one rational point for each of the shapes {listed}.",
        resolution=RESOLUTION,
    )


@singledispatch
def cases(statement: MatrixStatement, domain: Domain) -> Iterator[Case]:
    """Yield exact comparisons, simplest shapes first."""
    raise ClaimError(f"no exact evaluation for a statement of type {type(statement).__name__}")


@cases.register
def _(statement: AllOf, domain: Domain) -> Iterator[Case]:
    for part in statement.parts:
        yield from cases(part, domain)


@cases.register
def _(statement: MatrixIdentity, domain: Domain) -> Iterator[Case]:
    symbols = sorted(set().union(*(e.atoms(sp.MatrixSymbol) for e in statement.expressions())), key=lambda s: s.name)
    for scalars in domain.points(20):
        fill = _entries()
        sizes = {s.name: [int(k.subs(scalars)) for k in s.shape] for s in symbols}
        matrices = {name: _filled(rows, columns, fill) for name, (rows, columns) in sizes.items()}
        values = Values(Rational(), matrices, scalars)
        yield Case(
            "the two sides",
            {"shapes": _text_point(scalars), **{k: _text(v) for k, v in matrices.items()}},
            evaluate(statement.rhs, values),
            evaluate(statement.lhs, values),
        )


@dataclass(frozen=True)
class _Instance:
    """An explicit network with data: samples in rows, with probabilities."""

    setting: NetworkSetting
    layers: Mapping[str, int]
    weights: list[Any]
    x: Any
    y: Any
    noise: Any
    probabilities: Any
    values: Values
    point: Mapping[str, str]

    def loss(self, weights: Sequence[Any]) -> Any:
        """Loss of every sample."""
        residual = self.x @ _chain(weights).T - self.y
        return (residual * residual).sum(axis=1) * Rational().scalar(self.setting.loss_scale)

    def gradient(self, layer: str, scalar: Any) -> Any:
        """Exact gradient of ``scalar(weights)``, quadratic in each weight, with shape (..., rows, columns)."""
        k = self.layers[layer] - 1
        weight = self.weights[k]
        parts = []
        for index in np.ndindex(*weight.shape):
            sides = []
            for step in (1, -1):
                moved = weight.copy()
                moved[index] += step
                sides.append(scalar([*self.weights[:k], moved, *self.weights[k + 1 :]]))
            parts.append((sides[0] - sides[1]) * Fraction(1, 2))
        stacked = np.stack([np.asarray(part, dtype=object) for part in parts], axis=-1)
        return stacked.reshape(*stacked.shape[:-1], *weight.shape)

    def mean(self, values: Any) -> Any:
        """Mean over the samples (axis 0)."""
        return np.tensordot(self.probabilities, values, axes=(0, 0))


@cases.register
def _(statement: LayerGradient, domain: Domain) -> Iterator[Case]:
    for made in _instances(statement.setting, (statement.layer,), domain):
        shape = stack_columns if statement.stacked else np.asarray
        what = f"the gradient for layer {statement.layer} of {statement.of}"
        if statement.of is GradientOf.MODE:
            u, v = _filled(len(made.weights[-1]), 1, _entries(1)), _filled(made.weights[0].shape[1], 1, _entries(2))
            values = Values(Rational(), {**made.values.matrices, "u": u, "v": v}, made.values.scalars)
            found = made.gradient(statement.layer, lambda w, u=u, v=v: (u.T @ _chain(w) @ v)[0, 0])
            point = {**made.point, "u": _text(u), "v": _text(v)}
            yield Case(what, point, evaluate(statement.value, values), shape(found))
            continue
        samples = made.gradient(statement.layer, made.loss)
        mean = made.mean(samples)
        if statement.of is GradientOf.MEAN:
            yield Case(what, made.point, evaluate(statement.value, made.values), shape(mean))
            continue
        table = _data(made.setting, made.x, made.y if made.noise is None else made.noise)
        centre = mean if statement.of is GradientOf.NOISE else 0
        for s in sorted({round(k * (len(samples) - 1) / 5) for k in range(6)}):
            data = table[s]
            values = Values(Rational(), {**made.values.matrices, **data}, made.values.scalars)
            point = {**made.point, **{k: _text(v) for k, v in data.items()}}
            yield Case(what, point, evaluate(statement.value, values), shape(samples[s] - centre))


@cases.register
def _(statement: NetworkJacobian, domain: Domain) -> Iterator[Case]:
    for made in _instances(statement.setting, (statement.layer,), domain):
        slopes = made.gradient(statement.layer, lambda w: stack_columns(_chain(w))[:, 0])
        found = np.stack([stack_columns(row)[:, 0] for row in slopes])
        yield Case(
            f"the Jacobian for layer {statement.layer}", made.point, evaluate(statement.value, made.values), found
        )


@cases.register
def _(statement: GradientNoiseCovariance, domain: Domain) -> Iterator[Case]:
    names = tuple(dict.fromkeys((*statement.rows, *statement.columns)))
    for made in _instances(statement.setting, names, domain):
        gradients = {name: made.gradient(name, made.loss) for name in names}
        columns = {name: g.swapaxes(1, 2).reshape(len(g), -1) for name, g in gradients.items()}
        left, right = (
            np.concatenate([columns[name] - made.mean(columns[name]) for name in stack], axis=1)
            for stack in (statement.rows, statement.columns)
        )
        found = (left * made.probabilities[:, None]).T @ right
        what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
        yield Case(what, made.point, evaluate(statement.value, made.values), found)


def _instances(
    setting: NetworkSetting, names: Sequence[str], domain: Domain, networks: Networks = NETWORKS
) -> Iterator[_Instance]:
    """Yield explicit networks inside the domain, smallest first."""
    for number, (widths, picked) in enumerate(networks):
        if setting.depth is None:
            layers = dict(zip(names, picked, strict=False))
        elif setting.depth == len(widths) - 1:
            layers = {str(k): k for k in range(1, len(widths))}
        else:
            continue
        fill = _entries(number)
        weights = [_filled(rows, columns, fill) for columns, rows in itertools.pairwise(widths)]
        silenced = silent_layer(setting, layers, len(weights))
        if silenced is not None:
            if not 0 <= silenced < len(weights):
                continue
            weights[silenced] = weights[silenced] * 0
        sizes = network_sizes(setting, widths, layers)
        scalars = _parameters(domain, sizes, number)
        try:
            domain.check({s: scalars[s] for s in domain.symbols})
        except (DomainError, KeyError):
            continue
        teacher = _chain(weights) if setting.at_teacher else _filled(widths[-1], widths[0], fill)
        if setting.data == "dataset":
            count = int(scalars.get(sp.Symbol("N", integer=True, positive=True), 3))
            x, y = _filled(count, widths[0], fill), _filled(count, widths[-1], fill)
            noise, probabilities = None, np.array([Fraction(1, count)] * count, dtype=object)
        else:
            sigma = Rational().scalar(sp.sympify(setting.label_noise).subs(scalars))
            x, noise, probabilities = _cubature(widths[0], widths[-1], sigma)
            y = x @ teacher.T + noise
        matrices = network_values(setting, weights, layers, None if setting.data == "dataset" else teacher)
        point = {
            "shapes": f"widths {'-'.join(map(str, widths))}"
            + (f", layers {', '.join(f'{n}={k}' for n, k in layers.items())}" if setting.depth is None else ""),
            **{str(s): str(scalars[s]) for s in domain.symbols if s not in sizes},
            **{f"W_{k}": _text(w) for k, w in enumerate(weights, start=1)},
        }
        if setting.data == "dataset":
            point |= {"x": _text(x), "y": _text(y)}
        else:
            point["M"] = _text(teacher)
        values = Values(Rational(), matrices, scalars, _data(setting, x, y) if noise is None else ())
        yield _Instance(setting, layers, weights, x, y, noise, probabilities, values, point)


def _parameters(domain: Domain, known: Mapping[sp.Symbol, Any], number: int) -> dict[sp.Symbol, Any]:
    """Choose the parameters of the domain that are no widths: value number 1, 2, ... of each range."""
    chosen = dict(known)
    for symbol, given in domain.ranges.items():
        if symbol not in chosen:
            chosen[symbol] = given.value(1 + number % 3, chosen)
    return chosen


def _data(setting: NetworkSetting, x: Any, second: Any) -> list[dict[str, Any]]:
    """Return the data of each sample by name, as columns."""
    names = [symbol.name for symbol in setting.sample]
    return [{names[0]: a.reshape(-1, 1), names[1]: b.reshape(-1, 1)} for a, b in zip(x, second, strict=True)]


def _cubature(inputs: int, outputs: int, sigma: Fraction) -> tuple[Any, Any, Any]:
    """Return x (n, inputs), noise (n, outputs) and probabilities (n,); noiseless labels need no noise nodes."""
    noisy = outputs if sigma else 0
    points, weights = [], []
    for nodes in itertools.product(_NODES, repeat=inputs + noisy):
        points.append([value for value, _ in nodes] + [0] * (outputs - noisy))
        weight = Fraction(1)
        for _, share in nodes:
            weight *= share
        weights.append(weight)
    table = np.array(points, dtype=object).reshape(len(points), inputs + outputs)
    return table[:, :inputs], table[:, inputs:] * sigma, np.array(weights, dtype=object)


def _chain(weights: Sequence[Any]) -> Any:
    product = weights[0]
    for weight in weights[1:]:
        product = weight @ product
    return product


def _entries(start: int = 0) -> Iterator[int]:
    """Yield small non-zero integers without obvious pattern."""
    state = 7 + 13 * start
    while True:
        state = (state * 29 + 17) % 1009
        yield (state % 5 + 1) * (1 if state % 2 else -1)


def _filled(rows: int, columns: int, fill: Iterator[int]) -> Any:
    return np.array([[next(fill) for _ in range(columns)] for _ in range(rows)], dtype=object).reshape(rows, columns)


def _text(matrix: Any) -> str:
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in matrix.tolist()) + "]"


def _text_point(scalars: Mapping[sp.Symbol, Any]) -> str:
    return ", ".join(f"{symbol}={value}" for symbol, value in scalars.items())


def _refuted(case: Case, difference: Any, index: tuple[int, ...]) -> Finding:
    scale = max((abs(float(v)) for side in (case.stated, case.found) for v in side.flat), default=0.0)
    gap = max(abs(float(v)) for v in difference.flat)
    where = ", ".join(str(k + 1) for k in index)
    return Finding(
        Outcome.REFUTED,
        f"exact small networks: {case.what} differs from the statement in exact arithmetic.",
        effect=gap / scale,
        counterexample=Counterexample(
            dict(case.point),
            f"entry ({where}) of {case.what} = {case.stated[index]}",
            f"entry ({where}) of {case.what} = {case.found[index]}",
            str(difference[index]),
        ),
    )
