"""Invariances on small networks in rational arithmetic: exact gradients at generic and at critical points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import ClaimError
from ....derivations.statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
)
from ....numerics.matrices import Rational, evaluate, stack_columns
from ....numerics.networks.named import end_to_end
from ...judgement.definedness import definedness
from .amplitude_exact import degree
from .exact import Case, all_zero, cases
from .exact_networks import ExactNetwork, Networks, entries, exact_networks, filled, text

#: Layer widths and the places of layers l and l+1; the second and third have a hidden bottleneck or expansion.
NETWORKS: Networks = (
    ((1, 1, 1), (1, 2)),
    ((2, 1, 2), (1, 2)),
    ((1, 2, 2), (1, 2)),
    ((2, 2, 2, 1), (2, 3)),
    ((1, 2, 2, 2), (1, 2)),
)


@cases.register
def _(statement: FlowInvariant, domain: Domain) -> Iterator[Case]:
    moving = {statement.setting.weight(k).name for k in (LOWER, UPPER)}
    order = degree(statement.quantity, moving)
    for made in exact_networks(statement.setting, (LOWER, UPPER), domain, NETWORKS):
        flow = [-made.mean(made.loss_gradient(k)) for k in (LOWER, UPPER)]

        def along(step: int, made: ExactNetwork = made, flow: Sequence[Any] = flow) -> Any:
            moved = list(made.weights)
            for name, change in zip((LOWER, UPPER), flow, strict=True):
                place = made.layers[name] - 1
                moved[place] = moved[place] + step * change
            return evaluate(statement.quantity, replace(made, weights=moved).values)

        rate = sum(factor * (along(j) - along(-j)) for j, factor in central_differences(order))
        what = "the rate of change under gradient flow"
        yield Case(what, made.point, np.zeros_like(rate), rate, made.scalars)


def central_differences(order: int) -> list[tuple[int, Fraction]]:
    """Return (j, c_j), j = 1, 2, ...: the sum of c_j (p(j) - p(-j)) is p'(0) for polynomials p of degree `order`.

    Source: B. Fornberg, Math. Comp. 51 (1988) 699, the limit of equidistant central differences.
    """
    k = max((order + 1) // 2, 1)
    whole = math.factorial(k) ** 2
    return [
        (j, Fraction((-1) ** (j + 1) * whole, j * math.factorial(k - j) * math.factorial(k + j)))
        for j in range(1, k + 1)
    ]


@cases.register
def _(statement: HiddenBasisChange, domain: Domain) -> Iterator[Case]:
    setting = statement.setting
    critical = statement.invariant is Invariant.CRITICAL_POINTS
    for given_data in exact_networks(setting, (LOWER, UPPER), domain, NETWORKS):
        # where the network fits every sample, its weights are critical, and changed ones need not fit
        fitted = replace(given_data, y=given_data.x @ end_to_end(given_data.weights).T)
        looked_at = [(given_data, w) for w in _weights(given_data, critical=critical)]
        for made, weights in [*looked_at, (fitted, list(fitted.weights))] if critical else looked_at:
            change, inverse = _invertible(len(made.weights[made.layers[LOWER] - 1]))
            given = {statement.change.name: change, "G_inv": inverse}
            moved = list(weights)
            for name, expr in ((LOWER, statement.lower), (UPPER, statement.upper)):
                at = replace(made, weights=weights).values_with(given)
                moved[made.layers[name] - 1] = evaluate(inverse_named(expr, statement), at)
            point = {**made.point, **{f"W_{k}": text(w) for k, w in enumerate(weights, start=1)}, "G": text(change)}
            if statement.invariant is Invariant.LOSS:
                before, after = (_mean_loss(made, w) for w in (weights, moved))
                yield Case("the loss", point, before, after, made.scalars)
                continue
            for name in (LOWER, UPPER):
                before, after = (_gradient_vanishes(made, name, w) for w in (weights, moved))
                what = f"whether the gradient for layer {name} vanishes"
                yield Case(what, point, before, after, made.scalars)


@cases.register
def _(statement: CriticalWhen, domain: Domain) -> Iterator[Case]:
    setting = statement.setting
    factor = statement.condition.as_coeff_mmul()[0] if isinstance(statement.condition, sp.MatMul) else sp.Integer(1)
    ratios: set[Any] = set()
    for made in exact_networks(setting, (LOWER,), domain, NETWORKS):
        for teacher in _teachers(made):
            moved = replace(made, teacher=teacher, y=made.x @ teacher.T + made.noise)
            condition = evaluate(statement.condition, moved.values)
            gradient = stack_columns(made.mean(moved.gradient(LOWER, moved.loss)))
            if not all_zero(gradient):
                ratios.add(_ratio(condition, gradient * made.values.number(factor)))
            yield Case(
                "whether the gradient vanishes",
                {**made.point, "M": text(teacher)},
                np.array([[int(all_zero(condition))]], dtype=object),
                np.array([[int(all_zero(gradient))]], dtype=object),
                made.scalars,
            )
    # networks that agree say nothing of those for which the factor is 0, nor of what vanishes at some weights only
    if len(ratios) != 1 or not ratios - {0, None}:
        raise ClaimError("the condition is not seen to be the gradient times one number, so that it may vanish alone")
    if definedness((1 / factor,), domain).status != "everywhere":
        raise ClaimError(f"the condition has the factor {factor}, which is not shown to be other than 0 on the domain")


def _ratio(one: Any, other: Any) -> Any:
    """Return the number by which `other` is multiplied to give `one`; None where none does."""
    place = next((k for k in np.ndindex(*other.shape) if other[k] != 0), None)
    if place is None:
        return None
    ratio = sp.sympify(one[place]) / sp.sympify(other[place])
    return ratio if all_zero(one - other * Rational().scalar(ratio)) else None


def inverse_named(expr: sp.MatrixExpr, statement: HiddenBasisChange) -> sp.MatrixExpr:
    """Write the inverse of G as a symbol ``G_inv`` of its own."""
    symbol = sp.MatrixSymbol("G_inv", *statement.change.shape)
    named = {sp.Inverse(statement.change): symbol, sp.Inverse(statement.change.T): symbol.T}
    return expr.replace(lambda e: e in named, lambda e: named[e])


def _invertible(size: int) -> tuple[Any, Any]:
    """Return a unit upper triangular matrix times a lower one with diagonal 2, not symmetric, and its inverse."""
    matrix = sp.Matrix(size, size, lambda i, j: (2 if i == j else 0) + (i + j + 2 if j < i else 0))
    matrix = (sp.eye(size) + sp.Matrix(size, size, lambda i, j: 1 if j > i else 0)) * matrix
    inverse = matrix.inv()
    convert = [
        np.array([[Fraction(int(e.p), int(e.q)) for e in m.row(r)] for r in range(size)], dtype=object)
        for m in (matrix, inverse)
    ]
    return convert[0], convert[1]


def _mean_loss(made: ExactNetwork, weights: Sequence[Any]) -> Any:
    return np.asarray(made.mean(made.loss(weights)), dtype=object).reshape(1, 1)


def _gradient_vanishes(made: ExactNetwork, layer: str, weights: Sequence[Any]) -> Any:
    moved = replace(made, weights=list(weights))
    gradient = made.mean(moved.gradient(layer, moved.loss))
    return np.array([[int(all_zero(gradient))]], dtype=object)


def _weights(made: ExactNetwork, *, critical: bool) -> Iterator[list[Any]]:
    """Yield weights; critical ones besides the given: both layers zero, and one of them with the other at will."""
    yield list(made.weights)
    if not critical:
        return
    for zeros in ((LOWER, UPPER), (LOWER,), (UPPER,)):
        weights = list(made.weights)
        for name in zeros:
            weights[made.layers[name] - 1] = weights[made.layers[name] - 1] * 0
        yield weights


def _teachers(made: ExactNetwork) -> Iterator[Any]:
    """Yield teachers whose gap is generic, zero, or orthogonal to the layers after or before the layer."""
    whole = end_to_end(made.weights)
    rows, columns = whole.shape
    yield whole - filled(rows, columns, entries(3))
    yield whole
    place = made.layers[LOWER]
    sides = (made.weights[place:], False), (made.weights[: place - 1], True)
    for product, transpose in ((end_to_end(layers), transpose) for layers, transpose in sides if layers):
        kernel = sp.Matrix(product.T if not transpose else product).nullspace()
        for column in kernel[:1]:
            side = np.array([Fraction(int(e.p), int(e.q)) for e in column], dtype=object).reshape(-1, 1)
            other = filled(whole.shape[0 if transpose else 1], 1, entries(4))
            yield whole - (other @ side.T if transpose else side @ other.T)
