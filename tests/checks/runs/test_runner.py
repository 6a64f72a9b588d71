"""The runner survives witnesses that raise, hang, die or break their contract, and merges in a fixed order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from partial_package import sitecustomize

pytestmark = pytest.mark.slow

FAULTY = """
import mmap, os, pickle, struct, subprocess, sys
import sympy as sp
from dataclasses import dataclass
from crossproof import Domain, Positive, Source, claim
from crossproof.checks.evidence import Counterexample, Finding, Kind, Outcome
from crossproof.checks.witness import witness
from crossproof.derivations.statement import Statement

x = sp.Symbol("x", positive=True)
BODY = pickle.dumps("proved")
JUNK = struct.pack("!i", len(BODY)) + BODY


@dataclass(frozen=True)
class Behaviour(Statement):
    what: str
    def free_symbols(self): return {x}
    def latex(self): return "x"


@witness("behaves", kind=Kind.ALGEBRA, statement=Behaviour, starts_from="nothing")
def behaves(statement, task):
    what = statement.what
    if what == "raise": raise RuntimeError("on purpose")
    if what == "hang":
        while True: pass
    if what == "die": os._exit(9)
    if what == "eat":
        eaten = []
        while True: eaten.append(bytearray(2**23))
    if what == "share":
        shared = [mmap.mmap(-1, 2**23) for _ in range(100)]
        for part in shared: part[:] = bytes(2**23)
        while True: pass
    if what == "let eat":
        code = "eaten = []\\nwhile True: eaten.append(bytearray(b'x') * 2**23)"
        subprocess.run([sys.executable, "-c", code], start_new_session=True)
    if what == "junk": os.write(int(sys.argv[-1]), b"junk")
    if what == "another answer": os.write(int(sys.argv[-1]), JUNK)
    if what == "hang up":
        os.close(int(sys.argv[-1]))
        while True: pass
    if what == "ask too much": bytearray(2**60)
    if what == "leave": raise SystemExit(0)
    if what == "nan": return Finding(Outcome.CONFIRMED, "nan", resolution=float("nan"))
    if what == "bare": return True
    if what == "silent": return Finding(Outcome.REFUTED, "no counterexample")
    if what == "vague": return Finding(Outcome.CONFIRMED, "no resolution")
    if what == "infinite":
        return Finding(Outcome.REFUTED, "far", effect=float("inf"), counterexample=Counterexample({}, "1", "2", "1"))
    if what == "no gap": return Finding(Outcome.REFUTED, "far", counterexample=Counterexample({}, "1", "zoo", "zoo"))
    if what == "undefined":
        return Finding(Outcome.UNDEFINED, "no value", counterexample=Counterexample({"x": "1"}, "a value", "none", ""))
    if what == "undefined nowhere": return Finding(Outcome.UNDEFINED, "no value")
    return Finding(Outcome.PROVED, what)


@witness("samples", kind=Kind.MONTE_CARLO, statement=Behaviour, starts_from="a stream")
def samples(statement, task):
    if statement.what == "sampled proof": return Finding(Outcome.PROVED, "by sampling")
    if statement.what == "sampled certainty":
        return Finding(Outcome.REFUTED, "by sampling", counterexample=Counterexample({}, "1", "2", "1"), certified=True)
    value = task.draws().uniform(1).item()
    return Finding(Outcome.CONFIRMED, f"drew {value!r}", resolution=0.1)


for what in ("fine", "raise", "hang", "die", "nan", "bare", "silent", "vague", "sampled proof",
             "infinite", "no gap", "undefined", "undefined nowhere", "sampled certainty",
             "eat", "share", "let eat", "ask too much", "leave", "junk", "another answer", "hang up"):
    claim("fault." + what.replace(" ", "-"), what, source=Source("fault", "here"), statement=Behaviour(what),
          domain=Domain(x=Positive))
"""

SCRIPT = """
import json, sys
from dataclasses import replace
from crossproof.checks import effort
effort.EFFORTS["quick"] = replace(effort.EFFORTS["quick"], algebra_seconds=2.0)
from crossproof.checks.runs.verify import verify_claims
runs = [verify_claims([wanted], modules=["faulty"], effort="quick", device="cpu", seed=s, workers=w, memory=256)
        for wanted, s, w in (("fault.", 5, 1), ("fault.", 5, 3), ("fault.fine", 6, 2))]
print(json.dumps([r.to_json() for r in runs]))
"""


def _without_times(run: dict) -> list[dict]:
    for c in run["claims"]:
        for e in c["evidence"]:
            e.pop("seconds")
    return run["claims"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict]]:
    folder = tmp_path_factory.mktemp("faulty")
    Path(folder, "faulty.py").write_text(FAULTY)
    Path(folder, "sitecustomize.py").write_text(sitecustomize())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=590,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [_without_times(r) for r in json.loads(done.stdout)]


def _detail(run: list[dict], claim: str, witness: str) -> str:
    (found,) = [e for c in run if c["id"] == claim for e in c["evidence"] if e["witness"] == witness]
    return f"{found['outcome']}: {found['detail']}"


@pytest.mark.parametrize(
    ("claim", "witness", "message"),
    [
        ("fault.fine", "behaves", "proved: fine"),
        ("fault.raise", "behaves", "undecided: the witness failed with RuntimeError: on purpose (faulty.py, line "),
        ("fault.raise", "behaves", "; nothing was decided by it"),
        ("fault.infinite", "behaves", "undecided: WitnessError: witness 'behaves' returned effect = inf"),
        ("fault.no-gap", "behaves", "by a gap of zoo; that is no difference"),
        ("fault.undefined", "behaves", "undefined: no value"),
        ("fault.undefined-nowhere", "behaves", "finds no meaning in fault.undefined-nowhere without a counterexample"),
        ("fault.sampled-certainty", "samples", "only an exact value or a ball certifies a refutation"),
        ("fault.hang", "behaves", "undecided: stopped at its time limit of 2 s"),
        ("fault.die", "behaves", "undecided: the worker died (exit status 9)"),
        ("fault.nan", "behaves", "resolution = NaN"),
        ("fault.bare", "behaves", "must return a Finding"),
        ("fault.silent", "behaves", "without a counterexample"),
        ("fault.vague", "behaves", "without a resolution"),
        ("fault.sampled-proof", "samples", "a proof by sampling"),
        ("fault.eat", "behaves", "undecided: stopped at its memory limit of 256 MiB"),
        ("fault.ask-too-much", "behaves", "undecided: stopped at its memory limit: the system refused"),
        ("fault.share", "behaves", "undecided: stopped at its memory limit of 256 MiB"),
        ("fault.let-eat", "behaves", "undecided: stopped at its memory limit of 256 MiB"),
        ("fault.junk", "behaves", "undecided: the worker died (stopped, because it sent something else than evidence)"),
        ("fault.another-answer", "behaves", "undecided: the worker died (stopped, because it sent something else"),
        ("fault.hang-up", "behaves", "undecided: the worker died (exit status -9)"),
        ("fault.leave", "behaves", "undecided: the worker died (exit status 0)"),
    ],
)
def test_a_fault_ends_as_undecided_with_its_reason(runs, claim: str, witness: str, message: str) -> None:
    assert message in _detail(runs[0], claim, witness)


def test_nothing_else_is_lost(runs) -> None:
    assert all(len(c["evidence"]) == 2 for run in runs for c in run)
    assert sum(c["outcome"] == "undecided" for c in runs[0]) == 0 or all(
        e["outcome"] == "undecided" for c in runs[0] if c["outcome"] == "undecided" for e in c["evidence"]
    )


def test_the_number_of_workers_changes_nothing(runs) -> None:
    assert runs[0] == runs[1]


def test_the_seed_reaches_the_streams(runs) -> None:
    draws = {_detail(run, "fault.fine", "samples") for run in runs}
    assert len(draws) == 2
