"""Is an expression identically zero? Normal forms: polynomial arithmetic of our own, then SymPy's rewriting."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ...derivations.calculus.elementary import elementary
from ...derivations.expressions import canonical
from ...numerics.exact.rational import vanishes_identically

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def vanishes(expr: sp.Expr) -> bool:
    """Return True when `expr` is reduced to 0 by a normal form; False says nothing.

    Polynomial arithmetic over the rationals comes first (:func:`vanishes_identically`); what it leaves open goes
    through SymPy's normal forms.
    """
    plain = canonical(expr)
    answer = vanishes_identically(plain)
    return any(e == 0 for e in normal_forms(plain)) if answer is None else answer


def normal_forms(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield `expr` after each of SymPy's normal forms, until it is 0.

    Cheap rational normal forms come first; each further step keeps the value on the symbols' assumptions.
    """
    steps = (
        sp.expand,
        elementary,
        _by_one_function,
        lambda e: sp.cancel(sp.together(e)),
        lambda e: sp.expand(sp.powsimp(sp.expand(e), force=False)),
        lambda e: sp.expand(sp.expand_log(e)),
        lambda e: sp.expand(sp.expand_log(sp.expand_func(e))),
        sp.factor,
        # nothing that binds a variable is carried out
        lambda e: sp.simplify(sp.expand_power_base(sp.expand_power_exp(e)), doit=False),
        lambda e: sp.gammasimp(sp.powsimp(e)),
        sp.radsimp,
    )
    current = sp.sympify(expr)
    yield current
    for step in steps:
        if current == 0:
            return
        current = step(current)
        yield current


def _by_one_function(e: sp.Expr) -> sp.Expr:
    """Write erfc by erf, and loggamma of what is positive as the logarithm of gamma."""
    e = e.replace(sp.erfc, lambda a: 1 - sp.erf(a))
    e = e.replace(lambda n: isinstance(n, sp.loggamma) and n.args[0].is_positive, lambda n: sp.log(sp.gamma(n.args[0])))
    return sp.expand(e)
