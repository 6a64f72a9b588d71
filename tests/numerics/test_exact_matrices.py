"""Exact values of matrix expressions against SymPy's explicit matrices, and matrices of every kind."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp
from sympy import Determinant, Identity, Inverse, MatrixSymbol, Trace

from crossproof.derivations.errors import ClaimError, UndefinedError
from crossproof.derivations.matrices.definiteness import Kind
from crossproof.numerics.exact_matrices import exact_value, matrix_of

n = sp.Symbol("n", integer=True, positive=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
a, b = sp.Matrix([[2, 1], [1, 1]]), sp.Matrix([[0, 1], [-1, 3]])


def value(expr: object, first: sp.Matrix = a) -> object:
    return exact_value(expr, {"A": first, "B": b}, {n: sp.Integer(2)})


def test_values() -> None:
    assert value(Inverse(A) * B - 2 * Identity(n)) == a.inv() * b - 2 * sp.eye(2)
    assert value(Trace(A * B.T) * A) == (a * b.T).trace() * a
    assert value(sp.log(Determinant(A)) + n * Trace(A)) == 6
    assert value(A**3) == a**3 != value(A**2)


def test_singular_matrices_have_no_inverse() -> None:
    with pytest.raises(UndefinedError, match="A is singular"):
        value(Inverse(A), sp.ones(2, 2))
    with pytest.raises(ClaimError, match="cannot be evaluated"):
        value(sp.HadamardProduct(A, B))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_matrices_are_of_their_kind(size: int) -> None:
    fill = itertools.cycle([2, -1, 3, 1, -2, 4, 1])
    made = {kind: matrix_of(kind, size, size, fill) for kind in Kind}
    assert made[Kind.SYMMETRIC] == made[Kind.SYMMETRIC].T
    assert made[Kind.SKEW] == -made[Kind.SKEW].T
    assert all(made[Kind.DEFINITE][:j, :j].det() > 0 for j in range(1, size + 1))
    assert made[Kind.SEMIDEFINITE].is_positive_semidefinite
    assert made[Kind.INVERTIBLE].det() != 0
    assert made[Kind.PROJECTION] ** 2 == made[Kind.PROJECTION] == made[Kind.PROJECTION].T
    turned, mirrored = made[Kind.ORTHOGONAL], matrix_of(Kind.ORTHOGONAL, size, size, fill, 1)
    assert turned * turned.T == mirrored * mirrored.T == sp.eye(size)
    assert (turned.det(), mirrored.det()) == (1, -1)


def test_rank() -> None:
    fill = itertools.cycle([2, -1, 3, 1, -2])
    assert matrix_of(Kind.COLUMN_RANK, 3, 2, fill).rank() == matrix_of(Kind.ROW_RANK, 2, 3, fill).rank() == 2
    assert matrix_of(Kind.COLUMN_RANK, 2, 3, fill) is None


def test_kinds_that_fall_into_parts_are_met_in_all_of_them() -> None:
    fill = itertools.cycle((2, -1, 4, -3, 1, 3, -2))
    ranks = {matrix_of(Kind.PROJECTION, 3, 3, fill, k).rank() for k in range(4)}
    assert ranks == {0, 1, 2, 3}
    assert {matrix_of(Kind.SEMIDEFINITE, 3, 3, fill, k).rank() for k in range(3)} == {2, 3}
