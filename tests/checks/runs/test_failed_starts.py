"""Workers that cannot be started: a run goes on while some start, and ends with what it has when none does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from partial_package import sitecustomize

pytestmark = pytest.mark.slow

#: Each unit of a claim `dies.` ends its worker. A worker counts the starts and dies at those that FAILING names.
MODULE = """
import os, sys
import sympy as sp
from dataclasses import dataclass
from pathlib import Path
from crossproof import Domain, Positive, Source, claim
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.witness import witness
from crossproof.derivations.statement import Statement

if sys.argv[0] == "-c":
    starts = Path("starts")
    number = len(starts.read_text()) if starts.exists() else 0
    starts.write_text("x" * (number + 1))
    if number in eval(os.environ["FAILING"]): os._exit(7)

x = sp.Symbol("x", positive=True)


@dataclass(frozen=True)
class Behaviour(Statement):
    dies: bool
    def free_symbols(self): return {x}
    def latex(self): return "x"


@witness("behaves", kind=Kind.ALGEBRA, statement=Behaviour, starts_from="nothing")
def behaves(statement, task):
    if statement.dies: os._exit(9)
    return Finding(Outcome.PROVED, "fine")


for number in range(4):
    for dies in (False, True):
        claim(f"s.{number}.{'dies' if dies else 'fine'}", "s", source=Source("s", "here"), statement=Behaviour(dies),
              domain=Domain(x=Positive))
"""


def verify(folder: Path, failing: str) -> tuple[int, dict[str, str], list[str]]:
    """Verify with one worker whose starts `failing` fail; return the status, what was found, and stderr's lines."""
    (folder / "starting.py").write_text(MODULE)
    (folder / "sitecustomize.py").write_text(sitecustomize(torch=False))
    (folder / "starts").unlink(missing_ok=True)
    (folder / "out.json").unlink(missing_ok=True)
    command = Path(sys.executable).with_name("crossproof")
    options = ("--device", "cpu", "--workers", "1", "--json", "out.json", "--store", "store", "--fresh")
    done = subprocess.run(
        [str(command), "verify", "s.", "--claims", "starting", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "FAILING": failing},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    out = folder / "out.json"
    claims = json.loads(out.read_text(encoding="utf-8"))["claims"] if out.exists() else []
    found = {c["id"]: e["detail"] for c in claims for e in c["evidence"]}
    return done.returncode, found, done.stderr.splitlines()


def test_failures_with_a_success_between_them_end_nothing(tmp_path: Path) -> None:
    status, found, said = verify(tmp_path, "[0, 1, 3, 4, 6, 8]")
    assert (status, said) == (0, [])
    assert len((tmp_path / "starts").read_text()) == 10  # four good ones, since four units end their worker
    assert {i: d for i, d in found.items() if i.endswith("fine")} == {f"s.{k}.fine": "fine" for k in range(4)}
    assert {d for i, d in found.items() if i.endswith("dies")} == {"the worker died (exit status 9)"}


def test_when_workers_start_no_more_the_run_ends_with_what_it_has(tmp_path: Path) -> None:
    status, found, said = verify(tmp_path, "range(2, 100)")
    assert status == 2
    assert len((tmp_path / "starts").read_text()) == 5
    assert [found[f"s.{k}.fine"] for k in range(2)] == ["fine", "fine"]
    left = {i for i, d in found.items() if d.startswith("the worker died and no other does its work: ")}
    assert left == {f"s.{k}.{what}" for k in (2, 3) for what in ("fine", "dies")}
    (line,) = said
    assert line.startswith("crossproof: warning: worker processes do not start: the worker died (exit status 7); try ")
    assert line.endswith("; 4 of 8 examinations were not made")
    assert verify(tmp_path, "[]")[0] == 0


def test_when_none_starts_the_run_is_refused(tmp_path: Path) -> None:
    status, found, said = verify(tmp_path, "range(100)")
    assert (status, found) == (2, {})
    assert len(said) == 1
    assert "worker processes do not start: the worker died (exit status 7)" in said[0]
