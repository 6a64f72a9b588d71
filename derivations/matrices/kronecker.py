r"""Matrix expressions that SymPy lacks: vec, the commutation matrix, sums and covariances over a data set.

Vectorisation stacks columns: ``vec(A X B) = (B^T kron A) vec X``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..errors import ClaimError

#: Number of samples of a data set.
SAMPLES: Any = sp.Symbol("N", integer=True, positive=True)


class Vec(sp.MatrixExpr):  # type: ignore[misc]
    """``vec(A)``: the columns of A, first column on top, as one column."""

    def __new__(cls, matrix: sp.MatrixExpr) -> Vec:
        made: Vec = sp.Basic.__new__(cls, matrix)
        return made

    @property
    def matrix(self) -> sp.MatrixExpr:
        """The matrix whose columns are stacked."""
        return self.args[0]

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        return self.matrix.rows * self.matrix.cols, sp.Integer(1)

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{vec}}\left({printer._print(self.matrix)}\right)"


class CommutationMatrix(sp.MatrixExpr):  # type: ignore[misc]
    """``K_{m,n}`` with ``K_{m,n} vec(X) = vec(X^T)`` for every m x n matrix X."""

    def __new__(cls, m: Any, n: Any) -> CommutationMatrix:
        made: CommutationMatrix = sp.Basic.__new__(cls, sp.sympify(m), sp.sympify(n))
        return made

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        size = self.args[0] * self.args[1]
        return size, size

    def _eval_transpose(self) -> CommutationMatrix:
        return CommutationMatrix(self.args[1], self.args[0])

    def _latex(self, printer: Any) -> str:
        return f"K_{{{printer._print(self.args[0])},{printer._print(self.args[1])}}}"


class SampleSum(sp.MatrixExpr):  # type: ignore[misc]
    """Sum of a matrix over the samples of a data set.

    Parameters
    ----------
    term : sympy.MatrixExpr
        What is summed; it mentions the data of one sample.
    size : sympy.Expr
        Number of samples, `SAMPLES` in a claim.
    data : sequence of sympy.MatrixSymbol
        The symbols that stand for the data of one sample.
    """

    def __new__(cls, term: sp.MatrixExpr, size: Any, data: Any) -> SampleSum:
        made: SampleSum = sp.Basic.__new__(cls, term, sp.sympify(size), sp.Tuple(*data))
        return made

    @property
    def term(self) -> sp.MatrixExpr:
        """The summand."""
        return self.args[0]

    @property
    def size(self) -> sp.Expr:
        """Number of samples."""
        return self.args[1]

    @property
    def data(self) -> tuple[sp.MatrixSymbol, ...]:
        """Symbols that stand for the data of one sample."""
        return tuple(self.args[2])

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        rows, columns = self.term.shape
        return rows, columns

    def _eval_transpose(self) -> SampleSum:
        return SampleSum(self.term.T, self.size, self.data)

    def _latex(self, printer: Any) -> str:
        return rf"\sum_{{\mu=1}}^{{{printer._print(self.size)}}} \left({printer._print(self.term)}\right)"


class SampleCovariance(sp.MatrixExpr):  # type: ignore[misc]
    r"""Covariance of vec(Z) over a data set of N samples, divided by N.

    .. math:: \frac1N \sum_\mu \mathrm{vec}(Z^\mu - \bar Z)\,\mathrm{vec}(Z^\mu - \bar Z)^\top

    Parameters
    ----------
    matrix : sympy.MatrixExpr
        Z in terms of the data of one sample, of shape (p, q); the covariance has shape (p q, p q).
    data : sequence of sympy.MatrixSymbol
        The symbols that stand for the data of one sample.
    """

    def __new__(cls, matrix: sp.MatrixExpr, data: Any) -> SampleCovariance:
        made: SampleCovariance = sp.Basic.__new__(cls, matrix, sp.Tuple(*data))
        return made

    @property
    def matrix(self) -> sp.MatrixExpr:
        """Z."""
        return self.args[0]

    @property
    def data(self) -> tuple[sp.MatrixSymbol, ...]:
        """Symbols that stand for the data of one sample."""
        return tuple(self.args[1])

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        size = self.matrix.rows * self.matrix.cols
        return size, size

    def _eval_transpose(self) -> SampleCovariance:
        return self

    def _latex(self, printer: Any) -> str:
        inside = printer._print(self.matrix)
        return rf"\operatorname{{Cov}}_\mu\left[\operatorname{{vec}}\left({inside}\right)\right]"


Product = tuple[sp.Expr, tuple[sp.MatrixExpr, ...]]


def products(expr: sp.MatrixExpr) -> list[Product]:
    """Write `expr` as a sum of products: (scalar coefficient, factors), the factors being atoms.

    Atoms are symbols, identities, Kronecker products, commutation matrices, block matrices, `Vec`, `SampleSum` and
    `SampleCovariance`; transposes are pushed inside and sums distributed.

    Raises
    ------
    ClaimError
        If `expr` contains another kind of node.
    """
    if isinstance(expr, sp.MatAdd):
        return [term for part in expr.args for term in products(part)]
    if isinstance(expr, sp.MatMul):
        scalar, factors = expr.as_coeff_matrices()
        expanded: list[Product] = [(sp.sympify(scalar), ())]
        for factor in factors:
            expanded = [(a * b, f + g) for a, f in expanded for b, g in products(factor)]
        return expanded
    if isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp.is_positive:
        return products(sp.MatMul(*[expr.base] * int(expr.exp), evaluate=False))
    if isinstance(expr, sp.Transpose) and not isinstance(expr.arg, Vec):
        return [(c, tuple(transposed(f) for f in reversed(factors))) for c, factors in products(expr.arg)]
    if isinstance(expr, sp.ZeroMatrix):
        return []
    if isinstance(expr, sp.Identity):
        return [(sp.Integer(1), ())]
    atoms = (sp.MatrixSymbol, sp.KroneckerProduct, sp.BlockMatrix)
    if isinstance(expr, sp.Transpose) and isinstance(expr.arg, Vec):
        return [(sp.Integer(1), (expr,))]
    if isinstance(expr, (*atoms, CommutationMatrix, Vec, SampleSum, SampleCovariance)):
        return [(sp.Integer(1), (expr,))]
    raise ClaimError(
        f"{expr} of type {type(expr).__name__} is not understood; "
        "use sums and products of symbols, Kronecker products, Vec, CommutationMatrix, SampleSum or SampleCovariance"
    )


def transposed(atom: sp.MatrixExpr) -> sp.MatrixExpr:
    """Return the transpose of one factor of `products`, again as one factor."""
    if isinstance(atom, sp.Transpose):
        return atom.arg
    if isinstance(atom, sp.MatrixSymbol | Vec):
        return sp.Transpose(atom)
    if isinstance(atom, sp.KroneckerProduct):
        return sp.KroneckerProduct(*[sp.Transpose(a).doit(deep=False) for a in atom.args])
    if isinstance(atom, sp.BlockMatrix):
        blocks = atom.blocks
        return sp.BlockMatrix(
            [[sp.Transpose(blocks[r, c]).doit(deep=False) for r in range(blocks.rows)] for c in range(blocks.cols)]
        )
    if isinstance(atom, (CommutationMatrix, SampleSum, SampleCovariance)):
        return atom._eval_transpose()
    raise ClaimError(f"the transpose of {atom} ({type(atom).__name__}) is not supported")
