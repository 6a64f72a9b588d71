"""Witnesses of batch factors accept the catalog's claims and reject wrong factors."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.networks import batches, drawn_batches
from crossproof.derivations.calculus.batches import factor, inclusion
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError, DomainError
from crossproof.derivations.matrices.sampling import Sampling, Scheme
from crossproof.derivations.ranges import Integers
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


@pytest.mark.parametrize("name", ["001.prop1.3", "001.prop1.emp", "001.3.4.noreplace"])
@pytest.mark.parametrize("witness", [batches.counting_batches, batches.all_batches])
def test_averages_over_data_sets_and_successive_batches(name, witness):
    assert examine(witness, name).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    # the conventions n and n - 1 for n - 1 and n, and no correction at all
    for change in (lambda v: v * n / (n + 1), lambda v: v * (n - 1) / n, lambda v: v.subs(n, n + 1)):
        assert examine(witness, name, change).outcome is Outcome.REFUTED


@pytest.mark.parametrize("scheme", [Scheme.ONLINE, Scheme.WITH_REPLACEMENT])
def test_independent_batches_are_not_correlated(scheme):
    sampling = Sampling(scheme, B, None if scheme is Scheme.ONLINE else n)
    domain = Domain(B=Integers(1), **({} if scheme is Scheme.ONLINE else {"n": Integers(2)}))
    for value, told in ((sp.Integer(0), (Outcome.PROVED, Outcome.CONFIRMED)), (-1 / B, (Outcome.REFUTED,))):
        statement = BatchFactor(sampling, BatchQuantity.NEXT_BATCH, value)
        claim = Claim("test.batch", "", Source("test", ""), statement, domain)
        for witness in (batches.counting_batches, batches.all_batches):
            assert witness(statement, Task(claim, effort("quick"), 3, "cpu", 1e-8, "test")).outcome in told


def test_an_epoch_of_one_batch_has_no_next_one():
    statement = BatchFactor(Sampling(Scheme.WITHOUT_REPLACEMENT, n, n), BatchQuantity.NEXT_BATCH, -1 / (n - 1))
    claim = Claim("test.batch", "", Source("test", ""), statement, Domain(n=Integers(2)))
    task = Task(claim, effort("quick"), 3, "cpu", 1e-8, "test")
    assert batches.all_batches(statement, task).outcome is Outcome.UNDECIDED


def test_batches_of_one_sample_tell_no_power():
    """A factor 1/N for N batches of B is seen to lack 1/B: the sizes that are drawn are all above 1."""
    assert CLAIMS["001.eq19"].statement.value == 1 / sp.Symbol("N", integer=True, positive=True)
    assert examine(drawn_batches.drawn_batches, "001.eq19").outcome is Outcome.REFUTED
    assert examine(drawn_batches.drawn_batches, "001.eq19.repaired").outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("name", FACTORS)
def test_drawn_batches(name):
    """Level 1e-8; a factor wrong by 20 % lies more than twenty half-widths away at this effort."""
    assert examine(drawn_batches.drawn_batches, name).outcome is Outcome.CONFIRMED
    assert examine(drawn_batches.drawn_batches, name, lambda v: v * sp.Rational(6, 5)).outcome is Outcome.REFUTED


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
    with pytest.raises(ClaimError, match="data set"):
        BatchFactor(Sampling(Scheme.ONLINE, B), BatchQuantity.EXPECTED_COVARIANCE, B)
    with pytest.raises(DomainError, match="inclusion"):
        inclusion(Sampling(Scheme.WITH_REPLACEMENT, B, n), 1)


def test_more_distinct_samples_than_there_are_have_no_meaning():
    for first, outcome in ((2, Outcome.UNDEFINED), (B, Outcome.PROVED)):
        sampling = Sampling(Scheme.WITHOUT_REPLACEMENT, B, n)
        statement = BatchFactor(sampling, BatchQuantity.COVARIANCE, (n - B) / (B * (n - 1)))
        domain = Domain(B=Integers(1 if first == 2 else 2), n=Integers(first))
        claim = Claim("test.batch", "", Source("test", ""), statement, domain)
        task = Task(claim, effort("quick"), 3, "cpu", 1e-8, "counting batches")
        assert batches.counting_batches(statement, task).outcome is outcome
        if outcome is Outcome.UNDEFINED:
            assert batches.all_batches(statement, task).outcome is not Outcome.REFUTED


@pytest.mark.parametrize(
    ("batch", "size", "quantity", "value", "least", "told"),
    [
        (B, 2 * B, BatchQuantity.NEXT_BATCH, -1 / (2 * B - 1), 1, Outcome.PROVED),
        (B, 2 * B - 1, BatchQuantity.NEXT_BATCH, -1 / (2 * B - 2), 2, Outcome.UNDEFINED),  # B - 1 samples are left
        (B, B, BatchQuantity.JOINT_INCLUSION, sp.Integer(1), 2, Outcome.PROVED),
        (B, B, BatchQuantity.JOINT_INCLUSION, sp.Integer(1), 1, Outcome.UNDEFINED),  # no two samples
        (B - 1, B, BatchQuantity.MEAN, sp.Integer(1), 2, Outcome.PROVED),
        (B - 1, B, BatchQuantity.MEAN, sp.Integer(1), 1, Outcome.UNDEFINED),  # an empty batch
        (B / 2, B, BatchQuantity.MEAN, sp.Integer(1), 2, Outcome.UNDECIDED),  # half a sample
    ],
)
def test_sizes_that_no_batch_has(batch, size, quantity, value, least, told):
    statement = BatchFactor(Sampling(Scheme.WITHOUT_REPLACEMENT, batch, size), quantity, value)
    claim = Claim("test.batch", "", Source("test", ""), statement, Domain(B=Integers(least)))
    task = Task(claim, effort("quick"), 3, "cpu", 1e-8, "test")
    assert batches.counting_batches(statement, task).outcome is told
    assert batches.all_batches(statement, task).outcome is not Outcome.REFUTED


@pytest.mark.parametrize(
    ("scheme", "value", "outcome"),
    [
        (Scheme.WITH_REPLACEMENT, 1 / B, Outcome.PROVED),
        (Scheme.WITH_REPLACEMENT, 1 / B + sp.Max(0, 2 - n), Outcome.UNDECIDED),
        (Scheme.WITH_REPLACEMENT, 1 / B + sp.Max(0, 3 - n), Outcome.REFUTED),
        (Scheme.WITHOUT_REPLACEMENT, (n - B) / (B * sp.Max(n - 1, 1)), Outcome.UNDECIDED),
        (Scheme.WITHOUT_REPLACEMENT, (n - B) / (B * (n - 1)), Outcome.UNDEFINED),
    ],
)
def test_a_single_sample_has_no_covariance_of_which_to_be_a_multiple(scheme, value, outcome):
    statement = BatchFactor(Sampling(scheme, B, n), BatchQuantity.COVARIANCE, value)
    claim = Claim("test.batch", "", Source("test", ""), statement, Domain(B=Integers(1), n=Integers(B)))
    task = Task(claim, effort("quick"), 3, "cpu", 1e-8, "counting batches")
    assert batches.counting_batches(statement, task).outcome is outcome
