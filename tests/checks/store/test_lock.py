"""The lock: what counts as a change, what can be accepted, and which files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks.evidence import Outcome, Verdict
from crossproof.checks.runs.verify import Run
from crossproof.checks.store.lock import (
    CONTRADICTION,
    Change,
    Lock,
    Result,
    accept,
    agrees,
    compare,
    load,
    result_of,
    results_of_run,
    save,
)
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import UsageError
from crossproof.derivations.ranges import Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
LOCK = Lock({"a.1": "proved", "a.2": "confirmed", "a.3": "refuted", "a.4": "undecided"})


def results(**outcomes: str) -> list[Result]:
    return [Result(f"a.{name[1:]}", outcome, "default") for name, outcome in outcomes.items()]


AS_REVIEWED = results(a1="proved", a2="confirmed", a3="refuted", a4="undecided")


def verdict(outcome: Outcome, contradiction: tuple[str, str] | None = None) -> Verdict:
    claim = Claim("a.1", "t", Source("a", "here"), Identity(x, x), Domain(x=Positive))
    return Verdict(claim, outcome, (), contradiction, {"effort": "quick"})


def test_nothing_changes_when_everything_is_as_reviewed() -> None:
    assert compare(AS_REVIEWED, LOCK) == []


def test_new_changed_and_missing_claims_are_named_in_order() -> None:
    found = compare(results(a5="proved", a3="proved", a2="confirmed", a4="undecided"), LOCK)
    assert found == [
        Change("missing", "a.1", "proved", None),
        Change("changed", "a.3", "refuted", "proved"),
        Change("new", "a.5", None, "proved"),
    ]
    assert [str(c) for c in found] == [
        "a.1: reviewed as proved, but there is no such claim any more",
        "a.3: proved, reviewed as refuted",
        "a.5: proved, not reviewed yet",
    ]


def test_claims_that_a_partial_run_left_out_are_not_missing() -> None:
    assert compare(results(a1="proved"), LOCK, registered=["a.1", "a.2", "a.3", "a.4"]) == []
    assert [c.id for c in compare([], LOCK, registered=["a.1", "a.2", "a.3"])] == ["a.4"]


@pytest.mark.parametrize(
    ("reviewed", "now", "effort", "same"),
    [
        ("confirmed", "proved", "default", True),
        ("proved", "confirmed", "default", False),
        ("proved", "confirmed", "thorough", False),
        ("proved", "confirmed", None, False),
        ("proved", "confirmed", "quick", True),
        ("proved", "undecided", "quick", False),
        ("undecided", "proved", "default", False),
        ("refuted", "confirmed", "quick", False),
        ("undecided", CONTRADICTION, "default", False),
        ("refuted", "refuted", "default", True),
        ("undefined", "undefined", "default", True),
        ("undefined", "refuted", "default", False),
        ("proved", "undefined", "quick", False),
        ("undefined", "undecided", "default", False),
    ],
)
def test_only_a_weaker_or_another_outcome_is_a_change(reviewed: str, now: str, effort: str | None, same: bool) -> None:
    assert agrees(reviewed, Result("a.1", now, effort)) is same
    assert bool(compare([Result("a.1", now, effort)], Lock({"a.1": reviewed}))) is not same


def test_verdicts_and_their_json_say_the_same() -> None:
    verdicts = (verdict(Outcome.UNDECIDED, ("w", "v")),)
    run = Run(verdicts, "quick", 0, "cpu", 1.0).to_json()
    assert [result_of(v) for v in verdicts] == results_of_run(run) == [Result("a.1", CONTRADICTION, "quick")]
    assert compare(verdicts, Lock({"a.1": "undecided"})) == [Change("changed", "a.1", "undecided", CONTRADICTION)]


def test_accepting_takes_the_named_outcomes_only() -> None:
    now = results(a1="refuted", a2="proved", a4="proved", a5="confirmed")
    made = accept(LOCK, now, ["a.2", "a.3", "a.5"])
    assert made.claims == {"a.1": "proved", "a.2": "proved", "a.4": "undecided", "a.5": "confirmed"}
    assert LOCK.claims["a.2"] == "confirmed"


def test_the_undecided_claims_may_only_become_fewer() -> None:
    now = results(a1="undecided", a4="proved")
    with pytest.raises(UsageError, match=r"2 undecided claims instead of 1 \(new: a\.1\)"):
        accept(LOCK, now, ["a.1"])
    assert accept(LOCK, now, ["a.1", "a.4"]).undecided == ("a.1",)
    assert accept(LOCK, now, ["a.1"], allow_more_undecided=True).undecided == ("a.1", "a.4")
    assert accept(LOCK, results(a1="undefined"), ["a.1"]).claims["a.1"] == "undefined"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.9", "no claim 'a.9'; did you mean"),
        ("a.2", "a.2 was not examined in this run"),
        ("a.1", "contradict each other"),
    ],
)
def test_what_cannot_be_accepted(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        accept(LOCK, [verdict(Outcome.UNDECIDED, ("v", "w"))], [name], registered=["a.1", "a.2"])


def test_the_file_is_sorted_with_a_claim_a_line(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.lock.json"
    save(Lock({"b.1": "refuted", "a.10": "proved", "a.2": "undecided"}), path)
    assert path.read_text() == (
        '{\n "version": 1,\n "claims": {\n  "a.10": "proved",\n  "a.2": "undecided",\n  "b.1": "refuted"\n }\n}\n'
    )
    assert load(path).claims == {"a.10": "proved", "a.2": "undecided", "b.1": "refuted"}


def test_without_a_file_nothing_is_reviewed(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == Lock()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "keys 'version' and 'claims'"),
        ('{"version": 1}', "keys 'version' and 'claims'"),
        ('{"version": 2, "claims": {}}', "version is 2"),
        ('{"version": true, "claims": {}}', "version is True"),
        ('{"version": 1, "claims": []}', "not an object"),
        ('{"version": 1, "claims": {"a.1": "holds"}}', "'a.1' is 'holds'"),
        ('{"version": 1, "claims": {"a.1": ["proved"]}}', r"'a.1' is \['proved'\]"),
        ('{"version": 1, "claims": {"a.1": "proved", "a.1": "refuted"}}', "'a.1' appears twice"),
        ("<<<<<<< ours\n{}", "Expecting value"),
        ("[" * 100_000, "not a file of reviewed outcomes"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_a_malformed_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "lock.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=reason) as caught:
        load(path)
    assert "version control" in str(caught.value)


def test_a_folder_is_no_file_of_outcomes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path)


def test_what_is_saved_is_plain_json(tmp_path: Path) -> None:
    save(LOCK, tmp_path / "l.json")
    assert json.loads((tmp_path / "l.json").read_text()) == {"version": 1, "claims": dict(LOCK.claims)}
