"""Narrow features between nodes and generic points: solvers that cannot see one neither confirm nor refute."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.checks.witnesses.stationary.between_nodes import hidden_mass
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.detailed_balance import DetailedBalance
from crossproof.derivations.statements.processes import ExpectationAtAllTimes, SDETransform
from crossproof.derivations.statements.stationary import StationaryLaw

load_catalog()
x, y, z = sp.symbols("x y z", real=True)
k = sp.Symbol("k", positive=True)
BUMP = sp.exp(-((100_000 * (x - sp.Rational(1, 3))) ** 2))


def examine(name: str, statement: Statement, domain: Domain) -> Finding:
    claim = Claim("toy.narrow", "A narrow feature.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


def mass(drift: sp.Expr) -> float:
    return hidden_mass(drift, x, (-7.0, 7.0), 0.0035, lambda at: 0.5 * math.erfc(-at / math.sqrt(2)), 1e-5)


def test_a_linear_drift_hides_nothing() -> None:
    assert mass(-x) == 0


def test_the_bound_holds_for_a_smooth_drift_and_is_small() -> None:
    # the trapezoidal rule of x^3 on a cell errs by h^3 |s''| / 12, the midpoint rule by half of that
    assert 0 < mass(-(x**3)) < 1e-4


def test_a_narrow_bump_is_seen_however_small_its_share() -> None:
    assert mass(-x + BUMP / 1000) > 1e-4
    assert mass(-x + sp.log(x - sp.Rational(1, 7))) == math.inf


@pytest.mark.parametrize("size", [sp.Rational(1, 1000), sp.Integer(200_000)])
def test_a_law_with_an_unseen_bump_in_its_drift_stays_open(size: sp.Expr) -> None:
    kept = StationaryLaw(SDE(x, -x + size * BUMP, sp.sqrt(2)), sp.exp(-(x**2) / 2), sp.Reals)
    assert examine("stationary Fokker-Planck solve", kept, Domain(x=Real)).outcome is Outcome.UNDECIDED


def test_a_density_with_an_unseen_bump_stays_open_and_a_wrong_width_is_refuted() -> None:
    process = SDE(x, -x, sp.sqrt(2))
    bumped = StationaryLaw(process, sp.exp(-(x**2) / 2) * (1 + BUMP**2 / 2), sp.Reals)
    assert examine("stationary Fokker-Planck solve", bumped, Domain(x=Real)).outcome is Outcome.UNDECIDED
    wide = StationaryLaw(process, sp.exp(-(x**2) / 3), sp.Reals)
    assert examine("stationary Fokker-Planck solve", wide, Domain(x=Real)).outcome is Outcome.REFUTED


def test_a_law_of_a_smooth_drift_is_confirmed_within_what_the_grid_resolves() -> None:
    law = StationaryLaw(SDE(x, -k * sp.tanh(x), sp.sqrt(2)), sp.cosh(x) ** (-k), sp.Reals)
    finding = examine("stationary Fokker-Planck solve", law, Domain(x=Real, k=Positive))
    assert finding.outcome is Outcome.CONFIRMED
    assert finding.resolution is not None
    assert 1e-7 < finding.resolution < 1e-2


@pytest.mark.parametrize("size", [sp.Rational(1, 10**6), sp.Integer(1)])
def test_work_along_paths_visits_narrow_features(size: sp.Expr) -> None:
    right = DetailedBalance((x, y), [x, k * y], sp.eye(2), sp.exp(-(x**2) / 2 - k * y**2 / 2))
    wrong = DetailedBalance((x, y), [x + size * BUMP, k * y], sp.eye(2), sp.exp(-(x**2) / 2 - k * y**2 / 2))
    domain = Domain(x=Real, y=Real, k=Positive)
    assert examine("work along paths", right, domain).outcome is Outcome.CONFIRMED
    finding = examine("work along paths", wrong, domain)
    assert finding.outcome is Outcome.REFUTED
    assert finding.certified


def test_paths_stay_where_the_state_is() -> None:
    radius = sp.Symbol("radius", positive=True)
    right = DetailedBalance((radius,), [radius - 1 / radius], [[1]], radius * sp.exp(-(radius**2) / 2))
    finding = examine("work along paths", right, Domain(radius=Positive))
    assert finding.outcome is Outcome.CONFIRMED


def test_one_euler_step_visits_narrow_features() -> None:
    source = SDE(x, -x, 1)
    bump = sp.exp(-((10**9 * (z - sp.Rational(34688, 10007))) ** 2))

    def image(extra: sp.Expr) -> SDETransform:
        return SDETransform(source, 2 * x + 1, SDE(z, -(z - 1) + extra, 2))

    assert examine("one Euler step", image(sp.Integer(0)), Domain(x=Real)).outcome is Outcome.CONFIRMED
    assert examine("one Euler step", image(bump / 200), Domain(x=Real)).outcome is Outcome.REFUTED


def test_the_backward_equation_is_solved_at_narrow_features_too() -> None:
    start = sp.Symbol("start", positive=True)
    t = sp.Symbol("t", nonnegative=True)
    state = sp.Symbol("state", positive=True)
    bump = sp.exp(-((1000 * (t - sp.Rational(1, 4))) ** 2)) / 50

    def mean(extra: sp.Expr) -> ExpectationAtAllTimes:
        sde = SDE(state, -state, state / 2)
        return ExpectationAtAllTimes(sde, state, t, start, start * sp.exp(-t) * (1 + extra))

    domain = Domain(t=AtLeast(0), start=Positive)
    assert examine("backward equation", mean(sp.Integer(0)), domain).outcome is Outcome.CONFIRMED
    assert examine("backward equation", mean(bump), domain).outcome is Outcome.REFUTED
