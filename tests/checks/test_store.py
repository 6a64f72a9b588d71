"""The store survives killed writers, damage, foreign files and full disks, and never answers what it was not given."""

from __future__ import annotations

import inspect
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import types
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from crossproof.checks import keys, runner, store, unit
from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome
from crossproof.checks.keys import Keys, claim_text, run_key
from crossproof.checks.store import FAULTS, Store, keepable, run_stored
from crossproof.checks.unit import Unit
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Positive
from crossproof.derivations.statements.scalar import Identity

x = sp.Symbol("x", positive=True)
ROOT = str(Path(keys.__file__).parents[2])


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
        first.put_run("a", {"lines": ["é"], "status": 0})
    again, said = opened(tmp_path / "deep" / "e.sqlite")
    with again:
        assert again.get("a") == evidence("later")
        assert again.get("b") is None
        assert again.get_run("a") == {"lines": ["é"], "status": 0}
    assert again.get("a") is None  # closed
    assert said == []


@pytest.mark.parametrize("detail", FAULTS)
def test_what_was_stopped_from_outside_is_not_kept(tmp_path: Path, detail: str) -> None:
    assert any(detail in inspect.getsource(module) for module in (runner, unit))
    fault = evidence(detail + " of something", Outcome.UNDECIDED)
    assert not keepable(fault)
    assert keepable(evidence("no exact argument", Outcome.UNDECIDED))
    with Store(tmp_path / "e.sqlite") as made:
        made.put("a", fault)
        assert made.get("a") is None


def test_the_rows_written_longest_ago_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store._TABLES, "units", 3)
    with Store(tmp_path / "e.sqlite") as made:
        for key in ("a", "b", "c", "a", "d"):
            made.put(key, evidence(key))
        assert [made.get(k) is not None for k in "abcd"] == [True, False, True, True]


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
        database.execute("PRAGMA user_version = 99")
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


@pytest.mark.parametrize("change", ["data = replace(data, '0.3', '0.9')", "key = 'b'", "checksum = 5"])
def test_a_row_that_was_changed_is_not_believed(tmp_path: Path, change: str) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as made:
        made.put("a", evidence())
    with sqlite3.connect(path) as database:
        assert database.execute(f"UPDATE units SET {change}").rowcount == 1
    database.close()
    with Store(path) as made:
        assert made.get("a") is None
        assert made.get("b") is None


@pytest.mark.parametrize("data", ["{}", "[1]", '{"outcome": "certain"}', "{", "null"])
def test_a_record_of_another_form_is_not_believed(tmp_path: Path, data: str) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as made:
        made._insert(made._database, "units", ("a", data, store._checksum("a", data)))
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
from crossproof.checks.store import Store
assert not {"sympy", "torch"} & set(sys.modules)
with Store(Path(sys.argv[2]), lambda message: sys.exit(message)) as made:
    print("open", flush=True)
    for k in range(int(sys.argv[4])):
        made.put_run(f"{sys.argv[3]} {k}", {"k": k, "data": "x" * 500})
        print(k, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    package = str(Path(keys.__file__).parents[1])
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


# Keys


def claim_of(left: sp.Expr, right: sp.Expr, **ranges) -> Claim:
    return Claim("test.k", "t", Source("test", "here"), Identity(left, right), Domain(**(ranges or {"x": Positive})))


def test_the_text_of_a_claim_is_what_it_asserts() -> None:
    base = claim_of(x + 1, 1 + x)
    text = claim_text(base)
    assert text is not None
    assert claim_text(replace(base, title="other", given=("A",), note="n")) == text
    others = [
        claim_of(x + 1, x + 2),
        claim_of(1 + x, sp.Add(x, 1, evaluate=False) + 0),
        claim_of(x, x, x=Above(sp.Rational(1, 2))),
        replace(base, id="test.l"),
    ]
    assert claim_text(others[1]) == text
    assert len({text, *map(claim_text, [others[0], others[2], others[3]])}) == 4


def test_dummies_and_function_assumptions_are_in_the_text() -> None:
    def summed() -> Claim:
        k = sp.Dummy("k", integer=True)
        return claim_of(sp.Sum(x**k, (k, 0, 3)), x)

    def applied(**assumptions: bool) -> Claim:
        return claim_of(sp.Function("f", **assumptions)(x), x)

    assert claim_text(summed()) == claim_text(summed())
    assert claim_text(applied(real=True)) != claim_text(applied())


def test_a_statement_without_canonical_text_has_no_key() -> None:
    class Opaque(Identity):
        pass

    made = claim_of(x, x)
    object.__setattr__(made.statement, "rhs", memoryview(b"1"))
    assert claim_text(made) is None


MODULE = """
import sympy as sp
from crossproof import Domain, Positive, Source, claim, positive
from crossproof.derivations.statements.scalar import Identity
def late():
    import key_helper_{n}
x = positive("x")
claim("keys.a{n}", "t", source=Source("keys", "a"), statement=Identity(x, x), domain=Domain(x=Positive))
"""


def test_a_run_key_follows_sources_arguments_and_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "key_claims_1.py").write_text(MODULE.format(n=1))
    helper = tmp_path / "key_helper_1.py"
    helper.write_text("A = 1\n")
    first = run_key({"seed": 0}, ["key_claims_1"])
    assert first == run_key({"seed": 0}, ["key_claims_1"])
    assert len({first, run_key({"seed": 1}, ["key_claims_1"]), run_key({"seed": 0})}) == 3
    helper.write_text("A = 2\n")
    os.utime(helper, (0, 0))
    assert run_key({"seed": 0}, ["key_claims_1"]) != first
    assert run_key({"seed": 0}, ["no_such_module_here"]) is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "17")
    assert run_key({"seed": 0}) != run_key({"seed": 1})


def test_a_run_key_follows_the_text_of_a_toml_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("claims.toml").write_text("a = 1\n")
    first = run_key({"seed": 0}, ["claims.toml"])
    assert first is not None
    assert run_key({"seed": 0}, ["claims.toml"]) == first
    Path("claims.toml").write_text("a = 2\n")
    Path("other.toml").write_text("a = 2\n")
    others = [run_key({"seed": 0}, modules) for modules in (["claims.toml"], ["other.toml"], ["a = 2\n"], [])]
    assert len({first, *others}) == 5
    assert run_key({"seed": 0}, ["none.toml"]) is None


def register(monkeypatch: pytest.MonkeyPatch, made: Claim) -> None:
    """Let `made` be the only registered claim."""
    for module in ("derivations.claim", "checks.mutants"):
        monkeypatch.setattr(f"crossproof.{module}.CLAIMS", types.MappingProxyType({made.id: made}))


def test_a_unit_key_follows_what_the_unit_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = claim_of(x + 1, 1 + x)
    register(monkeypatch, made)
    base = Unit("test.k", "normal forms", "quick", 0, "cpu", 1e-8)
    key = Keys().unit(base)
    assert key is not None
    assert Keys().unit(base) == key
    assert Keys().unit(replace(base, level=1e-9)) == key  # algebra spends no level
    changed = [replace(base, effort="default"), replace(base, seed=1), replace(base, device="cuda")]
    assert len({key, *map(Keys().unit, changed)}) == 4
    register(monkeypatch, claim_of(x, 2 * x))
    assert Keys().unit(base) != key


def test_a_unit_key_follows_the_code_of_its_witness_only(monkeypatch: pytest.MonkeyPatch) -> None:
    made = claim_of(x + 1, 1 + x)
    register(monkeypatch, made)
    base = Unit("test.k", "normal forms", "quick", 0, "cpu", 1e-8)
    key = Keys().unit(base)
    read = Path.read_bytes

    def edited(name: str) -> str | None:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", lambda p: read(p) + (b"\n# edited\n" if p.name == name else b""))
            return Keys().unit(base)

    assert edited("scalar_algebra.py") != key
    assert edited("exact.py") != key  # what the witness imports
    assert edited("ranges.py") != key  # a class of the domain
    assert edited("network_sampling.py") == key
    assert edited("student_dynamics.py") == key


def test_keys_are_the_same_in_every_process() -> None:
    script = (
        "from crossproof.checks.keys import *; import sympy as sp\n"
        "from crossproof.derivations.claim import Claim, Source\n"
        "from crossproof.derivations.domain import Domain\n"
        "from crossproof.derivations.ranges import Positive\n"
        "from crossproof.derivations.statements.scalar import Identity\n"
        "x, y, z = sp.symbols('x y z', positive=True); k, l = sp.Dummy('k'), sp.Dummy('l')\n"
        "e = sp.sin(x) * y + z * sp.exp(x - y) + sp.Sum(x**k * y**l, (k, 0, 3), (l, 0, 4)) + x * z\n"
        "c = Claim('a.b', 't', Source('a', 'b'), Identity(e, x), Domain(x=Positive, y=Positive, z=Positive))\n"
        "print(claim_text(c)); print(run_key({'b': 1, 'a': [2]}))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
