"""Balls contain the exact value and certify signs; what has no enclosure is refused."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given

from crossproof.checks.strategies import points
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.ranges import Positive
from crossproof.numerics.exact.balls import enclose, midpoint, sign

x = sp.Symbol("x", positive=True)
DOMAIN = Domain(x=Positive)


@given(points(DOMAIN))
@pytest.mark.parametrize(
    "expression", [sp.exp(-x) + sp.log(x), x ** sp.Rational(7, 3), sp.gamma(x) / sp.erf(x), sp.atan(x) - sp.pi], ids=str
)
def test_the_ball_agrees_with_high_precision_evaluation(expression: sp.Expr, point) -> None:
    # mpmath evaluates to 30 digits; the ball has 40
    other = sp.N(expression.subs(point), 30)
    ball = enclose(expression, point)
    assert abs(sp.Float(str(ball.mid().str(30, radius=False)), 30) - other) <= abs(other) * sp.Float("1e-25")


def test_a_true_identity_has_no_certified_sign() -> None:
    assert sign(sp.atan(x) + sp.atan(1 / x) - sp.pi / 2, {x: 3}) is None


def test_a_tiny_gap_is_certified() -> None:
    assert sign(sp.exp(x) - sp.exp(x) * (1 + sp.Rational(1, 10**30)), {x: 1}) == -1


@pytest.mark.parametrize(
    ("expression", "point", "message"),
    [
        (x, {}, "no value for x"),
        (sp.besselj(0, x), {x: 1}, "no ball arithmetic"),
        (sp.log(x - 1), {x: 1}, "undefined"),
        (1 / (x - 1), {x: 1}, "undefined|zero"),
    ],
)
def test_what_is_undefined_is_an_error(expression: sp.Expr, point, message: str) -> None:
    with pytest.raises(NumericsError, match=message):
        enclose(expression, point)


def test_midpoint_refuses_lost_digits() -> None:
    assert midpoint(sp.sqrt(x), {x: 4}) == 2.0
    with pytest.raises(NumericsError, match="cancellation"):
        midpoint(sp.exp(x) * (sp.exp(-x) - sp.exp(-x - sp.Rational(1, 10**45))) * 10**30, {x: 1})
