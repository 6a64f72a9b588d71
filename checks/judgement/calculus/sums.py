"""Sums by induction: whoever proposes V(n) for the sum of f(k) to n, what counts is that V(n + 1) - V(n) = f(n + 1)."""

from __future__ import annotations

import sympy as sp

from ....derivations.calculus.limits import limit_at_infinity
from ....derivations.calculus.smoothness import resolved
from ....derivations.domain import Domain
from ....derivations.positivity import sign_on
from ....derivations.ranges import Integers
from ..definedness import definedness
from ..normal_forms import vanishes
from ..solving import proposed

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def by_induction(
    function: sp.Expr, k: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain, seconds: float
) -> sp.Expr | None:
    """Return the sum of `function` for k from `low` to `high` where induction over its last index proves it, or None.

    Parameters
    ----------
    function : sympy.Expr
        In `k` and the parameters of the domain.
    k : Symbol
        The index.
    low, high : sympy.Expr
        A whole number, and a whole number on the whole domain that is nowhere below `low` - 1, or infinity: then the
        sum is the limit of the partial sums.
    domain : Domain
        Of the parameters.
    seconds : float
        CPU seconds for the proposal, greater than 0.
    """
    if not low.is_Integer or function.has(sp.Piecewise):
        return None
    empty = False
    if high != sp.oo:
        if not high.is_integer or sign_on(domain, high - low + 1) not in ("positive", "nonnegative", "zero"):
            return None
        empty = sign_on(domain, high - low) not in ("positive", "nonnegative", "zero")
    first = int(low) - int(empty)
    within, last = with_index(k, first, domain)
    value = _proposal(function, k, low, last, within, seconds)
    if value is None:
        return None
    following, step = function.subs(k, last + 1), value.subs(last, last + 1) - value
    start = value.subs(last, first) - (0 if empty else function.subs(k, low))
    if start.has(sp.nan, sp.zoo, sp.oo) or not vanishes(start) or not vanishes(step - following):
        return None
    if definedness((value, following, function.subs(k, low)), within).status != "everywhere":
        return None
    if high != sp.oo:
        return value.subs(last, high)
    limit = limit_at_infinity(value, last, domain)
    return None if limit is None or limit.is_infinite else limit


def with_index(k: sp.Symbol, first: int, domain: Domain) -> tuple[Domain, sp.Symbol]:
    """Return the domain with an index that starts at `first` beside the parameters, and its symbol."""
    name = k.name
    while name in {s.name for s in domain.symbols}:
        name += "_"
    within = Domain(**{s.name: r for s, r in domain.ranges.items()}, **{name: Integers(first)})
    return within, within.symbol(name)


def _proposal(
    function: sp.Expr, k: sp.Symbol, low: sp.Expr, last: sp.Symbol, within: Domain, seconds: float
) -> sp.Expr | None:
    """Return what SymPy takes for the sum up to `last`; nothing is asserted of it."""
    made = proposed(seconds, sp.summation, function, (k, low, last))
    if made is None:
        return None
    found = resolved(made, within)
    return None if found.has(sp.Sum, sp.Piecewise, sp.Product, sp.nan, sp.zoo) else found
