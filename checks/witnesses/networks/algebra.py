"""Proofs for all shapes and depths: matrix claims reduced to canonical traces of words.

A gradient formula G is compared with the loss through ``D loss[U] = tr(U^T G)`` for a free matrix U, a covariance
formula through ``u^T Sigma v = Cov(<U, gradient>, <V, gradient>)`` for free U and V; the gradients on the right come
from differentiating the loss, never from a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.matrices.gaussian import data_covariance, data_mean
from ....derivations.matrices.kronecker import SampleCovariance, Vec
from ....derivations.matrices.networks import NetworkSetting
from ....derivations.matrices.stacked_words import bilinear, inner, words
from ....derivations.matrices.wick import TraceProducts
from ....derivations.matrices.words import UNUSED, Letter, TraceSum, Word, Words, flipped
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

#: Names of free matrices.
TEST, OTHER_TEST = "test U" + UNUSED, "test V" + UNUSED


@witness(
    "trace words",
    kind=Kind.ALGEBRA,
    statement=MatrixStatement,  # type: ignore[type-abstract]
    starts_from="the loss differentiated in a free direction, and moments of the data",
)
def trace_words(statement: MatrixStatement, task: Task) -> Finding:
    """Prove a matrix claim for all shapes; normal forms that differ leave it undecided."""
    left_over = [side.what for side in sides(statement) if not side.agree]
    if left_over:
        return undecided(f"trace words: the normal forms of {', '.join(left_over)} differ.")
    # equal where they have values; a number in front of a matrix may lack one
    meaningless = without_value(coefficients(statement), task.claim.domain, "trace words")
    if meaningless is not None:
        return meaningless
    return proved("trace words: both sides have the same canonical form for all shapes and free test matrices.")


@dataclass(frozen=True)
class Sides:
    """What is found from the loss or by multiplying out, and what is stated, in one normal form."""

    what: str
    found: TraceSum | TraceProducts
    stated: TraceSum | TraceProducts

    @property
    def agree(self) -> bool:
        """Whether the two are the same for all shapes."""
        return (self.found - self.stated).is_zero  # type: ignore[operator]


@singledispatch
def sides(statement: MatrixStatement) -> Sequence[Sides]:
    """Return what is compared; all agree when the claim holds."""
    raise ClaimError(f"no words for a statement of type {type(statement).__name__}")


@sides.register
def _(statement: AllOf) -> list[Sides]:
    return [s for part in statement.parts for s in sides(part)]


@sides.register
def _(statement: MatrixIdentity) -> list[Sides]:
    left, right = words(statement.lhs), words(statement.rhs)
    test = Words.symbol(TEST, left.shape)
    return [Sides("the two sides", inner([test], [left]), inner([test], [right]))]


@sides.register
def _(statement: LayerGradient) -> list[Sides]:
    setting, layer = statement.setting, statement.layer
    found = derivative_along(setting, layer, statement.of, TEST)
    stated = inner([free_direction(setting, TEST, layer)], [words(gap_written_out(statement.value, setting))])
    what = f"the gradient for layer {layer}"
    return [Sides(what, joined(found, setting, layer), joined(stated, setting, layer))]


@sides.register
def _(statement: NetworkJacobian) -> list[Sides]:
    setting, layer = statement.setting, statement.layer
    test = Words.symbol(OTHER_TEST, (setting.outputs, setting.inputs))
    moved = words(setting.network(layer).xreplace({setting.weight(layer): _direction_symbol(setting, TEST, layer)}))
    stated = words(sp.MatMul(statement.value, Vec(_direction_symbol(setting, TEST, layer))))
    return [Sides("the Jacobian", inner([test], [moved]), inner([test], [stated]))]


@sides.register
def _(statement: GradientNoiseCovariance) -> list[Sides]:
    setting = statement.setting
    pair = data_covariance(setting)
    tests = [
        [free_direction(setting, f"{name}{k}", layer) for k, layer in enumerate(stack)]
        for name, stack in ((TEST, statement.rows), (OTHER_TEST, statement.columns))
    ]
    slopes = []
    for name, stack in ((TEST, statement.rows), (OTHER_TEST, statement.columns)):
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
    what = f"the covariance of layers {', '.join(statement.rows)} and {', '.join(statement.columns)}"
    return [Sides(what, found.without(silent), stated.without(silent))]


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
    return expr.xreplace({setting.teacher: _whole(setting)}) if setting.at_teacher else expr


def _whole(setting: NetworkSetting) -> sp.MatrixExpr:
    """Return the end-to-end matrix: its symbol, or the product of the layers where their number is fixed."""
    return setting.end_to_end if setting.depth is None else setting.network("1")


def gap_written_out(expr: sp.MatrixExpr, setting: NetworkSetting) -> sp.MatrixExpr:
    """Return `expr` with the gap written as end-to-end matrix minus teacher."""
    return _teacher(expr.xreplace({setting.gap: _whole(setting) - setting.teacher}), setting)


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
