"""Whether every inverse of a statement exists: shown, refused at a point, or open; and the points of statements."""

from __future__ import annotations

import itertools
from typing import Any

import sympy as sp
from sympy import Determinant, Identity, Inverse, MatrixSymbol, Trace

from crossproof.checks.evidence import Outcome
from crossproof.checks.meaning.inverses import matrix_points, numbers_of, symbols, without_inverses
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Integers, Real
from crossproof.derivations.statements.matrix_equations import MatrixEquation

n = sp.Symbol("n", integer=True, positive=True)
c = sp.Symbol("c", real=True)
DOMAIN = Domain(n=Integers(1), c=Real)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
u = MatrixSymbol("u", n, 1)


def outcome(expr: Any, kinds: dict[str, str] | None = None, invertible: tuple[Any, ...] = ()) -> Outcome | None:
    found = without_inverses(MatrixEquation(expr, expr, kinds=kinds or {}, invertible=invertible), DOMAIN, "test")
    return None if found is None else found.outcome


def test_inverses_that_exist() -> None:
    assert outcome(Inverse(A), {"A": "invertible"}) is None
    assert outcome(Inverse(A + B), {}, (A + B,)) is None
    assert outcome(Inverse(Inverse(A) + Inverse(B)), {"A": "invertible", "B": "invertible"}, (A + B,)) is None
    assert outcome(1 / (1 + Trace(u.T * u)) * A) is None
    assert outcome(sp.log(Determinant(A)) + sp.sqrt(Determinant(A)), {"A": "positive-definite"}) is None


def test_inverses_that_need_not_exist() -> None:
    assert outcome(Inverse(A)) is Outcome.UNDEFINED
    assert outcome(Inverse(A + B), {"A": "invertible", "B": "invertible"}) is Outcome.UNDEFINED
    assert outcome(Inverse(Identity(n) - A), {"A": "orthogonal"}) is Outcome.UNDEFINED
    assert outcome(1 / Trace(A) * A, {"A": "symmetric"}) in (Outcome.UNDEFINED, Outcome.UNDECIDED)
    assert outcome(sp.log(Determinant(A)), {"A": "orthogonal"}) in (Outcome.UNDEFINED, Outcome.UNDECIDED)


def test_points_have_the_kinds_and_the_stated_inverses() -> None:
    statement = MatrixEquation(Inverse(A - B), B, kinds={"A": "symmetric", "B": "orthogonal"}, invertible=(A - B,))
    assert [s.name for s in symbols(statement)] == ["A", "B"]
    for point in itertools.islice(matrix_points(statement, DOMAIN), 5):
        a, b = point.matrices["A"], point.matrices["B"]
        assert a == a.T
        assert b * b.T == sp.eye(b.rows)
        assert (a - b).det() != 0
        assert point.value(Inverse(A - B)) == (a - b).inv()
        assert set(point.text()) == {"n", "c", "A", "B"}


def test_numbers_of_a_statement_hold_no_matrices() -> None:
    statement = MatrixEquation(sp.exp(c * Trace(A)) * Determinant(A) / 3, Trace(A) / (c - 1))
    assert set(numbers_of(statement)) == {c, 1 / (c - 1)}
