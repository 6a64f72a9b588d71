"""Pieces of one sign are resolved, kinks are found, and what is not known to be smooth stays open."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.calculus.smoothness import resolved, sign_with_exponentials, smoothness
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Between, Positive, Real

x, y = sp.symbols("x y", real=True)
w, c = sp.Symbol("w", nonnegative=True), sp.Symbol("c", positive=True)
DOMAIN = Domain(x=Between(-100, 100), y=Real, w=AtLeast(0), c=Positive)


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        (-x + sp.Abs(x - 10**4) + x - 10**4, -x),
        (sp.Max(x, 200), 200),
        (sp.Min(x, 200, 300), x),
        (sp.Piecewise((y, x < 101), (1, True)), y),
        (sp.Piecewise((y, x > 101), (1, True)), 1),
        (sp.sign(x - 101), -1),
        (sp.Max(y, 0), y / 2 + sp.Abs(y) / 2),
    ],
)
def test_pieces_of_one_sign_are_resolved(expression: sp.Expr, plain: sp.Expr) -> None:
    assert sp.expand(resolved(expression, DOMAIN) - plain) == 0


def test_kinks_poles_and_roots_are_told_apart() -> None:
    assert smoothness(sp.exp(y) / (1 + y**2) + sp.log(c), DOMAIN).established
    assert smoothness(sp.Abs(y - 3) ** 2 * sp.Abs(y - 3), DOMAIN).kinks == (y - 3,)
    for rough in (1 / y, sp.sqrt(w), w ** sp.Rational(3, 2), sp.log(w), sp.tan(y), sp.floor(y)):
        assert smoothness(rough, DOMAIN).open
    assert smoothness(w ** sp.Rational(5, 2), DOMAIN).established


def test_signs_by_tangents_of_the_exponential() -> None:
    assert sign_with_exponentials(sp.exp(c * w) - 1 + c, DOMAIN) == "positive"
    assert sign_with_exponentials(1 - sp.exp(-c * w) / 2, DOMAIN) == "positive"
    assert sign_with_exponentials(sp.exp(y) - 2, DOMAIN) is None
