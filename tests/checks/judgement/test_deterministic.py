"""Comparisons with an error bound: what agrees, what is refuted, what is too coarse to say."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.deterministic import Ledger, generic_points
from crossproof.checks.witness import Task
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.ranges import AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.statements.extrema import Inequality

X = sp.Symbol("x", positive=True)
POINT = {X: sp.Integer(1)}
ERF_1 = 0.8427007929497148693  # erf(1), Abramowitz and Stegun, table 7.1


def ledger() -> Ledger:
    claim = Claim(
        "test.erf", "", Source("test", ""), Inequality(sp.Gt(sp.erf(X), 0, evaluate=False)), Domain(x=Positive)
    )
    return Ledger(Task(claim, effort("quick"), 1, "cpu", 1e-8, "test"), "series")


def series(terms: int) -> tuple[float, float]:
    """Return erf(1) from its alternating series and the first term left out, which bounds the error."""
    parts = [2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(terms + 1)]
    return sum(parts[:-1]), abs(parts[-1])


@pytest.mark.parametrize("terms", [4, 8, 12])
def test_a_bounded_error_confirms_and_tells_a_wrong_value(terms: int) -> None:
    found, error = series(terms)
    right = ledger()
    assert right.compare("erf(1)", POINT, ERF_1, found, error, 1.0) is None
    finding = right.finding()
    assert finding.outcome is Outcome.CONFIRMED
    assert abs(found - ERF_1) <= finding.resolution <= 2 * error + 1e-11
    wrong = ledger().compare("erf(1)", POINT, ERF_1 * 1.2, found, error, 1.0)
    assert wrong is not None
    assert wrong.outcome is Outcome.REFUTED
    assert wrong.effect == pytest.approx(0.2 * ERF_1, abs=2 * error)
    assert wrong.counterexample.point == {"x": "1"}


def test_a_gap_refutes_only_beyond_ten_bounds_and_lost_digits() -> None:
    made = ledger()
    assert made.compare("a", POINT, 1.0, 1.09, 0.01, 1.0) is None
    assert made.compare("a", POINT, 1.0, 1.11, 0.01, 1.0) is not None
    assert made.compare("a", POINT, 1.0, 1.0 + 5e-7, 0.0, 1.0) is None
    assert made.compare("a", POINT, 1.0, 1.0 + 2e-6, 0.0, 1.0) is not None
    assert made.compare("a", POINT, 1.0, 1.0 + 2e-6, 0.0, 100.0) is None  # relative to the scale


def test_coarse_comparisons_and_none_at_all_leave_it_open() -> None:
    made = ledger()
    assert made.finding().outcome is Outcome.UNDECIDED
    assert made.compare("a", POINT, 1.0, 1.0, 0.04, 1.0) is None
    assert made.finding().outcome is Outcome.CONFIRMED
    assert made.compare("a", POINT, 1.0, 1.0, 0.06, 1.0) is None  # quick runs resolve 5 %
    assert made.finding().outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("values", [(math.nan, 1.0, 0.1), (1.0, math.inf, 0.1), (1.0, 1.0, math.inf)])
def test_what_is_not_finite_is_no_comparison(values: tuple[float, float, float]) -> None:
    with pytest.raises(NumericsError, match=r"a is not finite at .*'x': '1'"):
        ledger().compare("a", POINT, *values, 1.0)


def test_generic_points_lie_inside_and_keep_off_the_first_values() -> None:
    domain = Domain(a=Real, b=AtLeast(0), c=Between(0, 1), n=Integers(2), k=Integers(0, 1))
    first = domain.point((0, 0, 0, 0, 0))
    points = list(generic_points(domain, 40))
    for point in points:
        domain.check(point)
        assert all(point[s] != first[s] for s in domain.symbols if s.name != "k")
    assert {p[domain.symbol("k")] for p in points} == {0, 1}
    assert len({tuple(p.values()) for p in points}) == 40
    assert any(p == first for p in domain.points(1))  # which the simplest points do meet


def test_no_two_parameters_are_equal_at_a_generic_point() -> None:
    for number in (2, 5, 6, 14, 30):
        for point in generic_points(Domain(**{f"x{k}": Real for k in range(number)}), 8):
            assert len(set(point.values())) == number
