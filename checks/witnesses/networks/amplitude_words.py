"""Amplitudes and second moments by words: gradients from the loss, means over data by Isserlis' theorem."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.matrices.kronecker import Vec, products
from ....derivations.matrices.networks import NetworkSetting
from ....derivations.matrices.stacked_words import act, inner, words
from ....derivations.matrices.wick import TraceProducts, gradient, mean_words, without
from ....derivations.matrices.words import UNUSED, Letter, Words
from ....derivations.statements.amplitudes import (
    BATCH,
    COLUMNS,
    LEARNING_RATE,
    AmplitudeQuantity,
    AmplitudeTerm,
    SecondMoment,
    column,
    direction,
)
from ...judgement.trace_forms import trace_products
from .algebra import Sides, sides


@sides.register
def _(statement: AmplitudeTerm) -> list[Sides]:
    setting = statement.setting
    found = _found(setting, statement.quantity, statement.layers)
    stated = trace_products(_gap_written_out(statement.value, setting))
    return [Sides(str(statement.quantity), found.split(COLUMNS), stated.split(COLUMNS))]


@sides.register
def _(statement: SecondMoment) -> list[Sides]:
    setting = statement.setting
    tests = [Words.symbol(f"test {k}{UNUSED}", e.shape) for k, e in enumerate((statement.left, statement.right))]
    parts = [
        TraceProducts.single(inner([test], [words(_gap_written_out(e, setting))]))
        for test, e in zip(tests, (statement.left, statement.right), strict=True)
    ]
    # of what has one column, a trace is a product of scalars
    single = {*COLUMNS, *(s.name for s in statement.fixed() if s.cols == 1)}
    single |= {f"test {k}{UNUSED}" for k, e in enumerate((statement.left, statement.right)) if e.cols == 1 != e.rows}
    found = (parts[0] * parts[1]).mean(setting, single)
    return [
        Sides("the second moment", found, _bilinear(_gap_written_out(statement.value, setting), tests[0], tests[1]))
    ]


def _found(setting: NetworkSetting, quantity: AmplitudeQuantity, layers: tuple[str, ...]) -> TraceProducts:
    """Return the quantity from the loss and the amplitudes, differentiated."""
    if quantity in (AmplitudeQuantity.SECOND_DERIVATIVE, AmplitudeQuantity.ITO_DRIFT):
        earlier, later = layers
        if quantity is AmplitudeQuantity.SECOND_DERIVATIVE:
            moved = (words(direction(setting, earlier)), words(direction(setting, later)))
            return _second_derivative(setting, earlier, later, *moved)
        one, other = (_sample_gradient(setting, k) for k in layers)
        samples = _second_derivative(setting, earlier, later, one, other).mean(setting, COLUMNS)
        of_means = _second_derivative(setting, earlier, later, mean_words(one, setting), mean_words(other, setting))
        return samples - of_means
    first = _amplitude_gradient(setting, layers[0], "u", "v")
    if quantity is AmplitudeQuantity.GRADIENT_DRIFT:
        mean = mean_words(_sample_gradient(setting, layers[0]), setting)
        return TraceProducts.single(inner([first], [mean])).scaled(sp.Integer(-1))
    second = _amplitude_gradient(setting, layers[-1], "a", "b")
    if quantity is AmplitudeQuantity.GRADIENT_PRODUCT:
        return TraceProducts.single(inner([first], [second]))
    along = [
        TraceProducts.single(inner([g], [_sample_gradient(setting, k)]))
        for g, k in zip((first, second), layers, strict=True)
    ]
    means = [part.mean(setting, COLUMNS) for part in along]
    covariance = (along[0] * along[1]).mean(setting, COLUMNS) - means[0] * means[1]
    if quantity is AmplitudeQuantity.COVARIANCE:
        return covariance
    # the step is -eta times the mean of B independent gradients
    return covariance.scaled(LEARNING_RATE**2 * BATCH / BATCH**2)


def _amplitude_gradient(setting: NetworkSetting, layer: str, left: str, right: str) -> Words:
    scalar = column(setting, left).T * setting.network(layer) * column(setting, right)
    return gradient(words(scalar).trace(), setting.weight(layer))


def _sample_gradient(setting: NetworkSetting, layer: str) -> Words:
    residual = setting.residual(layer)
    loss = words(residual.T * residual).trace().scaled(setting.loss_scale)
    split = (setting.left(layer), setting.weight(layer), setting.right(layer))
    pattern = tuple(Letter(symbol.name) for symbol in split)
    return without(gradient(loss, setting.weight(layer)), pattern, (Letter(setting.end_to_end.name),))


def _second_derivative(setting: NetworkSetting, earlier: str, later: str, one: Words, other: Words) -> TraceProducts:
    """Return u^T P X_later R X_earlier Q v: differentiating a product of layers puts directions in their places."""
    u, v = (words(column(setting, k)) for k in "uv")
    left, middle, right = (
        words(e) for e in (setting.left(later), setting.between(later, earlier), setting.right(earlier))
    )
    whole = u.T @ left @ other @ middle @ one @ right @ v
    return TraceProducts.single(whole.trace())


def _gap_written_out(expr: Any, setting: NetworkSetting) -> Any:
    return expr.xreplace({setting.gap: setting.end_to_end - setting.teacher})


def _bilinear(operator: sp.MatrixExpr, left: Words, right: Words) -> TraceProducts:
    """Return vec(left)^T operator vec(right); outer products vec(A) vec(B)^T are allowed."""
    total = TraceProducts({})
    for coefficient, factors in products(operator):
        cut = next((k for k, f in enumerate(factors) if isinstance(f, Vec)), None)
        if cut is None:
            part = TraceProducts.single(inner([left], act(factors, [right])))
        else:
            row = factors[cut + 1] if cut + 1 < len(factors) else None
            if not (isinstance(row, sp.Transpose) and isinstance(row.arg, Vec)):
                raise ClaimError(f"{operator}: behind vec(A) a row vec(B)^T is wanted")
            part = TraceProducts.single(inner([left], act(factors[:cut], [words(factors[cut].matrix)])))
            part = part * TraceProducts.single(inner([words(row.arg.matrix)], act(factors[cut + 2 :], [right])))
        total = total + part.scaled(coefficient)
    return total
