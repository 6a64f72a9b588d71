"""Analytic at a point for all parameters: no quotient whose denominator may vanish there, no root that may."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.meaning.analytic import analytic_at
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Positive

x = sp.Symbol("x", real=True)
b, k = sp.Symbol("b", nonnegative=True), sp.Symbol("k", positive=True)
DOMAIN = Domain(b=AtLeast(0), k=Positive)
AT = {x: sp.Integer(0)}


@pytest.mark.parametrize("f", [x**3 / (x**2 + k), sp.exp(-x) * x**2, sp.sqrt(x + k), sp.log(1 + k + x), b * sp.sin(x)])
def test_analytic_for_all_parameters(f: sp.Expr) -> None:
    assert analytic_at(f, AT, DOMAIN)


@pytest.mark.parametrize("f", [x**3 / (x**2 + b), sp.sqrt(x**2 + b), sp.Abs(x), sp.log(b + x), sp.sqrt(x - k)])
def test_not_for_all(f: sp.Expr) -> None:
    """At b = 0 the first has another limit and the second a kink; a root of -k is not real."""
    assert not analytic_at(f, AT, DOMAIN)
