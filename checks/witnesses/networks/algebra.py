"""Proofs for all shapes and depths: matrix claims reduced to canonical traces of words.

A gradient formula G is compared with the loss through ``D loss[U] = tr(U^T G)`` for a free matrix U, a covariance
formula through ``u^T Sigma v = Cov(<U, gradient>, <V, gradient>)`` for free U and V; the gradients on the right come
from differentiating the loss, never from a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Protocol

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.matrices.gaussian import data_covariance, data_mean
from ....derivations.matrices.kronecker import SampleCovariance, Vec
from ....derivations.matrices.networks import NetworkSetting
from ....derivations.matrices.stacked_words import bilinear, inner, words
from ....derivations.matrices.words import Letter, TraceSum, Word, Words, flipped
from ....derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)
from ...evidence import Finding, Kind
from ...judgement.coefficients import coefficients, without_value
from ...judgement.findings import proved, undecided
from ...witness import Task, witness


@witness(
    "trace words",
    kind=Kind.ALGEBRA,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="the loss differentiated in a free direction, and moments of the data",
)
def trace_words(statement: MatrixStatement, task: Task) -> Finding:
    """Prove a matrix claim for all shapes; normal forms that differ leave it undecided."""
    left_over = [text for text, difference in differences(statement) if not difference.is_zero]
    if left_over:
        return undecided(f"trace words: the normal forms of {', '.join(left_over)} differ.")
    # equal where they have values; a number in front of a matrix may lack one
    meaningless = without_value(coefficients(statement), task.claim.domain, "trace words")
    if meaningless is not None:
        return meaningless
    return proved("trace words: both sides have the same canonical form for all shapes and free test matrices.")


class Scalar(Protocol):
    """A difference of two sides in a normal form."""

    @property
    def is_zero(self) -> bool: ...


@singledispatch
def differences(statement: MatrixStatement) -> Sequence[tuple[str, Scalar]]:
    """Return what is compared and the difference of its two sides; all vanish when the claim holds."""
    raise ClaimError(f"no words for a statement of type {type(statement).__name__}")


@differences.register
def _(statement: AllOf) -> list[tuple[str, Scalar]]:
    return [d for part in statement.parts for d in differences(part)]


@differences.register
def _(statement: MatrixIdentity) -> list[tuple[str, TraceSum]]:
    difference = words(statement.lhs) - words(statement.rhs)
    test = Words.symbol("test U", difference.shape)
    return [("the two sides", inner([test], [difference]))]


@differences.register
def _(statement: LayerGradient) -> list[tuple[str, TraceSum]]:
    setting, layer = statement.setting, statement.layer
    direction = free_direction(setting, "test U", layer)
    value = words(gap_written_out(statement.value, setting))
    stated = inner([direction], [value])
    return [
        (
            f"the gradient for layer {layer}",
            joined(derivative_along(setting, layer, statement.of, "test U") - stated, setting, layer),
        )
    ]


@differences.register
def _(statement: NetworkJacobian) -> list[tuple[str, TraceSum]]:
    setting, layer = statement.setting, statement.layer
    test = Words.symbol("test V", (setting.outputs, setting.inputs))
    moved = words(setting.network(layer).xreplace({setting.weight(layer): _direction_symbol(setting, "test U", layer)}))
    stated = words(sp.MatMul(statement.value, Vec(_direction_symbol(setting, "test U", layer))))
    return [("the Jacobian", inner([test], [moved - stated]))]


@differences.register
def _(statement: GradientNoiseCovariance) -> list[tuple[str, TraceSum]]:
    setting = statement.setting
    pair = data_covariance(setting)
    tests = [
        [free_direction(setting, f"{name}{k}", layer) for k, layer in enumerate(stack)]
        for name, stack in (("test U", statement.rows), ("test V", statement.columns))
    ]
    slopes = []
    for name, stack in (("test U", statement.rows), ("test V", statement.columns)):
        total = TraceSum({})
        for k, layer in enumerate(stack):
            slope = derivative_along(setting, layer, GradientOf.SAMPLE, f"{name}{k}")
            total = total + joined(slope, setting, layer)
        slopes.append(total)
    found = slopes[0].covariance(slopes[1], pair)

    def sample_covariance(covariance: sp.MatrixExpr, x: Words, y: Words) -> TraceSum:
        assert isinstance(covariance, SampleCovariance)
        z = words(gap_written_out(covariance.matrix, setting))
        return inner([x], [z]).covariance(inner([y], [z]), pair)

    stated = bilinear(gap_written_out(statement.value, setting), tests[0], tests[1], sample_covariance)
    silent = {symbol.name for symbol in setting.vanishing()}
    left_over = (found - stated).without(silent)
    return [(f"the covariance of layers {statement.rows} and {statement.columns}", left_over)]


def derivative_along(setting: NetworkSetting, layer: str, of: GradientOf, direction: str) -> TraceSum:
    """Return the derivative of a scalar with respect to the weights of `layer` along the symbol `direction`."""
    weight = setting.weight(layer).name
    if of is GradientOf.MODE:
        u = sp.MatrixSymbol("u", setting.outputs, 1)
        v = sp.MatrixSymbol("v", setting.inputs, 1)
        return words(u.T * setting.network(layer) * v).trace().derivative(weight, direction)
    residual = setting.residual(layer)
    loss = words(_teacher(residual.T * residual, setting)).trace().scaled(setting.loss_scale)
    sample = loss.derivative(weight, direction)
    if of is GradientOf.SAMPLE:
        return sample
    mean = data_mean(loss, setting).derivative(weight, direction)
    return mean if of is GradientOf.MEAN else sample - mean


def _direction_symbol(setting: NetworkSetting, name: str, layer: str) -> sp.MatrixSymbol:
    return sp.MatrixSymbol(name, *setting.layer_shape(layer))


def free_direction(setting: NetworkSetting, name: str, layer: str) -> Words:
    """Return the symbol `name`, of the shape of the weights of `layer`, as words."""
    return words(_direction_symbol(setting, name, layer))


def _teacher(expr: sp.MatrixExpr, setting: NetworkSetting) -> sp.MatrixExpr:
    return expr.xreplace({setting.teacher: setting.end_to_end}) if setting.at_teacher else expr


def gap_written_out(expr: sp.MatrixExpr, setting: NetworkSetting) -> sp.MatrixExpr:
    """Return `expr` with the gap written as end-to-end matrix minus teacher."""
    return _teacher(expr.xreplace({setting.gap: setting.end_to_end - setting.teacher}), setting)


def joined(scalar: TraceSum, setting: NetworkSetting, layer: str) -> TraceSum:
    """Return `scalar` with every product P W Q around `layer` written as the end-to-end matrix."""
    if setting.depth is not None:
        return scalar
    split = (setting.left(layer), setting.weight(layer), setting.right(layer))
    pattern = tuple(Letter(symbol.name) for symbol in split)
    whole = (Letter(setting.end_to_end.name),)

    def change(word: Word) -> Word:
        for found, put in ((pattern, whole), (flipped(pattern), flipped(whole))):
            for k in range(len(word)):
                rotated = word[k:] + word[:k]
                if rotated[:3] == found:
                    return change(put + rotated[3:])
        return word

    return scalar.map_words(change)
