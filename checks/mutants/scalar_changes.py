"""Changes of one place in a formula of numbers: signs, factors, exponents, dropped terms, swaps, indices, n - 1.

Matrices inside a formula are leaves here: the letters of their shapes are no part of what the formula asserts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

#: Argument numbers from the root of an expression to one of its nodes.
Path = tuple[int, ...]
#: What is changed, in words, and a function without arguments that makes the changed expression.
Change = tuple[str, Any]

_HALF = sp.Rational(1, 2)
#: Multiples of one term, in words.
FACTORS = (
    ("minus", sp.Integer(-1)),
    ("twice", sp.Integer(2)),
    ("half of", _HALF),
    ("5 % more of", sp.Rational(21, 20)),
)
#: Changes of one exponent.
_STEPS = (sp.Integer(1), sp.Integer(-1), _HALF, -_HALF)
_INDEX = re.compile(r"(.*?)(\d+)")

_LEAVES = (sp.Derivative, sp.Limit, AppliedUndef, sp.MatrixExpr, sp.Trace)


def replaced(expr: Any, path: Path, new: Any) -> Any:
    """Return `expr` with the node at `path` replaced by `new`."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    return expr.func(*args)


def scalar_changes(expr: sp.Expr) -> Iterator[Change]:
    """Yield the changes of a formula of numbers."""
    expr = sp.sympify(expr)
    if expr == 0:
        # a zero has no sign and no coefficient: a value of order one and a small one stand for them
        for value in (sp.Integer(1), sp.Rational(1, 20)):
            yield f"{value} in place of 0", lambda v=value: v
        return
    for path, term, droppable in _terms(expr):
        for words, factor in FACTORS:
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
    for path, node in nodes(expr):
        if isinstance(node, sp.Symbol) and node.is_integer and node in expr.free_symbols:
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


def nodes(e: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every node outside leaves, the names of summation indices left out."""
    yield path, e
    if isinstance(e, _LEAVES):
        return
    for i, arg in enumerate(e.args):
        if isinstance(e, sp.Tuple) and i == 0:
            continue
        yield from nodes(arg, (*path, i))


def _powers(expr: sp.Expr) -> Iterator[tuple[Path, sp.Expr, sp.Expr]]:
    """Yield every power, and every symbol or sum that stands as a factor or term, with its exponent."""
    bases: set[Path] = set()
    for path, e in nodes(expr):
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
    skeleton = expr.xreplace({m: sp.Integer(1) for m in expr.atoms(sp.Trace)})
    return sorted((s for s in skeleton.free_symbols - bound if isinstance(s, sp.Symbol)), key=str)


def _swaps(expr: Any, symbols: list[Any]) -> Iterator[Change]:
    for a, b in itertools.combinations(symbols, 2):
        if a._assumptions_orig == b._assumptions_orig:
            yield f"{a} and {b} swapped", lambda a=a, b=b: expr.xreplace({a: b, b: a})


def _indices(expr: Any) -> Iterator[Change]:
    """Replace one occurrence of an indexed symbol or function by its next sibling in the formula."""
    atoms = sorted(expr.atoms(sp.Symbol, AppliedUndef), key=str)
    for path, node in nodes(expr):
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
