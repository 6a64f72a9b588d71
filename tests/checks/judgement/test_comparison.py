"""Two numbers at a point: certified to differ, equal to a measured resolution, undefined, or open; never a guess."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.judgement.comparison import COARSEST_BITS, certified_nonzero, certified_sign, compare
from crossproof.derivations.errors import UndefinedError

x = sp.Symbol("x", real=True)
R = sp.Rational


def at(value: Any) -> dict[sp.Symbol, sp.Expr]:
    return {x: sp.sympify(value)}


TRUE = [
    (sp.exp(x**2) * (1 - sp.erf(x)), sp.exp(x**2) * sp.erfc(x), 15),
    (sp.cosh(x) - sp.sinh(x), sp.exp(-x), 250),
    (sp.log(1 - sp.tanh(x)), sp.log(2) - 2 * x - sp.log(1 + sp.exp(-2 * x)), 120),
    (sp.sqrt(x - 1) * sp.sqrt(x + 1), -sp.sqrt(x**2 - 1), -5),
    (sp.atan(x) + sp.atan(1 / x), sp.pi / 2, R(1, 10**40)),
    (x, x, sp.sqrt(2)),
    (sp.gamma(x + 1), x * sp.gamma(x), R(7, 3)),
]


@pytest.mark.parametrize(("left", "right", "point"), TRUE)
def test_equal_sides_agree_to_a_resolution_that_was_measured(left: sp.Expr, right: sp.Expr, point: Any) -> None:
    found = compare(left, right, at(point))
    assert found.outcome == "agree"
    assert found.verified
    assert found.bits >= COARSEST_BITS


@pytest.mark.parametrize(("left", "right", "point"), TRUE)
@pytest.mark.parametrize("deviation", [R(1, 10**9), R(1, 10**60), -R(1, 10**140)])
def test_any_deviation_above_the_resolution_is_certified(
    left: sp.Expr, right: sp.Expr, point: Any, deviation: sp.Rational
) -> None:
    found = compare(left, right * (1 + deviation), at(point))
    assert found.outcome == "differ"
    assert found.effect == pytest.approx(abs(float(deviation)), rel=1e-6)
    assert not found.gap.contains(0)


@pytest.mark.parametrize(
    ("left", "right", "point"),
    [
        ((1 - sp.erf(x)) * sp.exp(x**2), sp.Integer(0), 40),
        (sp.cosh(x) - sp.sinh(x), sp.Integer(0), 300),
        (sp.log(1 - sp.tanh(x)), sp.Integer(7), 150),
        (sp.Max(x, 10**6), sp.Integer(10**6), 10**6 + 1),
        (sp.besselk(0, x), 2 * sp.besselk(0, x), 300),
        (sp.besselk(0, x), sp.Integer(0), 300),
        (sp.exp(-sp.exp(x)), sp.Integer(0), 20),
        (sp.acos(sp.cos(x)), x, R(22, 7)),
    ],
)
def test_sizes_and_cancellations_do_not_hide_a_difference(left: sp.Expr, right: sp.Expr, point: Any) -> None:
    assert compare(left, right, at(point), 3.0).outcome == "differ"


@pytest.mark.parametrize(
    ("left", "right", "point"),
    [
        (1 / x, 1 / x, 0),
        (1 / x, sp.Integer(3), 0),
        (sp.log(x), sp.log(x), -1),
        (sp.Integer(2), sp.sqrt(x), -1),
        (sp.Mul(x, 1 / x, evaluate=False), sp.Integer(1), 0),
        (sp.zoo * x, sp.zoo * x, 1),
        (sp.nan, sp.nan, 1),
        (sp.oo, sp.oo, 1),
        (sp.gamma(x), sp.gamma(x) + 1, -2),
        (sp.Piecewise((1, x > 0)), sp.Integer(1), 0),
    ],
)
def test_nothing_undefined_ever_agrees_or_differs(left: sp.Expr, right: sp.Expr, point: Any) -> None:
    for one, other in ((left, right), (right, left)):
        found = compare(one, other, at(point))
        assert found.outcome == "undefined"
        assert found.reason


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Function("f")(x), sp.Function("f")(x)),
        (sp.elliptic_k(x), sp.elliptic_k(x) * (1 + sp.Rational(1, 10**9))),
    ],
)
def test_what_has_no_scale_or_no_arithmetic_stays_open(left: sp.Expr, right: sp.Expr) -> None:
    found = compare(left, right, at(R(1, 2)))
    assert found.outcome == "open"
    assert found.reason


def test_two_exact_zeros_agree_and_a_hidden_one_says_nothing() -> None:
    assert compare(x - x, sp.Integer(0), at(1)).outcome == "agree"
    assert compare(x - 1, 2 * x - 2, at(1)).bits == math.inf
    hidden = sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))
    for silent in (hidden, sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1):
        assert compare(silent, sp.Integer(0), {}).outcome == "zero"
    assert compare(hidden + R(1, 10**90), sp.Integer(0), {}).outcome == "differ"


def test_a_passage_through_complex_numbers_is_marked() -> None:
    assert compare(sp.sqrt(x - 1) * sp.sqrt(x + 1), sp.sqrt(x**2 - 1), at(-5)).principal
    assert not compare(sp.sqrt(x - 1) * sp.sqrt(x + 1), sp.sqrt(x**2 - 1), at(5)).principal


@pytest.mark.parametrize(
    ("expr", "point", "sign"),
    [
        (x - 1 - R(1, 10**100), 1, -1),
        (x - 1, 1, 0),
        (x**2 - 2, sp.sqrt(2), 0),
        (sp.exp(-(x**2)), 200, 1),
        (1 - sp.erf(x), 40, 1),
        (x - sp.sin(x), R(1, 10**20), 1),
        (sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6)), 0, None),
        (sp.Function("f")(x), 0, None),
    ],
)
def test_signs_are_certified_exact_or_open(expr: sp.Expr, point: Any, sign: int | None) -> None:
    assert certified_sign(expr, at(point)) == sign
    if sign is not None:
        assert certified_sign(-expr, at(point)) == -sign


def test_the_sign_of_nothing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        certified_sign(1 / x, at(0))


def test_a_difference_that_excludes_0_is_certified_once_it_is_expanded() -> None:
    assert certified_nonzero(x**2 - 2, at(R(141421356, 10**8))) is not None
    assert certified_nonzero(x**2 - 2, at(sp.sqrt(2))) is None
    assert certified_nonzero(1 / x, at(0)) is None
