"""Witnesses of amplitudes and invariances accept the catalog's claims and reject wrong variants."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.networks.algebra import trace_words
from crossproof.checks.witnesses.networks.exact import exact_small_networks
from crossproof.checks.witnesses.networks.sampling import autograd_networks
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.statements.amplitudes import AmplitudeQuantity, AmplitudeTerm
from crossproof.derivations.statements.invariances import FlowInvariant, HiddenBasisChange, Invariant, basis_change

load_catalog()
ACCEPT = (Outcome.PROVED, Outcome.CONFIRMED)
EXACT = (trace_words, exact_small_networks)
TERMS = ("003.d.eq25", "003.remark.diffusion", "003.remark.frozen-state", "003.prop3.3.diffusion", "003.prop3.3.lazy")


def examine(witness, name, statement=None, level="quick"):
    made = CLAIMS[name]
    given = made.statement if statement is None else statement
    claim = Claim("test.amplitude", "", Source("test", ""), given, made.domain)
    return witness(given, Task(claim, effort(level), 5, "cpu", 1e-8, witness.__name__))


@pytest.mark.parametrize("name", [*TERMS, "003.b.fourth", "003.b.cross", "003.prop3.4.sde", "003.a1.flow"])
@pytest.mark.parametrize("witness", EXACT)
def test_exact_witnesses_accept(name, witness):
    assert examine(witness, name).outcome in ACCEPT


@pytest.mark.parametrize("name", TERMS)
def test_five_per_cent_are_refuted_exactly(name):
    made = CLAIMS[name].statement
    wrong = dataclasses.replace(made, value=made.value * sp.Rational(21, 20))
    assert examine(exact_small_networks, name, wrong).outcome is Outcome.REFUTED
    assert examine(trace_words, name, wrong).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("name", ["003.d.eq25", "003.remark.diffusion", "003.prop3.3.diffusion"])
def test_autograd_networks(name):
    """Level 1e-8; a value wrong by half lies over ten half-widths away at quick effort."""
    made = CLAIMS[name].statement
    assert examine(autograd_networks, name).outcome is not Outcome.REFUTED
    wrong = dataclasses.replace(made, value=made.value * sp.Rational(3, 2))
    assert examine(autograd_networks, name, wrong).outcome is Outcome.REFUTED


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("witness", [exact_small_networks, autograd_networks])
def test_every_part_of_the_general_equation_is_seen(part, witness):
    made = CLAIMS["003.prop3.4.sde"].statement
    assert examine(witness, "003.prop3.4.sde", made.parts[part]).outcome is not Outcome.REFUTED
    wrong = dataclasses.replace(made.parts[part], value=made.parts[part].value * 2)
    assert examine(witness, "003.prop3.4.sde", wrong).outcome is Outcome.REFUTED


def test_second_moments():
    made = CLAIMS["003.b.fourth"].statement
    wrong = dataclasses.replace(made, value=sp.MatAdd(*made.value.args[1:]))
    for witness in (exact_small_networks, autograd_networks):
        assert examine(witness, "003.b.fourth").outcome is not Outcome.REFUTED
        assert examine(witness, "003.b.fourth", wrong).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [exact_small_networks, autograd_networks])
def test_only_the_difference_of_gram_matrices_is_conserved(witness):
    made = CLAIMS["003.a1.flow"].statement
    setting = made.setting
    lower, upper = setting.weight("l"), setting.weight("l+1")
    for wrong in (upper.T * upper + lower * lower.T, upper.T * upper - 2 * lower * lower.T):
        assert examine(witness, "003.a1.flow", FlowInvariant(setting, wrong)).outcome is Outcome.REFUTED
    assert examine(witness, "003.a1.flow").outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("name", ["003.prop3.1.loss-gl", "003.prop3.1.crit-gl"])
@pytest.mark.parametrize("witness", [trace_words, exact_small_networks, autograd_networks])
def test_basis_changes(name, witness):
    assert examine(witness, name).outcome in ACCEPT
    made = CLAIMS[name].statement
    if made.invariant is Invariant.LOSS:
        transposed = dataclasses.replace(made, upper=made.setting.weight("l+1") * made.change.T)
        assert examine(witness, name, transposed).outcome is not Outcome.PROVED
        if witness is not trace_words:
            assert examine(witness, name, transposed).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", [exact_small_networks, autograd_networks])
def test_critical_points_of_a_layer(witness):
    made = CLAIMS["003.prop3.1.critical"].statement
    assert examine(witness, "003.prop3.1.critical").outcome is Outcome.CONFIRMED
    wrong = dataclasses.replace(made, condition=sp.ZeroMatrix(*made.condition.shape))
    assert examine(witness, "003.prop3.1.critical", wrong).outcome is Outcome.REFUTED


def test_descriptions_are_checked():
    setting = NetworkSetting(sp.Rational(1, 2), "teacher")
    with pytest.raises(ClaimError, match="needs 2"):
        AmplitudeTerm(setting, AmplitudeQuantity.COVARIANCE, ("i",), sp.Integer(0))
    fixed = NetworkSetting(sp.Rational(1, 2), "teacher", depth=2)
    with pytest.raises(ClaimError, match="any depth"):
        AmplitudeTerm(fixed, AmplitudeQuantity.GRADIENT_DRIFT, ("1",), sp.Integer(0))
    with pytest.raises(ClaimError, match="any depth"):
        FlowInvariant(fixed, fixed.weight("1"))
    with pytest.raises(ClaimError, match="shape"):
        HiddenBasisChange(setting, setting.weight("l+1"), setting.weight("l+1"), Invariant.LOSS)
    assert basis_change(setting).is_square
