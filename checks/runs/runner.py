"""Runs units over worker processes, with hard limits of time and memory on each, and merges in a fixed order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import wait

from ...derivations.errors import CrossproofError, UsageError
from ..evidence import Evidence
from .unit import Unit
from .worker_process import MEMORY_MIB, WATCH_SECONDS, Stopped, Worker


def check_memory(memory: int) -> None:
    """Raise UsageError unless `memory` is a number of MiB that a witness can work in."""
    if isinstance(memory, bool) or not isinstance(memory, int) or memory < 1:
        raise UsageError(f"memory is {memory!r}; give the MiB that one unit may use, an integer >= 1")


def run_units(
    units: Iterable[Unit],
    *,
    workers: int | None = None,
    modules: Sequence[str] = (),
    memory: int = MEMORY_MIB,
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
        Modules and files of user claims that every worker loads.
    memory : int
        MiB that one unit may use beyond what its worker uses before it; a unit that takes more is stopped.
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
    pool: list[Worker] = []
    failed_starts = 0

    def finish(worker: Worker, evidence: Evidence) -> None:
        assert worker.unit is not None
        results[worker.unit] = evidence
        progress(worker.unit, evidence)
        worker.unit = None

    def replace(worker: Worker, reason: str = "") -> None:
        nonlocal failed_starts
        worker.stop()
        pool.remove(worker)
        if worker.unit is not None:
            finish(worker, Stopped(reason, worker.allowance.elapsed).evidence(worker.unit))
        elif not worker.ready:
            failed_starts += 1
            if failed_starts > 2:
                raise CrossproofError(
                    f"worker processes do not start: {reason}; try `python -c 'import crossproof.checks.runs.worker'`"
                )
        if waiting:
            pool.append(Worker(modules, memory))

    def give(worker: Worker) -> None:
        unit = waiting.popleft()
        try:
            worker.give(unit)
        except OSError:  # it died while it had nothing to do, so the unit is still to be run
            worker.unit = None
            waiting.appendleft(unit)
            replace(worker)

    try:
        pool.extend(Worker(modules, memory) for _ in range(count if total else 0))
        while len(results) < total:
            for worker in list(pool):
                reason = worker.overrun()
                if reason is not None:
                    replace(worker, reason)
                elif worker.ready and worker.unit is None and waiting:
                    if worker.swollen:
                        replace(worker)
                    else:
                        give(worker)
            busy = [w for w in pool if w.unit or not w.ready]
            for connection in wait([w.incoming for w in busy], timeout=WATCH_SECONDS):
                worker = next(w for w in pool if w.incoming is connection)
                try:
                    message = worker.incoming.recv()
                except (EOFError, OSError):
                    replace(worker, worker.death())
                    continue
                if worker.ready:
                    finish(worker, message)
                else:
                    worker.greeted(message)
        return results
    finally:
        for worker in pool:
            worker.stop()
