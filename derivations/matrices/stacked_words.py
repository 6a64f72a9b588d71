"""Normal forms of matrix expressions and of operators on stacked columns, in words of symbolic shape.

A column made of `Vec` stands for the matrix that it stacks; Kronecker products, commutation matrices and block
matrices act on it word by word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import sympy as sp

from ..errors import ClaimError
from .kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec, products, transposed
from .words import Shape, TraceSum, Words


def words(expr: sp.MatrixExpr) -> Words:
    """Return the normal form of a matrix expression.

    A column made of `Vec` is represented by the matrix that it stacks: ``words(Vec(A)) == words(A)``.
    """
    shape = _shape(expr)
    terms = products(expr)
    if not any(isinstance(f, Vec) for _, factors in terms for f in factors):
        total = Words({}, shape)
        for coefficient, factors in terms:
            product = Words({(): coefficient}, (shape[0], shape[0]))
            for factor in factors:
                product = product @ _atom(factor)
            total = total + product
        return total
    stacked: Words | None = None
    for coefficient, factors in terms:
        if not factors or not isinstance(factors[-1], Vec):
            raise ClaimError(f"{expr} adds a stacked column to something else; give every term a Vec on its right")
        (column,) = act(factors[:-1], [words(factors[-1].matrix)])
        column = column.scaled(coefficient)
        stacked = column if stacked is None else stacked + column
    assert stacked is not None
    return stacked


def act(factors: Sequence[sp.MatrixExpr], blocks: Sequence[Words]) -> list[Words]:
    """Apply a product of operators to the stacked column of `blocks`.

    Parameters
    ----------
    factors : sequence of sympy.MatrixExpr
        Operators on columns, the last one acting first: Kronecker products ``(A kron B) vec X = vec(B X A^T)``,
        commutation matrices ``K vec X = vec X^T``, and block matrices of these; on one column, any matrix.
    blocks : sequence of Words
        Matrices whose columns are stacked, one below the other.

    Raises
    ------
    ClaimError
        If shapes do not fit, or a factor is no operator on columns.
    """
    current = list(blocks)
    for factor in reversed(factors):
        if isinstance(factor, sp.BlockMatrix):
            grid = factor.blocks
            if grid.cols != len(current):
                raise ClaimError(f"{factor} has {grid.cols} block columns; it acts on {len(current)} blocks")
            rows = []
            for r in range(grid.rows):
                parts = [apply(grid[r, c], [current[c]])[0] for c in range(grid.cols)]
                total = parts[0]
                for part in parts[1:]:
                    total = total + part
                rows.append(total)
            current = rows
            continue
        if len(current) != 1:
            raise ClaimError(f"{factor} acts on one matrix, not on {len(current)} blocks")
        (x,) = current
        if isinstance(factor, sp.KroneckerProduct) and len(factor.args) == 2:
            a, b = (words(part) for part in factor.args)
            current = [b @ x @ a.T]
        elif isinstance(factor, CommutationMatrix):
            if x.shape != (factor.args[0], factor.args[1]):
                raise ClaimError(f"{factor} with sizes {factor.args} acts on a matrix of shape {x.shape}")
            current = [x.T]
        elif x.shape[1] == 1:  # a column is what it stacks
            current = [_atom(factor) @ x]
        else:
            raise ClaimError(f"{factor} ({type(factor).__name__}) is no operator on stacked columns")
    return current


def apply(operator: sp.MatrixExpr, blocks: Sequence[Words]) -> list[Words]:
    """Apply an operator expression (sums and products allowed) to the stacked column of `blocks`."""
    total: list[Words] | None = None
    for coefficient, factors in products(operator):
        moved = [b.scaled(coefficient) for b in act(factors, blocks)]
        total = moved if total is None else [x + y for x, y in zip(total, moved, strict=True)]
    if total is None:
        raise ClaimError("the zero operator has no block shapes; leave the term out")
    return total


def inner(left: Sequence[Words], right: Sequence[Words]) -> TraceSum:
    """Return the inner product of two stacked columns, ``sum_b tr(left_b^T right_b)``."""
    total = TraceSum({})
    for x, y in zip(left, right, strict=True):
        total = total + (x.T @ y).trace()
    return total


def bilinear(
    operator: sp.MatrixExpr,
    left: Sequence[Words],
    right: Sequence[Words],
    covariance: Callable[[sp.MatrixExpr, Words, Words], TraceSum],
) -> TraceSum:
    """Return ``left^T operator right`` for stacked columns.

    Parameters
    ----------
    operator : sympy.MatrixExpr
        Sum of products, each with at most one `SampleCovariance`.
    left, right : sequence of Words
        Blocks of the two columns.
    covariance : callable
        ``covariance(C, X, Y)`` returns ``vec(X)^T C vec(Y)`` for a `SampleCovariance` C.
    """
    total = TraceSum({})
    for coefficient, factors in products(operator):
        inside = [k for k, f in enumerate(factors) if isinstance(f, SampleCovariance)]
        if len(inside) > 1:
            raise ClaimError("a product of two covariances is not supported")
        if not inside:
            total = total + inner(left, act(factors, right)).scaled(coefficient)
            continue
        (k,) = inside
        (x,) = act([transposed(f) for f in reversed(factors[:k])], left)
        (y,) = act(factors[k + 1 :], right)
        total = total + covariance(factors[k], x, y).scaled(coefficient)
    return total


def _atom(factor: sp.MatrixExpr) -> Words:
    if isinstance(factor, sp.Transpose) and isinstance(factor.arg, sp.MatrixSymbol):
        return _atom(factor.arg).T
    if isinstance(factor, sp.MatrixSymbol):
        return Words.symbol(factor.name, _shape(factor))
    if isinstance(factor, SampleSum):
        data = {symbol.name for symbol in factor.data}
        summed = words(factor.term)
        items = []
        for word, coefficient in summed.terms.items():
            if any(letter.averaged for letter in word):
                raise ClaimError("a sum over the data inside another is not supported")
            marked = tuple(replace(k, averaged=True) if k.name in data else k for k in word)
            items.append((marked, coefficient * factor.size))
        return Words.of(items, summed.shape)
    raise ClaimError(f"{factor} ({type(factor).__name__}) has no words; it acts on stacked columns only")


def _shape(expr: sp.MatrixExpr) -> Shape:
    rows, columns = expr.shape
    return sp.sympify(rows), sp.sympify(columns)
