"""Roots that SymPy proposes within a limit of CPU time: candidates, which whoever uses them verifies."""

from __future__ import annotations

import sympy as sp

from .rungs import TimeUp, interrupted_after

#: More roots than this are no list of candidates.
_MANY = 40


def roots_of(equation: sp.Expr, variable: sp.Symbol, seconds: float) -> list[sp.Expr]:
    """Return roots of `equation` = 0 in `variable` as SymPy gives them, simplest first; empty when it gives none.

    Nothing is asserted of them: neither that they are roots nor that there are no others.
    """
    if variable not in equation.free_symbols:
        return []
    unknown = sp.Dummy("v", real=True)
    plain = equation.xreplace({variable: unknown})
    found: list[sp.Expr] = []
    try:
        with interrupted_after(seconds):
            numerator = sp.fraction(sp.together(plain))[0]
            for factor in sp.Mul.make_args(sp.factor(numerator)):
                if unknown in factor.free_symbols:
                    found += [r for r in sp.solve(factor, unknown) if isinstance(r, sp.Expr)]
    except TimeUp:
        pass
    except Exception:  # SymPy's solvers raise errors of many kinds on equations that they do not know
        pass
    distinct = {r for r in found if not r.has(sp.oo, sp.zoo, sp.nan, unknown)}
    return sorted(distinct, key=lambda r: (r.count_ops(), str(r)))[:_MANY]
