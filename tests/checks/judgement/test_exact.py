"""Exact judgement: true identities are proved or left open, never refuted; false ones get a certified point."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.exact import Residual, certified_gap, judge, value_at, vanishes
from crossproof.checks.strategies import points
from crossproof.checks.witness import Task
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

x, y = sp.symbols("x y", positive=True)
DOMAIN = Domain(x=Positive, y=Positive)

TRUE = [
    ((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3),
    (sp.atan(x) + sp.atan(1 / x), sp.pi / 2),
    (sp.log(x * y), sp.log(x) + sp.log(y)),
    (sp.exp(sp.log(x) * y), x**y),
    (sp.sqrt(x**2 * y), x * sp.sqrt(y)),
    (sp.gamma(x + 1), x * sp.gamma(x)),
    ((x**2 - y**2) / (x + y), x - y),
]
FALSE = [
    ((x + y) ** 2, x**2 + y**2, 1),
    (sp.atan(x) + sp.atan(1 / x), sp.pi / 2 + sp.Rational(1, 10**9), 1),
    (x, x + sp.Rational(1, 10**30), 1),
]


def _task(lhs: sp.Expr, rhs: sp.Expr) -> Task:
    claim = Claim("test.a", "t", Source("test", "here"), Identity(lhs, rhs), DOMAIN)
    return Task(claim, effort("default"), 0, "cpu", 1e-8, "test")


@pytest.mark.parametrize(("lhs", "rhs"), TRUE)
def test_true_identities_are_never_refuted(lhs: sp.Expr, rhs: sp.Expr) -> None:
    finding = judge([Residual("the value", lhs, rhs)], _task(lhs, rhs), method="test")
    assert finding.outcome in (Outcome.PROVED, Outcome.UNDECIDED)


def test_most_true_identities_are_proved() -> None:
    assert sum(vanishes(lhs - rhs) for lhs, rhs in TRUE) >= 6


def test_an_identity_with_a_point_without_value_is_neither_proved_nor_refuted() -> None:
    lhs, rhs = (x**2 - y**2) / (x - y), x + y
    finding = judge([Residual("the value", lhs, rhs)], _task(lhs, rhs), method="test")
    assert finding.outcome is Outcome.UNDEFINED
    assert finding.counterexample.point == {"x": "1", "y": "1"}


@pytest.mark.parametrize(("lhs", "rhs", "least"), FALSE)
def test_false_identities_get_a_certified_counterexample(lhs: sp.Expr, rhs: sp.Expr, least: int) -> None:
    finding = judge([Residual("the value", lhs, rhs)], _task(lhs, rhs), method="test")
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample.point == {"x": str(least), "y": str(least)}


@given(points(DOMAIN, largest=60))
def test_a_gap_is_found_wherever_the_difference_is_rational_and_not_zero(point) -> None:
    value = x**2 + y
    gap = certified_gap(value - value.subs(point), DOMAIN, 4)
    others = [p for p in DOMAIN.points(4) if value.subs(p) != value.subs(point)]
    assert (gap is not None) == bool(others)


def test_the_value_at_a_point_leaves_bound_symbols_alone() -> None:
    total = sp.Sum(x**y, (y, 1, 3))
    assert value_at(total, {x: sp.Integer(2), y: sp.Integer(7)}).doit() == 14
    assert value_at(x**y / 3, {x: sp.Integer(2), y: sp.Integer(7)}) == sp.Rational(128, 3)
