"""Changes that turn a formula into a slightly wrong one: what the audit asks witnesses to notice.

Every change has words that name it within its formula; the words are its lasting key, so they mention no numbers of
places that an unrelated edit would shift.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .matrix_changes import check_fit, check_shapes, check_square, matrix_changes
from .scalar_changes import Change, nodes, replaced, scalar_changes


def changes(expr: Any) -> Iterator[tuple[str, Any]]:
    """Yield (words, changed expression) for a scalar or matrix expression, each different from all before it.

    Signs, factors 2 and 1/2 and 5 % on every term; dropped terms; exponents moved by 1 and 1/2; swapped symbols;
    transposed factors; wrong indices; n - 1 for every integer n; the same inside every trace. A change may raise
    whatever SymPy raises for mismatched shapes: it is then given as the exception itself.
    """
    seen = {expr}
    named: dict[str, int] = {}
    for words, make in _every(expr):
        try:
            changed = make()
            if isinstance(changed, sp.MatrixExpr):
                check_shapes(changed)
                check_fit(changed, expr)
            elif isinstance(changed, sp.Basic):
                for number in changed.atoms(sp.Trace):
                    check_shapes(number.arg)
                    check_square(number.arg)
        except Exception as error:  # shapes that do not fit have several exceptions in SymPy
            changed = error
        if not isinstance(changed, Exception):
            if changed in seen:
                continue
            seen.add(changed)
        named[words] = named.get(words, 0) + 1
        yield (words if named[words] == 1 else f"{words} (place {named[words]})"), changed


def _every(expr: Any) -> Iterator[Change]:
    if isinstance(expr, sp.MatrixExpr):
        yield from matrix_changes(expr)
        return
    yield from scalar_changes(expr)
    for path, node in nodes(sp.sympify(expr)):
        if isinstance(node, sp.Trace):
            # a factor of the whole matrix is one of its trace, and a transpose has the same trace
            for words, make in matrix_changes(node.arg, whole=False):
                yield words, lambda p=(*path, 0), m=make: replaced(expr, p, m())
