"""Expansions of roots and local behaviour beyond simple zeros and powers."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.expansions import LocalBehaviour, RootExpansion

x, e = sp.Symbol("x", real=True), sp.Symbol("e", positive=True)


def examine(name: str, statement: Statement, domain: Domain) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


def test_a_double_root_does_not_move_in_proportion() -> None:
    """x^2 = eps has the roots +-sqrt(eps), which no expansion in whole powers gives."""
    double = RootExpansion(x**2 - e, x, e, sp.Integer(0), sp.Integer(1))
    assert examine("implicit differentiation", double, Domain(e=Positive)).outcome is Outcome.REFUTED
    crossing = RootExpansion(x**2 - e**2, x, e, sp.Integer(0), sp.Integer(1))
    assert examine("implicit differentiation", crossing, Domain(e=Positive)).outcome is Outcome.UNDECIDED


def test_cancelling_functions_near_a_point() -> None:
    for expr, right in ((sp.tan(x) - x, x**3 / 3), (1 - sp.cos(x) * sp.sqrt(sp.cos(2 * x)), 3 * x**2 / 2)):
        assert examine("leading powers", LocalBehaviour(x, sp.Integer(0), ((expr, right),)), Domain()).outcome is (
            Outcome.PROVED
        )
        wrong = LocalBehaviour(x, sp.Integer(0), ((expr, right * sp.Rational(101, 100)),))
        assert examine("leading powers", wrong, Domain()).outcome is Outcome.REFUTED
    a = sp.Symbol("a", real=True)
    shifted = LocalBehaviour(x, a, ((sp.exp(x) - sp.exp(a) - (x - a) * sp.exp(a), (x - a) ** 2 * sp.exp(a) / 2),))
    assert examine("leading powers", shifted, Domain(a=Real)).outcome is Outcome.PROVED
    one_sided = LocalBehaviour(x, sp.Integer(0), ((sp.Abs(x), x),))
    assert examine("leading powers", one_sided, Domain()).outcome is Outcome.REFUTED


def test_a_factor_that_may_vanish_is_no_equivalent() -> None:
    a, b = sp.Symbol("a", real=True), sp.Symbol("b", positive=True)
    for factor, domain, outcome in ((a, Domain(a=Real), Outcome.UNDECIDED), (b, Domain(b=Positive), Outcome.PROVED)):
        pairs = ((factor * sp.tan(x), factor * x),)
        assert examine("leading powers", LocalBehaviour(x, sp.Integer(0), pairs), domain).outcome is outcome


@pytest.mark.parametrize("name", ["leading powers", "ratios near the point"])
def test_an_end_of_the_range_is_met_from_inside(name: str) -> None:
    """atan(1/y) tends to pi/2 for y > 0, and to -pi/2 for y < 0."""
    inside = sp.Symbol("y", positive=True)
    right = Outcome.PROVED if name == "leading powers" else Outcome.UNDECIDED
    for variable, outcome in ((inside, right), (x, Outcome.REFUTED)):
        statement = LocalBehaviour(variable, sp.Integer(0), ((sp.atan(1 / variable), sp.pi / 2),))
        assert examine(name, statement, Domain(e=Positive)).outcome is outcome
    wrong = LocalBehaviour(inside, sp.Integer(0), ((sp.atan(1 / inside), sp.Integer(1)),))
    assert examine(name, wrong, Domain(e=Positive)).outcome is Outcome.REFUTED
    maybe = LocalBehaviour(inside, sp.Symbol("e", nonnegative=True), ((inside, inside),))
    assert examine(name, maybe, Domain(e=AtLeast(0))).outcome is Outcome.UNDECIDED
