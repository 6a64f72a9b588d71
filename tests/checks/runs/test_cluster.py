"""A dask cluster gives the verdicts of a local run, also while its workers are being killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome
from crossproof.checks.runs import cluster, cluster_connection
from crossproof.checks.runs.unit import Unit, load_catalog
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


def _listening(answer: bytes) -> socket.socket:
    """Return a socket that takes connections; it stays silent, or gives each `answer`."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(answer)

    if answer:
        threading.Thread(target=serve, daemon=True).start()
    return listening


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\nThis is no scheduler of dask.", None])
def test_a_wrong_address_is_one_line_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], answer: bytes | None
) -> None:
    monkeypatch.setattr(cluster_connection, "ANSWER_SECONDS", 0.5)
    distributed = cluster_connection.distributed_package()
    monkeypatch.setattr(distributed, "Client", lambda *_, **__: pytest.fail("the client asks again and again"))
    with contextlib.ExitStack() as stack:
        port = 9 if answer is None else stack.enter_context(_listening(answer)).getsockname()[1]
        address = f"tcp://127.0.0.1:{port}"
        with pytest.raises(UsageError) as refusal:
            verify_claims(["004.gbm.log"], device="cpu", effort="quick", scheduler=address)
    assert re.fullmatch(
        rf"no dask scheduler answers at '{address}' \(.+\); give the address that `dask scheduler` prints .*8786",
        str(refusal.value),
    )
    assert capfd.readouterr() == ("", "")


def test_the_address_of_a_worker_is_named_as_such() -> None:
    import distributed

    options = {
        "threads_per_worker": 1,
        "processes": False,
        "dashboard_address": ":0",
        "protocol": "tcp",
        "silence_logs": 50,
    }
    with distributed.LocalCluster(n_workers=1, host="127.0.0.1", **options) as local:
        cluster_connection.check_address(local.scheduler_address)
        with pytest.raises(UsageError, match="this is the address of a worker of dask"):
            cluster_connection.check_address(local.workers[0].address)


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'crossproof\[cluster\]'"):
        verify_claims(["004.gbm.log"], device="cpu", effort="quick", scheduler="tcp://127.0.0.1:9")


def test_workers_and_scheduler_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="both given"):
        verify_claims(["004.gbm.log"], device="cpu", workers=2, scheduler="tcp://127.0.0.1:9")


# Workers of another code


UNITS = [Unit("003.eq7", "normal forms", "quick", seed, "cpu", 1e-9) for seed in range(12)]
#: What the worker that joins later does, by the name of the test.
LATER = ("has another version", "has no such module", "cannot load the claims", "answers in another form")


def _is_late(worker: Any) -> bool:
    return worker.name == 1


def code_of(dask_worker: Any) -> str:
    """Stand in for `code_here` where it is asked of workers."""
    if _is_late(dask_worker) and ROLE[0] == LATER[1]:
        raise ModuleNotFoundError
    return "crossproof 0.0.1 (other)" if _is_late(dask_worker) and ROLE[0] == LATER[0] else cluster.code_here()


ROLE = [""]


def answer_of(token: str, unit: Unit, *_: object) -> object:
    """Stand in for `cluster_worker.run`; what the late worker finds would be a false refutation."""
    from distributed import get_worker

    time.sleep(0.05)
    late = _is_late(get_worker())
    example = Counterexample({}, "1", "2", "1") if late else None
    finding = Finding(Outcome.REFUTED if late else Outcome.PROVED, "found", counterexample=example)
    found = Evidence(unit.witness, Kind.ALGEBRA, "nothing", finding, None, {}, 0.0)
    if late and ROLE[0] == LATER[0]:
        return "crossproof 0.0.1 (other)", found
    if late and ROLE[0] == LATER[1]:
        raise ModuleNotFoundError("No module named 'crossproof.checks.runs.cluster_worker'")
    if late and ROLE[0] == LATER[2]:
        return cluster.code_here(), "a worker process cannot load the claims: cannot import 'mine'"
    return found if late else (cluster.code_here(), found)


@pytest.mark.parametrize("role", LATER)
def test_a_worker_that_joins_later_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """Two workers in threads; the second one joins when the first result is there."""
    import distributed

    load_catalog()
    monkeypatch.setitem(globals(), "ROLE", [role])
    monkeypatch.setattr(cluster, "run", answer_of)
    monkeypatch.setattr(cluster, "codes_of_workers", lambda client: client.run(code_of, on_error="return"))
    asked: list[str] = []
    said: list[str] = []
    options = {
        "threads_per_worker": 1,
        "processes": False,
        "dashboard_address": ":0",
        "protocol": "tcp",
        "silence_logs": 50,
    }
    with distributed.LocalCluster(n_workers=1, host="127.0.0.1", **options) as local:

        def joins(unit: Unit, evidence: Evidence) -> None:
            asked.append(evidence.finding.outcome)
            if len(asked) == 1:
                local.scale(2)
                while len(local.scheduler.workers) < 2:
                    time.sleep(0.01)
                time.sleep(0.5)

        found = cluster.run_on_cluster(UNITS, local.scheduler_address, progress=joins, warn=said.append)
    assert set(found) == set(UNITS)
    assert {e.finding.outcome for e in found.values()} == {Outcome.PROVED}
    assert len(asked) == len(UNITS)
    assert len(said) == 1, said
    assert said[0].startswith(f"a worker of {local.scheduler_address} ")
    assert "its answers are refused and their units run again by others" in said[0]
