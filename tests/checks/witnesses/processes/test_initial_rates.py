"""Witnesses of initial rates accept the generator at the start and reject drifts without the Ito term."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.processes import InitialRate
from crossproof.derivations.symbols import positive, real

x, x0, m, v = positive("x x0 m v")
NAMES = ["generator at the start", "one step from the start"]
DOMAIN = Domain(x0=Positive, m=Positive, v=Positive)
logistic = SDE(x, x * (m - x), sp.sqrt(v) * x)


def examine(name: str, statement: InitialRate, domain: Domain = DOMAIN) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    assert name in [found.name for found in witnesses_for(claim)]
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


@pytest.mark.parametrize("name", NAMES)
def test_the_square_of_a_logistic_process(name: str) -> None:
    """d/dt E X^2 = 2 x0^2 (m - x0) + v x0^2 at the start."""
    drift = 2 * x0**2 * (m - x0)
    right = InitialRate(logistic, x**2, x0, drift + v * x0**2)
    assert examine(name, right).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(name, InitialRate(logistic, x**2, x0, drift)).outcome is Outcome.REFUTED
    quiet = SDE(x, logistic.drift, sp.sqrt(v) * x / 2)
    assert examine(name, InitialRate(quiet, x**2, x0, drift + v * x0**2)).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", NAMES)
def test_an_explosive_process_is_left_open(name: str) -> None:
    growing = InitialRate(SDE(x, x**3, sp.sqrt(v) * x), x, x0, x0**3)
    assert examine(name, growing).outcome is Outcome.UNDECIDED


def test_an_irrational_start_is_passed_over_in_numbers() -> None:
    rooted = InitialRate(logistic, x, sp.sqrt(x0), sp.sqrt(x0) * (m - sp.sqrt(x0)))
    assert examine(NAMES[0], rooted).outcome is Outcome.PROVED
    assert examine(NAMES[1], InitialRate(logistic, x, sp.pi * x0, x0)).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("name", NAMES)
def test_a_start_outside_the_range_has_no_rate(name: str) -> None:
    c, zero = real("c"), sp.Integer(0)
    decay = SDE(x, -x, x)
    everywhere = Domain(c=Real)
    assert examine(name, InitialRate(decay, x, c, -c), everywhere).outcome is Outcome.UNDEFINED
    assert examine(name, InitialRate(decay, x, sp.Integer(-1), sp.Integer(1))).outcome is Outcome.UNDEFINED
    # the square of sqrt(x) grows at rate 1 from 0, or x stays there
    twofold = InitialRate(SDE(x, sp.sqrt(x), x), sp.sqrt(x), zero, sp.Rational(1, 2))
    assert examine(name, twofold).outcome is Outcome.UNDECIDED
    # a process that is driven back from 0 may start there
    driven = InitialRate(SDE(x, 1 - x, sp.sqrt(x)), x, zero, sp.Integer(1))
    assert examine(NAMES[0], driven).outcome is Outcome.PROVED


@pytest.mark.parametrize("name", NAMES)
def test_noise_that_is_not_real_everywhere_is_left_open(name: str) -> None:
    c, y = real("c y")
    leaving = SDE(y, -1, sp.sqrt(y))
    assert examine(name, InitialRate(leaving, y**2, c, -c), Domain(c=Real)).outcome is Outcome.UNDECIDED
    assert examine(name, InitialRate(leaving, y**2, sp.Integer(1), sp.Integer(-1))).outcome is Outcome.UNDECIDED
    split = SDE(y, 0, sp.Matrix([[sp.sqrt(y), sp.sqrt(1 - y)]]))
    assert examine(name, InitialRate(split, y**2, sp.Integer(1), sp.Integer(1))).outcome is Outcome.UNDECIDED
    whole = InitialRate(SDE(y, 0, sp.sqrt(1 + y**2)), y**2, c, 1 + c**2)
    assert examine(name, whole, Domain(c=Real)).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
