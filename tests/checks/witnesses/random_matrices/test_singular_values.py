"""Spikes and bulk below, at and above aspect ratio 1: right limits pass, wrong ones fall, thresholds are located."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.checks.witnesses.random_matrices.aspects import SIDES, sides_of_one
from crossproof.checks.witnesses.random_matrices.counting import limit_moment
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Between, Positive, Range
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from crossproof.derivations.symbols import positive

load_catalog()
A, s, x = positive("A s x")
ONE = sp.Integer(1)
OUTLIER = sp.sqrt((1 + s**2) * (A + s**2)) / s
DENSITY = sp.sqrt(4 * A - (x**2 - 1 - A) ** 2) / (sp.pi * A * x)
SECULAR, NOISE, COUNTED = "secular equation of the spike", "self-consistent equation of the noise", "counted pairings"


def examine(name: str, statement: Statement, domain: Domain, level: float = 1e-9) -> Finding:
    claim = Claim("toy.matrix", "A limit.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", level, name))


@pytest.mark.parametrize("aspect", [sp.Rational(1, 4), ONE, sp.Integer(4)])
def test_the_threshold_is_located_from_both_sides_and_at_equality(aspect: sp.Expr) -> None:
    critical = aspect ** sp.Rational(1, 4)
    edge = 1 + sp.sqrt(aspect)
    for spike, outside in ((critical * sp.Rational(101, 100), True), (critical * sp.Rational(99, 100), False)):
        outlier = OUTLIER.subs({A: aspect, s: spike})
        right, wrong = (outlier, edge) if outside else (edge, outlier)
        domain = Domain(r=Positive)
        assert examine(SECULAR, SpikedSingularValue(spike, aspect, right), domain).outcome is Outcome.PROVED
        assert examine(SECULAR, SpikedSingularValue(spike, aspect, wrong), domain).outcome is Outcome.REFUTED
    assert examine(SECULAR, SpikedSingularValue(critical, aspect, edge), Domain(r=Positive)).outcome is Outcome.PROVED


def test_a_domain_across_the_threshold_stays_open() -> None:
    statement = SpikedSingularValue(s, A, OUTLIER)
    assert examine(SECULAR, statement, Domain(A=Positive, s=Positive)).outcome is Outcome.UNDECIDED
    above = Domain(A=Positive, s=Above(A ** sp.Rational(1, 4)))
    assert examine(SECULAR, statement, above).outcome is Outcome.PROVED


@pytest.mark.slow
@pytest.mark.parametrize("aspect", [sp.Rational(1, 4), ONE, sp.Integer(4)])
def test_sampled_spikes_tell_eight_percent(aspect: sp.Expr) -> None:
    # level 1e-9 a comparison; the interval and the bias bound at this effort are a few per cent, less than the 8 %
    spike = 2 * aspect ** sp.Rational(1, 4)
    value = sp.sqrt(sp.simplify(OUTLIER.subs({A: aspect, s: spike}) ** 2))
    domain = Domain(r=Positive)
    found = [
        examine("sampled spiked matrices", SpikedSingularValue(spike, aspect, value * factor), domain).outcome
        for factor in (ONE, sp.Rational(108, 100))
    ]
    assert found[0] is not Outcome.REFUTED
    assert found[1] is Outcome.REFUTED


@pytest.mark.parametrize("given", [Between(0, 1), Above(1), Positive])
def test_the_law_of_the_noise_at_every_aspect(given: Range) -> None:
    low, lost = sp.Abs(1 - sp.sqrt(A)), sp.Max(0, 1 - 1 / A)
    right = NoiseSingularValues(x, A, DENSITY, low, 1 + sp.sqrt(A), lost)
    assert examine(NOISE, right, Domain(A=given)).outcome is Outcome.PROVED
    assert examine(COUNTED, right, Domain(A=given)).outcome is Outcome.CONFIRMED
    heavier = NoiseSingularValues(x, A, DENSITY * sp.Rational(21, 20), low, 1 + sp.sqrt(A), lost)
    assert {examine(name, heavier, Domain(A=given)).outcome for name in (NOISE, COUNTED)} == {Outcome.REFUTED}


def test_more_rows_than_columns_leave_zeros() -> None:
    without = NoiseSingularValues(x, A, DENSITY, sp.sqrt(A) - 1, 1 + sp.sqrt(A), sp.Integer(0))
    assert {examine(name, without, Domain(A=Above(1))).outcome for name in (NOISE, COUNTED)} == {Outcome.REFUTED}


def test_counted_pairings_are_narayana_polynomials() -> None:
    for k in range(1, 4):
        wanted = sum(sp.binomial(k, j) * sp.binomial(k - 1, j) / sp.Integer(j + 1) * 3**j for j in range(k))
        assert limit_moment(k, 3.0) == pytest.approx(float(wanted), rel=1e-12)


def test_matrices_are_drawn_below_at_and_above_aspect_one() -> None:
    wide = Domain(A=Positive, s=Above(A ** sp.Rational(1, 4)))
    aspects = sorted(float(p[A]) for p in sides_of_one(SpikedSingularValue(s, A, OUTLIER), wide))
    assert len(aspects) == SIDES
    assert aspects[0] < 1 == aspects[1] < aspects[2]
    narrow = Domain(A=Between(0, 1), s=Positive)
    assert all(p[A] < 1 for p in sides_of_one(SpikedSingularValue(s, A, OUTLIER), narrow))
