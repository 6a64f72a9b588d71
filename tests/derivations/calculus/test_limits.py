"""Limits at infinity by leading terms: right ones, infinite ones, and silence where something is indeterminate."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.calculus.limits import limit_at_infinity
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Positive, Real

t, c, k = sp.symbols("t c k", positive=True)
r = sp.Symbol("r", real=True)
DOMAIN = Domain(t=Positive, c=Positive, k=Above(sp.Symbol("c", positive=True)), r=Real)


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        (c / (1 + t / 10**40), 0),
        (sp.erf(t - 10**5), 1),
        (1 / (1 + sp.exp(10**5 - t)), 1),
        (c + t ** sp.Rational(-1, 2), c),
        ((r * t**2 + t) / (t**2 + 1), r),
        (sp.exp(c * t) / (sp.exp(k * t) - 1), 0),
        (sp.exp(k * t) / (sp.exp(c * t) + t), sp.oo),
        (sp.exp(-t) * sp.sin(t), 0),
        (sp.log(1 + c * t) / t, 0),
        (sp.log(sp.exp(c * t) + t) / t, c),
        (sp.sqrt(t**2 + t) / t, 1),
        (sp.tanh(c * t) * sp.atan(t), sp.pi / 2),
        (-t, -sp.oo),
        (sp.sqrt(t**2 + t) - t, sp.Rational(1, 2)),  # the leading terms cancel
        ((1 + r / t) ** t, sp.exp(r)),
    ],
)
def test_limits(expression: sp.Expr, limit: sp.Expr) -> None:
    found = limit_at_infinity(expression, t, DOMAIN)
    assert found is not None
    assert sp.simplify(found - limit) == 0 if limit not in (sp.oo, -sp.oo) else found == limit


@pytest.mark.parametrize(
    "expression",
    [
        sp.sin(t),
        sp.exp(r * t),  # of no sign
        sp.tan(t),
        1 / (r * t + 1),  # at r = 0 another limit
        sp.log(r + 1 / t),
    ],
)
def test_what_is_indeterminate_stays_open(expression: sp.Expr) -> None:
    assert limit_at_infinity(expression, t, DOMAIN) is None
