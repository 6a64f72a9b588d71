"""Changes that turn a formula into a slightly wrong one: what the audit asks witnesses to notice.

Every change has words that name it within its formula; the words are its lasting key, so they mention no numbers of
places that an unrelated edit would shift.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ..derivations.errors import ClaimError
from ..derivations.kronecker import SampleCovariance, SampleSum

Path = tuple[int, ...]
Change = tuple[str, Any]

_HALF = sp.Rational(1, 2)
#: Multiples of one term, in words.
_FACTORS = (
    ("minus", sp.Integer(-1)),
    ("twice", sp.Integer(2)),
    ("half of", _HALF),
    ("5 % more of", sp.Rational(21, 20)),
)
#: Changes of one exponent.
_STEPS = (sp.Integer(1), sp.Integer(-1), _HALF, -_HALF)
_INDEX = re.compile(r"(.*?)(\d+)")
_LEAVES = (sp.Derivative, sp.Limit, AppliedUndef)
_MATRIX_LEAVES = (sp.MatrixSymbol, sp.Identity, sp.ZeroMatrix, SampleCovariance)


def changes(expr: Any) -> Iterator[Change]:
    """Yield (words, changed expression) for a scalar or matrix expression, each different from all before it.

    Signs, factors 2 and 1/2 and 5 % on every term; dropped terms; exponents moved by 1 and 1/2; swapped symbols;
    transposed factors; wrong indices; n - 1 for every integer n. A change may raise whatever SymPy raises for
    mismatched shapes: it is then given as the exception itself.
    """
    seen = {expr}
    named: dict[str, int] = {}
    kind = _matrix_changes if isinstance(expr, sp.MatrixExpr) else _scalar_changes
    for words, make in kind(expr):
        try:
            changed = make()
            if isinstance(changed, sp.MatrixExpr):
                _check_shapes(changed)
                _check_fit(changed, expr)
            elif isinstance(changed, sp.Basic):
                for trace in changed.atoms(sp.Trace):
                    _check_shapes(trace.arg)
        except Exception as error:  # shapes that do not fit have several exceptions in SymPy
            changed = error
        if not isinstance(changed, Exception):
            if changed in seen:
                continue
            seen.add(changed)
        named[words] = named.get(words, 0) + 1
        yield (words if named[words] == 1 else f"{words} (place {named[words]})"), changed


def _check_shapes(e: Any) -> None:
    """Raise ClaimError where shapes differ as polynomials; SymPy lets shapes pass that might coincide."""
    if isinstance(e, _MATRIX_LEAVES) or not isinstance(e, sp.MatrixExpr | sp.MatrixBase | sp.Tuple):
        return
    for arg in e.args:
        _check_shapes(arg)
    parts = [a for a in e.args if isinstance(a, sp.MatrixExpr)]
    for one, other in itertools.pairwise(parts):
        same: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
        if isinstance(e, sp.MatMul):
            same = ((one.cols, other.rows),)
        elif isinstance(e, sp.MatAdd):
            same = ((one.rows, other.rows), (one.cols, other.cols))
        if any(sp.expand(a - b) != 0 for a, b in same):
            raise ClaimError(f"shapes {one.shape} and {other.shape} do not fit")


def _check_fit(changed: Any, expr: Any) -> None:
    """Raise ClaimError unless a changed matrix has the shape of the one that it replaces."""
    if any(sp.expand(a - b) != 0 for a, b in zip(changed.shape, expr.shape, strict=True)):
        raise ClaimError(f"a matrix of shape {changed.shape} cannot stand for one of shape {expr.shape}")


def replaced(expr: Any, path: Path, new: Any) -> Any:
    """Return `expr` with the node at `path` (argument numbers from the root) replaced by `new`."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    return expr.func(*args)


def _scalar_changes(expr: sp.Expr) -> Iterator[tuple[str, Any]]:
    expr = sp.sympify(expr)
    if expr == 0:
        # a zero has no sign and no coefficient: a value of order one and a small one stand for them
        for value in (sp.Integer(1), sp.Rational(1, 20)):
            yield f"{value} in place of 0", lambda v=value: v
        return
    for path, term, droppable in _terms(expr):
        for words, factor in _FACTORS:
            yield f"{words} {term}", lambda p=path, t=term, f=factor: replaced(expr, p, f * t)
        if droppable:
            yield f"without {term}", lambda p=path: replaced(expr, p, sp.Integer(0))
    for path, base, exponent in _powers(expr):
        for step in _STEPS:
            if step.is_Integer or base.is_nonnegative:
                yield (
                    f"{base} to the {exponent + step} in place of {exponent}",
                    lambda p=path, b=base, e=exponent + step: replaced(expr, p, b**e),
                )
    yield from _swaps(expr, _swappable(expr))
    yield from _indices(expr)
    for path, node in _nodes(expr):
        if node.is_Symbol and node.is_integer and node in expr.free_symbols:
            yield f"{node} - 1 in place of {node}", lambda p=path, n=node: replaced(expr, p, n - 1)


def _terms(e: sp.Expr, path: Path = (), whole: bool = True) -> Iterator[tuple[Path, sp.Expr, bool]]:
    """Yield what may carry a wrong coefficient: the whole, terms of sums, arguments and symbolic exponents."""
    if whole:
        yield path, e, False
    if isinstance(e, _LEAVES):
        return
    if e.is_Add:
        for i, term in enumerate(e.args):
            yield (*path, i), term, True
            yield from _terms(term, (*path, i), whole=False)
    elif e.is_Mul:
        for i, factor in enumerate(e.args):
            yield from _terms(factor, (*path, i), whole=False)
    elif e.is_Pow:
        yield from _terms(e.base, (*path, 0), whole=False)
        yield from _terms(e.exp, (*path, 1), whole=not e.exp.is_Number and not e.exp.is_Add)
    elif isinstance(e, sp.Sum | sp.Integral):
        yield from _terms(e.args[0], (*path, 0), whole=not e.args[0].is_Add)
    elif e.is_Function:
        for i, inner in enumerate(e.args):
            yield from _terms(inner, (*path, i), whole=not inner.is_Add)


def _nodes(e: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every node outside leaves, the names of summation indices left out."""
    yield path, e
    if isinstance(e, _LEAVES):
        return
    for i, arg in enumerate(e.args):
        if isinstance(e, sp.Tuple) and i == 0:
            continue
        yield from _nodes(arg, (*path, i))


def _powers(expr: sp.Expr) -> Iterator[tuple[Path, sp.Expr, sp.Expr]]:
    """Yield every power, and every symbol or sum that stands as a factor or term, with its exponent."""
    bases: set[Path] = set()
    for path, e in _nodes(expr):
        if e.is_Pow:
            bases.add((*path, 0))
            yield path, e.base, e.exp
        elif path not in bases:
            standing = e.is_Symbol and not _below(expr, path, sp.Tuple)
            if standing or (e.is_Add and _below(expr, path, sp.Mul)):
                yield path, e, sp.Integer(1)


def _below(expr: Any, path: Path, kind: type) -> bool:
    for i in path[:-1]:
        expr = expr.args[i]
    return bool(path) and isinstance(expr, kind)


def _swappable(expr: Any) -> list[Any]:
    bound = {s for f in expr.atoms(AppliedUndef) for s in f.free_symbols}
    return sorted((s for s in expr.free_symbols - bound if isinstance(s, sp.Symbol)), key=str)


def _swaps(expr: Any, symbols: list[Any]) -> Iterator[tuple[str, Any]]:
    for a, b in itertools.combinations(symbols, 2):
        if a._assumptions_orig == b._assumptions_orig:
            yield f"{a} and {b} swapped", lambda a=a, b=b: expr.xreplace({a: b, b: a})


def _indices(expr: Any) -> Iterator[tuple[str, Any]]:
    """Replace one occurrence of an indexed symbol or function by its next sibling in the formula."""
    atoms = sorted(expr.atoms(sp.Symbol, AppliedUndef), key=str)
    for path, node in _nodes(expr):
        if not isinstance(node, sp.Symbol | AppliedUndef):
            continue
        found = _INDEX.fullmatch(_name(node))
        if found is None:
            continue
        family = [a for a in atoms if type(a) is type(node) or isinstance(node, AppliedUndef)]
        same = [a for a in family if (m := _INDEX.fullmatch(_name(a))) and m[1] == found[1]]
        if node in same and len(same) > 1:
            other = same[(same.index(node) + 1) % len(same)]
            yield f"{other} in place of {node}", lambda p=path, o=other: replaced(expr, p, o)


def _name(atom: Any) -> str:
    return str(atom.func) if isinstance(atom, AppliedUndef) else str(atom.name)


def _matrix_changes(expr: sp.MatrixExpr) -> Iterator[tuple[str, Any]]:
    if isinstance(expr, sp.ZeroMatrix):
        # without a common letter for rows and columns no other matrix can be written down
        if expr.rows == expr.cols:
            yield "the identity in place of 0", lambda: sp.Identity(expr.rows)
        return
    for path, term, droppable in _matrix_terms(expr):
        for words, factor in _FACTORS:
            yield f"{words} {term}", lambda p=path, t=term, f=factor: replaced(expr, p, sp.MatMul(f, t))
        if droppable:
            yield f"without {term}", lambda p=path, t=term: replaced(expr, p, sp.ZeroMatrix(*t.shape)).doit()
    for path, node in _matrix_nodes(expr):
        if isinstance(node, sp.MatMul):
            for i, scalar in enumerate(node.args):
                if not isinstance(scalar, sp.MatrixExpr):
                    for words, make in _scalar_changes(scalar):
                        yield words, lambda p=(*path, i), m=make: replaced(expr, p, m())
        if isinstance(node, sp.MatrixExpr):
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
    if not isinstance(expr, sp.MatrixExpr | sp.MatrixBase) or isinstance(expr, _MATRIX_LEAVES):
        return expr
    return expr.func(*(_checked(a, exchange) for a in expr.args))


def _matrix_terms(e: Any, path: Path = (), whole: bool = True) -> Iterator[tuple[Path, Any, bool]]:
    if whole:
        yield path, e, False
    for i, arg in enumerate(e.args if isinstance(e, sp.MatrixExpr) and not isinstance(e, _MATRIX_LEAVES) else ()):
        if isinstance(arg, sp.MatrixExpr):
            inside = isinstance(e, sp.MatAdd)
            if inside:
                yield (*path, i), arg, True
            yield from _matrix_terms(arg, (*path, i), whole=False)


def _matrix_nodes(e: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, e
    if isinstance(e, _MATRIX_LEAVES) or not isinstance(e, sp.MatrixExpr | sp.MatrixBase | sp.Tuple):
        return
    for i, arg in enumerate(e.args):
        if isinstance(e, SampleSum) and i > 0:
            continue
        yield from _matrix_nodes(arg, (*path, i))
