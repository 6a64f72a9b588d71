"""Inequalities about a finite sum, by induction over its last index: the first value, and every change."""

from __future__ import annotations

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.ranges import Integers

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Terms of a sum that are written out at the start of an induction.
_FIRST_TERMS = 50


def steps_of(gap: sp.Expr, domain: Domain) -> tuple[sp.Expr, sp.Expr, sp.Symbol] | None:
    """Return what decides an inequality about a finite sum by induction over its last index, or None.

    Parameters
    ----------
    gap : sympy.Expr
        In one sum, times a number free of its last index n; not negative is what is to be shown.
    domain : Domain
        With n whole and without an upper end.

    Returns
    -------
    tuple or None
        The value at the first n, the change from n to n + 1, and n: if neither is negative, nor is `gap` at any n.
    """
    sums = gap.atoms(sp.Sum)
    if len(sums) != 1:
        return None
    (node,) = sums
    k, low, last = node.limits[0]
    given = domain.ranges.get(last)
    usable = len(node.limits) == 1 and isinstance(given, Integers) and given.high is None and low.is_Integer
    if not usable or last in node.function.free_symbols or any(last in r.symbols() for r in domain.ranges.values()):
        return None
    assert isinstance(given, Integers)
    place = sp.Dummy("sum")
    plain = sp.expand(gap.xreplace({node: place}))
    factor, rest = plain.coeff(place, 1), plain.coeff(place, 0)
    count = given.low - int(low) + 1
    linear = sp.expand(plain - factor * place - rest) == 0 and not factor.has(last, place)
    if not linear or not 0 <= count <= _FIRST_TERMS:
        return None
    start = sp.Add(*(node.function.subs(k, low + j) for j in range(count)))
    first = factor * start + rest.subs(last, given.low)
    # logarithms of neighbours are told apart by their quotient only
    change = sp.logcombine(factor * node.function.subs(k, last + 1) + rest.subs(last, last + 1) - rest)
    return first, change.replace(sp.log, lambda a: sp.log(sp.apart(a, last) if a.is_rational_function() else a)), last
