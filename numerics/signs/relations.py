"""Relations at exact points: rational and algebraic values, with certified signs and exact tests for zero."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...derivations.errors import DomainError, NumericsError
from ..exact.balls import enclose
from ..exact.enclosures import BoxFunction, precision
from ..exact.rational import vanishes_identically

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Point = dict[sp.Symbol, sp.Expr]


def is_formula(e: Any) -> bool:
    """Return whether `e` is a relation, a truth value, or And, Or, Not of such."""
    if e in (sp.true, sp.false) or isinstance(e, sp.Gt | sp.Ge | sp.Lt | sp.Le | sp.Eq | sp.Ne):
        return True
    return isinstance(e, sp.And | sp.Or | sp.Not) and all(is_formula(a) for a in e.args)


def assumption(s: sp.Symbol) -> Any:
    """Return the inequality that the assumptions of a real symbol amount to."""
    if s.is_positive:
        return sp.Ge(s, 1, evaluate=False) if s.is_integer else sp.Gt(s, 0, evaluate=False)
    if s.is_negative:
        return sp.Lt(s, 0, evaluate=False)
    if s.is_nonnegative:
        return sp.Ge(s, 0, evaluate=False)
    return sp.Le(s, 0, evaluate=False) if s.is_nonpositive else sp.true


def holds(e: Any, point: Point) -> bool | None:
    """Return whether a formula holds at an exact point, or None when that is not certified."""
    if isinstance(e, sp.And | sp.Or | sp.Not):
        found = [holds(a, point) for a in e.args]
        if isinstance(e, sp.Not):
            return None if found[0] is None else not found[0]
        decisive = isinstance(e, sp.Or)
        return decisive if decisive in found else None if None in found else not decisive
    if e in (sp.true, sp.false):
        return bool(e)
    sign = _sign(e.lhs - e.rhs, point)
    if sign is None:
        return None
    return {
        sp.Gt: sign > 0,
        sp.Ge: sign >= 0,
        sp.Lt: sign < 0,
        sp.Le: sign <= 0,
        sp.Eq: sign == 0,
        sp.Ne: sign != 0,
    }[e.func]


def _sign(expr: sp.Expr, point: Point) -> int | None:
    # a part without a value can vanish in substitution, or its modulus be real
    if not all(_has_value(e, point) for e in expr.atoms(sp.Pow)):
        return None
    value = expr.subs(point)
    if value.is_Rational:
        return int(sp.sign(value))
    if value.has(sp.CRootOf):
        return _algebraic_sign(value)
    if value.has(sp.nan, sp.zoo, sp.oo) or value.is_real is False:
        return None
    try:
        ball = enclose(value, {})
    except NumericsError:
        return None
    if ball.contains(0):
        return 0 if vanishes_identically(value) else None
    return 1 if ball > 0 else -1


def _has_value(power: sp.Pow, point: Point) -> bool:
    """Return whether a power is certified to be real at `point`, where its base has a value."""
    whole = bool(power.exp.is_integer)
    if power.base.is_positive or (whole and power.exp.is_nonnegative):
        return True
    sign = _sign(power.base, point)
    return sign is not None and sign >= (-1 if whole else 0) and (sign != 0 or bool(power.exp.is_positive))


def _algebraic_sign(value: sp.Expr) -> int | None:
    """Return the sign of an expression in roots of polynomials, from their isolating intervals."""
    roots = {sp.Dummy(f"r{i}"): root for i, root in enumerate(sorted(value.atoms(sp.CRootOf), key=str))}
    width = sp.Rational(1, 10**40)
    box = {s: (root.eval_rational(width) - width, root.eval_rational(width) + width) for s, root in roots.items()}
    try:
        function = BoxFunction(value.xreplace({root: s for s, root in roots.items()}), box)
        with precision():
            ball = function.range(function.start)[0]
    except (NumericsError, DomainError):
        return None
    if ball is None or not ball.is_finite():
        return None
    if not ball.contains(0):
        return 1 if ball > 0 else -1
    x = sp.Dummy("x")
    try:
        return 0 if sp.minimal_polynomial(value, x) == x else None
    except (NotImplementedError, sp.polys.polyerrors.NotAlgebraic):
        return None
