"""Kinds of matrices, and which expressions of them are invertible, positive definite or semi-definite for all sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sympy as sp

from ..domain import Domain
from ..positivity import sign_on

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Kind(StrEnum):
    """What a matrix symbol is stated to be, besides real."""

    GENERAL = "general"
    SYMMETRIC = "symmetric"
    SKEW = "skew-symmetric"
    DEFINITE = "positive-definite"
    SEMIDEFINITE = "positive-semidefinite"
    INVERTIBLE = "invertible"
    ORTHOGONAL = "orthogonal"
    PROJECTION = "projection"
    COLUMN_RANK = "full-column-rank"
    ROW_RANK = "full-row-rank"


#: Kinds that only square matrices have, those equal to their transposes, and those with an inverse.
SQUARE = frozenset(Kind) - {Kind.GENERAL, Kind.COLUMN_RANK, Kind.ROW_RANK}
SYMMETRIC = frozenset({Kind.SYMMETRIC, Kind.DEFINITE, Kind.SEMIDEFINITE, Kind.PROJECTION})
_INVERTIBLE = frozenset({Kind.INVERTIBLE, Kind.DEFINITE, Kind.ORTHOGONAL})


def square(expr: Any) -> bool:
    """Whether a matrix has as many rows as columns for all sizes."""
    return bool(sp.expand(expr.rows - expr.cols) == 0)


@dataclass(frozen=True)
class Facts:
    """What is known of matrices.

    Parameters
    ----------
    kinds : mapping of str to Kind
        By the name of the symbol; others are general.
    domain : Domain
        Ranges of sizes and of numbers.
    invertible : tuple of MatrixExpr
        Expressions that are stated to be invertible.
    """

    kinds: Mapping[str, Kind]
    domain: Domain
    invertible: tuple[Any, ...] = field(default=())

    def kind(self, symbol: Any) -> Kind:
        """Return the kind of a symbol."""
        return self.kinds.get(symbol.name, Kind.GENERAL)

    def sign(self, number: sp.Expr) -> str | None:
        """Return the sign of a number on the whole domain, or None."""
        return sign_on(self.domain, number)

    def shown_invertible(self, expr: Any) -> bool:
        """Whether `expr` is seen to be invertible for all matrices of the kinds."""
        if not square(expr):
            return False
        if any(_same(expr, stated) for stated in self.invertible):
            return True
        if isinstance(expr, sp.MatrixSymbol):
            return self.kind(expr) in _INVERTIBLE
        if isinstance(expr, sp.Transpose | sp.Inverse):
            return self.shown_invertible(expr.arg)
        if isinstance(expr, sp.MatPow) and expr.exp.is_integer:
            return self.shown_invertible(expr.base)
        if isinstance(expr, sp.MatMul):
            number, factors = expr.as_coeff_matrices()
            if self.sign(number) in ("positive", "negative"):
                if all(map(self.shown_invertible, factors)):
                    return True
                return self.shown_definite(sp.MatMul(*factors))
            return False
        return self.shown_definite(expr) or self.shown_definite(sp.MatMul(-1, expr).doit())

    def shown_definite(self, expr: Any) -> bool:
        """Whether `expr` is seen to be symmetric and positive definite."""
        if isinstance(expr, sp.Identity):
            return True
        if isinstance(expr, sp.MatrixSymbol):
            return self.kind(expr) is Kind.DEFINITE
        if isinstance(expr, sp.Transpose | sp.Inverse):
            return self.shown_definite(expr.arg)
        if isinstance(expr, sp.MatAdd):
            return all(map(self.shown_semidefinite, expr.args)) and any(map(self.shown_definite, expr.args))
        return self._sandwich(expr, strict=True)

    def shown_semidefinite(self, expr: Any) -> bool:
        """Whether `expr` is seen to be symmetric and positive semi-definite."""
        if isinstance(expr, sp.Identity | sp.ZeroMatrix):
            return square(expr)
        if isinstance(expr, sp.MatrixSymbol):
            return self.kind(expr) in (Kind.DEFINITE, Kind.SEMIDEFINITE, Kind.PROJECTION)
        if isinstance(expr, sp.Transpose):
            return self.shown_semidefinite(expr.arg)
        if isinstance(expr, sp.Inverse):
            return self.shown_definite(expr.arg)
        if isinstance(expr, sp.MatAdd):
            return all(map(self.shown_semidefinite, expr.args))
        return self._sandwich(expr, strict=False)

    def _sandwich(self, expr: Any, strict: bool) -> bool:
        """Whether `expr` is a positive number times B^T P B, with what P and B need; P may be the identity."""
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp.is_positive:
            expr = sp.MatMul(*[expr.base] * int(expr.exp))
        if not isinstance(expr, sp.MatMul):
            return False
        number, factors = expr.as_coeff_matrices()
        if self.sign(number) not in (("positive",) if strict else ("positive", "nonnegative", "zero")):
            return False
        factors = [f for f in factors if not isinstance(f, sp.Identity)]
        while len(factors) > 1:
            left, right = factors[0], factors[-1]
            if not self._transposes(left, right) or (strict and not self._injective(right)):
                return False
            factors = factors[1:-1]
        if not factors:
            return True
        return self.shown_definite(factors[0]) if strict else self.shown_semidefinite(factors[0])

    def _transposes(self, left: Any, right: Any) -> bool:
        if left == sp.transpose(right):
            return True
        return left == right and self._symmetric(left)

    def _symmetric(self, expr: Any) -> bool:
        if isinstance(expr, sp.MatrixSymbol):
            return self.kind(expr) in SYMMETRIC
        if isinstance(expr, sp.Inverse):
            return self._symmetric(expr.arg)
        return self.shown_semidefinite(expr)

    def _injective(self, expr: Any) -> bool:
        """Whether ``expr x = 0`` only for x = 0."""
        symbol, wanted = expr, Kind.COLUMN_RANK
        if isinstance(expr, sp.Transpose):
            symbol, wanted = expr.arg, Kind.ROW_RANK
        if isinstance(symbol, sp.MatrixSymbol) and self.kind(symbol) is wanted:
            return True
        return self.shown_invertible(expr)


def _same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if any(sp.expand(a - b) != 0 for a, b in zip(one.shape, other.shape, strict=True)):
        return False
    return bool(sp.expand(sp.MatAdd(one, sp.MatMul(-1, other))).doit() == sp.ZeroMatrix(*one.shape))
