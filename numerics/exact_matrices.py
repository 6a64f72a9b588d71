"""Exact values of expressions with inverses, traces and determinants at explicit matrices, and matrices of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from ..derivations.errors import ClaimError, UndefinedError
from ..derivations.matrices.definiteness import Kind

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def exact_value(expr: Any, matrices: Mapping[str, Any], numbers: Mapping[sp.Symbol, Any]) -> Any:
    """Return the value of a matrix, or of a number made of traces and determinants.

    Parameters
    ----------
    expr : MatrixExpr or Expr
        Sums, products, powers, transposes, inverses; functions of traces and determinants.
    matrices : mapping of str to Matrix
        Explicit matrices by the name of their symbol; entries may be rational functions of one variable.
    numbers : mapping of Symbol to number
        Sizes and parameters.

    Raises
    ------
    UndefinedError
        If a matrix that is inverted is singular.
    ClaimError
        If `expr` is made of anything else.
    """

    def inner(part: Any) -> Any:
        return exact_value(part, matrices, numbers)

    if isinstance(expr, sp.MatrixSymbol):
        return matrices[expr.name]
    if isinstance(expr, sp.Identity):
        return sp.eye(int(expr.rows.subs(numbers)))
    if isinstance(expr, sp.ZeroMatrix):
        return sp.zeros(*(int(sp.sympify(k).subs(numbers)) for k in expr.shape))
    if isinstance(expr, sp.Transpose):
        return inner(expr.arg).T
    if isinstance(expr, sp.Inverse):
        return _inverse(inner(expr.arg), expr.arg)
    if isinstance(expr, sp.MatPow) and expr.exp.is_Integer:
        base = inner(expr.base)
        return (base if expr.exp >= 0 else _inverse(base, expr.base)) ** abs(int(expr.exp))
    if isinstance(expr, sp.MatAdd):
        first, *others = map(inner, expr.args)
        return sum(others, first).applyfunc(sp.cancel)
    if isinstance(expr, sp.MatMul):
        number, factors = expr.as_coeff_matrices()
        product = inner(factors[0])
        for factor in factors[1:]:
            product = product * inner(factor)
        return (product * inner(number)).applyfunc(sp.cancel)
    if isinstance(expr, sp.Trace):
        return sp.cancel(inner(expr.arg).trace())
    if isinstance(expr, sp.Determinant):
        return sp.cancel(inner(expr.arg).det())
    if isinstance(expr, sp.MatrixExpr):
        raise ClaimError(f"{expr} ({type(expr).__name__}) cannot be evaluated")
    number = sp.sympify(expr)
    if not number.has(sp.MatrixExpr):
        return number.subs(numbers)
    return number.func(*map(inner, number.args))


def _inverse(matrix: Any, of: Any) -> Any:
    if sp.cancel(matrix.det()) == 0:
        raise UndefinedError(f"{of} is singular")
    return matrix.inv().applyfunc(sp.cancel)


def matrix_of(kind: Kind, rows: int, columns: int, fill: Iterator[int], variant: int = 0) -> Any:
    """Return an explicit rational matrix of a kind, or None where there is none of this size.

    Parameters
    ----------
    kind : Kind
        What it has to be.
    rows, columns : int
        Its size.
    fill : iterator of int
        Small numbers without obvious pattern.
    variant : int
        Which part of a kind that falls into parts: orthogonal matrices have the determinant -1 at odd numbers,
        projections have this rank modulo the size plus 1, every third semi-definite matrix is singular.
    """

    def general(r: int, c: int) -> Any:
        return sp.Matrix(r, c, [next(fill) for _ in range(r * c)])

    if kind in (Kind.COLUMN_RANK, Kind.ROW_RANK):
        if (rows < columns) if kind is Kind.COLUMN_RANK else (columns < rows):
            return None
        return next((m for m in (general(rows, columns) for _ in range(20)) if m.rank() == min(rows, columns)), None)
    if kind is Kind.GENERAL:
        return general(rows, columns)
    if kind is Kind.INVERTIBLE:
        return next((m for m in (general(rows, rows) for _ in range(20)) if m.det() != 0), None)
    one = general(rows, rows)
    if kind is Kind.SYMMETRIC:
        return one + one.T
    if kind is Kind.DEFINITE:
        return one * one.T + sp.eye(rows)
    if kind is Kind.SEMIDEFINITE:
        half = general(rows, rows - 1) if variant % 3 == 2 and rows > 1 else one
        return half * half.T
    skew = one - one.T
    if kind is Kind.SKEW:
        return skew
    if kind is Kind.PROJECTION:
        rank = variant % (rows + 1)
        half = next((m for m in (general(rows, rank) for _ in range(20)) if m.rank() == rank), None)
        return None if half is None else half * (half.T * half).inv() * half.T if rank else sp.zeros(rows, rows)
    turned = (sp.eye(rows) - skew) * (sp.eye(rows) + skew).inv()  # Cayley's form of a rotation
    return sp.diag(-1, *[1] * (rows - 1)) * turned if variant % 2 else turned
