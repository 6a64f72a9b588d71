"""Normal forms of inverses, traces and determinants for all sizes: equal ones, and near misses that stay apart."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Determinant, Identity, Inverse, MatrixSymbol, Trace, ZeroMatrix

from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError, UndefinedError
from crossproof.derivations.matrices.definiteness import Facts, Kind
from crossproof.derivations.matrices.inverses import Letters
from crossproof.derivations.matrices.matrix_calculus import sides_of_equation, sides_of_gradient
from crossproof.derivations.matrices.trace_numbers import Numbers
from crossproof.derivations.ranges import Integers, Real
from crossproof.numerics.exact_matrices import exact_value

n, k = sp.symbols("n k", integer=True, positive=True)
c = sp.Symbol("c", real=True)
DOMAIN = Domain(n=Integers(1), k=Integers(1), c=Real)
A, B, Q, K, S = (MatrixSymbol(name, n, n) for name in "ABQKS")
X, Z = MatrixSymbol("X", n, k), MatrixSymbol("Z", k, n)
u, v, w = (MatrixSymbol(name, n, 1) for name in "uvw")
KINDS = {"Q": Kind.ORTHOGONAL, "K": Kind.SKEW, "S": Kind.SYMMETRIC}
FACTS = Facts(KINDS, DOMAIN)


def equal(lhs: Any, rhs: Any) -> bool:
    return sides_of_equation(lhs, sp.sympify(rhs), FACTS, 2.0).equal


@pytest.mark.parametrize(
    ("lhs", "rhs", "wrong"),
    [
        (Inverse(A.T), Inverse(A).T, Inverse(A)),
        (Inverse(Identity(n) + A), Identity(n) - A * Inverse(Identity(n) + A), Identity(n) - A),
        (Inverse(A) - Inverse(B), Inverse(A) * (B - A) * Inverse(B), Inverse(B) * (B - A) * Inverse(B)),
        (Q * A * Q.T * Q, Q * A, A * Q),
        (u * (v.T * w) * u.T, Trace(w.T * v) * (u * u.T), Trace(w.T * u) * (u * v.T)),
        ((c * A) * B, A * (c * B), c**2 * (A * B)),
        ((A + B) ** 2, A * A + A * B + B * A + B * B, A * A + 2 * A * B + B * B),
        (Trace(Q * A * Q.T), Trace(A), 2 * Trace(A)),
        (Trace(S * K), 0, Trace(S * S)),
        (Trace(X * Z * u * v.T), Trace(v.T * X * Z * u), Trace(u.T * X * Z * v)),
        (Trace(Identity(n)), n, n + 1),
        (Determinant(Q * A * Q.T), Determinant(A), Determinant(A) ** 2),
        (Determinant(A + A), 2**n * Determinant(A), 2 * Determinant(A)),
        (Determinant(Identity(n) + u * v.T), 1 + Trace(u.T * v), 1 - Trace(u.T * v)),
        (Determinant(Identity(n) + X * Z), Determinant(Identity(k) + Z * X), Determinant(Identity(k) + Z.T * X.T)),
    ],
)
def test_equal_for_all_sizes(lhs: Any, rhs: Any, wrong: Any) -> None:
    assert equal(lhs, rhs)
    if lhs != Determinant(Identity(n) + X * Z):  # the transposed product of the other order has the same determinant
        assert not equal(lhs, wrong)


def test_general_matrices_neither_commute_nor_are_orthogonal() -> None:
    assert not equal(A * B, B * A)
    assert not equal(A * A.T, Identity(n))
    assert not equal(Determinant(A + B), Determinant(A) + Determinant(B))
    assert not equal(Determinant(Q), 1)
    assert not equal(Trace(A * B), Trace(A) * Trace(B))


@pytest.mark.parametrize(
    ("function", "value", "wrong"),
    [
        (Trace(A * B * A), (A * B).T + (B * A).T, 2 * (A * B).T),
        (Trace(A) ** 2, 2 * Trace(A) * Identity(n), 2 * A),
        (Trace(B), ZeroMatrix(n, n), B),
        (sp.exp(Trace(A.T * B)), sp.exp(Trace(A.T * B)) * B, sp.exp(Trace(A.T * B)) * B.T),
    ],
)
def test_gradients_for_all_sizes(function: Any, value: Any, wrong: Any) -> None:
    assert sides_of_gradient(function, A, value, FACTS, 2.0).equal
    assert not sides_of_gradient(function, A, wrong, FACTS, 2.0).equal


def test_the_determinant_of_a_matrix_that_may_be_singular_is_not_differentiated() -> None:
    with pytest.raises(ClaimError, match="not shown to be invertible"):
        sides_of_gradient(Determinant(A), A, Determinant(A) * Inverse(A).T, FACTS, 2.0)


def test_a_number_inside_a_matrix_that_moves_with_it_is_refused() -> None:
    with pytest.raises(ClaimError, match="hold its direction once"):
        sides_of_gradient(Trace(sp.MatMul(Trace(A), A)), A, 2 * Trace(A) * Identity(n), FACTS, 2.0)


def test_what_has_no_words_is_refused() -> None:
    with pytest.raises(ClaimError, match="no words"):
        Letters(FACTS).terms(sp.HadamardProduct(A, B))


def test_equal_traces_have_one_symbol() -> None:
    letters = Letters(FACTS)
    numbers = Numbers(letters, dict)
    one, other = letters.scalar(Trace(A * B)), letters.scalar(Trace(B.T * A.T))
    assert one != other
    assert numbers.canonical(one) == numbers.canonical(other)
    assert numbers.canonical(letters.scalar(Trace(A * B.T))) != numbers.canonical(one)


MATRICES = {
    "A": sp.Matrix([[2, 1], [-1, 3]]), "Q": sp.Matrix([[0, 1], [-1, 0]]), "K": sp.Matrix([[0, 5], [-5, 0]]),
    "S": sp.Matrix([[1, 2], [2, -3]]), "u": sp.Matrix([7, 2]),
}  # fmt: skip
SQUARE = st.recursive(
    st.sampled_from([A, A, Q, K, S, u * u.T, Identity(n)]),
    lambda inner: st.one_of(
        st.builds(lambda a, b: sp.MatMul(a, b, evaluate=False), inner, inner),
        st.builds(lambda a, b: sp.MatAdd(a, b, evaluate=False), inner, inner),
        st.builds(sp.Transpose, inner),
        st.builds(sp.Inverse, inner),
        st.builds(lambda a: sp.MatMul(-2, a, evaluate=False), inner),
    ),
    max_leaves=4,
)
PAIRS = st.one_of(
    st.tuples(SQUARE, SQUARE),
    st.tuples(SQUARE.map(Trace), SQUARE.map(Trace)),
    st.tuples(SQUARE.map(Determinant), SQUARE.map(Determinant)),
    SQUARE.flatmap(lambda a: SQUARE.map(lambda b: (Trace(sp.MatMul(a, b)), Trace(sp.MatMul(b, a.T))))),
    SQUARE.flatmap(lambda a: SQUARE.map(lambda b: (Determinant(sp.MatAdd(a, b)), Determinant(sp.MatAdd(b.T, a))))),
    SQUARE.flatmap(lambda a: SQUARE.map(lambda b: (sp.MatMul(a, b), sp.MatMul(b, a)))),
)


@settings(max_examples=300)
@given(PAIRS)
def test_what_is_shown_to_be_equal_has_equal_values(pair: tuple[Any, Any]) -> None:
    """Everything that is shown is compared at explicit matrices of the kinds, where its inverses exist."""
    try:
        values = [exact_value(side, MATRICES, {n: sp.Integer(2)}) for side in pair]
    except UndefinedError:
        return
    if equal(*pair):
        assert sp.simplify(values[0] - values[1]) == values[0] - values[0]
