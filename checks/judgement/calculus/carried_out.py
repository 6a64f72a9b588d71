"""Derivatives, integrals, sums and limits replaced by their values, where the value is proved on the whole domain.

SymPy proposes an antiderivative or the closed form of a partial sum; that it is one is then shown by differentiation or
by induction. No value stands that the enclosure of the printed expression contradicts at a point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import CrossproofError
from ....derivations.expressions import canonical, replaced
from ....derivations.positivity import sign_on
from ....derivations.ranges import AtLeast
from ..comparison import compare
from ..continuity import limits_carried_out
from ..definedness import CALCULUS, definedness
from ..points import simple
from .antiderivatives import analytic, by_antiderivative, derivative, has_values, smooth
from .known_integrals import known_integral
from .known_sums import known_sum
from .sums import by_induction, with_index

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Points at which a value is compared with the enclosure of what it stands for.
_POINTS = 3
#: CPU seconds for each proposal of SymPy.
_SECONDS = 2.0


def carried_out(expr: sp.Expr, domain: Domain, seconds: float = _SECONDS) -> sp.Expr:
    """Return `expr` with everything that binds a variable replaced by its value, where that is proved.

    Parameters
    ----------
    expr : sympy.Expr
        As written; what is replaced is put into SymPy's canonical form, and has a value on the whole domain.
    domain : Domain
        Where the values are to hold.
    seconds : float
        CPU seconds for each proposal of SymPy, greater than 0.
    """
    expr = limits_carried_out(expr, domain)
    for _ in range(4):  # from the inside outwards
        inner = [n for n in expr.atoms(*CALCULUS) if not any(a.has(*CALCULUS) for a in n.args)]
        beyond = _beyond(expr, domain) | _shadowed(expr, domain)
        values = {n: value for n in inner if n not in beyond and (value := _value(n, domain, seconds)) is not None}
        if not values:
            return expr
        expr = replaced(expr, values)
    return expr


def _beyond(expr: sp.Expr, domain: Domain) -> set[sp.Basic]:
    """Return the nodes inside derivatives that look beyond an end of the domain, where no value is proved."""
    found: set[sp.Basic] = set()
    for node in expr.atoms(sp.Derivative):
        ends = set().union(*({s} | r.symbols() for s, r in domain.ranges.items() if isinstance(r, AtLeast)))
        if ends & set(node.variables):
            found |= node.expr.atoms(*CALCULUS)
    return found


def _shadowed(expr: sp.Expr, domain: Domain) -> set[sp.Basic]:
    """Return the nodes inside others that bind the name of a parameter, which takes other values there than its own."""
    found: set[sp.Basic] = set()
    for node in expr.atoms(*CALCULUS):
        bound = {node.args[1]} if isinstance(node, sp.Limit) else set(getattr(node, "bound_symbols", ()))
        if bound & set(domain.symbols):
            found |= set().union(*(arg.atoms(*CALCULUS) for arg in node.args))
    return found


def _value(node: Any, domain: Domain, seconds: float) -> sp.Expr | None:
    find = next((find for kind, find in _FOUND.items() if isinstance(node, kind)), None)
    bound = {limit[0] for limit in getattr(node, "limits", ())}
    if find is None or node.free_symbols - set(domain.symbols) or bound & set(domain.symbols):
        return None
    try:
        value = find(node, domain, seconds)
    except (CrossproofError, sp.PolynomialError, NotImplementedError):
        return None
    if value is None or value.has(*CALCULUS) or not _uncontradicted(node, value, domain):
        return None
    return value if definedness((value,), domain).status == "everywhere" else None


def _uncontradicted(node: sp.Expr, value: sp.Expr, domain: Domain) -> bool:
    for point in simple(domain, _POINTS):
        try:
            if compare(value, node, point).outcome in ("differ", "undefined"):
                return False
        except CrossproofError:
            continue
    return True


def _derivative(node: sp.Derivative, domain: Domain, seconds: float) -> sp.Expr | None:
    if any(v.is_integer for v in node.variables) or definedness((node.expr,), domain).status != "everywhere":
        return None
    # what SymPy makes of a number that is not negative need not hold on both sides of 0
    free = {v: sp.Dummy(real=True) for v in node.variables if not v.is_positive}
    plain = canonical(replaced(node.expr, free))
    if not analytic(plain):
        return None
    value = plain.xreplace({new: old for old, new in free.items()})
    for variable, count in node.variable_count:
        for _ in range(int(count) if count.is_Integer else 0):
            if not smooth(value, domain):
                return None
            found = derivative(value, variable, domain)
            if found is None:
                return None
            value = found
    return value


def _integral(node: sp.Integral, domain: Domain, seconds: float) -> sp.Expr | None:
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        return None
    u, low, high = node.limits[0]
    if not _finite((low, high), domain) or (low.is_infinite and low == high):
        return None
    turned = low == sp.oo or high == -sp.oo or sign_on(domain, high - low) in ("negative", "nonpositive")
    if turned:
        low, high = high, low
    found = known_integral(canonical(node.function), u, low, high, domain)
    if found is None:
        found = by_antiderivative(node.function, u, low, high, domain, seconds)
    elif not has_values(node.function, u, low, high, domain):
        return None
    return -found if turned and found is not None else found


def _finite(ends: tuple[sp.Expr, ...], domain: Domain) -> bool:
    """Return whether each end is infinite as it stands or has a value on the whole domain."""
    return definedness((e for e in ends if not e.is_infinite), domain).status == "everywhere"


def _sum(node: sp.Sum, domain: Domain, seconds: float) -> sp.Expr | None:
    if len(node.limits) != 1:
        return None
    k, low, high = node.limits[0]
    if not low.is_Integer or not _finite((high,), domain):
        return None
    within, index = with_index(k, int(low), domain)
    if definedness((replaced(node.function, {k: index}),), within).status != "everywhere":
        return None
    function = canonical(node.function)
    found = known_sum(function, k, low, high, domain)
    return by_induction(function, k, low, high, domain, seconds) if found is None else found


_FOUND: dict[Any, Callable[[Any, Domain, float], sp.Expr | None]] = {
    sp.Derivative: _derivative,
    sp.Integral: _integral,
    sp.Sum: _sum,
}
