"""Values of matrix expressions: exact on NumPy object arrays of rationals, fast on torch tensors.

The same evaluation reads a printed formula in both arithmetics. Torch values may carry leading batch axes wherever the
formula has no Kronecker product, stacking or sum over data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import sympy as sp
import torch

from ..derivations.errors import ClaimError, DomainError
from ..derivations.matrices.kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Arithmetic(Protocol):
    """What evaluation needs beyond the operators of the arrays."""

    def identity(self, n: int) -> Any: ...
    def zeros(self, rows: int, columns: int) -> Any: ...
    def kron(self, a: Any, b: Any) -> Any: ...
    def scalar(self, value: sp.Expr) -> Any: ...
    def concatenate(self, parts: Sequence[Any], axis: int) -> Any: ...


class Rational:
    """NumPy object arrays whose entries are Python integers and fractions.

    A coefficient that is real but irrational, such as a square root, stays a SymPy number, and so do the entries that
    it multiplies.
    """

    def identity(self, n: int) -> Any:
        return np.array([[int(i == j) for j in range(n)] for i in range(n)], dtype=object)

    def zeros(self, rows: int, columns: int) -> Any:
        return np.array([[0] * columns for _ in range(rows)], dtype=object)

    def kron(self, a: Any, b: Any) -> Any:
        return np.kron(a, b)

    def scalar(self, value: sp.Expr) -> Any:
        number = sp.sympify(value)
        if number.is_Rational:
            return Fraction(int(number.p), int(number.q))
        if not (number.is_number and number.is_real and number.is_finite):
            raise DomainError(f"coefficient {value} is no real number; give every parameter a rational value")
        return number

    def concatenate(self, parts: Sequence[Any], axis: int) -> Any:
        return np.concatenate(list(parts), axis=axis)


@dataclass(frozen=True)
class Floating:
    """Torch tensors of double precision on `device`."""

    device: str = "cpu"

    def identity(self, n: int) -> Any:
        return torch.eye(n, dtype=torch.float64, device=self.device)

    def zeros(self, rows: int, columns: int) -> Any:
        return torch.zeros(rows, columns, dtype=torch.float64, device=self.device)

    def kron(self, a: Any, b: Any) -> Any:
        rows, columns = a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]
        return (a[:, None, :, None] * b[None, :, None, :]).reshape(rows, columns)

    def scalar(self, value: sp.Expr) -> float:
        return float(value)

    def concatenate(self, parts: Sequence[Any], axis: int) -> Any:
        return torch.cat(list(parts), dim=axis)


@dataclass(frozen=True)
class Values:
    """Numbers for the symbols of an expression.

    Parameters
    ----------
    arithmetic : Arithmetic
        `Rational` or `Floating`.
    matrices : mapping of str to array
        Values of the matrix symbols by name.
    scalars : mapping of Symbol to number
        Values of dimensions and scalar parameters.
    samples : sequence of mapping
        Data of each sample by name, for sums and covariances over a data set.
    """

    arithmetic: Arithmetic
    matrices: Mapping[str, Any]
    scalars: Mapping[sp.Symbol, Any] = field(default_factory=dict)
    samples: Sequence[Mapping[str, Any]] = ()
    _numbers: dict[sp.Expr, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def with_matrices(self, more: Mapping[str, Any] | None) -> Values:
        """Return these numbers with further matrices, or others in their place."""
        made = replace(self, matrices={**self.matrices, **(more or {})})
        object.__setattr__(made, "_numbers", self._numbers)  # of the same scalars in the same arithmetic
        return made

    def number(self, expr: Any) -> Any:
        """Return the value of an expression without matrices, which is worked out once."""
        if expr not in self._numbers:
            self._numbers[expr] = self.arithmetic.scalar(sp.sympify(expr).subs(dict(self.scalars)))
        return self._numbers[expr]


def stack_columns(matrix: Any) -> Any:
    """Return ``vec`` of a matrix as a column, columns stacked."""
    return matrix.T.reshape(-1, 1)


def evaluate(expr: sp.MatrixExpr, values: Values) -> Any:
    """Return the value of a matrix expression.

    Parameters
    ----------
    expr : sympy.MatrixExpr
        Sums, products, transposes, Kronecker products, blocks, `Vec`, `CommutationMatrix`, `SampleSum` and
        `SampleCovariance` of matrix symbols.
    values : Values
        Numbers for all symbols.

    Raises
    ------
    DomainError
        If a symbol has no value, or a node is not understood.
    """
    numbers = values.arithmetic
    if isinstance(expr, sp.MatrixSymbol):
        if expr.name not in values.matrices:
            raise DomainError(f"no value for the matrix {expr.name}; known are {sorted(values.matrices)}")
        return values.matrices[expr.name]
    if isinstance(expr, sp.Identity):
        return numbers.identity(_size(expr.rows, values))
    if isinstance(expr, sp.ZeroMatrix):
        return numbers.zeros(_size(expr.rows, values), _size(expr.cols, values))
    if isinstance(expr, sp.MatAdd):
        first, *rest = [evaluate(part, values) for part in expr.args]
        for part in rest:
            first = first + part
        return first
    if isinstance(expr, sp.MatMul):
        coefficient, factors = expr.as_coeff_matrices()
        product = evaluate(factors[0], values)
        for factor in factors[1:]:
            product = product @ evaluate(factor, values)
        return product * values.number(coefficient)
    if isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp.is_positive:
        base = evaluate(expr.base, values)
        product = base
        for _ in range(int(expr.exp) - 1):
            product = product @ base
        return product
    if isinstance(expr, sp.Transpose):
        return evaluate(expr.arg, values).swapaxes(-1, -2)
    if isinstance(expr, sp.KroneckerProduct):
        first, *rest = [evaluate(part, values) for part in expr.args]
        for part in rest:
            first = numbers.kron(first, part)
        return first
    if isinstance(expr, sp.BlockMatrix):
        rows = [
            numbers.concatenate([evaluate(expr.blocks[r, c], values) for c in range(expr.blocks.cols)], 1)
            for r in range(expr.blocks.rows)
        ]
        return numbers.concatenate(rows, 0)
    if isinstance(expr, Vec):
        return stack_columns(evaluate(expr.matrix, values))
    if isinstance(expr, CommutationMatrix):
        return _commutation(_size(expr.args[0], values), _size(expr.args[1], values), numbers)
    if isinstance(expr, SampleSum):
        first, *rest = _over_samples(expr.term, values)
        for part in rest:
            first = first + part
        return first
    if isinstance(expr, SampleCovariance):
        return _sample_covariance([stack_columns(z) for z in _over_samples(expr.matrix, values)], numbers)
    if hasattr(expr, "own_value"):  # it stands for a function of these numbers
        return expr.own_value(values)
    raise DomainError(f"{expr} of type {type(expr).__name__} cannot be evaluated")


def traces(value: sp.Expr, values: Values) -> Any:
    """Return the value of an expression in traces."""
    if isinstance(value, sp.Add):
        return sum(traces(part, values) for part in value.args)
    if isinstance(value, sp.Mul):
        product = 1
        for part in value.args:
            product = product * traces(part, values)
        return product
    if isinstance(value, sp.Trace):
        matrix = evaluate(value.arg, values)
        return sum(matrix[k, k] for k in range(matrix.shape[0]))
    if isinstance(value, sp.Pow) and value.has(sp.Trace) and value.exp.is_Integer and value.exp > 0:
        return traces(value.base, values) ** int(value.exp)
    if value.has(sp.Trace):
        raise ClaimError(f"{value} is no sum of products of traces")
    return values.number(value)


def _size(expr: sp.Expr, values: Values) -> int:
    size = sp.sympify(expr).subs(dict(values.scalars))
    if not size.is_Integer:
        raise DomainError(
            f"dimension {expr} has no integer value; give values for {sorted(map(str, size.free_symbols))}"
        )
    return int(size)


def _commutation(m: int, n: int, numbers: Arithmetic) -> Any:
    matrix = numbers.zeros(m * n, m * n)
    for r in range(m):
        for c in range(n):
            matrix[r * n + c, c * m + r] = 1
    return matrix


def _over_samples(expr: sp.MatrixExpr, values: Values) -> list[Any]:
    if not values.samples:
        raise DomainError("the expression runs over a data set; give `samples`")
    return [evaluate(expr, values.with_matrices(data)) for data in values.samples]


def _sample_covariance(columns: Sequence[Any], numbers: Arithmetic) -> Any:
    share = numbers.scalar(sp.Rational(1, len(columns)))
    mean = sum(columns[1:], columns[0]) * share
    terms = [(c - mean) @ (c - mean).T for c in columns]
    return sum(terms[1:], terms[0]) * share
