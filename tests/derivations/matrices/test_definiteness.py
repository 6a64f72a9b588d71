"""Which expressions are definite or invertible for all matrices of the kinds, and which are not."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Identity, Inverse, MatrixSymbol

from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.definiteness import Facts, Kind, square
from crossproof.derivations.ranges import AtLeast, Integers, Positive

n, k = sp.symbols("n k", integer=True, positive=True)
s, t = sp.Symbol("s", positive=True), sp.Symbol("t", nonnegative=True)
DOMAIN = Domain(n=Integers(1), k=Integers(1), s=Positive, t=AtLeast(0))
D, P, G, R, S = (MatrixSymbol(name, n, n) for name in "DPGRS")
X, F = MatrixSymbol("X", n, k), MatrixSymbol("F", n, k)
FACTS = Facts(
    {"D": Kind.DEFINITE, "P": Kind.PROJECTION, "R": Kind.INVERTIBLE, "S": Kind.SYMMETRIC, "F": Kind.COLUMN_RANK},
    DOMAIN,
    (G + R,),
)
ONE = Identity(n)

DEFINITE = [D, Inverse(D), s * ONE + X * X.T, F.T * F, F.T * D * F, R.T * R, R * D * R.T, D + t * P, D * D]
NOT_DEFINITE = [P, S, X * X.T, X.T * X, ONE - P, D - ONE, t * D, R, D * P, S * S, P * D * P]
INVERTIBLE = [R, R.T * D, -D, R * R, G + R, -2 * (D + ONE), Inverse(F.T * F)]
NOT_INVERTIBLE = [G, G - R, P, t * R, X.T * X, F * F.T, D - R, S, ONE + S]


@pytest.mark.parametrize("expr", DEFINITE, ids=str)
def test_definite_expressions(expr: sp.MatrixExpr) -> None:
    assert FACTS.shown_definite(expr)
    assert FACTS.shown_semidefinite(expr)
    assert FACTS.shown_invertible(expr)


@pytest.mark.parametrize("expr", NOT_DEFINITE, ids=str)
def test_expressions_that_need_not_be_definite(expr: sp.MatrixExpr) -> None:
    assert not FACTS.shown_definite(expr)


@pytest.mark.parametrize("expr", [P, X * X.T, t * D, X.T * D * X, P + P.T, P * D * P], ids=str)
def test_semidefinite_expressions(expr: sp.MatrixExpr) -> None:
    assert FACTS.shown_semidefinite(expr)
    assert not FACTS.shown_semidefinite(-expr)


@pytest.mark.parametrize("expr", INVERTIBLE, ids=str)
def test_invertible_expressions(expr: sp.MatrixExpr) -> None:
    assert FACTS.shown_invertible(expr)


@pytest.mark.parametrize("expr", NOT_INVERTIBLE, ids=str)
def test_expressions_that_need_not_be_invertible(expr: sp.MatrixExpr) -> None:
    assert not FACTS.shown_invertible(expr)


def test_square_for_all_sizes() -> None:
    assert square(MatrixSymbol("A", n * (k + 1), n * k + n))
    assert not square(X)
