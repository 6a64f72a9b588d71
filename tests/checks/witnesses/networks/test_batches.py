"""Witnesses of batch factors accept the catalog's claims and reject wrong factors."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.networks import batches
from crossproof.derivations.calculus.batches import factor, inclusion
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.errors import ClaimError, DomainError
from crossproof.derivations.matrices.sampling import Sampling, Scheme
from crossproof.derivations.statements.batches import BatchFactor, BatchQuantity

load_catalog()
B, n = sp.symbols("B n", integer=True, positive=True)
FACTORS = ("003.2.1.unbiased", "003.appa.batchcov", "003.g.factor")


def examine(witness, name, change=lambda value: value):
    made = CLAIMS[name]
    statement = dataclasses.replace(made.statement, value=change(made.statement.value))
    claim = Claim("test.batch", "", Source("test", ""), statement, made.domain)
    return witness(statement, Task(claim, effort("quick"), 3, "cpu", 1e-8, witness.__name__))


@pytest.mark.parametrize("name", [*FACTORS, "003.g.inclusion", "003.g.joint"])
@pytest.mark.parametrize("witness", [batches.counting_batches, batches.all_batches])
@pytest.mark.parametrize("change", [lambda v: 2 * v, lambda v: v * sp.Rational(21, 20), lambda v: v * B / (B + 1)])
def test_exact_witnesses(name, witness, change):
    assert examine(witness, name).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(witness, name, change).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", FACTORS)
def test_drawn_batches(name):
    """Level 1e-8; a factor wrong by 20 % lies more than twenty half-widths away at this effort."""
    assert examine(batches.drawn_batches, name).outcome is Outcome.CONFIRMED
    assert examine(batches.drawn_batches, name, lambda v: v * sp.Rational(6, 5)).outcome is Outcome.REFUTED


def test_replacement_changes_the_covariance():
    assert factor(Sampling(Scheme.WITH_REPLACEMENT, B, n), BatchQuantity.COVARIANCE) == 1 / B
    without = factor(Sampling(Scheme.WITHOUT_REPLACEMENT, B, n), BatchQuantity.COVARIANCE)
    assert without.subs(B, n) == 0
    assert sp.limit(without, n, sp.oo) == 1 / B


def test_descriptions_are_checked():
    with pytest.raises(ClaimError, match="population"):
        Sampling(Scheme.ONLINE, B, n)
    with pytest.raises(ClaimError, match="population"):
        Sampling(Scheme.WITHOUT_REPLACEMENT, B)
    with pytest.raises(ClaimError, match="probability"):
        BatchFactor(Sampling(Scheme.ONLINE, B), BatchQuantity.INCLUSION, B)
    with pytest.raises(DomainError, match="inclusion"):
        inclusion(Sampling(Scheme.WITH_REPLACEMENT, B, n), 1)
