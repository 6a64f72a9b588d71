"""The audit: fates, rates, the sample, and the list of survivors that may only shrink."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.audit import audit as audit_module
from crossproof.checks.audit import trials as trials_module
from crossproof.checks.audit.audit import audit_claims
from crossproof.checks.audit.equivalence import SAME
from crossproof.checks.audit.fates import Audit, Fate, Result
from crossproof.checks.audit.trials import chain
from crossproof.checks.evidence import Counterexample, Evidence, Fault, Finding, Kind, Outcome, Verdict, combine
from crossproof.checks.judgement.findings import undecided
from crossproof.checks.mutants.mutants import Mutant, mutants
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.checks.witness import witnesses_for
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import CLAIMS, Source, claim
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import SelectionError, UsageError
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity
from crossproof.reports.audit import Accepted, accept, read_accepted, removable, report_lines, run, unexpected

load_catalog()
IDS = ["audit.true", "audit.wrong"]
x = sp.Symbol("x", positive=True)


@pytest.fixture(autouse=True)
def _claims(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Register a true and a wrong claim, and run units in this process."""
    for name, right in zip(IDS, (2 * x + 1, 2 * x), strict=True):
        claim(
            name,
            "Twice x and one.",
            source=Source("audit", "here"),
            statement=Identity(2 * x + 1, right),
            domain=Domain(x=Positive),
        )
    monkeypatch.setattr(trials_module, "run_units", _run_units)
    monkeypatch.chdir(tmp_path)
    yield
    for name in IDS:
        del registry._CLAIMS[name]


def _run_units(units: Any, *, progress: Any, **_: Any) -> dict[Unit, Evidence]:
    found = {u: run_unit(u) for u in units}
    for u, e in found.items():
        progress(u, e)
    return found


def _audit(**options: Any) -> Audit:
    return audit_claims(IDS, effort="quick", device="cpu", **options)


def test_true_claims_are_mutated_and_wrong_ones_left_out() -> None:
    audit = _audit()
    assert audit.audited == ("audit.true",)
    assert audit.left_out == ("audit.wrong",)
    assert audit.exact == {"audit.true"}
    assert audit.count(Fate.KILLED) == len(audit.results) == len(mutants(CLAIMS["audit.true"]))
    assert audit.rate() == 1.0
    assert audit.survivors == ()
    assert set(audit.killed_by()) == {Kind.ALGEBRA}
    assert audit.killed_by()[Kind.ALGEBRA] == len(audit.results)


def _verdict(name: str, undecided: tuple[str, ...] = (), **seconds: float) -> Verdict:
    found = []
    for w in witnesses_for(CLAIMS[name]):
        outcome = Outcome.UNDECIDED if w.name in undecided else Outcome.CONFIRMED
        finding = Finding(outcome, "", resolution=None if outcome is Outcome.UNDECIDED else 0.01)
        found.append(Evidence(w.name, w.kind, "", finding, None, {}, seconds.get(w.name, 0.1)))
    return combine(CLAIMS[name], found)


def test_exact_witnesses_come_before_sampled_ones_and_those_without_an_answer_last() -> None:
    mutant = mutants(CLAIMS["004.gbm.log"])[0]
    names = {w.kind: w.name for w in witnesses_for(CLAIMS["004.gbm.log"])}
    assert set(names) == set(Kind)
    exact, numerics, sampling = (names[k] for k in Kind)
    every = tuple(Kind)
    assert chain(mutant, _verdict("004.gbm.log"), every) == [exact, numerics, SAME, sampling]
    assert chain(mutant, _verdict("004.gbm.log", (exact,)), every) == [numerics, SAME, sampling, exact]
    assert chain(mutant, _verdict("004.gbm.log"), (Kind.MONTE_CARLO,)) == [SAME, sampling]


def test_cheap_witnesses_come_first_within_a_kind() -> None:
    id, kind, names = next(
        (c.id, k, names)
        for c in CLAIMS.values()
        for k in Kind
        if len(names := [w.name for w in witnesses_for(c) if w.kind is k]) > 1 and mutants(c)
    )
    mutant = next(m for m in mutants(CLAIMS[id]) if m.claim is not None)
    for order in (names, names[::-1]):
        seconds = {name: 1.0 + place for place, name in enumerate(order)}
        found = chain(mutant, _verdict(id, **seconds), (kind,))
        assert [name for name in found if name != SAME] == order


def test_an_interrupted_audit_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    examined: list[Unit] = []

    def counted(units: Any, *, progress: Any, **_: Any) -> dict[Unit, Evidence]:
        found = {}
        for number, u in enumerate(units):
            if stop is not None and "#" in u.claim_id and number == stop:
                raise KeyboardInterrupt
            examined.append(u)
            found[u] = run_unit(u)
            progress(u, found[u])
        return found

    monkeypatch.setattr(trials_module, "run_units", counted)
    stop: int | None = 3
    with pytest.raises(KeyboardInterrupt):
        _audit(store=tmp_path / "evidence.sqlite")
    stop, before = None, list(examined)
    whole = _audit(store=tmp_path / "evidence.sqlite")
    assert not set(examined[len(before) :]) & set(before)
    assert (tmp_path / audit_module.STORE).is_file()
    done = len(examined)
    again = _audit(store=tmp_path / "evidence.sqlite")
    assert len(examined) == done
    assert [(r.mutant.key, r.fate) for r in again.results] == [(r.mutant.key, r.fate) for r in whole.results]


def test_one_kind_of_witness_can_be_measured_alone() -> None:
    audit = _audit(kinds=(Kind.DETERMINISTIC,))
    assert set(audit.killed_by()) == {Kind.DETERMINISTIC}
    assert audit.rate() == 1.0


def test_a_blind_witness_leaves_survivors_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(units: Any, *, progress: Any, **_: Any) -> dict[Unit, Evidence]:
        found = _run_units(units, progress=progress)
        fine = Finding(Outcome.CONFIRMED, "looks right", resolution=0.01)
        return {
            u: replace(e, finding=fine) if e.finding.outcome is Outcome.REFUTED and "#" in u.claim_id else e
            for u, e in found.items()
        }

    monkeypatch.setattr(trials_module, "run_units", blind)
    audit = _audit()
    assert audit.rate() == 0.0
    assert len(audit.survivors) == len(audit.results)
    assert "confirmed (looks right)" in audit.survivors[0].note
    lines = "\n".join(report_lines(audit, Accepted()))
    assert f"survivor {audit.survivors[0].mutant.key}" in lines
    assert "0.0% killed" in lines


def test_who_ran_out_of_time_on_a_survivor_is_asked_again_with_more(monkeypatch: pytest.MonkeyPatch) -> None:
    late = undecided("stopped at its time limit of 10 s; a greater effort allows more", Fault.STOPPED)

    def slow(units: Any, *, progress: Any, **_: Any) -> dict[Unit, Evidence]:
        found = _run_units(units, progress=progress)
        short = {u for u in units if "#" in u.claim_id and (u.effort == "quick" or not enough)}
        return {u: replace(e, finding=late) if u in short else e for u, e in found.items()}

    monkeypatch.setattr(trials_module, "run_units", slow)
    enough = True
    assert _audit().rate() == 1.0
    enough = False
    audit = _audit()
    assert audit.rate() == 0.0
    assert "stopped at its time limit" in audit.survivors[0].note


def test_the_sample_is_fixed_by_the_seed_and_spread_evenly_over_the_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [c for c in CLAIMS.values() if c.id.startswith("004.")][:60]
    drawn = audit_module._spread(claims, 9, 4)
    assert drawn == audit_module._spread(claims, 9, 4) != audit_module._spread(claims, 9, 5)
    places = [[c.id for c in claims].index(m.original) for m in drawn]
    assert places == sorted(set(places))
    assert max(b - a for a, b in itertools.pairwise(places)) < 2 * len(claims) / 9 + 2
    two = [CLAIMS["004.eq42"], CLAIMS["004.gbm.log"]]
    assert [m.original for m in audit_module._spread(two, 5, 0)] == ["004.eq42"] * 2 + ["004.gbm.log"] * 3
    assert audit_module._spread(two, 10_000, 0) == [m for c in two for m in mutants(c)]
    assert audit_module._spread(two, 0, 0) == audit_module._spread([], 3, 0) == []
    assert 0 < len(_audit(sample=3).results) <= 3
    made: list[str] = []
    monkeypatch.setattr(audit_module, "mutants", lambda c: made.append(c.id) or mutants(c))
    audit_module._spread(claims, 3, 0)
    assert len(made) < len(claims) / 2


def test_arguments_outside_their_range_are_refused() -> None:
    with pytest.raises(UsageError, match="sample is -1"):
        _audit(sample=-1)
    with pytest.raises(UsageError, match="effort is 'some'"):
        audit_claims(IDS, effort="some", device="cpu")
    with pytest.raises(SelectionError):
        audit_claims(["audit.nothing"], device="cpu")


def _made(fates: dict[str, Fate], sample: int | None = None) -> Audit:
    results = tuple(
        Result(Mutant("audit.true", k, change, CLAIMS["audit.true"]), fate, None, "said so", 0.1)
        for k, (change, fate) in enumerate(fates.items())
    )
    return Audit(results, ("audit.true",), frozenset({"audit.true"}), (), (), sample, "quick", 0, "cpu", 1.0)


LISTED = Accepted(frozenset({"audit.true"}), {"audit.true#old": "no witness for it", "other.claim#c": "kept"})


def test_survivors_are_compared_with_the_list() -> None:
    audit = _made({"old": Fate.SURVIVED, "new": Fate.SURVIVED, "gone": Fate.KILLED})
    assert unexpected(audit, LISTED) == ["audit.true#new"]
    assert removable(audit, LISTED) == []
    lines = "\n".join(report_lines(audit, LISTED))
    assert "survivor audit.true#old (accepted: no witness for it)" in lines
    assert "survivor audit.true#new\n    said so" in lines


@pytest.mark.parametrize("fates", [{"old": Fate.KILLED}, {"old": Fate.EQUIVALENT}, {"other": Fate.KILLED}])
def test_entries_that_no_longer_survive_can_be_removed(fates: dict[str, Fate]) -> None:
    audit = _made(fates)
    assert removable(audit, LISTED) == ["audit.true#old"]
    assert "the entry can be removed: audit.true#old" in "\n".join(report_lines(audit, LISTED))
    assert accept(audit, LISTED).survivors == {"other.claim#c": "kept"}


def test_a_sample_does_not_speak_of_what_it_did_not_draw() -> None:
    assert removable(_made({"other": Fate.KILLED}, sample=1), LISTED) == []


def test_the_list_grows_by_new_claims_only() -> None:
    audit = _made({"old": Fate.SURVIVED, "new": Fate.SURVIVED})
    with pytest.raises(UsageError, match=r"may only shrink.*'audit.true#new'"):
        accept(audit, LISTED)
    with pytest.raises(UsageError, match="leave --sample out"):
        accept(_made({"old": Fate.SURVIVED}, sample=1), LISTED)
    grown = accept(audit, Accepted(frozenset(), {}))
    assert set(grown.survivors) == {"audit.true#old", "audit.true#new"}
    assert grown.claims == {"audit.true"}


def test_the_list_is_read_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    assert read_accepted(path) == Accepted()
    path.write_text(LISTED.to_text(), encoding="utf-8")
    assert read_accepted(path) == LISTED
    wrong = ('{"claims": [], "survivors": {"a": 1}}', '{"claims": [1], "survivors": {}}')
    for text in ("[]", "{", *wrong, '{"claims": [], "survivors": {}, "undisturbed": {"a.b": 1}}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError):
            read_accepted(path)


def test_the_command_writes_json_and_the_list_and_tells_of_new_survivors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from crossproof.reports import audit as report_module

    fates = {"old": Fate.SURVIVED}
    monkeypatch.setattr(report_module, "audit_claims", lambda *_, **__: _made(fates))
    options: dict[str, Any] = {"sample": None, "json_file": tmp_path / "a.json", "accepting": False}
    assert run([], {}, **options) == 1
    assert "that audit_survivors.json does not list: 1" in capsys.readouterr().out
    assert json.loads((tmp_path / "a.json").read_text())["claims"]["audit.true"]["survived"] == 1
    assert run([], {}, **options | {"accepting": True}) == 0
    assert run([], {}, **options) == 0
    fates["new"] = Fate.SURVIVED
    with pytest.raises(UsageError, match="may only shrink"):
        run([], {}, **options | {"accepting": True})


def test_a_killed_mutant_shows_a_counterexample() -> None:
    m = mutants(CLAIMS["audit.true"])[0]
    evidence = run_unit(Unit(m.id, "normal forms", "quick", 0, "cpu", 1e-8))
    assert evidence.finding.outcome is Outcome.REFUTED
    assert isinstance(evidence.finding.counterexample, Counterexample)


def test_the_command_line_passes_everything_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from crossproof.cli import main
    from crossproof.reports import audit as report_module

    seen: dict[str, Any] = {}

    def fake(selectors: Any, arguments: Any, **more: Any) -> int:
        seen.update(selectors=selectors, **arguments, **more)
        return 1

    monkeypatch.setattr(report_module, "run", fake)
    command = ["audit", "004.", "--sample", "7", "--seed", "3", "--workers", "1", "--effort", "quick"]
    assert main([*command, "--json", "out.json"]) == 1
    expected = {"selectors": ["004."], "sample": 7, "seed": 3, "workers": 1, "effort": "quick", "accepting": False}
    assert {key: seen[key] for key in expected} == expected
    assert seen["json_file"] == Path("out.json")
    assert main([*command, "--sample", "-1"]) == 2
