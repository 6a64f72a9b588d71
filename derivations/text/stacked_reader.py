"""Expressions of matrices given as text with stacked columns: ``vec(A*X*B) == kron(transpose(B), A)*vec(X)``.

Products and sums stand without brackets in each other, with one coefficient in front, and sums in one order; nothing is
added up or cancelled.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..matrices.kronecker import CommutationMatrix, Vec
from .matrix_reader import CALLS, MatrixReader
from .terms import times

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Most terms and factors of a product or sum, without brackets.
MAX_TERMS = 500


class StackedReader(MatrixReader):
    """One text with stacked columns, Kronecker products, commutation matrices and blocks below each other."""

    calls = {**CALLS, "vec": 1, "kron": 2, "commutation": 2, "stack": 2}

    def expression(self, node: ast.expr, depth: int = 0) -> Any:
        """Translate one node into a number or a matrix."""
        value = super().expression(node, depth)
        if isinstance(value, sp.MatMul | sp.MatAdd):
            value = flat(value)
            if len(value.args) > MAX_TERMS:
                self.fail(node, f"without brackets it has more than {MAX_TERMS} terms or factors")
        return value

    def _matrix_call(self, node: ast.Call, name: str, depth: int) -> Any:
        if name == "commutation":
            return CommutationMatrix(*self._sizes(node, name, depth))
        if name not in ("vec", "kron", "stack"):
            return super()._matrix_call(node, name, depth)
        values = self._arguments(node, name, depth)
        for argument, value in zip(node.args, values, strict=True):
            if not isinstance(value, sp.MatrixExpr):
                self.fail(argument, f"{name} takes matrices")
        if name == "vec":
            return Vec(*values)
        if name == "kron":
            return sp.KroneckerProduct(*values)
        if sp.expand(values[0].cols - values[1].cols) != 0:
            self.fail(node, f"a matrix of shape {values[1].shape} is put below one of shape {values[0].shape}")
        return sp.BlockMatrix([[value] for value in values])


def flat(value: Any) -> Any:
    """Return a product or a sum without products or sums in it, its numbers as one coefficient as written."""
    if isinstance(value, sp.MatAdd):
        summed = [flat(term) if isinstance(term, sp.MatMul) else term for term in value.args]
        terms = [part for term in summed for part in (term.args if isinstance(term, sp.MatAdd) else (term,))]
        return sp.MatAdd(*sorted(terms, key=sp.default_sort_key), evaluate=False)
    number, numbers, factors = sp.S.One, [], []
    for part in _parts(value):
        if isinstance(part, sp.MatrixExpr):
            factors.append(part)
        elif part.is_Rational:
            number = number * part
        else:
            numbers.append(part)
    coefficient = times(number, numbers)
    if coefficient == 1 and len(factors) == 1:
        return factors[0]
    return sp.MatMul(*([] if coefficient == 1 else [coefficient]), *factors, evaluate=False)


def _parts(value: Any) -> Iterable[Any]:
    """Yield the numbers and the factors of a product, and of the products and numerical products in it."""
    for part in value.args:
        if isinstance(part, sp.MatMul | sp.Mul):
            yield from _parts(part)
        else:
            yield part


def without_numbers(name: str, value: Any, *, inverses: bool = False) -> Any:
    """Return a matrix; ParsingError where it is none, or holds a number made of matrices or an inverse."""
    if not isinstance(value, sp.MatrixExpr):
        raise ParsingError(f"{name}: this is a number, and a matrix is wanted; write the number times eye(1)")
    kinds = {sp.Trace: "a number that a matrix gives", sp.Determinant: "a determinant", sp.Inverse: "an inverse"}
    strange = {type(node) for node in value.atoms(*kinds)} - ({sp.Inverse} if inverses else set())
    if strange:
        raise ParsingError(f"{name}: {kinds[strange.pop()]} has no place here; a matrix-equation may hold it")
    return value
