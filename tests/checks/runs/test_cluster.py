"""A dask cluster gives the verdicts of a local run, also while its workers are being killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crossproof.checks.runs import cluster
from crossproof.checks.runs.verify import verify_claims
from crossproof.derivations.errors import UsageError

pytest.importorskip("distributed")

CLAIMS = """
import time
import sympy as sp
from dataclasses import dataclass
from crossproof import Domain, Positive, Source, claim
from crossproof.checks.evidence import Counterexample, Finding, Kind, Outcome
from crossproof.checks.witness import witness
from crossproof.derivations.statement import Statement

x = sp.Symbol("x", positive=True)


@dataclass(frozen=True)
class Slow(Statement):
    number: int
    def free_symbols(self): return {x}
    def latex(self): return f"x_{self.number}"


@witness("waits", kind=Kind.ALGEBRA, statement=Slow, starts_from="nothing")
def waits(statement, task):
    while statement.number == 3:
        pass
    time.sleep(0.7)
    if statement.number % 3 == 0:
        return Finding(Outcome.REFUTED, "odd", counterexample=Counterexample({"x": "1"}, "1", "2", "1"))
    return Finding(Outcome.PROVED, "waited")


@witness("draws", kind=Kind.MONTE_CARLO, statement=Slow, starts_from="a stream")
def draws(statement, task):
    time.sleep(0.3)
    value = task.draws().uniform(1).item()
    return Finding(Outcome.CONFIRMED, f"drew {value!r}", resolution=0.1)


for number in range(6):
    claim(f"slow.{number}", "slow", source=Source("slow", "here"), statement=Slow(number), domain=Domain(x=Positive))
"""

SCRIPT = """
import json, os, signal, sys, time
from dataclasses import replace

def main():
    import psutil
    from distributed import LocalCluster
    from crossproof.checks import effort
    from crossproof.checks.runs.verify import verify_claims
    from crossproof.derivations.errors import CrossproofError

    effort.EFFORTS["quick"] = replace(effort.EFFORTS["quick"], algebra_seconds=4.0)
    common = dict(modules=["slow_claims", "text.toml"], effort="quick", device="cpu", seed=5, memory=256)
    killed, orphans = [], []

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
                      host="127.0.0.1") as local:
        def kill_some(done, total, unit, evidence):
            if done in (2, 7):
                victim = local.workers[len(killed)].pid
                orphans.extend(psutil.Process(victim).children(recursive=True))
                killed.append(victim)
                os.kill(victim, signal.SIGKILL)

        stormy = verify_claims(["slow.", "text."], scheduler=local.scheduler_address, progress=kill_some, **common)
        _, alive = psutil.wait_procs(orphans, timeout=20)
        sys.path.insert(0, "elsewhere")
        try:
            verify_claims(["here."], scheduler=local.scheduler_address, **common | {"modules": ["here_only"]})
            message = ""
        except CrossproofError as error:
            message = str(error)
        kept = [p for w in local.workers.values() for p in psutil.Process(w.pid).children()]
    one, two = (verify_claims(["slow.", "text."], workers=n, **common) for n in (1, 2))
    runs = [r.to_json()["claims"] for r in (stormy, one, two)]
    for run in runs:
        for c in run:
            for e in c["evidence"]:
                del e["seconds"]
    print(json.dumps({"runs": runs, "killed": len(killed), "orphans": [len(orphans), len(alive)],
                      "kept": len(kept), "message": message}))

if __name__ == "__main__":
    main()
"""

HERE = """
from crossproof import Domain, Positive, Source, claim, positive
from crossproof.derivations.statements.scalar import Identity
x = positive("x")
claim("here.one", "One.", source=Source("here", "here"), statement=Identity(x + x, 2 * x), domain=Domain(x=Positive))
"""

TEXT = """
[[claim]]
id = "text.one"
title = "One."
document = "text"
place = "here"
type = "identity"
equation = "x + x == 2*x"
domain = {x = "real"}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("cluster")
    Path(folder, "slow_claims.py").write_text(CLAIMS)
    Path(folder, "script.py").write_text(SCRIPT)
    Path(folder, "text.toml").write_text(TEXT)
    Path(folder, "elsewhere").mkdir()
    Path(folder, "elsewhere", "here_only.py").write_text(HERE)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_cluster_whose_workers_are_killed_gives_the_verdicts_of_a_local_run(result: dict[str, Any]) -> None:
    cluster_run, one, two = result["runs"]
    assert result["killed"] == 2
    assert one == two
    assert cluster_run == one


@pytest.mark.slow
def test_the_time_limit_holds_on_the_cluster(result: dict[str, Any]) -> None:
    details = [e["detail"] for c in result["runs"][0] for e in c["evidence"]]
    assert sum(detail.startswith("stopped at its time limit of 4 s") for detail in details) == 1


@pytest.mark.slow
def test_a_killed_worker_leaves_no_process_behind_and_neither_does_a_run(result: dict[str, Any]) -> None:
    found, alive = result["orphans"]
    assert found >= 1
    assert alive == 0
    assert result["kept"] == 0


@pytest.mark.slow
def test_a_module_that_the_workers_do_not_have_is_named(result: dict[str, Any]) -> None:
    assert "cannot load the claims: cannot import 'here_only'" in result["message"]


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(UsageError, match=r"no dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        verify_claims(["004.gbm.log"], device="cpu", effort="quick", scheduler="tcp://127.0.0.1:9")


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'crossproof\[cluster\]'"):
        verify_claims(["004.gbm.log"], device="cpu", effort="quick", scheduler="tcp://127.0.0.1:9")


def test_workers_and_scheduler_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="both given"):
        verify_claims(["004.gbm.log"], device="cpu", workers=2, scheduler="tcp://127.0.0.1:9")
