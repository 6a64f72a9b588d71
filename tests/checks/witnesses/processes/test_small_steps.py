"""Witnesses of the limit of small steps: the catalog's limits hold, and neighbours of them are rejected.

The simulated witness has level 1e-8; at 5,000 runs a look it resolves 5 %, so that a limit off by 10 % is
refuted.
"""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.processes import small_steps as witnesses
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.statements.small_steps import SmallStepLimit

load_catalog()
BOTH = [witnesses.composed_moments, witnesses.simulated_steps]
ORDER = CLAIMS["003.eq1.limit"].statement
MEAN_SQUARE = dataclasses.replace(ORDER, factor=sp.Integer(1), limit=sp.Integer(0))
FLUCTUATIONS = CLAIMS["003.eq1.limit.fluctuations"].statement
DOMAIN = CLAIMS["003.eq1.limit"].domain


def examine(witness, statement, size="quick"):
    claim = Claim("test.steps", "", Source("test", ""), statement, DOMAIN)
    return witness(statement, Task(claim, effort(size), 3, "cpu", 1e-8, witness.__name__))


@pytest.mark.parametrize("witness", BOTH)
@pytest.mark.parametrize("statement", [MEAN_SQUARE, FLUCTUATIONS, ORDER])
def test_limits_of_the_catalog(witness, statement):
    found = examine(witness, statement)
    if witness is witnesses.composed_moments and statement is MEAN_SQUARE:
        assert found.outcome is Outcome.PROVED
    else:
        assert found.outcome is Outcome.CONFIRMED
        assert found.resolution <= (1e-20 if witness is witnesses.composed_moments else 0.05)


def test_a_limit_that_no_scan_of_steps_would_tell_is_refuted():
    """n^(1/2) V tends to 0: a limit of 10^-30 differs by as much, and the expansion knows it."""
    n = FLUCTUATIONS.training.steps_per_unit
    tiny = dataclasses.replace(FLUCTUATIONS, factor=sp.sqrt(n), limit=sp.Rational(1, 10**30))
    found = examine(witnesses.composed_moments, tiny)
    assert found.outcome is Outcome.REFUTED
    assert found.certified
    assert examine(witnesses.simulated_steps, tiny).outcome is Outcome.UNDECIDED
    zero = examine(witnesses.composed_moments, dataclasses.replace(tiny, limit=sp.Integer(0)))
    assert zero.outcome is Outcome.CONFIRMED


def test_moments_on_a_scale_on_which_they_grow_have_no_limit():
    n = FLUCTUATIONS.training.steps_per_unit
    found = examine(witnesses.composed_moments, dataclasses.replace(FLUCTUATIONS, spread=False, factor=n))
    assert found.outcome is Outcome.REFUTED
    assert "without bound" in found.detail


def test_heavy_tails_are_left_open():
    """Strong multiplicative noise: few runs make up the mean of w^2, and a mean of groups says nothing."""
    w, (x, _) = FLUCTUATIONS.training.weight, FLUCTUATIONS.training.data[0]
    wild = dataclasses.replace(FLUCTUATIONS.training, loss=30 * w**2 * x / 2, data=((x, sp.Integer(1)),))
    statement = dataclasses.replace(FLUCTUATIONS, training=wild, spread=False, factor=sp.Integer(1))
    found = examine(witnesses.simulated_steps, dataclasses.replace(statement, observable=w**2))
    assert found.outcome is Outcome.UNDECIDED
    assert "kurtosis" in found.detail


@pytest.mark.parametrize("witness", BOTH)
@pytest.mark.parametrize("factor", [sp.Rational(9, 10), sp.Rational(11, 10)])
def test_a_limit_off_by_a_tenth_is_refuted(witness, factor):
    wrong = dataclasses.replace(FLUCTUATIONS, limit=factor * FLUCTUATIONS.limit)
    found = examine(witness, wrong)
    assert found.outcome is Outcome.REFUTED
    assert found.effect == pytest.approx(0.1, rel=0.3)


@pytest.mark.parametrize("witness", BOTH)
def test_a_spread_does_not_survive_without_a_change_of_scale(witness):
    assert examine(witness, CLAIMS["003.eq1.limit.noise"].statement).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", BOTH)
def test_a_process_of_another_rate_is_refuted(witness):
    process = MEAN_SQUARE.process
    slower = SDE(process.state, process.drift * sp.Rational(9, 10), process.diffusion)
    found = examine(witness, dataclasses.replace(MEAN_SQUARE, process=slower))
    assert found.outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", BOTH)
def test_the_limit_of_the_catalog_knows_the_noise_of_the_process(witness):
    quiet = SDE(ORDER.process.state, ORDER.process.drift, 0 * ORDER.process.diffusion)
    assert examine(witness, dataclasses.replace(ORDER, process=quiet)).outcome is Outcome.REFUTED


def test_a_moment_on_too_large_a_scale_has_no_limit():
    n = FLUCTUATIONS.training.steps_per_unit
    found = examine(witnesses.composed_moments, dataclasses.replace(FLUCTUATIONS, factor=n**2))
    assert found.outcome is Outcome.UNDECIDED
    assert "no limit is known on the scale" in found.detail


def test_moments_that_do_not_close_are_left_open():
    training = FLUCTUATIONS.training
    quartic = dataclasses.replace(training, loss=training.weight**4)
    found = examine(witnesses.composed_moments, dataclasses.replace(FLUCTUATIONS, training=quartic))
    assert found.outcome is Outcome.UNDECIDED
    cubic = dataclasses.replace(training, loss=training.weight * training.data[0][0] ** 3)
    found = examine(witnesses.simulated_steps, dataclasses.replace(FLUCTUATIONS, training=cubic))
    assert found.outcome is Outcome.UNDECIDED


def test_malformed_statements_are_refused():
    w, other = MEAN_SQUARE.training.weight, sp.Symbol("other", real=True)
    for observable in (sp.exp(w), other):
        with pytest.raises(ClaimError, match="polynomial in the weight"):
            SmallStepLimit(MEAN_SQUARE.training, observable, MEAN_SQUARE.time, sp.Integer(0))
    with pytest.raises(ClaimError, match="write it in the weight"):
        dataclasses.replace(MEAN_SQUARE, process=SDE(other, -other, sp.Integer(1)))
