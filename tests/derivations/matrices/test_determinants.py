"""Determinants are written as their definition, and nothing cancels before a witness looks."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.determinants import leibniz

a, b, c, d = sp.symbols("a b c d", real=True)


def test_values() -> None:
    assert leibniz(sp.Matrix([[a, b], [c, d]])) == a * d - b * c
    matrix = sp.Matrix(4, 4, lambda i, j: sp.Rational(1, i + j + 1))  # Hilbert's, whose determinant is tabulated
    assert leibniz(matrix) == sp.Rational(1, 6048000)
    assert leibniz(sp.zeros(0, 0)) == 1


def test_a_singular_matrix_is_not_0_before_it_is_multiplied_out() -> None:
    second = sp.Matrix([[(a - b) ** 2, (a - b) * (c - d) + 1 - 1], [(c - d) * (b - a) * -1, (d - c) * (d - c)]])
    rows = sp.Matrix(2, 2, lambda i, j: sum((x - c) * (i + j + x) for x in (a, b)) * (1 + i))
    rows[1, :] = 2 * rows[0, :] + a * rows[0, :]
    assert sp.expand(leibniz(rows)) == sp.expand(leibniz(second)) == 0
    assert leibniz(rows) != 0


def test_only_square_matrices_have_one() -> None:
    with pytest.raises(ClaimError, match=r"shape \(1, 2\)"):
        leibniz(sp.Matrix([[a, b]]))
