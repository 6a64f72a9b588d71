"""Invariant sets: each witness accepts the right ones and rejects wrong variants of each."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Kind, Outcome
from crossproof.checks.mutants.mutants import mutants
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, Witness, witnesses_for
from crossproof.checks.witnesses.invariance.places import entries, put_on_set, shapes
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.sets import neuron_gradients as names
from crossproof.derivations.statements.sets.flow_sets import FlowKeepsSet, GradientClass
from crossproof.derivations.statements.sets.invariant_sets import (
    Activation,
    Along,
    ConstantProjection,
    ConstantSums,
    FeedForward,
    Head,
    InvariantSet,
    SilentNeuron,
    Sums,
    TiedNeurons,
)
from crossproof.derivations.statements.sets.neuron_gradients import NeuronGradient, NeuronPart
from crossproof.derivations.statements.sets.symmetry_sets import (
    FixedSetInvariant,
    InterpolatingPoint,
    MatrixKind,
    SampleLoss,
    TranslationInvariant,
    Translations,
)

load_catalog()

ZERO, ONE, MINUS = sp.Integer(0), sp.Integer(1), sp.Integer(-1)
PLAIN, ORIGIN, ODD, LINEAR = (
    FeedForward(a) for a in (Activation.ANY, Activation.ORIGIN_PASSING, Activation.ODD, Activation.LINEAR)
)
SKIP, CHAIN = (("l1", "l2"),), (("l1", "l2"), ("l2", "l3"))

RIGHT: list[Statement] = [
    SilentNeuron(ORIGIN, ZERO, ZERO, ZERO),
    SilentNeuron(replace(ORIGIN, skips=SKIP), ZERO, ZERO, ZERO, ("l1", "l2")),
    SilentNeuron(replace(ORIGIN, skips=CHAIN), ZERO, ZERO, ZERO, ("l1", "l2", "l3")),
    TiedNeurons(PLAIN, ONE, ONE, ONE),
    TiedNeurons(ODD, MINUS, MINUS, MINUS),
    TiedNeurons(LINEAR, sp.Integer(2), sp.Integer(2), sp.Integer(2)),
    TiedNeurons(replace(PLAIN, skips=SKIP), ONE, ONE, ONE, ("l1", "l2")),
    ConstantSums(replace(PLAIN, head=Head.SOFTMAX), Sums.OVER_OUTPUTS),
    ConstantProjection(PLAIN, Along.KERNEL),
    FixedSetInvariant(MatrixKind.SYMMETRIC_OR_ORTHOGONAL),
    TranslationInvariant(Translations.ALL),
    InterpolatingPoint(SampleLoss.NON_NEGATIVE),
]
WRONG: list[Statement] = [
    SilentNeuron(PLAIN, ZERO, ZERO, ZERO),
    SilentNeuron(ORIGIN, ZERO, ZERO, None),
    SilentNeuron(ORIGIN, ZERO, None, ZERO),
    SilentNeuron(ORIGIN, None, ZERO, ZERO),
    SilentNeuron(ORIGIN, ZERO, ZERO, ONE),
    SilentNeuron(replace(ORIGIN, skips=SKIP), ZERO, ZERO, ZERO, ("l2",)),
    SilentNeuron(replace(ORIGIN, skips=CHAIN), ZERO, ZERO, ZERO, ("l1", "l2")),
    TiedNeurons(PLAIN, ONE, ONE, None),
    TiedNeurons(PLAIN, ONE, None, ONE),
    TiedNeurons(PLAIN, None, ONE, ONE),
    TiedNeurons(PLAIN, MINUS, MINUS, MINUS),
    TiedNeurons(ODD, MINUS, MINUS, ONE),
    TiedNeurons(ODD, sp.Integer(2), sp.Integer(2), sp.Integer(2)),
    TiedNeurons(LINEAR, sp.Integer(2), sp.Integer(2), sp.Rational(1, 2)),
    TiedNeurons(replace(PLAIN, skips=CHAIN), ONE, ONE, ONE, ("l1", "l2")),
    ConstantSums(PLAIN, Sums.OVER_OUTPUTS),
    ConstantSums(replace(PLAIN, head=Head.SOFTMAX), Sums.OVER_INPUTS),
    ConstantProjection(PLAIN, Along.DATA),
    FixedSetInvariant(MatrixKind.ANY),
    TranslationInvariant(Translations.ONE),
    InterpolatingPoint(SampleLoss.ANY),
]


def _examined(statement: Statement) -> dict[str, tuple[Witness, Outcome]]:
    claim = Claim("test.set", "A set.", Source("test", "1"), statement, Domain())
    found = {}
    for witness in witnesses_for(claim):
        task = Task(claim, effort("quick"), 1, "cpu", 1e-9, witness.name)
        found[witness.name] = witness, witness.examine(statement, task).outcome
    return found


@pytest.mark.parametrize("statement", RIGHT, ids=str)
def test_right_sets_are_proved_and_confirmed_twice_besides(statement: Statement) -> None:
    outcomes = sorted(outcome for _, outcome in _examined(statement).values())
    assert outcomes == [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.PROVED]


@pytest.mark.parametrize("statement", WRONG, ids=str)
def test_wrong_sets_are_refuted_by_both_that_compute_and_not_proved(statement: Statement) -> None:
    for witness, outcome in _examined(statement).values():
        wanted = Outcome.UNDECIDED if witness.kind is Kind.ALGEBRA else Outcome.REFUTED
        assert outcome is wanted, witness.name


def test_flows_keep_sets_where_gradients_are_lipschitz_and_need_not_elsewhere() -> None:
    kept = [outcome for _, outcome in _examined(FlowKeepsSet(GradientClass.LIPSCHITZ)).values()]
    assert sorted(kept) == [Outcome.CONFIRMED, Outcome.PROVED]
    left = [outcome for _, outcome in _examined(FlowKeepsSet(GradientClass.CONTINUOUS)).values()]
    assert sorted(left) == [Outcome.REFUTED, Outcome.REFUTED, Outcome.UNDECIDED]


def test_a_set_of_layers_that_are_neighbours_satisfies_all_its_equations_at_once() -> None:
    statement = TiedNeurons(replace(ODD, skips=SKIP), MINUS, MINUS, MINUS, ("l1", "l2"))
    for shape in shapes(statement):
        numbers = {entry: Fraction(k * k % 17 - 7, 3) for k, entry in enumerate(entries(shape))}
        forms = list(statement.forms(shape))
        put_on_set(numbers, forms, Fraction)
        for form in forms:
            assert sum(Fraction(c) * numbers[e] for e, c in form.coefficients.items()) == form.value
    assert any(shape.places["l2"] == shape.places["l1"] + 1 for shape in shapes(statement))
    assert any(shape.places["l2"] > shape.places["l1"] + 1 for shape in shapes(statement))


def test_networks_on_which_the_equations_contradict_each_other_are_left_out() -> None:
    # the weight from p at l1 to p at l2 would be 0 and 1
    statement = SilentNeuron(PLAIN, ONE, ONE, ZERO, ("l1", "l2"))
    places = [dict(shape.places) for shape in shapes(statement)]
    assert places
    assert all(at["l2"] > at["l1"] + 1 for at in places)
    outcomes = sorted(outcome for _, outcome in _examined(statement).values())
    assert outcomes == [Outcome.REFUTED, Outcome.REFUTED, Outcome.UNDECIDED]


@pytest.mark.parametrize("id", ["004.prop3.1", "004.prop3.2", "004.b3.softmax", "004.thm3.1", "004.eq9.repaired"])
def test_mutants_of_the_catalogs_sets_are_refuted(id: str) -> None:
    made = [m for m in mutants(CLAIMS[id]) if m.claim is not None]
    assert made
    for mutant in made:
        assert mutant.claim is not None
        same = CLAIMS[id].statement.agreement(mutant.claim.statement) == ()
        outcomes = {outcome for _, outcome in _examined(mutant.claim.statement).values()}
        assert same or Outcome.REFUTED in outcomes, mutant.change


def test_a_narrower_kind_of_matrix_asserts_nothing_more() -> None:
    both = FixedSetInvariant(MatrixKind.SYMMETRIC_OR_ORTHOGONAL)
    assert both.agreement(FixedSetInvariant(MatrixKind.SYMMETRIC)) == ()
    assert both.agreement(FixedSetInvariant(MatrixKind.ANY)) != ()


TRUE = {
    NeuronPart.OUTGOING: names.sigma(names.u),
    NeuronPart.INCOMING: names.w_out * names.sigma_slope(names.u) * names.h,
    NeuronPart.BIAS: names.w_out * names.sigma_slope(names.u),
}


@pytest.mark.parametrize("part", NeuronPart)
def test_the_chain_rule_at_a_neuron_is_proved_and_its_variants_are_refuted(part: NeuronPart) -> None:
    slope = names.delta * names.sigma_slope(names.z)
    right = _examined(NeuronGradient(part, slope * TRUE[part]))
    assert sorted(outcome for _, outcome in right.values()) == [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.PROVED]
    own = names.delta * names.sigma_slope(names.w_out * names.sigma(names.u) + names.b_next)
    for wrong in (own * TRUE[part], slope * TRUE[part] * names.w_out, -slope * TRUE[part], names.delta * TRUE[part]):
        for witness, outcome in _examined(NeuronGradient(part, wrong)).values():
            assert outcome is (Outcome.UNDECIDED if witness.kind is Kind.ALGEBRA else Outcome.REFUTED), witness.name


def test_malformed_sets_are_refused_with_the_remedy() -> None:
    with pytest.raises(ClaimError, match="goes backwards"):
        FeedForward(Activation.ANY, skips=(("l2", "l1"),))
    with pytest.raises(ClaimError, match="give rational numbers"):
        Claim("test.set", "", Source("t", ""), SilentNeuron(ORIGIN, sp.pi, ZERO, ZERO), Domain())
    with pytest.raises(ClaimError, match="term mentions foreign"):
        NeuronGradient(NeuronPart.BIAS, sp.Symbol("foreign"))


def test_the_equations_of_a_set_name_each_parameter_of_the_neuron() -> None:
    statement: InvariantSet = SilentNeuron(ORIGIN, ZERO, ZERO, ZERO)
    for shape in shapes(statement):
        before, _, after = (shape.widths[shape.places["l"] + k] for k in (-1, 0, 1))
        assert len(list(statement.forms(shape))) == before + 1 + after


def test_a_term_made_for_the_listed_integers_is_not_confirmed() -> None:
    right = names.delta * names.sigma_slope(names.z) * names.sigma(names.u)
    hidden = names.b_next * (names.b_next**2 - 1) * (names.b_next**2 - 4)
    for wrong in (right + hidden, right + sp.sin(sp.pi * names.u) / 10**4):
        found = _examined(NeuronGradient(NeuronPart.OUTGOING, wrong))
        assert sorted(outcome for _, outcome in found.values()) == [
            Outcome.REFUTED, Outcome.UNDECIDED, Outcome.UNDECIDED,
        ]  # fmt: skip


def test_a_set_without_equations_says_nothing() -> None:
    for statement in (SilentNeuron(ORIGIN, None, None, None), SilentNeuron(ORIGIN, ZERO, ZERO, ZERO, at=())):
        with pytest.raises(ClaimError, match="nothing is said"):
            Claim("test.set", "", Source("t", ""), statement, Domain())
