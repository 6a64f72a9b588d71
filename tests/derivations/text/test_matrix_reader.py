"""Matrices as text: what is read, as written, and what is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.derivations.errors import ClaimError, ParsingError
from crossproof.derivations.text.claims import claim_from
from crossproof.derivations.text.matrix_claims import MATRICES
from crossproof.derivations.text.matrix_reader import MatrixReader

ENTRY: dict[str, Any] = {
    "id": "test.matrices",
    "title": "t",
    "document": "test",
    "place": "here",
    "type": "matrix-equation",
    "matrices": {"A": ["n", "n", "invertible"], "X": ["n", "k"], "u": ["n", "1"]},
    "domain": {"n": "integers(1)", "k": "integers(1)", "lam": "positive"},
}


def sides(equation: str, **changed: Any) -> tuple[Any, Any]:
    """Read an equation; matrices that it leaves out stand in an assumption."""
    statement = claim_from(
        {**ENTRY, "equation": equation, "invertible": ["A + X*transpose(X) + u*transpose(u)"], **changed}
    ).statement
    return statement.lhs, statement.rhs


n, k = sp.symbols("n k", integer=True, positive=True)
A, X, u = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("X", n, k), sp.MatrixSymbol("u", n, 1)


def test_products_are_kept_as_written() -> None:
    lhs, rhs = sides("A*inv(A) == eye(n)")
    assert lhs.args == (A, sp.Inverse(A))
    assert rhs == sp.Identity(n)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A - 2*A", sp.MatAdd(A, -2 * A)),
        ("-A**2", -A * A),
        ("A**-2", sp.Inverse(A) * sp.Inverse(A)),
        ("X*transpose(X)/lam", X * X.T / sp.Symbol("lam", positive=True)),
        ("(transpose(u)*A*u)*A", sp.Trace(u.T * A * u) * A),
        ("u*transpose(u)/(1 + transpose(u)*u)", u * u.T / sp.Trace(sp.Identity(1) + u.T * u)),
    ],
)
def test_expressions(text: str, expected: Any) -> None:
    lhs, _ = sides(f"{text} == zeros(n, n)")
    assert (lhs - expected).doit().expand() == sp.ZeroMatrix(n, n) or lhs.doit() == expected.doit()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A + 1 == A", "write the number times eye"),
        ("A*X == X*A", "multiplied by one of shape"),
        ("X/A == X", r"write \*inv"),
        ("inv(X) == X", "takes a square matrix"),
        ("A**k == A", "has powers from 1 to"),
        ("A**99 == A", "has powers from 1 to"),
        ("tr(lam) == 1", "tr takes a matrix"),
        ("det(A, A) == 1", "takes 1 argument"),
        ("eye(lam) == A", "a size is a whole number"),
        ("Q == A", "unknown name"),
        ("A.T == A", "an attribute"),
        ("exp(A) == A", "takes no matrix"),
    ],
)
def test_what_has_no_meaning_is_refused(text: str, message: str) -> None:
    with pytest.raises((ParsingError, ClaimError), match=message):
        sides(text)


@pytest.mark.parametrize(
    ("matrices", "message"),
    [
        ({"A": ["n", "n", "hermitian"]}, "is no kind"),
        ({"A": ["lam", "n"]}, "is no size"),
        ({"A": ["n"]}, "write"),
        ({"lam": ["n", "n"]}, "has a meaning already"),
        ({"inv": ["n", "n"]}, "has a meaning already"),
        ({}, "write a table"),
        ({**ENTRY["matrices"], "Z": ["n", "n"]}, "occurs nowhere"),
    ],
)
def test_declarations_that_are_refused(matrices: dict[str, Any], message: str) -> None:
    with pytest.raises(ParsingError, match=message):
        sides("A == A", matrices=matrices, **({"invertible": []} if len(matrices) < 3 else {}))


def test_a_gradient_of_a_1_by_1_matrix_is_one_of_a_number() -> None:
    statement = claim_from(
        {**ENTRY, "type": "matrix-gradient", "matrices": {"u": ["n", "1"]}, "function": "transpose(u)*u",
         "variable": "u", "value": "2*u"}
    ).statement  # fmt: skip
    assert statement.function == sp.Trace(u.T * u)
    assert statement.value == 2 * u


def test_a_reader_knows_matrices_and_numbers() -> None:
    reader = MatrixReader("2*k*tr(A)", {"k": k, "n": n}, {"A": A})
    assert sp.expand(reader.expression(reader.tree) - 2 * k * sp.Trace(A)) == 0
    assert set(MATRICES) == {"matrix-identity", "matrix-equation", "matrix-gradient"}
