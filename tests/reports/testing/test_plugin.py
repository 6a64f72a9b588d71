"""The pytest plugin, run by pytest itself in a folder with a small module of claims."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from partial_package import sitecustomize

#: The witnesses below decide by what a claim says of itself; the time limit is short so that a hanging one is stopped.
MODULE = """
import os, time
import sympy as sp
from dataclasses import dataclass, replace
from crossproof import Domain, Positive, Source, claim
from crossproof.checks import effort
from crossproof.checks.evidence import Counterexample, Finding, Kind, Outcome
from crossproof.checks.witness import witness
from crossproof.derivations.statement import Statement

effort.EFFORTS["quick"] = replace(effort.EFFORTS["quick"], algebra_seconds=2.0)
x = sp.Symbol("x", positive=True)
REFUTED = Finding(Outcome.REFUTED, "at x = 1/2 they differ", counterexample=Counterexample({"x": "1/2"}, "1", "2", "1"))


@dataclass(frozen=True)
class Behaviour(Statement):
    what: str
    def free_symbols(self): return {x}
    def latex(self): return "x"


@witness("algebra", kind=Kind.ALGEBRA, statement=Behaviour, starts_from="nothing")
def algebra(statement, task):
    what = statement.what
    if what == "hang":
        while True: pass
    if what == "die": os._exit(9)
    if what in ("false", "torn"): return REFUTED
    return Finding(Outcome.PROVED, "reduced to 0") if what == "true" else Finding(Outcome.UNDECIDED, "out of reach")


@witness("numerics", kind=Kind.DETERMINISTIC, statement=Behaviour, starts_from="the statement",
         applies=lambda statement: statement.what not in ("hang", "die"))
def numerics(statement, task):
    if statement.what in ("shaky", "torn"): return Finding(Outcome.CONFIRMED, "agrees", resolution=0.01 + task.seed)
    return Finding(Outcome.UNDECIDED, "no grid")


def state(name, what):
    claim("mine." + name, f"It is {what}.", source=Source("my-notes", f"eq. {name}"), statement=Behaviour(what),
          domain=Domain(x=Positive))


for name, what in (("true", "true"), ("false", "false"), ("known", "false"), ("moved", "true"), ("shaky", "shaky"),
                   ("open", "open"), ("parked", "open"), ("torn", "torn"), ("hang", "hang"), ("die", "die")):
    state(name, what)
"""

LOCK = {
    "version": 1,
    "claims": {
        "mine.known": "refuted",
        "mine.moved": "refuted",
        "mine.parked": "undecided",
        "mine.shaky": "proved",
        "mine.torn": "undecided",
    },
}

FALSE = """\
mine.false: It is false.
source: document my-notes, eq. false
verdict: refuted (not reviewed)
counterexample: at x = 1/2
  stated: 1
  found:  2
  gap:    1
refuted by algebra (algebra): at x = 1/2 they differ
undecided by numerics (deterministic numerics): no grid
"""


def run_pytest(folder: Path, *arguments: str, plugins: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    named = [flag for plugin in ("crossproof.reports.testing.plugin", *plugins) for flag in ("-p", plugin)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *named, "-W", "error", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def populate(folder: Path) -> Path:
    (folder / "sitecustomize.py").write_text(sitecustomize())
    (folder / "claims_of_mine.py").write_text(MODULE)
    (folder / "verdicts.lock.json").write_text(json.dumps(LOCK))
    (folder / "test_other.py").write_text("def test_other(): pass\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\ncrossproof_claims = claims_of_mine\n")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return populate(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def session(folder: Path) -> subprocess.CompletedProcess[str]:
    return run_pytest(folder, "--crossproof", "--crossproof-effort=quick", "-v", "--junitxml=out.xml")


@pytest.fixture(scope="module")
def cases(folder: Path, session: subprocess.CompletedProcess[str]) -> dict[str, ElementTree.Element]:
    return {case.attrib["name"]: case for case in ElementTree.parse(folder / "out.xml").iter("testcase")}


def test_every_claim_is_an_item_beside_the_tests(session) -> None:
    assert session.returncode == 1, session.stdout + session.stderr
    assert "collected 11 items" in session.stdout
    assert "6 failed, 5 passed" in session.stdout
    assert "claim::mine.true PASSED" in session.stdout
    assert "test_other.py::test_other PASSED" in session.stdout


@pytest.mark.parametrize("name", ["true", "known", "parked", "shaky"])
def test_what_holds_or_is_reviewed_so_passes(cases, name: str) -> None:
    assert cases[f"mine.{name}"].find("failure") is None


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("false", "verdict: refuted (not reviewed)"),
        ("moved", "verdict: proved (reviewed as refuted)"),
        ("open", "verdict: undecided (not reviewed)"),
        ("torn", "verdict: CONTRADICTION between 'algebra' and 'numerics' (reviewed as undecided)"),
        ("hang", "undecided by algebra (algebra): stopped at its time limit of 2 s"),
        ("die", "undecided by algebra (algebra): the worker died (exit status 9)"),
    ],
)
def test_what_is_not_as_expected_fails_with_its_verdict(cases, name: str, verdict: str) -> None:
    failure = cases[f"mine.{name}"].find("failure")
    assert failure is not None
    assert verdict in str(failure.text)


def test_a_failure_is_the_verdict_and_no_traceback(session) -> None:
    assert FALSE in session.stdout
    assert "Traceback" not in session.stdout
    assert "pytest_plugin.py" not in session.stdout


def test_junit_names_the_claim_and_its_outcome(cases) -> None:
    case = cases["mine.shaky"]
    assert case.attrib["classname"] == "claim"
    assert {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")} == {
        "crossproof_outcome": "confirmed",
        "crossproof_resolution": "0.01",
    }


def test_last_failed_runs_the_failures_only(folder: Path, session) -> None:
    done = run_pytest(folder, "--crossproof", "--lf", "--collect-only", "-q")
    collected = {line for line in done.stdout.splitlines() if "::" in line}
    assert collected == {f"claim::mine.{n}" for n in ("false", "moved", "open", "torn", "hang", "die")}


def test_node_ids_marks_and_names_select(folder: Path) -> None:
    marks = "crossproof and document_my_notes and subject_claims_of_mine"
    wanted = ["claim::mine.true", "claim::mine.shaky", "claim::mine.known"]
    done = run_pytest(folder, "--crossproof", *wanted, "-m", marks, "-k", "mine.shaky", "--crossproof-seed=1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 deselected" in done.stdout
    assert "verdict: confirmed (reviewed as proved)" in done.stdout  # a loss at default effort, not at quick


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--crossproof-seed=-1"], "--crossproof-seed is '-1'; give an integer >= 0"),
        (["--crossproof-lock=none.json"], "there is no file 'none.json'"),
        (["--crossproof-lock=pytest.ini"], "not a file of reviewed outcomes"),
    ],
)
def test_bad_options_are_usage_errors_of_one_line(folder: Path, options: list[str], message: str) -> None:
    done = run_pytest(folder, "--crossproof", *options)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_the_option_nothing_is_collected(folder: Path) -> None:
    done = run_pytest(folder, "--collect-only", "-q")
    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if "::" in line] == ["test_other.py::test_other"]


def test_the_plugin_imports_neither_sympy_nor_torch() -> None:
    script = (
        "import sys, crossproof.reports.testing.plugin\n"
        "loaded = {'sympy', 'torch', 'numpy', 'crossproof.derivations.claim'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_xdist_shares_the_claims_out(tmp_path: Path) -> None:
    populate(tmp_path)
    done = run_pytest(
        tmp_path, "--crossproof", "--crossproof-effort=quick", "-n2", "-v", "-k", "true or known or false",
        plugins=("xdist.plugin",),
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "2 workers" in done.stdout
    assert FALSE in done.stdout


def test_an_unknown_id_is_an_error_without_a_traceback(folder: Path) -> None:
    done = run_pytest(folder, "--crossproof", "claim::mine.nothing")
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "no claim 'mine.nothing' among the 10 that are collected" in done.stdout
    assert "Traceback" not in done.stdout


TOML = """
[[claim]]
id = "written.holds"
title = "Twice x."
document = "written"
place = "(1)"
type = "identity"
equation = "x + x == 2*x"
domain = {x = "positive"}

[[claim]]
id = "written.fails"
title = "Thrice x."
document = "written"
place = "(2)"
type = "identity"
equation = "x + x == 3*x"
domain = {x = "positive"}
"""


#: Stands for the witnesses that are left out.
WITNESS = """
from crossproof.checks.evidence import Kind
from crossproof.checks.judgement.exact import Residual, judge
from crossproof.checks.witness import witness
from crossproof.derivations.statements.scalar import Identity


@witness("looks", kind=Kind.ALGEBRA, statement=Identity, starts_from="the two sides")
def looks(statement, task):
    return judge([Residual("the value", statement.rhs, statement.lhs)], task, method="looking")
"""


@pytest.mark.slow
def test_claims_of_a_toml_file_are_items_too(tmp_path: Path) -> None:
    """Named as an option, shared out by xdist, written as junit, run again by --lf, and named in the ini file."""
    (tmp_path / "sitecustomize.py").write_text(sitecustomize())
    (tmp_path / "looks.py").write_text(WITNESS)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "claims.toml").write_text(TOML)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    named = [f"--crossproof-claims={name}" for name in ("notes/claims.toml", "looks")]
    options = ["-n2", "-v", "-m", "subject_claims", "--junitxml=out.xml"]
    done = run_pytest(tmp_path, "--crossproof", *named, *options, plugins=("xdist.plugin",))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "verdict: refuted (not reviewed)" in done.stdout
    assert "Traceback" not in done.stdout
    cases = {case.attrib["name"]: case for case in ElementTree.parse(tmp_path / "out.xml").iter("testcase")}
    assert [cases[f"written.{n}"].find("failure") is None for n in ("holds", "fails")] == [True, False]
    (tmp_path / "pytest.ini").write_text("[pytest]\ncrossproof_claims = notes/claims.toml looks\n")
    again = run_pytest(tmp_path, "--crossproof", "--lf", "--collect-only", "-q")
    assert [line for line in again.stdout.splitlines() if "::" in line] == ["claim::written.fails"], again.stdout


def test_a_malformed_claim_fails_alone(folder: Path) -> None:
    (folder / "malformed.toml").write_text(TOML.replace("x + x == 2*x", "x + y == 2*x"))
    done = run_pytest(folder, "--crossproof", "--crossproof-claims=malformed.toml", "-v")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "claim::written.fails FAILED" in done.stdout  # no witness is there to speak to it
    assert "claim::malformed-1 FAILED" in done.stdout
    assert "malformed.toml: claim written.holds: equation: 'y' at position 5 of 'x + y == 2*x'" in done.stdout
    assert "Traceback" not in done.stdout
    named = run_pytest(folder, "--crossproof", "--crossproof-claims=malformed.toml", "claim::written.holds")
    assert "no claim 'written.holds' among the 1 that are collected; " in named.stdout
    assert "'y' at position 5" in named.stdout


def test_a_file_that_cannot_be_read_is_an_error_without_a_traceback(folder: Path) -> None:
    done = run_pytest(folder, "--crossproof", "--crossproof-claims=none.toml")
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "cannot read" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_conftest_that_loads_the_claims_first_changes_nothing(tmp_path: Path) -> None:
    """Neither claims that another module registered before, nor the order of imports, decide what is collected."""
    populate(tmp_path)
    (tmp_path / "theirs.py").write_text(
        "import sympy as sp\n"
        "from crossproof import Domain, Positive, Source, claim\n"
        "from crossproof.derivations.statements.scalar import Identity\n"
        "x = sp.Symbol('x', positive=True)\n"
        "claim('theirs.one', 't', source=Source('d', 'p'), statement=Identity(x, x), domain=Domain(x=Positive))\n"
    )
    (tmp_path / "conftest.py").write_text("import theirs, claims_of_mine\n")
    done = run_pytest(tmp_path, "--crossproof", "--collect-only", "-q", "-m", "subject_claims_of_mine")
    collected = [line for line in done.stdout.splitlines() if line.startswith("claim::")]
    assert len(collected) == 10, done.stdout + done.stderr
    assert all(line.startswith("claim::mine.") for line in collected)
