"""The model of a report: errata, readings, repairs, and how verdicts are put into words."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from typing import Any

import pytest

from crossproof.checks.evidence import Evidence, Finding, Kind, Outcome, Verdict, combine
from crossproof.checks.judgement.findings import undefined
from crossproof.checks.runs.verify import Run
from crossproof.reports.content import build as build_module
from crossproof.reports.content.build import build, entry, run_json
from crossproof.reports.content.model import Report
from crossproof.reports.content.wording import headline, relative, reproduce, spelled

from .conftest import make_claim


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


def _confirmed(kind: Kind, resolution: float) -> Evidence:
    finding = Finding(Outcome.CONFIRMED, "agrees", resolution=resolution)
    return Evidence(f"{kind} {resolution}", kind, "the data", finding, None, {}, 0.1)


def test_every_kind_of_evidence_has_its_own_resolution() -> None:
    found = [(Kind.MONTE_CARLO, 0.02), (Kind.DETERMINISTIC, 1e-12), (Kind.MONTE_CARLO, 0.03)]
    verdict = combine(make_claim("grades"), [_confirmed(*f) for f in found])
    assert (
        headline(verdict) == "confirmed by deterministic numerics within 1.0e-12 (relative) and Monte Carlo within 2 %"
    )
    plain = run_json(Run((verdict,), "quick", 0, "cpu", 1.0))
    assert plain["claims"][0]["resolutions"] == {"deterministic numerics": 1e-12, "Monte Carlo": 0.02}


def test_a_statement_without_meaning_is_reported_with_the_range_that_works(report: Report) -> None:
    (shown,) = report.undefined
    assert shown.headline == "undefined: log(eta - 1) has no real value at stilde = 1, eta = 1/2; defined for eta > 1"
    assert (shown.label, shown.accuses) == ("undefined", False)
    assert shown.failure is not None
    assert shown.failure.name == "without meaning"
    assert dict(shown.failure.rows)["defined for"] == "eta > 1"
    assert shown.written == (("drift", r"\frac{\eta}{\eta}"),)


def test_a_point_without_meaning_and_without_a_known_range() -> None:
    finding = undefined("nothing", {}, "log(-2)")
    shown = combine(make_claim("nowhere"), [Evidence("w", Kind.ALGEBRA, "the sides", finding, None, {}, 0.1)])
    assert headline(shown) == "undefined: log(-2) has no real value"


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


class _Counted(UserDict[str, Any]):
    """Claims that count how often somebody goes through all of them."""

    passes = 0

    def __iter__(self) -> Iterator[str]:
        self.passes += 1
        return super().__iter__()


def test_a_report_goes_through_all_claims_once_however_many_it_shows(
    verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = _Counted({v.claim.id: v.claim for v in verdicts})
    monkeypatch.setattr(build_module, "CLAIMS", counted)
    whole = build(verdicts)
    assert counted.passes == 1
    assert [e.repaired_by for e in whole.entries] == [
        entry(next(v for v in verdicts if v.claim.id == e.id), {v.claim.id: v for v in verdicts}).repaired_by
        for e in whole.entries
    ]
    assert counted.passes == 1 + len(verdicts)  # what a report would cost without its table
