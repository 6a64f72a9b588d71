"""Determinants as the sums that define them."""

from __future__ import annotations

import itertools

import sympy as sp
from sympy.combinatorics.permutations import Permutation

from ..errors import ClaimError


def leibniz(matrix: sp.Matrix) -> sp.Expr:
    r"""Return :math:`\sum_\pi \mathrm{sgn}(\pi) \prod_i a_{i\pi(i)}`, nothing of it multiplied out.

    SymPy's ``det`` simplifies on the way: a determinant that a claim says is 0 would be 0 before any witness sees it.

    Parameters
    ----------
    matrix : Matrix
        Square, of a few rows: the sum has n! terms.

    Raises
    ------
    ClaimError
        If the matrix is not square.
    """
    if matrix.rows != matrix.cols:
        raise ClaimError(f"matrix has the shape {matrix.shape}; only a square one has a determinant")
    places = itertools.permutations(range(matrix.rows))
    return sp.Add(
        *(Permutation(p).signature() * sp.prod([matrix[i, j] for i, j in enumerate(p)]) for p in map(list, places))
    )
