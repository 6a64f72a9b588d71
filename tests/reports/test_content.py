"""The model of a report: errata, readings, repairs, and how verdicts are put into words."""

from __future__ import annotations

import pytest

from crossproof.checks.evidence import Outcome, Verdict
from crossproof.reports.content import build, entry
from crossproof.reports.model import Report
from crossproof.reports.wording import relative, reproduce, spelled


@pytest.fixture
def report(verdicts: list[Verdict]) -> Report:
    return build(verdicts, {"effort": "quick", "seconds": 1.25, "modules": []})


def test_only_stated_readings_become_errata(report: Report) -> None:
    assert [e.id for e in report.errata] == ["t.wrong"]
    assert [e.id for e in report.unstated] == ["t.reading"]
    assert report.unstated[0].label == "refuted reading"


def test_repairs_are_linked_in_both_directions(report: Report) -> None:
    entries = {e.id: e for e in report.entries}
    (repair,) = entries["t.wrong"].repaired_by
    assert (repair.id, repair.outcome, repair.here) == ("t.wrong.repaired", "proved", True)
    assert entries["t.wrong.repaired"].repairs is not None
    assert entries["t.wrong.repaired"].repairs.id == "t.wrong"


def test_a_repair_outside_the_report_is_named_but_not_linked(verdicts: list[Verdict]) -> None:
    link = build(verdicts[1:2]).entries[0].repairs
    assert link is not None
    assert not link.here


def test_claims_are_grouped_and_counted_by_document(report: Report) -> None:
    assert [s.document for s in report.sections] == ["A & B_é", "t"]
    assert report.count(Outcome.UNDECIDED) == 3
    assert sum(s.count(o) for s in report.sections for o in Outcome) == len(report.entries)


def test_headlines_name_the_kinds_of_evidence(report: Report) -> None:
    headlines = {e.id: e.headline for e in report.entries}
    assert headlines["t.wrong"] == "refuted by algebra"
    assert headlines["t.reading"] == "refuted by Monte Carlo (a reading that the document does not state)"
    assert headlines["t.both"] == "proved by algebra, confirmed by Monte Carlo within 2 %"


def test_headlines_of_open_claims_give_the_reason(report: Report) -> None:
    headlines = {e.id: e.headline for e in report.entries}
    assert headlines["t.open"] == "undecided: witness 0: witness 0 computed 1 < 2 & more"
    assert headlines["t.alone"] == "undecided: no witness can speak to this type of statement"
    assert "contradict each other" in headlines["t.clash"]


def test_facts_leave_out_what_is_empty(report: Report) -> None:
    assert report.facts == (("effort", "quick"), ("seconds", "1.2"))
    assert report.versions == (("python", "3.11"), ("sympy", "1.14"))


def test_the_command_repeats_the_run_of_the_verdict(verdicts: list[Verdict]) -> None:
    assert entry(verdicts[0]).reproduce == "crossproof verify t.wrong --fresh --effort quick --seed 7"
    assert reproduce("t.x", {"modules": ["mine"], "seed": 0}) == "crossproof verify t.x --fresh --claims mine --seed 0"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.02, "2 %"), (1.0, "100 %"), (1e-12, "1.0e-12 (relative)"), (float("inf"), "inf (relative)")],
)
def test_relative_sizes_read_well(value: float, text: str) -> None:
    assert relative(value) == text


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"L etab s", r"L \operatorname{etab} s"),
        (r"\frac{etab}{2} dt", r"\frac{\operatorname{etab}}{2} dt"),
        (r"\operatorname{tr} A \text{for all} x", r"\operatorname{tr} A \text{for all} x"),
        (r"\begin{array}{ccc} a \end{array}", r"\begin{array}{ccc} a \end{array}"),
    ],
)
def test_long_names_are_set_as_names(latex: str, expected: str) -> None:
    assert spelled(latex) == expected
