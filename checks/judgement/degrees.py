"""Degrees of expressions of matrices in their matrices and in the numbers beside them, products of factors included.

They say how many sizes and values must be looked at before agreement at all of them speaks of others: a product of
numbers that stand at different places vanishes wherever one of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from ...derivations.matrices.kronecker import SampleCovariance

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Functions that take no value at infinitely many rational numbers of a range.
_MONOTONIC = (sp.exp, sp.log, sp.tanh)
#: Largest number of terms that is asked for.
_TERMS = 400


@dataclass(frozen=True)
class Degrees:
    """Degrees of an expression.

    Parameters
    ----------
    letters : int
        In matrices, those inside inverses, traces and determinants included.
    top, bottom : int
        Of numerator and denominator in numbers; a trace or determinant that may depend on the size counts as one.
    sized : bool
        Whether one of these was counted.
    """

    letters: int = 0
    top: int = 0
    bottom: int = 0
    sized: bool = False

    @property
    def numbers(self) -> int:
        """The larger degree in numbers."""
        return max(self.top, self.bottom)


def degrees(expr: Any, *, plain: bool, leaf: Callable[[sp.Expr], Degrees | None] | None = None) -> Degrees | None:
    """Return the degrees of a matrix or number; None where it is no rational expression, root, power of e or logarithm.

    Parameters
    ----------
    expr : MatrixExpr or Expr
        Of matrices and numbers.
    plain : bool
        Whether products of its matrices are free of rules, so that only an identity makes a trace depend on the size.
    leaf : callable, optional
        Degrees of a number without matrices, in place of those of its numerator and denominator; then no
        trace is counted.
    """
    if isinstance(expr, sp.MatrixSymbol):
        return Degrees(letters=1)
    if not expr.has(sp.MatrixExpr):
        return (leaf or _of_number)(expr)
    if isinstance(expr, sp.Pow | sp.MatPow):
        base, exponent = degrees(expr.base, plain=plain, leaf=leaf), expr.exp
        if base is None or not exponent.is_Rational:
            return None
        k = int(sp.ceiling(abs(exponent)))
        extra = 0 if exponent.is_Integer else 1
        top, bottom = (base.top, base.bottom) if exponent > 0 else (base.bottom, base.top)
        if isinstance(expr, sp.MatPow) and exponent < 0:  # minors over a determinant
            top = bottom = base.top + base.bottom
        return Degrees(k * base.letters, k * top + extra, k * bottom + extra, base.sized or bool(extra))
    if isinstance(expr, SampleCovariance):
        return _product([degrees(expr.matrix, plain=plain, leaf=leaf)] * 2)
    parts = [degrees(part, plain=plain, leaf=leaf) for part in expr.args if isinstance(part, sp.Expr)]
    if isinstance(expr, sp.Identity | sp.ZeroMatrix):
        return Degrees()
    if isinstance(expr, sp.BlockMatrix):
        return total((degrees(block, plain=plain, leaf=leaf) for block in expr.blocks), rough=False)
    if isinstance(expr, sp.MatAdd | sp.Add):
        return total(parts, rough=expr.has(sp.Determinant, sp.Function))
    if isinstance(expr, sp.MatMul | sp.Mul | sp.KroneckerProduct):
        return _product(parts)
    if not parts or parts[0] is None or (isinstance(expr, sp.Function) and not isinstance(expr, _MONOTONIC)):
        return None
    inner = parts[0]
    both = inner.top + inner.bottom
    if isinstance(expr, sp.Function):
        return Degrees(inner.letters, both + 1, both, sized=True)
    sized = isinstance(expr, sp.Determinant) or not plain or expr.has(sp.Identity, sp.Inverse)
    counted = leaf is None and isinstance(expr, sp.Determinant | sp.Trace) and sized
    return Degrees(inner.letters, inner.top + counted, inner.bottom, inner.sized or counted)


def total(parts: Iterable[Degrees | None], *, rough: bool) -> Degrees | None:
    """Return the degrees of a sum; in a `rough` one each part counts, as in sums of powers of the size."""
    found = list(parts)
    known = [p for p in found if p is not None]
    if len(known) < len(found):
        return None
    tops = [p.top for p in known] or [0]
    bottom = sum(p.bottom for p in known)
    top = (sum(tops) if rough else max(tops)) + bottom
    return Degrees(max((p.letters for p in known), default=0), top, bottom, any(p.sized for p in known))


def _product(parts: Sequence[Degrees | None]) -> Degrees | None:
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return None
    letters, top, bottom = (sum(getattr(p, name) for p in known) for name in ("letters", "top", "bottom"))
    return Degrees(letters, top, bottom, any(p.sized for p in known))


def zeros(number: sp.Expr) -> Degrees | None:
    """Return a number's degree as a factor that may vanish: none where it is not 0, one for the power of a symbol."""
    if number.is_nonzero or not number.free_symbols:
        return Degrees()
    if number.as_base_exp()[0].is_Symbol:
        return Degrees(top=1)
    found = _of_number(number)
    return found if found is None else Degrees(top=found.top)


def _of_number(number: sp.Expr) -> Degrees | None:
    symbols = sorted(number.free_symbols, key=str)
    if not symbols:
        return Degrees()
    if not number.is_rational_function(*symbols):
        return None
    top, bottom = (sp.Poly(part, *symbols).total_degree() for part in sp.fraction(sp.together(number)))
    return Degrees(top=int(top), bottom=int(bottom))


def untold_degree(degree: int, symbols: Iterable[sp.Symbol], points: Sequence[Mapping[sp.Symbol, Any]]) -> str:
    """Return why a polynomial of this degree in all symbols together may vanish at every point; empty if none does."""
    names = sorted(symbols, key=str)
    if not degree or not names:
        return ""
    values = list(dict.fromkeys(tuple(sp.sympify(point[s]) for s in names) for point in points))
    terms = list(combinations_with_replacement((sp.S.One, *names), degree)) if len(names) * degree < 60 else []
    enough = 0 < len(terms) <= min(len(values), _TERMS)
    if enough:
        rows = [[sp.prod(t).subs(dict(zip(names, value, strict=True))) for t in terms] for value in values]
        enough = DomainMatrix.from_list_sympy(len(rows), len(terms), rows).to_field().rank() == len(terms)
    if enough:
        return ""
    shown = ", ".join(map(str, names))
    return f"numbers of degree {degree} in {shown} may vanish at all of the {len(values)} values that were looked at"
