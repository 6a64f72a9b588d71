"""Witnesses of limits in law accept ergodic and collapsing processes and reject wrong limits, starts and noises."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Positive, Real
from crossproof.derivations.statements.long_time_laws import LimitInLaw, StationaryMean
from crossproof.derivations.symbols import positive, real

x: sp.Symbol = real("x")
s, k, D, m, v = positive("s k D m v")
line, half_line = sp.Interval(-sp.oo, sp.oo), sp.Interval.open(0, sp.oo)
EXACT, NUMERIC = "recurrence and zero current", "Fokker-Planck equation at long times"

ou = SDE(x, -k * x, sp.sqrt(2 * D))
OU = Domain(k=Positive, D=Positive, x=Real)
logistic = SDE(s, s * (m - s), sp.sqrt(v) * s)
growing = Domain(v=Positive, m=Above(v / 2), s=Positive)


def examine(name: str, statement: Any, domain: Domain) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    assert name in [w.name for w in witnesses_for(claim)]
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


def gamma(shape: sp.Expr) -> sp.Expr:
    return s ** (shape - 1) * sp.exp(-2 * s / v)


@pytest.mark.parametrize("name", [EXACT, NUMERIC])
@pytest.mark.parametrize(
    ("right", "wrong", "domain"),
    [
        (LimitInLaw(ou, line, sp.exp(-k * x**2 / (2 * D))), LimitInLaw(ou, line, sp.exp(-k * x**2 / D)), OU),
        (
            LimitInLaw(logistic, half_line, gamma(2 * m / v - 1)),
            LimitInLaw(logistic, half_line, gamma(2 * m / v)),
            growing,
        ),
    ],
)
def test_densities(name: str, right: LimitInLaw, wrong: LimitInLaw, domain: Domain) -> None:
    found = examine(name, right, domain)
    assert found.outcome is (Outcome.PROVED if name == EXACT else Outcome.CONFIRMED), found.detail
    assert examine(name, wrong, domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", [EXACT, NUMERIC])
def test_a_process_with_another_noise_has_another_limit(name: str) -> None:
    doubled = SDE(s, logistic.drift, 2 * logistic.diffusion)
    statement = LimitInLaw(doubled, half_line, gamma(2 * m / v - 1))
    assert examine(name, statement, Domain(v=Positive, m=Above(2 * v), s=Positive)).outcome is Outcome.REFUTED


def test_collapse_below_and_at_the_threshold_and_not_above() -> None:
    collapse = LimitInLaw(logistic, half_line, point=0)
    below, at = Between(0, v / 2), AtLeast(2 * m)
    assert examine(EXACT, collapse, Domain(v=Positive, m=below, s=Positive)).outcome is Outcome.PROVED
    assert examine(EXACT, collapse, Domain(m=Positive, v=at, s=Positive)).outcome is Outcome.PROVED
    above = examine(EXACT, collapse, Domain(v=Positive, m=Above(v / 4), s=Positive))
    assert above.outcome is Outcome.REFUTED
    assert above.counterexample is not None
    point = {name: sp.Rational(value) for name, value in above.counterexample.point.items()}
    assert point["m"] > point["v"] / 2
    assert examine(NUMERIC, collapse, growing).outcome is Outcome.REFUTED
    assert examine(NUMERIC, collapse, Domain(v=Positive, m=below, s=Positive)).outcome is Outcome.UNDECIDED


def test_a_density_that_has_infinite_mass_for_some_parameters_is_no_limit() -> None:
    statement = LimitInLaw(logistic, half_line, gamma(2 * m / v - 1))
    assert examine(EXACT, statement, Domain(v=Positive, m=Positive, s=Positive)).outcome is Outcome.REFUTED


def test_growth_without_bound_does_not_tend_to_the_lower_end() -> None:
    """Log-normal growth: the far end takes the mass, so that the comparison with reflected processes says nothing."""
    growth = LimitInLaw(SDE(s, m * s, sp.sqrt(v) * s), half_line, point=0)
    assert examine(EXACT, growth, growing).outcome is not Outcome.PROVED
    decay = LimitInLaw(SDE(s, -m * s, sp.sqrt(v) * s), half_line, point=0)
    assert examine(EXACT, decay, growing).outcome is Outcome.PROVED


def test_starts_on_two_sides_of_a_point_without_noise_have_no_common_limit() -> None:
    double = SDE(x, x * (m - x**2), sp.sqrt(v) * x)
    even = LimitInLaw(double, line, sp.Abs(x) ** (2 * m / v - 2) * sp.exp(-(x**2) / v))
    found = examine(EXACT, even, Domain(v=Positive, m=Above(v / 2), x=Real))
    assert found.outcome is Outcome.REFUTED
    assert "never reaches" in found.detail


def test_malformed_limits_are_refused() -> None:
    with pytest.raises(ClaimError, match="one limit"):
        LimitInLaw(ou, line)
    with pytest.raises(ClaimError, match="no finite end"):
        LimitInLaw(logistic, half_line, point=1)
    with pytest.raises(ClaimError, match="one interval"):
        LimitInLaw(ou, sp.Union(sp.Interval.open(-sp.oo, 0), half_line), sp.exp(-(x**2)))


BALANCE, SOLVED = "balance of a test function", "mean of the solved law"


@pytest.mark.parametrize("name", [BALANCE, SOLVED])
def test_stationary_means(name: str) -> None:
    """The logistic mode has the mean m - v/2; a gamma process of its own, b = k - m s, has k/m."""
    domain = Domain(v=Positive, m=Above(v / 2))
    right = StationaryMean(logistic, half_line, s, m - v / 2)
    found = examine(name, right, domain)
    assert found.outcome is (Outcome.PROVED if name == BALANCE else Outcome.CONFIRMED), found.detail
    assert examine(name, StationaryMean(logistic, half_line, s, m), domain).outcome is Outcome.REFUTED
    louder = SDE(s, logistic.drift, sp.sqrt(v / 2) * s)
    assert examine(name, StationaryMean(louder, half_line, s, m - v / 2), domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", [BALANCE, SOLVED])
def test_a_process_that_leaves_the_support_has_no_mean_there(name: str) -> None:
    """Reflected at 0 the means would be these; absorbed there, or left outwards, nothing is stationary."""
    quarter = sp.Rational(1, 4)
    absorbed = StationaryMean(
        SDE(s, s * (1 - s), s**quarter), half_line, s**3 - s**2 - sp.sqrt(s) / 2 + 1, sp.Integer(1)
    )
    leaving = StationaryMean(SDE(s, 1 - s, 1), half_line, s**2 - s - sp.Rational(1, 2) + 1, sp.Integer(1))
    for statement in (absorbed, leaving):
        assert examine(name, statement, Domain(s=Positive)).outcome is Outcome.UNDECIDED


def test_a_mean_at_an_end_that_drives_the_process_back() -> None:
    """The root process reaches 0 where 2 k m < v; its mean is m all the same, and that of 1/s is infinite."""
    reverting = SDE(s, k * (m - s), sp.sqrt(v * s))
    domain = Domain(s=Positive, k=Positive, m=Positive, v=Positive)
    assert examine(BALANCE, StationaryMean(reverting, half_line, s, m), domain).outcome is Outcome.PROVED
    assert examine(BALANCE, StationaryMean(reverting, half_line, s, 2 * m), domain).outcome is Outcome.REFUTED
    inverse = StationaryMean(reverting, half_line, 1 / s, 2 * k / (2 * k * m - v))
    assert examine(BALANCE, inverse, domain).outcome is Outcome.UNDECIDED


def test_numbers_confirm_no_mean_that_is_infinite_for_some_parameters() -> None:
    """Of the square under an inverse gamma law, infinite for 0.49 v < k <= v/2."""
    reverting = SDE(s, k * (1 - s), sp.sqrt(v) * s)
    square = StationaryMean(reverting, half_line, s**2, 2 * k / (2 * k - v))
    near = Domain(s=Positive, v=Between(0, 1), k=Above(sp.Rational(49, 100) * v))
    assert examine(SOLVED, square, near).outcome is not Outcome.CONFIRMED


def test_a_mean_without_a_stationary_law_or_with_flux_at_an_end_is_left_open() -> None:
    mean = StationaryMean(logistic, half_line, s, m - v / 2)
    assert examine(BALANCE, mean, Domain(v=Positive, m=Positive)).outcome is Outcome.UNDECIDED
    # 1/s has the mean 1/(m - v) of the gamma law only for m > v; below, the mean is infinite
    inverse = StationaryMean(logistic, half_line, 1 / s, 1 / (m - v))
    assert examine(BALANCE, inverse, Domain(v=Positive, m=Above(v))).outcome is Outcome.PROVED
    assert examine(BALANCE, inverse, Domain(v=Positive, m=Between(v / 2, v))).outcome is Outcome.UNDECIDED
    with pytest.raises(ClaimError, match="does not contain the state"):
        StationaryMean(logistic, half_line, m, m)
