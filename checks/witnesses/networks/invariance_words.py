"""Invariances by words: the loss differentiated, for all shapes and depths."""

from __future__ import annotations

from functools import partial

import sympy as sp

from ....derivations.errors import ClaimError
from ....derivations.matrices.gaussian import data_mean
from ....derivations.matrices.networks import NetworkSetting
from ....derivations.matrices.stacked_words import inner, words
from ....derivations.matrices.wick import gradient, without
from ....derivations.matrices.words import UNUSED, Letter, TraceSum, Words
from ....derivations.statements.invariances import (
    LOWER,
    UPPER,
    CriticalWhen,
    FlowInvariant,
    HiddenBasisChange,
    Invariant,
)
from ....derivations.statements.networks import GradientOf
from .algebra import TEST, Sides, derivative_along, free_direction, gap_written_out, joined, sides


@sides.register
def _(statement: CriticalWhen) -> list[Sides]:
    setting = statement.setting
    found = derivative_along(setting, LOWER, GradientOf.MEAN, TEST)
    found = joined(found, setting, LOWER)
    stated = inner([free_direction(setting, TEST, LOWER)], [words(gap_written_out(statement.condition, setting))])
    stated = joined(stated, setting, LOWER)
    # proportional with a non-zero factor: the two vanish together
    shared = next((k for k in found.terms if k in stated.terms), None)
    factor = sp.Integer(1) if shared is None else sp.cancel(found.terms[shared] / stated.terms[shared])
    if any(part.is_zero is not False for part in sp.fraction(factor)):
        raise ClaimError(f"the gradient is {factor} times the condition, which may vanish or be infinite")
    return [Sides("the gradient and a multiple of the condition", found, stated.scaled(factor))]


@sides.register
def _(statement: FlowInvariant) -> list[Sides]:
    setting = statement.setting
    loss = data_mean(_loss(setting, _whole(setting)), setting)
    test = Words.symbol(TEST, statement.quantity.shape)
    scalar = inner([test], [words(statement.quantity)])
    total = TraceSum({})
    for layer in (LOWER, UPPER):
        weight = setting.weight(layer)
        # the chain rule: minus the inner product of the two gradients for this layer
        total = total + inner([gradient(scalar, weight)], [gradient(loss, weight)]).scaled(sp.Integer(-1))
    return [Sides("the rate of change under gradient flow", total, TraceSum({}))]


@sides.register
def _(statement: HiddenBasisChange) -> list[Sides]:
    setting = statement.setting
    lower, upper = (_with_inverse(e, statement.change) for e in (statement.lower, statement.upper))
    moved = setting.left(UPPER) * upper * lower * setting.right(LOWER)
    change, inverse = Letter(statement.change.name), Letter(_INVERSE)
    before, after = _loss(setting, _whole(setting)), _loss(setting, moved)

    def reduced(scalar: TraceSum) -> TraceSum:
        for pair in ((change, inverse), (inverse, change)):
            scalar = scalar.map_words(partial(_cancelled, pair=pair))
        return scalar

    if statement.invariant is Invariant.CRITICAL_POINTS:
        # with T a linear bijection of the weights, loss(T w) = loss(w) gives T^t grad loss(T w) = grad loss(w)
        _check_bijective(lower, setting.weight(LOWER), statement)
        _check_bijective(upper, setting.weight(UPPER), statement)
    return [Sides("the loss", reduced(after), before)]


def _check_bijective(expr: sp.MatrixExpr, weight: sp.MatrixSymbol, statement: HiddenBasisChange) -> None:
    """Raise ClaimError unless `expr` is the weight times invertible factors."""
    terms = words(expr).terms
    names = [letter.name for word in terms for letter in word]
    invertible = {statement.change.name, _INVERSE}
    if len(terms) != 1 or names.count(weight.name) != 1 or set(names) - {weight.name, *invertible}:
        raise ClaimError(f"{expr} is not seen to be a bijective image of {weight}")


_INVERSE = "inverse of G" + UNUSED


def _whole(setting: NetworkSetting) -> sp.MatrixExpr:
    return setting.left(UPPER) * setting.weight(UPPER) * setting.weight(LOWER) * setting.right(LOWER)


def _loss(setting: NetworkSetting, network: sp.MatrixExpr) -> TraceSum:
    residual = network * setting.x - setting.target()
    return words(residual.T * residual).trace().scaled(setting.loss_scale)


def _with_inverse(expr: sp.MatrixExpr, change: sp.MatrixSymbol) -> sp.MatrixExpr:
    """Write the inverse of G as a symbol of its own."""
    symbol = sp.MatrixSymbol(_INVERSE, *change.shape)
    named = {sp.Inverse(change): symbol, sp.Inverse(change.T): symbol.T}
    return expr.replace(lambda e: e in named, lambda e: named[e])


def _cancelled(word: tuple[Letter, ...], pair: tuple[Letter, Letter]) -> tuple[Letter, ...]:
    rotated = word
    for _ in range(len(word)):
        shortened = next(iter(without(Words({rotated: sp.Integer(1)}, (sp.Integer(1),) * 2), pair, ()).terms))
        if shortened != rotated:
            return _cancelled(shortened, pair)
        rotated = rotated[1:] + rotated[:1]
    return word
