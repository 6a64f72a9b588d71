"""What SymPy proposes within a limit of CPU time (roots, antiderivatives, sums): whoever uses it verifies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from .rungs import TimeUp, interrupted_after

#: More roots than this are no list of candidates.
_MANY = 40


def proposed(seconds: float, make: Callable[..., Any], *arguments: Any) -> Any:
    """Return what SymPy makes of `arguments` within so many CPU seconds, or None; nothing is asserted of it."""
    try:
        with interrupted_after(seconds):
            return make(*arguments)
    except TimeUp:
        return None
    except Exception:  # solvers, integrators and summation raise errors of many kinds on what they do not know
        return None


def roots_of(equation: sp.Expr, variable: sp.Symbol, seconds: float) -> list[sp.Expr]:
    """Return roots of `equation` = 0 in `variable` as SymPy gives them, simplest first; empty when it gives none.

    Nothing is asserted of them: neither that they are roots nor that there are no others.
    """
    if variable not in equation.free_symbols:
        return []
    unknown = sp.Dummy("v", real=True)
    plain = equation.xreplace({variable: unknown})
    found: list[sp.Expr] = []

    def solve() -> None:
        numerator = sp.fraction(sp.together(plain))[0]
        for factor in sp.Mul.make_args(sp.factor(numerator)):
            if unknown in factor.free_symbols:
                found.extend(r for r in sp.solve(factor, unknown) if isinstance(r, sp.Expr))

    proposed(seconds, solve)  # what was found before the time was over counts
    distinct = {r for r in found if not r.has(sp.oo, sp.zoo, sp.nan, unknown)}
    return sorted(distinct, key=lambda r: (r.count_ops(), str(r)))[:_MANY]
