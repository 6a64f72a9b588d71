"""Saved verdicts: read back as they were written, noticed when stale, set aside when damaged."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, Verdict, combine
from crossproof.checks.store.files import check_writable, home, kept_in, write_whole
from crossproof.checks.store.saved import Saved, digest, evidence_from_json, load, strict_json, verdict_from_json
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import UsageError
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
CLAIM = Claim("t.a", "A title: é, α.", Source("t", "(1)"), Identity(x, x**2), Domain(x=Positive))
EXAMPLE = Counterexample({"x": "2"}, "2", "4", "-2")
EVIDENCE = (
    Evidence(
        "one",
        Kind.ALGEBRA,
        "data",
        Finding(Outcome.REFUTED, "d", None, float("inf"), None, EXAMPLE),
        None,
        {},
        1.0,
    ),
    Evidence("two", Kind.MONTE_CARLO, "data", Finding(Outcome.UNDECIDED, "d", level=1e-8), 3, {"torch": "2"}, 0.5),
)
VERDICT = replace(combine(CLAIM, EVIDENCE), run={"effort": "quick", "seed": 3})


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    saved = load(tmp_path / "kept")
    saved.save([VERDICT])
    return saved


def test_evidence_and_verdicts_survive_json() -> None:
    for evidence in EVIDENCE:
        assert evidence_from_json(json.loads(json.dumps(evidence.to_json()))) == evidence
    assert verdict_from_json(json.loads(json.dumps(VERDICT.to_json())), CLAIM, VERDICT.run) == VERDICT


def test_a_verdict_belongs_to_its_claim() -> None:
    with pytest.raises(ValueError, match=r"not on 't\.b'"):
        verdict_from_json(VERDICT.to_json(), replace(CLAIM, id="t.b"))


def test_verdicts_are_merged_by_id(saved: Saved) -> None:
    other = replace(CLAIM, id="t.b")
    second = load(saved.path.parent)
    second.save([Verdict(other, Outcome.UNDECIDED, ())])
    third = load(saved.path.parent)
    assert third.verdict(CLAIM) == VERDICT
    assert third.outcomes({"t.a": CLAIM, "t.b": other}) == {"t.a": "refuted", "t.b": "undecided"}


def test_a_changed_claim_has_no_saved_verdict(saved: Saved) -> None:
    read = load(saved.path.parent)
    assert read.verdict(replace(CLAIM, statement=Identity(x, x**3))) is None
    y = sp.Symbol("x", real=True)
    assert read.verdict(replace(CLAIM, statement=Identity(y, y**2), domain=Domain(x=Real))) is None
    assert read.verdict(replace(CLAIM, title="Another title.")) is not None


def test_another_version_has_no_saved_verdict(saved: Saved) -> None:
    saved.records["t.a"]["crossproof"] = "0.0.1"
    assert saved.verdict(CLAIM) is None


def test_a_digest_does_not_depend_on_addresses() -> None:
    class Opaque(Identity):
        __repr__ = object.__repr__

    assert digest(replace(CLAIM, statement=Opaque(x, x))) == digest(replace(CLAIM, statement=Opaque(x, x)))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '"text"',
        '{"format": "other", "version": 1, "claims": {}}',
        '{"format": "crossproof saved verdicts", "version": 2, "claims": {}}',
        '{"format": "crossproof saved verdicts", "version": 1, "claims": {"t.a": {}}}',
        '{"format": "crossproof saved verdicts", "version": 1, "claims": [1]}',
        b"\xff\xfe\x00",
    ],
)
def test_a_damaged_file_is_set_aside_and_rebuilt(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "verdicts.json"
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(raw)
    read = load(tmp_path)
    assert read.message is not None
    assert "verdicts.json.damaged-1" in read.message
    assert (tmp_path / "verdicts.json.damaged-1").read_bytes() == raw
    read.save([VERDICT])
    again = load(tmp_path)
    assert again.message is None
    assert again.verdict(CLAIM) == VERDICT


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    newer = '{"format": "crossproof saved verdicts", "version": 3, "records": []}'
    path.write_text(newer)
    for known in (None, VERDICT):
        read = load(tmp_path)
        assert read.message == (
            f"{path} was made by a newer version of crossproof and is left alone; this one uses verdicts-2.json"
        )
        assert read.verdict(CLAIM) == known
        read.save([VERDICT])
        assert read.message is None  # it has been told
    assert path.read_text() == newer
    assert sorted(p.name for p in tmp_path.glob("verdicts*")) == ["verdicts-2.json", "verdicts.json"]


def test_damaged_files_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "verdicts.json").write_text("{")
        load(tmp_path)
        assert (tmp_path / f"verdicts.json.damaged-{number}").exists()


def test_home_is_the_users_or_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CROSSPROOF_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    own = home()
    assert own.parent == tmp_path / "state" / "crossproof" / "projects"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert home().parent == own.parent
    assert home() != own
    monkeypatch.setenv("CROSSPROOF_HOME", str(tmp_path))
    assert home() == tmp_path
    with kept_in(tmp_path / "named"):
        assert home() == tmp_path / "named"
    assert home() == tmp_path
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # would be another folder wherever one works
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.delenv("CROSSPROOF_HOME")
    assert home().is_relative_to(tmp_path / "me" / ".local" / "state")


@pytest.mark.parametrize(
    "forge",
    [
        lambda content: content["claims"]["t.a"]["verdict"].update(outcome="proved"),
        lambda content: content.update(seal="0" * 64),
        lambda content: content.pop("seal"),
        lambda content: content["claims"].clear(),
    ],
)
def test_verdicts_that_were_written_elsewhere_are_not_believed(saved: Saved, forge: Callable[[Any], Any]) -> None:
    content = json.loads(saved.path.read_text(encoding="utf-8"))
    assert load(saved.path.parent).verdict(CLAIM) == VERDICT
    forge(content)
    saved.path.write_text(json.dumps(content), encoding="utf-8")
    read = load(saved.path.parent)
    assert read.verdict(CLAIM) is None
    assert read.message is not None
    assert "it was renamed to verdicts.json.damaged-1" in read.message
    assert load(saved.path.parent).message is None


def test_verdicts_sealed_by_another_key_are_not_believed(
    saved: Saved, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    read = load(saved.path.parent)
    assert read.verdict(CLAIM) is None
    assert "without the seal of this user's crossproof" in str(read.message)


def test_a_link_in_its_place_leads_to_no_other_file(tmp_path: Path) -> None:
    for name in ("precious", "not there yet"):
        (tmp_path / name).mkdir()
        (tmp_path / "precious" / "file").touch()
        (tmp_path / name / "verdicts.json").symlink_to(tmp_path / name / "file")
        read = load(tmp_path / name)
        assert "a link" in str(read.message)
        read.save([VERDICT])
        assert load(tmp_path / name).verdict(CLAIM) == VERDICT
    assert (tmp_path / "precious" / "file").read_bytes() == b""
    assert not (tmp_path / "not there yet" / "file").exists()


def test_without_a_key_nothing_is_believed_or_kept(
    saved: Saved, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    read = load(saved.path.parent)
    assert read.verdict(CLAIM) is None
    assert "cannot be used without a key" in str(read.message)
    with pytest.raises(UsageError, match="cannot write"):
        read.save([VERDICT])


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        load(tmp_path / "file" / "inside").save([VERDICT])


def test_exported_json_is_standard() -> None:
    text = strict_json({"a": float("inf"), "b": (float("nan"), 1.5), "c": sp.Rational(1, 2), "d": {"e": ["ü"]}})
    assert json.loads(text) == {"a": None, "b": [None, 1.5], "c": 0.5, "d": {"e": ["ü"]}}
    assert json.loads(strict_json([float("inf"), "x"])) == [None, "x"]
    # a line for each member, so that two runs can be compared line by line
    assert strict_json({"claims": [{"id": "a"}, {"id": "b"}]}) == '{\n"claims": [\n{"id": "a"},\n{"id": "b"}\n]\n}\n'


def test_evidence_that_comes_from_elsewhere_shares_the_names_of_its_code() -> None:
    names = tuple(f"module.function_{k}" for k in range(3))
    one, other = (pickle.loads(pickle.dumps(replace(VERDICT.evidence[0], code=(*names,)))) for _ in range(2))
    assert one == other
    assert one.code == names
    assert one.code is other.code
    assert evidence_from_json(json.loads(json.dumps(one.to_json()))).code is one.code
    assert pickle.loads(pickle.dumps(replace(one, code=names[:2]))).code == names[:2]


def test_files_are_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_whole(path, "old")
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    write_whole(link, "neu é")
    assert path.read_text(encoding="utf-8") == "neu é"
    assert link.is_symlink()
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half \ud800")
    assert path.read_text(encoding="utf-8") == "neu é"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.txt", "out.txt"]


def test_paths_are_checked_without_leaving_anything(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.txt")
    check_writable(Path("/dev/null"))
    assert list(tmp_path.iterdir()) == []
    for bad in (tmp_path, tmp_path / "no" / "file", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="cannot write"):
            write_whole(bad, "") if bad.name.startswith("x") else check_writable(bad)
    write_whole(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()
