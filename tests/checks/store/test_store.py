"""The store survives killed writers, damage, foreign files and full disks, and never answers what it was not given."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Fault, Finding, Kind, Outcome
from crossproof.checks.judgement.findings import undecided
from crossproof.checks.runs.reuse import run_stored
from crossproof.checks.runs.unit import Unit
from crossproof.checks.store import evidence_file, store
from crossproof.checks.store.saved import evidence_from_json
from crossproof.checks.store.store import Store, keepable

x = sp.Symbol("x", positive=True)
ROOT = str(Path(store.__file__).parents[3])


def evidence(detail: str = "d", outcome: Outcome = Outcome.REFUTED) -> Evidence:
    point = Counterexample({"x": "1/3"}, "1", "2", "1") if outcome is Outcome.REFUTED else None
    finding = Finding(outcome, detail, None, 0.1 + 0.2, 1e-8, point)
    return Evidence("w", Kind.MONTE_CARLO, "the loss", finding, 7, {"torch": "2"}, 0.25)


def opened(path: Path) -> tuple[Store, list[str]]:
    said: list[str] = []
    return Store(path, said.append), said


def fill(path: Path, count: int = 60) -> None:
    with Store(path) as made:
        for k in range(count):
            made.put(f"key {k}", evidence(f"number {k} " + "x" * 400))


# What is kept


def test_evidence_and_runs_come_back_as_they_were(tmp_path: Path) -> None:
    with Store(tmp_path / "deep" / "e.sqlite") as first:
        first.put("a", evidence())
        first.put("a", evidence("later"))
        first.put_run("a", {"lines": ["é"], "status": 0, "html": "<p>é</p>"})
    again, said = opened(tmp_path / "deep" / "e.sqlite")
    with again:
        assert again.get("a") == evidence("later")
        assert again.get("b") is None
        assert again.get_run("a") == {"lines": ["é"], "status": 0}
        assert again.get_run("a", ["html"]) == {"lines": ["é"], "status": 0, "html": "<p>é</p>"}
        assert again.get_run("a", ["html", "json"]) is None  # it was not asked for then
    assert again.get("a") is None  # closed
    assert said == []


@pytest.mark.parametrize("what", list(Fault))
def test_what_was_stopped_from_outside_is_not_kept(tmp_path: Path, what: Fault) -> None:
    fault = replace(evidence(), finding=undecided("the words do not matter", what))
    assert not keepable(fault)
    assert evidence_from_json(fault.to_json()).finding.fault is what
    assert keepable(evidence("stopped at its time limit, says a witness of its own search", Outcome.UNDECIDED))
    with Store(tmp_path / "e.sqlite") as made:
        made.put("a", fault)
        assert made.get("a") is None


def test_the_rows_written_longest_ago_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evidence_file.TABLES, "units", 3)
    with Store(tmp_path / "e.sqlite") as made:
        for key in ("a", "b", "c", "a", "d"):
            made.put(key, evidence(key))
        assert [made.get(k) is not None for k in "abcd"] == [True, False, True, True]


def test_of_large_runs_fewer_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT_CHARACTERS", 3000)
    with Store(tmp_path / "e.sqlite") as made:
        for key in "abcdef":
            made.put("unit " + key, evidence("x" * 2000))
            made.put_run(key, {"html": "x" * 900})
        assert [made.get_run(k, ["html"]) is not None for k in "abcdef"] == [False] * 4 + [True, True]
        made.put_run("g", {"html": "x" * 9000})
        assert [made.get_run(k, ["html"]) is not None for k in "efg"] == [False, True, True]
        made.put_run("h", {"html": "x" * 9000})
        assert [made.get_run(k, ["html"]) is not None for k in "fgh"] == [False, True, True]
        # and the evidence of units is not counted with them
        assert all(made.get("unit " + k) is not None for k in "abcdef")


def test_a_clock_that_runs_backwards_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: -1.0)
    fill(tmp_path / "e.sqlite", 2)
    os.utime(tmp_path / "e.sqlite", (0, 0))
    with Store(tmp_path / "e.sqlite") as made:
        assert made.get("key 1") is not None


def test_only_units_without_stored_evidence_are_run(tmp_path: Path) -> None:
    units = [Unit("a.b", "w", "quick", seed, "cpu", 1e-8) for seed in range(4)]
    seen: list[int] = []

    def run(todo, report):
        seen.append(len(todo))
        for u in todo:
            report(u, evidence(str(u.seed)))
        return {u: evidence(str(u.seed)) for u in todo}

    def key(u: Unit) -> str | None:
        return None if u.seed == 0 else str(u.seed)

    reported: list[Unit] = []
    with Store(tmp_path / "e.sqlite") as made:
        first = run_stored(units[:2], made, key, run)
        second = run_stored(units, made, key, run, lambda u, e: reported.append(u))
        third = run_stored(units, made, key, run)
    assert seen == [2, 3, 1]
    assert first.items() <= second.items()
    assert second == third
    assert sorted(u.seed for u in reported) == [0, 1, 2, 3]


# Faults


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database " * 500)


def truncated(path: Path) -> None:
    fill(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 + 100])


def header_only(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[:50])


def scrambled(path: Path) -> None:
    fill(path)
    content = bytearray(path.read_bytes())
    content[4096:12288] = bytes(random.Random(3).randbytes(8192))
    path.write_bytes(content)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()


def other_schema(path: Path) -> None:
    fill(path, 1)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 1")
    database.close()


@pytest.mark.parametrize("damage", [garbage, truncated, header_only, scrambled, foreign, other_schema])
def test_an_unfit_file_is_set_aside_with_a_message(tmp_path: Path, damage) -> None:
    path = tmp_path / "e.sqlite"
    damage(path)
    content = path.read_bytes()
    made, said = opened(path)
    with made:
        assert made.get("key 3") is None
        made.put("new", evidence())
        assert made.get("new") == evidence()
    assert len(said) == 1
    assert "renamed to e.sqlite.damaged-1" in said[0]
    assert (tmp_path / "e.sqlite.damaged-1").read_bytes() == content
    again, said = opened(path)
    with again:
        assert again.get("new") == evidence()
    assert said == []


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    fill(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE more (column TEXT)")
        database.execute("PRAGMA user_version = 3")
    before = path.read_bytes()
    for known in (None, evidence()):
        made, said = opened(path)
        with made:
            assert made.get("key 0") is None
            assert made.get("a") == known
            made.put("a", evidence())
        assert said == [f"{path} was made by a newer version of crossproof and is left alone; this one uses e-2.sqlite"]
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".sqlite") == ["e-2.sqlite", "e.sqlite"]


def test_an_empty_file_is_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    path.touch()
    made, said = opened(path)
    with made:
        made.put("a", evidence())
        assert made.get("a") == evidence()
    assert said == []


def test_a_file_that_is_damaged_while_open_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    fill(path)
    made, said = opened(path)
    with made:
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        path.write_bytes(content)
        for k in range(60):
            assert made.get(f"key {k}") in (None, evidence(f"number {k} " + "x" * 400))
        made.put("new", evidence())
        assert made.get("new") == evidence()
    assert all("renamed" in line for line in said)


@pytest.mark.parametrize("change", ["data = replace(data, '0.3', '0.9')", "key = 'b'", "seal = 5"])
def test_a_row_that_was_changed_is_not_believed(tmp_path: Path, change: str) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as made:
        made.put("a", evidence())
        made.put("sound", evidence())
    with sqlite3.connect(path) as database:
        assert database.execute(f"UPDATE units SET {change} WHERE key = 'a'").rowcount == 1
    database.close()
    made, said = opened(path)
    with made:
        assert made.get("a") is None
        assert made.get("b") is None
        assert made.get("sound") == evidence()
    assert len(said) <= 1
    if not change.startswith("key"):  # under another key, nobody has asked for it before
        assert "holds records without the seal" in said[0]


def test_a_row_of_one_table_is_not_believed_in_the_other(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as made:
        made.put("a", evidence())
        made._database.execute("INSERT INTO runs (key, data, seal) SELECT key, data, seal FROM units")
        assert made.get_run("a") is None


def test_a_store_under_another_key_is_not_believed_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.sqlite"
    with monkeypatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
        fill(path, 3)
        with Store(path) as made:
            made.put_run("r", {"lines": ["all is proved"]})
            assert made.get("key 1") is not None
    made, said = opened(path)
    with made:
        assert made.get_run("r") is None
        assert [made.get(f"key {k}") for k in range(3)] == [None] * 3
        made.put("key 1", evidence())
    assert [line.partition(" holds ")[0] for line in said] == [str(path)]
    made, said = opened(path)
    with made:
        assert made.get_run("r") is None
        assert made.get("key 1") == evidence()
    assert said == []


def test_without_a_key_nothing_is_believed_or_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "e.sqlite", 1)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    made, said = opened(tmp_path / "e.sqlite")
    with made:
        made.put("a", evidence())
        assert made.get("a") is None
        assert made.get("key 0") is None
    assert len(said) == 1
    assert "cannot be used without a key" in said[0]


@pytest.mark.parametrize("part", ["", "-wal", "-shm"])
def test_a_link_in_its_place_leads_to_no_other_file(tmp_path: Path, part: str) -> None:
    """A store from elsewhere must not have the user's own files overwritten."""
    path = tmp_path / "store" / "e.sqlite"
    precious = tmp_path / "precious"
    precious.touch()
    path.parent.mkdir()
    path.touch()
    link = path.with_name(path.name + part)
    link.unlink(missing_ok=True)
    link.symlink_to(precious)
    made, said = opened(path)
    with made:
        made.put("a", evidence())
        assert made.get("a") == evidence()
    assert len(said) == 1
    assert "a link" in said[0]
    assert precious.read_bytes() == b""
    assert not path.is_symlink()


def test_a_file_with_more_than_tables_is_set_aside(tmp_path: Path) -> None:
    """A trigger of a stranger would run whenever something is kept."""
    path = tmp_path / "e.sqlite"
    fill(path, 1)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TRIGGER t AFTER INSERT ON units BEGIN DELETE FROM runs; END")
    database.close()
    made, said = opened(path)
    made.close()
    assert "renamed to e.sqlite.damaged-1" in said[0]


@pytest.mark.parametrize("data", ["{}", "[1]", '{"outcome": "certain"}', "{", "null"])
def test_a_record_of_another_form_is_not_believed(tmp_path: Path, data: str) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as made:
        made._insert(made._database, "units", ("a", data, store._seal("units", "a", data)))
        assert made.get("a") is None


def test_a_full_disk_costs_one_warning_and_no_answer(tmp_path: Path) -> None:
    made, said = opened(tmp_path / "e.sqlite")
    with made:
        made.put("a", evidence())
        (pages,) = made._database.execute("PRAGMA page_count").fetchone()
        made._database.execute(f"PRAGMA max_page_count = {pages}")
        for k in range(50):
            made.put(f"key {k}", evidence("x" * 2000))
        assert made.get("a") == evidence()
    assert len(said) == 1
    assert "full" in said[0]


def test_a_store_that_cannot_be_opened_costs_one_warning(tmp_path: Path) -> None:
    (tmp_path / "e.sqlite").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "e.sqlite", tmp_path / "file" / "e.sqlite"):
        made, said = opened(path)
        with made:
            made.put("a", evidence())
            assert made.get("a") is None
            assert not made.usable
        assert len(said) == 1
        assert "cannot be used" in said[0]


def test_a_read_only_store_still_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "e.sqlite"
    fill(path, 1)

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(Store, "_insert", staticmethod(refuse))
    made, said = opened(path)
    with made:
        made.put("a", evidence())
        made.put("b", evidence())
        assert made.get("key 0") is not None
    assert len(said) == 1
    assert "readonly" in said[0]


# Several processes. The writers get a package whose import is cheap: only the store is under test.

WRITER = """
import sys, types
def package(name, folder):
    made = types.ModuleType(name)
    made.__path__ = [folder]
    sys.modules[name] = made
package("crossproof", sys.argv[1])
package("crossproof.checks", sys.argv[1] + "/checks")
from pathlib import Path
from crossproof.checks.store.store import Store
assert not {"sympy", "torch"} & set(sys.modules)
with Store(Path(sys.argv[2]), lambda message: sys.exit(message)) as made:
    print("open", flush=True)
    for k in range(int(sys.argv[4])):
        made.put_run(f"{sys.argv[3]} {k}", {"k": k, "data": "x" * 500})
        print(k, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    package = str(Path(store.__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, package, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_writer_loses_at_most_the_write_in_flight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, chance = tmp_path / "e.sqlite", random.Random(11)
    for round_ in range(8):
        process = writer(path, f"w{round_}", 100_000)
        assert process.stdout is not None
        if round_ % 2:  # while it writes; else perhaps while it creates the file
            process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        done = process.communicate()[0].split("\n")[:-1]
        assert process.returncode == -signal.SIGKILL
        made, said = opened(path)
        with made:
            assert said == []
            made.put("still", evidence())
            assert made.get("still") == evidence()
            for k in map(int, done[1:][-20:]):
                assert made.get_run(f"w{round_} {k}") == {"k": k, "data": "x" * 500}


def test_two_writers_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    both = [writer(path, name, 18) for name in ("a", "b")]
    for process in both:
        process.communicate()
        assert process.returncode == 0
    made, said = opened(path)
    with made:
        assert all(made.get_run(f"{name} {k}") is not None for name in "ab" for k in range(18))
    assert said == []
