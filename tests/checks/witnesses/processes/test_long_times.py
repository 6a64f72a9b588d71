"""Limits in time: expansions decide them, an edge of the parameters or a period refutes; open ones stay open."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Positive, Range
from crossproof.derivations.statements.processes import LongTimeLimit

t, b = sp.symbols("t b", positive=True)
a = sp.Symbol("a", nonnegative=True)


def examine(expression: sp.Expr, limit: sp.Expr | int, **ranges: Range) -> Finding:
    statement = LongTimeLimit(expression, t, sp.sympify(limit))
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, Domain(t=Positive, **ranges))
    name = "exact limit"
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


@pytest.mark.parametrize(
    ("expression", "limit", "wrong", "ranges"),
    [
        (sp.sqrt(t**2 + b * t) - t, b / 2, 0, {"b": Positive}),
        ((1 + b / t) ** t, sp.exp(b), sp.exp(b) + sp.Rational(1, 10**12), {"b": Positive}),
        (sp.log(sp.log(t + 3)) / sp.log(t + 3), 0, sp.Rational(1, 1000), {}),
    ],
)
def test_cancellations(expression: sp.Expr, limit: sp.Expr, wrong: sp.Expr, ranges: dict[str, Range]) -> None:
    assert examine(expression, limit, **ranges).outcome is Outcome.PROVED
    assert examine(expression, wrong, **ranges).outcome is Outcome.REFUTED


def test_an_edge_has_another_limit() -> None:
    found = examine(sp.exp(-a * t), 0, a=AtLeast(0))
    assert found.outcome is Outcome.REFUTED
    assert found.counterexample is not None
    assert list(found.counterexample.point.values()) == ["0"]
    assert examine(sp.exp(-b * t), 0, b=Positive).outcome is Outcome.PROVED


def test_a_period_has_no_limit() -> None:
    found = examine(sp.sin(b * t) + 1, 1, b=Positive)
    assert found.outcome is Outcome.REFUTED
    assert examine(sp.sin(b * t) / t, 0, b=Positive).outcome is Outcome.PROVED
    assert examine(sp.sin(t) + sp.sin(sp.sqrt(2) * t), 0).outcome is Outcome.UNDECIDED  # no common period


def test_powers_that_are_written_in_two_ways_are_one() -> None:
    one, other = 1 / b - 1 / (b + 1), 1 / (b * (b + 1))
    half = sp.sqrt(t**2 + t) - t
    assert examine(t**one - t**other + half, sp.Rational(1, 2), b=Positive).outcome is Outcome.PROVED
    assert examine(2 * t ** (one - other) + half, sp.Rational(5, 2), b=Positive).outcome is Outcome.PROVED
    assert examine(2 * t ** (one - other) + half, 2, b=Positive).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "expression",
    [
        sp.cos(sp.sqrt(1 - t)) / t,  # a hyperbolic cosine
        sp.exp(-t / 2) * (sp.sin((1 + sp.I) * t) + sp.sin((1 - sp.I) * t)),
        sp.exp(sp.Piecewise((0, t < 5), (1, True))) - 1,
    ],
)
def test_a_sine_of_a_number_that_is_not_real_may_grow(expression: sp.Expr) -> None:
    assert examine(expression, 0).outcome is Outcome.UNDECIDED
    assert examine(sp.cos(sp.sqrt(t - 1)) / t, 0).outcome is Outcome.PROVED


def test_a_period_is_real() -> None:
    assert examine(1 / sp.cos(sp.sqrt(-1 - a) * t), 0, a=AtLeast(0)).outcome is Outcome.UNDEFINED


def test_what_has_no_value_at_an_edge_is_not_refuted_there() -> None:
    assert examine((1 - sp.exp(-a * t)) / a, 1 / a, a=AtLeast(0)).outcome is Outcome.UNDEFINED
    assert examine(sp.log(a * t) / sp.log(t), 1, a=AtLeast(0)).outcome is Outcome.UNDECIDED
    assert examine(t, sp.oo).outcome is Outcome.UNDECIDED
