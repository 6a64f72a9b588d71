"""Witnesses of passage times keep the order of modes and reject the reversed one."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.processes import passage_order
from crossproof.checks.witnesses.processes import passage_times as witnesses
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Between, Positive
from crossproof.derivations.statements.passage import MeanTimeOrder, Observation, Passage

load_catalog()


def examine(witness, statement, domain, size="quick"):
    claim = Claim("test.passage", "", Source("test", ""), statement, domain)
    return witness(statement, Task(claim, effort(size), 4, "cpu", 1e-8, witness.__name__))


@pytest.mark.parametrize("name", ["003.slower", "003.order"])
def test_quadrature(name):
    made = CLAIMS[name]
    found = examine(witnesses.mean_passage_times, made.statement, made.domain)
    assert found.outcome is Outcome.UNDECIDED  # points prove no order on the whole domain
    assert "no counterexample among" in found.detail
    reversed_order = MeanTimeOrder(made.statement.slower, made.statement.quicker)
    assert examine(witnesses.mean_passage_times, reversed_order, made.domain).outcome is Outcome.REFUTED


def test_passages_of_geometric_brownian_motion():
    """E tau = log(level/start)/(mu - v/2): mu = 2, v = 1 takes longer than mu = 2 without noise, 3/2 against 2."""
    x = sp.Symbol("x", positive=True)
    v = sp.Symbol("v", positive=True)
    noisy = Passage(SDE(x, 2 * x, sp.sqrt(v) * x), sp.Integer(1), sp.Integer(2))
    drift_only = Passage(SDE(x, 2 * x, sp.Integer(0)), sp.Integer(1), sp.Integer(2))
    found = witnesses._mean_time(noisy, {v: sp.Integer(1)})
    assert abs(found[0] / (float(sp.log(2)) / 1.5) - 1) < 1e-7
    assert abs(witnesses._mean_time(drift_only, {})[0] / (float(sp.log(2)) / 2) - 1) < 1e-9
    statement = MeanTimeOrder(drift_only, noisy)
    assert examine(witnesses.mean_passage_times, statement, Domain(v=Between(0, 3))).outcome is Outcome.UNDECIDED
    swapped = MeanTimeOrder(noisy, drift_only)
    assert examine(witnesses.mean_passage_times, swapped, Domain(v=Between(0, 3))).outcome is Outcome.REFUTED


def test_equal_passages_are_undecided():
    x = sp.Symbol("x", positive=True)
    passage = Passage(SDE(x, x, sp.Integer(0)), sp.Integer(1), sp.Integer(2))
    statement = dataclasses.replace(MeanTimeOrder(passage, passage))
    assert examine(witnesses.mean_passage_times, statement, Domain(a=Positive)).outcome is Outcome.UNDECIDED


def test_observations_stay_undecided_with_their_reason():
    finding = examine(witnesses.completeness_of_the_report, CLAIMS["003.k.cause"].statement, Domain())
    assert finding.outcome is Outcome.UNDECIDED
    assert "learning rate" in finding.detail
    with pytest.raises(ClaimError, match="complete setting"):
        Observation("something", ())
    y = sp.Symbol("y", real=True)
    with pytest.raises(ClaimError, match="positive coordinate"):
        Passage(SDE(y, y, sp.Integer(1)), sp.Integer(0), sp.Integer(1))


def compare(statement, domain):
    return examine(passage_order.comparison_of_passages, statement, domain)


def test_nested_starts_are_ordered_where_the_mean_time_is_finite():
    s, near, far, level, m, v = sp.symbols("s near far level m v", positive=True)
    mode = SDE(s, s * (m - s), sp.sqrt(v) * s)
    starts = {"level": Positive, "far": Between(0, level), "near": Between(0, far)}
    right = MeanTimeOrder(Passage(mode, far, level), Passage(mode, near, level))
    escaping = Domain(v=Positive, m=Above(v / 2), **starts)
    assert compare(right, escaping).outcome is Outcome.PROVED
    assert compare(MeanTimeOrder(right.slower, right.quicker), escaping).outcome is Outcome.UNDECIDED
    # below the threshold the process may never arrive
    assert compare(right, Domain(v=Positive, m=Positive, **starts)).outcome is Outcome.UNDECIDED
    other = MeanTimeOrder(right.quicker, Passage(SDE(s, 2 * s * (m - s), sp.sqrt(v) * s), near, level))
    assert compare(other, escaping).outcome is Outcome.UNDECIDED


def test_flows_are_ordered_by_their_drifts():
    s, start, level, a, b = sp.symbols("s start level a b", positive=True)

    def passage(rate):
        return Passage(SDE(s, s * (rate - s), sp.Integer(0)), start, level)

    domain = Domain(b=Positive, a=Above(b), level=Between(0, b), start=Between(0, level))
    assert compare(MeanTimeOrder(passage(a), passage(b)), domain).outcome is Outcome.PROVED
    assert compare(MeanTimeOrder(passage(b), passage(a)), domain).outcome is Outcome.UNDECIDED
    # a level that the slower flow does not reach
    beyond = Domain(b=Positive, a=Above(b), level=Between(0, a), start=Between(0, level))
    assert compare(MeanTimeOrder(passage(a), passage(b)), beyond).outcome is Outcome.UNDECIDED


def test_an_order_of_passages_needs_ordered_positive_ways():
    s, a, b = sp.symbols("s a b", positive=True)
    c = sp.Symbol("c", real=True)
    one, two = sp.Integer(1), sp.Integer(2)

    def flows(drift, start, level):
        return MeanTimeOrder(*(Passage(SDE(s, k * drift, sp.Integer(0)), start, level) for k in (2, 1)))

    assert compare(flows(s, one, two), Domain()).outcome is Outcome.PROVED
    # where a > b neither flow arrives
    assert compare(flows(s, a, b), Domain(a=Positive, b=Positive)).outcome is Outcome.UNDECIDED
    assert compare(flows(s, two, one), Domain()).outcome is Outcome.UNDECIDED
    # positive at every place, and no flow passes 3/2
    stuck = sp.Piecewise(((2 * s - 3) ** 2, sp.Ne(s, sp.Rational(3, 2))), (1, True))
    assert compare(flows(stuck, one, two), Domain()).outcome is Outcome.UNDECIDED
    settling = SDE(s, 1 - s, s / 2)
    for low, domain in ((sp.Integer(-1), Domain()), (c, Domain(c=Between(-3, 1)))):
        nested = MeanTimeOrder(Passage(settling, one, two), Passage(settling, low, two))
        assert compare(nested, domain).outcome is Outcome.UNDECIDED
