r"""Expansions at infinity with as many terms as a cancellation needs, and a bound of what is left out.

A function of :math:`t` that has logarithms, powers and exponentials is a sum
:math:`c_1 m_1 + \dots + c_n m_n + O(m_0)` of monomials :math:`m = \exp(\sum_k a_k l_k)`, each far smaller than the one
before, where the :math:`l_k = t^p (\log t)^q (\log\log t)^r (\log\log\log t)^s` are ordered by their exponents. So
:math:`t^a` is :math:`e^{a \log t}`. Sums, products, powers, exponentials, logarithms and functions with a Taylor
series act on such sums. Signs of coefficients are those on the whole domain of the parameters; where one is not known,
or a coefficient that decides is not shown to differ from 0, the expansion stays open. Whatever has an expansion is
defined and real at all large :math:`t`, if its parts without :math:`t` are.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from .expander import Expander, Sign
from .monomials import UNIT, Expansion, Open

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Terms that are kept, one number after the other, while leading ones cancel.
_TERMS = (3, 6, 10)


def expansion(expr: Any, t: sp.Symbol, sign: Sign) -> Expansion | None:
    """Return an expansion of `expr` as `t` grows, with at least one term where one is found; None where it is open.

    Parameters
    ----------
    expr : sympy.Expr
        In `t` and the parameters.
    t : Symbol
        The variable that grows.
    sign : callable
        The sign of an expression in the parameters on their whole domain: 1, -1, 0, or None where it is not one or not
        known.
    """
    found = None
    for count in _TERMS:
        try:
            found = Expander(t, sign, count).expand(sp.sympify(expr))
        except Open:  # more terms may tell what a part tends to
            continue
        if found.terms or found.rest is None:
            break
    return found


def limit(expr: Any, t: sp.Symbol, sign: Sign) -> sp.Expr | None:
    """Return the limit of `expr` as `t` grows, infinite ones included; None where it is open or there is none."""
    found = expansion(expr, t, sign)
    if found is None:
        return None
    expander = Expander(t, sign, _TERMS[0])
    try:
        if not found.terms:
            return sp.Integer(0) if found.rest is None or expander.order(found.rest, UNIT) < 0 else None
        first, coefficient = found.terms[0]
        size = expander.order(first, UNIT)
        if size <= 0:
            return coefficient if size == 0 else sp.Integer(0)
        return sp.oo * expander.strict(coefficient)
    except Open:
        return None


def ratio_limit(one: Any, other: Any, t: sp.Symbol, sign: Sign) -> sp.Expr | None:
    """Return the limit of one expression over another, of which neither vanishes far out; None where it is open.

    Nothing cancels between them: both have leading coefficients that vanish at no point of the domain.
    """
    expander = Expander(t, sign, _TERMS[0])
    leading = []
    for e in (one, other):
        found = expansion(e, t, sign)
        if found is None or not found.terms:
            return None
        leading.append(found.terms[0])
    try:
        (m, c), (n, d) = leading
        signs = expander.strict(c) * expander.strict(d)
        size = expander.order(m, n)
    except Open:
        return None
    return c / d if size == 0 else sp.Integer(0) if size < 0 else signs * sp.oo
