"""Changes of one place in a formula of matrices: those of its coefficients, transposes, swaps, exchanged factors.

SymPy lets shapes pass that might coincide for some sizes. Here shapes must agree as polynomials in their letters, for
a formula that fits at some sizes only is nothing that a claim for all sizes can state.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ...derivations.errors import ClaimError
from ...derivations.matrices.kronecker import SampleCovariance, SampleSum
from .scalar_changes import FACTORS, Change, Path, replaced, scalar_changes

_LEAVES = (sp.MatrixSymbol, sp.Identity, sp.ZeroMatrix, SampleCovariance)


def check_shapes(e: Any) -> None:
    """Raise ClaimError where shapes differ as polynomials; SymPy lets shapes pass that might coincide."""
    if isinstance(e, _LEAVES) or not isinstance(e, sp.MatrixExpr | sp.MatrixBase | sp.Tuple):
        return
    for arg in e.args:
        check_shapes(arg)
    parts = [a for a in e.args if isinstance(a, sp.MatrixExpr)]
    for one, other in itertools.pairwise(parts):
        same: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
        if isinstance(e, sp.MatMul):
            same = ((one.cols, other.rows),)
        elif isinstance(e, sp.MatAdd):
            same = ((one.rows, other.rows), (one.cols, other.cols))
        if any(sp.expand(a - b) != 0 for a, b in same):
            raise ClaimError(f"shapes {one.shape} and {other.shape} do not fit")


def check_fit(changed: Any, expr: Any) -> None:
    """Raise ClaimError unless a changed matrix has the shape of the one that it replaces."""
    if any(sp.expand(a - b) != 0 for a, b in zip(changed.shape, expr.shape, strict=True)):
        raise ClaimError(f"a matrix of shape {changed.shape} cannot stand for one of shape {expr.shape}")


def check_square(changed: Any) -> None:
    """Raise ClaimError unless a matrix has as many rows as columns for all sizes."""
    if sp.expand(changed.rows - changed.cols) != 0:
        raise ClaimError(f"a matrix of shape {changed.shape} has no trace")


def matrix_changes(expr: sp.MatrixExpr, whole: bool = True) -> Iterator[Change]:
    """Yield the changes of a formula of matrices; without `whole`, factors and the transpose of all of it are not."""
    if isinstance(expr, sp.ZeroMatrix):
        # without a common letter for rows and columns no other matrix can be written down
        if expr.rows == expr.cols:
            yield "the identity in place of 0", lambda: sp.Identity(expr.rows)
        return
    for path, term, droppable in _matrix_terms(expr, whole=whole):
        for words, factor in FACTORS:
            yield f"{words} {term}", lambda p=path, t=term, f=factor: replaced(expr, p, sp.MatMul(f, t))
        if droppable:
            yield f"without {term}", lambda p=path, t=term: replaced(expr, p, sp.ZeroMatrix(*t.shape)).doit()
    for path, node in _matrix_nodes(expr):
        if isinstance(node, sp.MatMul):
            for i, scalar in enumerate(node.args):
                if not isinstance(scalar, sp.MatrixExpr):
                    for words, make in scalar_changes(scalar):
                        yield words, lambda p=(*path, i), m=make: replaced(expr, p, m())
        if isinstance(node, sp.MatrixExpr) and (whole or path) and node.shape != (1, 1):
            yield f"{node} transposed", lambda p=path, n=node: replaced(expr, p, sp.transpose(n))
        if isinstance(node, sp.KroneckerProduct):
            yield (
                f"the factors of {node} exchanged",
                lambda p=path, n=node: replaced(expr, p, n.func(*reversed(n.args))),
            )
    symbols = sorted(expr.atoms(sp.MatrixSymbol), key=str)
    for a, b in itertools.combinations(symbols, 2):
        yield f"{a} and {b} swapped", lambda a=a, b=b: _checked(expr, {a: b, b: a})
    for path, node in _matrix_nodes(expr):
        if isinstance(node, sp.MatrixSymbol):
            prefix = node.name.split("_")[0].rstrip("0123456789")
            for other in symbols:
                if other != node and other.name.split("_")[0].rstrip("0123456789") == prefix:
                    yield f"{other} in place of {node}", lambda p=path, o=other: replaced(expr, p, o)


def _checked(expr: Any, exchange: dict[Any, Any]) -> Any:
    """Return `expr` with symbols exchanged, built anew from below so that SymPy checks the shapes."""
    if expr in exchange:
        return exchange[expr]
    if not isinstance(expr, sp.MatrixExpr | sp.MatrixBase) or isinstance(expr, _LEAVES):
        return expr
    return expr.func(*(_checked(a, exchange) for a in expr.args))


def _matrix_terms(e: Any, path: Path = (), whole: bool = True) -> Iterator[tuple[Path, Any, bool]]:
    if whole:
        yield path, e, False
    for i, arg in enumerate(e.args if isinstance(e, sp.MatrixExpr) and not isinstance(e, _LEAVES) else ()):
        if isinstance(arg, sp.MatrixExpr):
            inside = isinstance(e, sp.MatAdd)
            if inside:
                yield (*path, i), arg, True
            yield from _matrix_terms(arg, (*path, i), whole=False)


def _matrix_nodes(e: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, e
    if isinstance(e, _LEAVES) or not isinstance(e, sp.MatrixExpr | sp.MatrixBase | sp.Tuple):
        return
    for i, arg in enumerate(e.args):
        if isinstance(e, SampleSum) and i > 0:
            continue
        yield from _matrix_nodes(arg, (*path, i))
