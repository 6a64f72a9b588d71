"""Amplitudes and second moments of small networks in rational arithmetic."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import ClaimError
from ....derivations.matrices.networks import NetworkSetting
from ....derivations.statements.amplitudes import (
    BATCH,
    COLUMNS,
    LEARNING_RATE,
    AmplitudeQuantity,
    AmplitudeTerm,
    SecondMoment,
)
from ....numerics.matrices import Rational, evaluate, stack_columns, traces
from ....numerics.networks.named import end_to_end
from .exact import Case, cases
from .exact_networks import (
    NETWORKS,
    NOISE_ORDER,
    ORDER,
    ExactNetwork,
    Networks,
    entries,
    exact_networks,
    filled,
    text,
)

#: Greatest number of batches that are enumerated.
_BATCHES = 200_000
#: Networks for what is asserted of layers i < j; a parameter takes three values on those of this order.
_ORDERED_NETWORKS: Networks = (*NETWORKS[:5], (NETWORKS[5][0], (2, 3)), *NETWORKS[6:])
_ORDERED = (AmplitudeQuantity.SECOND_DERIVATIVE, AmplitudeQuantity.ITO_DRIFT)


def degree(expr: sp.MatrixExpr, names: Collection[str]) -> int:
    """Return the degree of a matrix expression in the entries of the matrices called `names`.

    Raises
    ------
    ClaimError
        If it is not built of sums, products, transposes, Kronecker products and stacked columns.
    """
    if not {s.name for s in expr.atoms(sp.MatrixSymbol)} & set(names):
        return 0
    if isinstance(expr, sp.MatrixSymbol):
        return 1
    if isinstance(expr, sp.MatAdd):
        return max(degree(part, names) for part in expr.args)
    # a node with one argument, such as a transpose, puts entries into another order
    if isinstance(expr, sp.MatMul | sp.KroneckerProduct) or len(expr.args) == 1:
        return sum(degree(part, names) for part in expr.args if part.is_Matrix)
    if isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp > 0:
        return int(expr.exp) * degree(expr.base, names)
    raise ClaimError(f"{expr} has no degree in {', '.join(sorted(names))}")


def between(weights: Sequence[Any], later: int, earlier: int) -> Any:
    """Return the product of the layers strictly between, the identity when there are none."""
    inside = weights[earlier : later - 1]
    return end_to_end(inside) if inside else Rational().identity(weights[earlier - 1].shape[0])


@cases.register
def _(statement: AmplitudeTerm, domain: Domain) -> Iterator[Case]:
    setting, layers = statement.setting, statement.layers
    networks = _ORDERED_NETWORKS if statement.quantity in _ORDERED else NETWORKS
    for made in exact_networks(setting, layers, domain, networks):
        places = [made.layers[k] for k in layers]
        batch = int(made.scalars.get(BATCH, 1))
        if statement.quantity is AmplitudeQuantity.STEP_COVARIANCE and len(made.x) ** batch > _BATCHES:
            continue
        if statement.quantity in _ORDERED and not places[0] < places[1]:
            continue
        more = _columns_and_directions(setting, made, layers)
        if statement.quantity in _ORDERED:
            more[setting.between(layers[1], layers[0]).name] = between(made.weights, places[1], places[0])
        stated = np.array([[traces(statement.value, made.values_with(more))]], dtype=object)
        value = made.once((statement.quantity, layers), partial(_found, statement, made, more))
        found = np.array([[value]], dtype=object)
        point = {**made.point, **{k: text(m) for k, m in more.items()}}
        yield Case(str(statement.quantity), point, stated, found, made.scalars)


@cases.register
def _(statement: SecondMoment, domain: Domain) -> Iterator[Case]:
    for symbol, highest in ((statement.setting.x, ORDER), (statement.setting.noise, NOISE_ORDER)):
        order = sum(degree(e, {symbol.name}) for e in (statement.left, statement.right))
        if order > highest:
            raise ClaimError(f"a moment of order {order} of {symbol}; the nodes have those up to order {highest}")
    names = tuple(sorted({s.name.removeprefix("W_") for s in statement.value.atoms(sp.MatrixSymbol) if "W_" in s.name}))
    for made in exact_networks(statement.setting, names, domain):
        fixed = {}
        for k, symbol in enumerate(statement.fixed()):
            rows, columns = (int(size.subs(made.scalars)) for size in symbol.shape)
            fixed[symbol.name] = filled(rows, columns, entries(k + 1))
        total = made.once((statement.left, statement.right), partial(_second_moment, statement, made, fixed))
        stated = evaluate(statement.value, made.values_with(fixed))
        point = {**made.point, **{name: text(matrix) for name, matrix in fixed.items()}}
        yield Case("the second moment", point, stated, total, made.scalars)


def _second_moment(statement: SecondMoment, made: ExactNetwork, fixed: Mapping[str, Any]) -> Any:
    total: Any = 0
    for share, sample in zip(made.probabilities, made.table(), strict=True):
        values = made.values_with({**fixed, **sample})
        left, right = (stack_columns(evaluate(e, values)) for e in (statement.left, statement.right))
        total = total + share * (left @ right.T)
    return total


def _columns_and_directions(setting: NetworkSetting, made: ExactNetwork, layers: tuple[str, ...]) -> dict[str, Any]:
    sizes = {"u": len(made.weights[-1]), "v": made.weights[0].shape[1]}
    sizes |= {"a": sizes["u"], "b": sizes["v"]}
    found = {name: filled(sizes[name], 1, entries(k + 1)) for k, name in enumerate(COLUMNS)}
    for k, name in enumerate(layers):
        rows, columns = made.weights[made.layers[name] - 1].shape
        found[f"X_{name}"] = filled(rows, columns, entries(k + 5))
    return found


def _found(statement: AmplitudeTerm, made: ExactNetwork, more: Mapping[str, Any]) -> Any:
    """Return the quantity from the exact loss and amplitudes of one small network."""
    layers = statement.layers

    def amplitude(weights: Any, left: str = "u", right: str = "v") -> Any:
        return (more[left].T @ end_to_end(weights) @ more[right])[0, 0]

    def second_derivative(one: Any, other: Any) -> Any:
        places = [made.layers[k] - 1 for k in layers]
        total = 0
        for here, there in itertools.product((1, 0), repeat=2):
            weights = list(made.weights)
            weights[places[0]] = weights[places[0]] + here * one
            weights[places[1]] = weights[places[1]] + there * other
            total = total + (1 if here == there else -1) * amplitude(weights)
        return total

    if statement.quantity is AmplitudeQuantity.SECOND_DERIVATIVE:
        return second_derivative(*(more[f"X_{k}"] for k in layers))
    first = made.gradient(layers[0], amplitude)
    second = made.gradient(layers[-1], lambda w: amplitude(w, "a", "b"))
    if statement.quantity is AmplitudeQuantity.GRADIENT_PRODUCT:
        return (first * second).sum()
    samples = [made.loss_gradient(k) for k in layers]
    if statement.quantity is AmplitudeQuantity.GRADIENT_DRIFT:
        return -(first * made.mean(samples[0])).sum()
    noise = [g - made.mean(g) for g in samples]
    if statement.quantity is AmplitudeQuantity.ITO_DRIFT:
        drawn = [second_derivative(g, h) for g, h in zip(*noise, strict=True)]
        return sum(p * d for p, d in zip(made.probabilities, drawn, strict=True))
    along = [(g * n).sum(axis=(1, 2)) for g, n in zip((first, second), noise, strict=True)]
    if statement.quantity is AmplitudeQuantity.COVARIANCE:
        return (made.probabilities * along[0] * along[1]).sum()
    eta, batch = (made.scalars[s] for s in (LEARNING_RATE, BATCH))
    return Rational().scalar(eta) ** 2 * _batch_covariance(along, made.probabilities, int(batch))


def _batch_covariance(along: Sequence[Any], probabilities: Any, batch: int) -> Fraction:
    """Return the covariance of two means over `batch` independent samples, from the joint law of the two sums."""
    # all on common denominators: sums of integers are many times faster than sums of fractions
    scales = [math.lcm(*(Fraction(v).denominator for v in values)) for values in (*along, probabilities)]
    first, second, shares = (
        [int(v * scale) for v in values] for values, scale in zip((*along, probabilities), scales, strict=True)
    )
    one: Counter[tuple[int, int]] = Counter()
    for a, b, share in zip(first, second, shares, strict=True):
        one[a, b] += share
    law = {(0, 0): 1}
    for _ in range(batch):
        grown: Counter[tuple[int, int]] = Counter()
        for (a, b), weight in law.items():
            for (c, d), share in one.items():
                grown[a + c, b + d] += weight * share
        law = dict(grown)
    total = sum(a * b * weight for (a, b), weight in law.items())
    return Fraction(total, batch**2 * scales[0] * scales[1] * scales[2] ** batch)
