"""Runs units over worker processes, with a hard time limit on each, and merges the results in a fixed order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection, wait

from ..derivations.errors import CrossproofError
from .evidence import Evidence, Finding, Outcome
from .unit import Unit, evidence_of, limit_seconds

#: Seconds that a worker may take to import everything before it is given up.
START_SECONDS = 120.0


class _Worker:
    """One worker process with its two pipes."""

    def __init__(self, modules: Sequence[str]) -> None:
        read_child, write_parent = os.pipe()
        read_parent, write_child = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crossproof.checks.worker", str(read_child), str(write_child), *modules],
            pass_fds=(read_child, write_child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C reaches the parent alone, which stops its workers
        )
        os.close(read_child)
        os.close(write_child)
        self.incoming = Connection(read_parent, writable=False)
        self.outgoing = Connection(write_parent, readable=False)
        self.unit: Unit | None = None
        self.ready = False
        self.deadline = time.monotonic() + START_SECONDS
        self.started = time.monotonic()

    def give(self, unit: Unit) -> None:
        self.unit = unit
        self.started = time.monotonic()
        self.deadline = self.started + limit_seconds(unit)
        self.outgoing.send(unit)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.incoming.close()
        self.outgoing.close()


def run_units(
    units: Iterable[Unit],
    *,
    workers: int | None = None,
    modules: Sequence[str] = (),
    progress: Callable[[Unit, Evidence], None] = lambda unit, evidence: None,
) -> dict[Unit, Evidence]:
    """Run every unit and return its evidence.

    Parameters
    ----------
    units : iterable of Unit
        Work; each unit is independent of the others.
    workers : int, optional
        Number of processes; all cores by default. The results do not depend on it.
    modules : sequence of str
        Modules of user claims that every worker imports.
    progress : callable
        Called with each unit and its evidence as it arrives.

    Raises
    ------
    CrossproofError
        If workers cannot be started.
    """
    waiting = deque(units)
    results: dict[Unit, Evidence] = {}
    total = len(waiting)
    count = min(workers if workers is not None else os.cpu_count() or 1, max(total, 1))
    pool: list[_Worker] = []
    failed_starts = 0

    def finish(worker: _Worker, evidence: Evidence) -> None:
        assert worker.unit is not None
        results[worker.unit] = evidence
        progress(worker.unit, evidence)
        worker.unit = None

    def replace(worker: _Worker, reason: str) -> None:
        nonlocal failed_starts
        worker.stop()
        pool.remove(worker)
        if worker.unit is not None:
            seconds = time.monotonic() - worker.started
            finish(worker, evidence_of(worker.unit, Finding(Outcome.UNDECIDED, reason), seconds))
        elif not worker.ready:
            failed_starts += 1
            if failed_starts > 2:
                raise CrossproofError(
                    "worker processes do not start; try `python -m crossproof.checks.worker 0 1`"
                )
        if waiting:
            pool.append(_Worker(modules))

    try:
        pool.extend(_Worker(modules) for _ in range(count if total else 0))
        while len(results) < total:
            now = time.monotonic()
            for worker in list(pool):
                if worker.deadline <= now and (worker.unit or not worker.ready):
                    limit = worker.deadline - worker.started
                    replace(worker, f"stopped at its time limit of {limit:.0f} s")
                elif worker.ready and worker.unit is None and waiting:
                    worker.give(waiting.popleft())
            busy = [w for w in pool if w.unit or not w.ready]
            timeout = max(0.0, min((w.deadline for w in busy), default=now) - time.monotonic())
            for connection in wait([w.incoming for w in busy], timeout=timeout):
                worker = next(w for w in pool if w.incoming is connection)
                try:
                    message = worker.incoming.recv()
                except (EOFError, OSError):
                    replace(worker, f"the worker died (exit status {worker.process.wait()})")
                    continue
                if worker.ready:
                    finish(worker, message)
                else:
                    worker.ready = True
        return results
    finally:
        for worker in pool:
            worker.stop()
