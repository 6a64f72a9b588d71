"""Identities that agree wherever points look: none of them is confirmed, and near ones that hold are."""

from __future__ import annotations

import pytest

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.text.parsing import parse_equation
from crossproof.derivations.text.statements import parse_domain


def examine(name: str, equation: str, ranges: dict[str, str]) -> Finding:
    domain = parse_domain(ranges)
    statement = Identity(*parse_equation(equation, {s.name: s for s in domain.symbols}))
    claim = Claim("test.identity", "An identity.", Source("test", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


@pytest.mark.parametrize(
    ("equation", "given"),
    [
        ("sign((cos(x) - x)**2) == 1", "positive"),  # a jump at a zero that no point is
        ("sign((x**2 - 11)**2) == 1", "positive"),
        ("erf(10**6*x) == erf(10**6*x**2)", "above(2)"),
        ("x + log(1 + exp(-2*x)) == log(2*cosh(x)) + exp(-x**3)", "above(10000)"),  # a term that no ball sees
    ],
)
def test_agreement_that_points_cannot_tell_is_not_confirmed(equation: str, given: str) -> None:
    for name in ("normal forms", "ball arithmetic"):
        assert examine(name, equation, {"x": given}).outcome in (Outcome.UNDECIDED, Outcome.REFUTED)


@pytest.mark.parametrize(
    ("equation", "given", "outcome"),
    [
        ("sign(x)*abs(x) == x", "real", Outcome.CONFIRMED),
        ("x + log(1 + exp(-2*x)) == log(2*cosh(x))", "real", Outcome.CONFIRMED),
        ("exp(-exp(x)) == 0", "above(30)", Outcome.REFUTED),
        ("tanh(x) == 1", "above(10**9)", Outcome.REFUTED),
        ("x*erf(10**6*x) == x", "above(1)", Outcome.REFUTED),
    ],
)
def test_what_points_tell(equation: str, given: str, outcome: Outcome) -> None:
    assert examine("ball arithmetic", equation, {"x": given}).outcome is outcome


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("sum(exp(-x*k), k, 0, oo) == 1/(1 - exp(-x))", "sum(exp(-x*k), k, 0, oo) == 1/(1 - exp(-2*x))"),
        ("sum(k*exp(-x*k), k, 0, oo) == exp(-x)/(1 - exp(-x))**2", "sum(k*exp(-x*k), k, 0, oo) == 1/(1 - exp(-x))**2"),
    ],
)
def test_a_geometric_series_of_exponentials(right: str, wrong: str) -> None:
    assert examine("normal forms", right, {"x": "positive"}).outcome is Outcome.PROVED
    assert examine("normal forms", wrong, {"x": "positive"}).outcome is Outcome.REFUTED
