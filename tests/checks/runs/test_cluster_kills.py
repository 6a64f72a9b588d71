"""The workers of a cluster are killed at twenty moments, and every run ends with the verdicts of a local one.

The runs are real, on a few claims of the catalog that every machine decides far within the limits of time, and examine
all of them each time. The modules that these do not need are left out, so that a worker starts in a second or two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from partial_package import sitecustomize

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

SCRIPT = """
import itertools, json, os, random, signal, subprocess, sys, threading, time

KILLS = 20

def main():
    import psutil
    from distributed import LocalCluster
    from crossproof.checks.runs import cluster_connection
    from crossproof.checks.runs.verify import verify_claims

    cluster_connection.CONNECT_SECONDS = 200.0  # on a busy machine a worker takes its time to start
    chance = random.Random(7)
    chosen = ["003.eq7.*", "003.eq10.*", "003.eq9.positive*", "003.decay", "004.gbm.*"]
    common = dict(selectors=chosen, effort="quick", device="cpu")
    said, killed, orphans, runs, over, workers, names = [], [], [], [], threading.Event(), {}, itertools.count()

    def verdicts(**options):
        found = verify_claims(**common, **options, warn=said.append).to_json()["claims"]
        for claim in found:
            for evidence in claim["evidence"]:
                del evidence["seconds"]
                if evidence["outcome"] == "undecided":  # how far a search came is told, and depends on the machine
                    del evidence["detail"]
        return found

    wanted = verdicts(workers=1)
    with LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1", silence_logs=50) as local:
        def start():
            name = f"worker-{next(names)}"
            options = ["--no-nanny", "--no-dashboard", "--nthreads", "1", "--name", name]
            workers[name] = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address, *options],
                stderr=subprocess.DEVNULL)

        def kill():
            while len(killed) < KILLS and not over.is_set():
                within, delay = chance.random() < 0.8, chance.uniform(0.0, 2.0)  # most while they run a unit
                here = []
                while not here and not over.wait(0.05):
                    here = sorted(w.name for w in local.scheduler.workers.values() if w.name in workers)
                    here = [n for n in here if not within or psutil.Process(workers[n].pid).children()]
                if here and not over.wait(delay):
                    victim = workers.pop(chance.choice(here))
                    orphans.extend(psutil.Process(victim.pid).children(recursive=True))
                    victim.kill()
                    killed.append(victim.wait())
                    start()

        start(), start()
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            while len(killed) < KILLS or not runs:
                runs.append(verdicts(scheduler=local.scheduler_address))
        finally:
            over.set()
            killer.join()
            for worker in workers.values():
                worker.kill()
                worker.wait()
        _, living = psutil.wait_procs(orphans, timeout=30)
    print(json.dumps({"wanted": wanted, "runs": runs, "killed": killed, "said": said,
                      "orphans": [len(orphans), len(living)]}))

if __name__ == "__main__":
    main()
"""


def test_twenty_kills_of_cluster_workers_change_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "sitecustomize.py").write_text(
        sitecustomize(
            ["diffusion_peak", "geometric_brownian"],
            [
                "scalars.equivalences",
                "scalars.extrema",
                "scalars.inequalities",
                "scalars.identities",
                "processes.algebra",
            ],
            torch=False,
        )
    )
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=590,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["killed"] == [-9] * 20
    assert result["said"] == []
    assert {"proved", "refuted"} <= {c["outcome"] for c in result["wanted"]}
    for run in result["runs"]:
        for found, wanted in zip(run, result["wanted"], strict=True):
            assert found == wanted
    stopped, living = result["orphans"]
    assert stopped >= 5  # not every worker was killed before it had begun
    assert living == 0
