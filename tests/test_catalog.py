"""The verification run as a test: every claim of the catalog is an item, compared with its reviewed outcome."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sympy as sp

import crossproof as cp
from crossproof.checks.evidence import Kind, Outcome, Verdict
from crossproof.checks.runs.verify import Run, verify_claims
from crossproof.checks.store.lock import DEFAULT_NAME, compare, load
from crossproof.checks.store.store import default_path
from crossproof.checks.witness import witnesses_for
from crossproof.derivations.statements.passage import MeanTimeOrder, Observation

cp.load_catalog()

pytestmark = pytest.mark.slow

#: Outcome of every claim as reviewed by a person.
REVIEWED = load(Path(__file__).parent.parent / DEFAULT_NAME)


@pytest.fixture(scope="module")
def run() -> Run:
    """Examine the catalog as ``crossproof verify`` does; what that has examined already comes from the store."""
    return verify_claims(workers=min(2, os.cpu_count() or 1), store=default_path())


def _holds(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.PROVED, Outcome.CONFIRMED)


def test_every_claim_is_reviewed_and_every_review_has_its_claim() -> None:
    assert sorted(REVIEWED.claims) == sorted(cp.CLAIMS)


@pytest.mark.parametrize("claim_id", list(cp.CLAIMS))
def test_claim(claim_id: str, run: Run) -> None:
    (verdict,) = [v for v in run.verdicts if v.claim.id == claim_id]
    details = "\n".join(f"{e.witness}: {e.finding.outcome}: {e.finding.detail}" for e in verdict.evidence)
    assert compare([verdict], REVIEWED, cp.CLAIMS) == [], details


def test_every_refutation_has_a_counterexample_at_a_named_point(run: Run) -> None:
    for verdict in run.verdicts:
        if verdict.outcome is Outcome.REFUTED:
            assert verdict.counterexample is not None
            assert verdict.counterexample.stated != verdict.counterexample.found, verdict.claim.id


def test_repairs_hold_and_belong_to_refuted_claims(run: Run) -> None:
    verdicts = {v.claim.id: v for v in run.verdicts}
    for made in cp.CLAIMS.values():
        if made.repairs:
            assert _holds(verdicts[made.id]), made.id
            assert verdicts[made.repairs].outcome in (Outcome.REFUTED, Outcome.UNDEFINED), made.id


def test_at_least_half_of_the_claims_have_two_kinds_of_evidence(run: Run) -> None:
    assert sum(len(v.kinds) >= 2 for v in run.verdicts) >= len(run.verdicts) / 2


def test_what_may_stay_undecided(run: Run) -> None:
    # experiments that cannot be repeated, and orders of mean times, which no number of points confirms
    open_claims = [v.claim for v in run.verdicts if v.outcome is Outcome.UNDECIDED]
    assert [made.id for made in open_claims if not isinstance(made.statement, Observation | MeanTimeOrder)] == []
    assert len(open_claims) <= 5


def test_what_has_no_meaning_is_a_formula_with_a_hole(run: Run) -> None:
    found = {v.claim.id: v.counterexample for v in run.verdicts if v.outcome is Outcome.UNDEFINED}
    # 0/0 at a threshold, the printed mu where theta vanishes, and log(theta) integrated over the whole line
    assert set(found) == {"004.conj-i.1.l2", "004.eq45", "004.dw.partition"}
    for claim_id, multiple in (("004.conj-i.1.l2", 1), ("004.eq45", 3)):
        point = found[claim_id].point
        eta, zeta, stilde = (sp.Rational(point[name]) for name in ("eta", "zeta", "stilde"))
        assert stilde == multiple * eta * zeta**2 / 2
    assert sp.Rational(found["004.dw.partition"].point["theta"]) < 0


def test_all_documents_with_formulas_are_covered() -> None:
    assert {c.document for c in cp.CLAIMS.values()} >= {"000", "001", "002", "003", "004"}
    assert len(cp.CLAIMS) >= 30


def test_every_claim_has_a_witness() -> None:
    assert [c.id for c in cp.CLAIMS.values() if not list(witnesses_for(c))] == []


def test_the_same_seed_gives_the_same_json() -> None:
    chosen = [c.id for c in cp.CLAIMS.values() if any(w.kind is Kind.MONTE_CARLO for w in witnesses_for(c))][:3]
    first, second = (
        json.dumps(_timeless(verify_claims(chosen, effort="quick", device="cpu", workers=w).to_json())) for w in (1, 2)
    )
    assert first == second


def _timeless(data: dict) -> dict:
    data["run"].pop("seconds")
    for made in data["claims"]:
        for evidence in made["evidence"]:
            evidence.pop("seconds")
    return data
