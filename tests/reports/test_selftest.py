"""The self-test of an installation: it tries every witness, and notices one that does not find what it should."""

from __future__ import annotations

import resource
from dataclasses import replace

import pytest

from crossproof.checks.evidence import Evidence, Fault, Finding, Outcome
from crossproof.checks.runs.unit import load_catalog, run_unit
from crossproof.checks.witness import registered_witnesses, witness_named, witnesses_for
from crossproof.derivations.claim import CLAIMS
from crossproof.reports.selftest import problem, run, units_of
from crossproof.reports.selftest_cases import CASES

load_catalog()
_PACKAGE = "crossproof."


def test_every_witness_that_speaks_to_the_catalog_has_a_case() -> None:
    own = [c for c in CLAIMS.values() if c.module.startswith(_PACKAGE)]
    speaking = {w.name for c in own for w in witnesses_for(c) if w.examine.__module__.startswith(_PACKAGE)}
    assert speaking == set(CASES), "name a claim for each witness in reports/selftest_cases.py"
    assert speaking <= {w.name for w in registered_witnesses()}


def test_every_case_names_a_claim_that_its_witness_speaks_to() -> None:
    for unit in units_of(CASES):
        assert witness_named(unit.witness) in witnesses_for(CLAIMS[unit.claim_id])
    assert {outcome for _, outcome in CASES.values()} == {"proved", "confirmed", "refuted", "undecided"}


def test_what_is_not_as_expected_is_a_problem() -> None:
    (unit,) = units_of({"normal forms": CASES["normal forms"]})
    right = run_unit(unit)
    expected = CASES["normal forms"][1]
    assert problem(unit, right, expected) == ""
    other = Finding(Outcome.UNDECIDED, "No idea\x1b[2J.")
    for wrong in (other, replace(right.finding, fault=Fault.STOPPED)):
        evidence: Evidence = replace(right, finding=wrong)
        said = problem(unit, evidence, expected)
        assert said.startswith(f"normal forms on {unit.claim_id}: {wrong.outcome} instead of {expected}")
        assert said.isprintable()


@pytest.mark.slow
def test_the_whole_self_test_and_a_wrong_expectation(capsys: pytest.CaptureFixture[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(workers=1) == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
    said = capsys.readouterr()
    assert said.out.endswith("this installation works\n")
    assert f"{len(CASES)} of {len(CASES)} witnesses found what they should" in said.out
    assert said.err == ""

    assert run(workers=1, cases={"normal forms": (CASES["normal forms"][0], "proved")}) == 1
    said = capsys.readouterr()
    assert said.out.endswith("this installation does not work\n")
    assert said.err.startswith("crossproof: error: normal forms on ")
