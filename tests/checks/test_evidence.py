"""Rules of the verdict: precedence, contradiction, order independence."""

from __future__ import annotations

import itertools
import json

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, combine
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
CLAIM = Claim("test.a", "t", Source("test", "here"), Identity(x, x), Domain(x=Positive))
UNSTATED = Claim("test.b", "t", Source("test", "here"), Identity(x, x), Domain(x=Positive), reading="r", stated=False)
GAP = Counterexample({"x": "1"}, "1", "2", "1")


def evidence(outcome: Outcome, kind: Kind = Kind.ALGEBRA, *, resolution=None, effect=None, name="w") -> Evidence:
    finding = Finding(outcome, "d", resolution, effect, None, GAP if outcome is Outcome.REFUTED else None)
    return Evidence(f"{name}-{outcome}-{kind}", kind, "the loss", finding, 0, {}, 0.1)


PROVED = evidence(Outcome.PROVED)
CONFIRMED = evidence(Outcome.CONFIRMED, Kind.MONTE_CARLO, resolution=0.02)
UNDECIDED = evidence(Outcome.UNDECIDED, Kind.DETERMINISTIC)
REFUTED = evidence(Outcome.REFUTED, Kind.DETERMINISTIC, effect=0.5)
SLIGHTLY = evidence(Outcome.REFUTED, Kind.DETERMINISTIC, effect=0.001)


@pytest.mark.parametrize(
    ("given", "outcome", "contradicts"),
    [
        ([], Outcome.UNDECIDED, False),
        ([UNDECIDED], Outcome.UNDECIDED, False),
        ([CONFIRMED, UNDECIDED], Outcome.CONFIRMED, False),
        ([CONFIRMED, PROVED], Outcome.PROVED, False),
        ([REFUTED, UNDECIDED], Outcome.REFUTED, False),
        ([REFUTED, PROVED], Outcome.UNDECIDED, True),
        ([REFUTED, CONFIRMED], Outcome.UNDECIDED, True),
        ([SLIGHTLY, CONFIRMED], Outcome.REFUTED, False),
        ([SLIGHTLY, PROVED], Outcome.UNDECIDED, True),
    ],
)
def test_precedence_and_contradiction_do_not_depend_on_order(given, outcome, contradicts) -> None:
    for order in itertools.permutations(given):
        verdict = combine(CLAIM, order)
        assert verdict.outcome is outcome
        assert bool(verdict.contradiction) is contradicts


def test_a_contradiction_names_both_witnesses() -> None:
    verdict = combine(CLAIM, [PROVED, REFUTED])
    assert set(verdict.contradiction) == {PROVED.witness, REFUTED.witness}


def test_resolution_belongs_to_confirmations_only() -> None:
    assert combine(CLAIM, [CONFIRMED]).resolution == 0.02
    assert combine(CLAIM, [CONFIRMED, PROVED]).resolution is None


def test_an_unstated_reading_never_accuses_the_document() -> None:
    assert combine(CLAIM, [REFUTED]).accuses
    assert not combine(UNSTATED, [REFUTED]).accuses


def test_json_has_the_documented_keys() -> None:
    data = json.loads(json.dumps(combine(CLAIM, [REFUTED, UNDECIDED]).to_json()))
    documented = {"id", "document", "place", "outcome", "repairs", "resolution", "evidence", "counterexample"}
    assert documented <= set(data)
    assert data["counterexample"]["point"] == {"x": "1"}
    assert data["outcome"] == "refuted"
