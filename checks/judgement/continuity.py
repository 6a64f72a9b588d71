"""Limits at a point where the expression is continuous: the value there, shown without asking for a limit."""

from __future__ import annotations

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.expressions import replaced
from ...derivations.positivity import sign_on
from .definedness import CALCULUS, Requirement, requirements

#: What is no value at a point.
_NO_VALUE = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds)
#: Functions that are continuous wherever what they ask for holds strictly; SymPy's acot, arg and Mod are not.
_CONTINUOUS = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sec, sp.cot, sp.csc, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh,
    sp.tanh, sp.coth, sp.sech, sp.csch, sp.asinh, sp.acosh, sp.atanh, sp.erf, sp.erfc, sp.erfi, sp.Abs, sp.Max, sp.Min,
    sp.gamma, sp.loggamma, sp.digamma, sp.LambertW, sp.besseli, sp.besselj, sp.besselk, sp.bessely, sp.Si, sp.airyai,
    sp.airybi,
)  # fmt: skip


def continuous(expr: sp.Expr) -> bool:
    """Whether `expr` has only functions that are continuous where what they ask for holds strictly."""
    return not expr.has(*CALCULUS) and all(isinstance(f, _CONTINUOUS) for f in expr.atoms(sp.Function))


def limits_carried_out(expr: sp.Expr, domain: Domain) -> sp.Expr:
    """Return `expr` with each limit replaced by the value at its point, where continuity there is shown.

    A formula of continuous functions is continuous at a point if what its roots, quotients and logarithms ask for
    holds strictly there: it then holds around the point too.
    """
    values = {}
    for limit in expr.atoms(sp.Limit):
        inner, variable, place, _ = limit.args
        if place.is_infinite or not continuous(inner):
            continue
        value = inner.subs(variable, place)
        # SymPy makes 0 of 1/zoo: each node is asked for itself
        asked = [Requirement(r.expr.subs(variable, place), r.word) for r in requirements(inner)]
        if any(e.has(*_NO_VALUE) for e in (value, *(r.expr for r in asked))):
            continue
        if all(
            r.word != "known" and sign_on(domain, r.expr) in ("positive", *(["negative"] * (r.word == "nonzero")))
            for r in asked
        ):
            values[limit] = value
    return replaced(expr, values)
