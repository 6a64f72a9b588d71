"""Runs units over worker processes, with hard limits of time and memory on each, and merges in a fixed order."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import wait

from ...derivations.errors import CrossproofError, UsageError
from ..evidence import Evidence
from .unit import Unit
from .worker_process import MEMORY_MIB, WATCH_SECONDS, LostError, Stopped, Worker, left_undone

#: Failed starts of workers, with none that succeeds between them, after which no more are started.
_STARTS = 3
_REMEDY = "try `python -c 'import crossproof.checks.runs.worker'`"


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
    warn: Callable[[str], None] = lambda message: None,
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
    warn : callable
        Called with one line when workers no longer start, and units are left undone for it.

    Raises
    ------
    CrossproofError
        If no worker can be started.
    """
    waiting = deque(units)
    results: dict[Unit, Evidence] = {}
    total = len(waiting)
    count = min(workers if workers is not None else os.cpu_count() or 1, max(total, 1))
    pool: list[Worker] = []
    failed_starts, ever_started, obstacle = 0, False, ""
    watched = time.monotonic()

    def start() -> None:
        """Start workers for the units that no worker of the pool will take."""
        nonlocal failed_starts, obstacle
        while failed_starts < _STARTS and len(pool) < count and sum(not w.unit for w in pool) < len(waiting):
            try:
                pool.append(Worker(modules, memory))
            except OSError as error:  # of processes, memory or descriptors there are no more
                failed_starts, obstacle = failed_starts + 1, str(error)

    def finish(worker: Worker, evidence: Evidence) -> None:
        assert worker.unit is not None
        results[worker.unit] = evidence
        progress(worker.unit, evidence)
        worker.unit = None

    def replace(worker: Worker, reason: str = "") -> None:
        nonlocal failed_starts, obstacle
        worker.stop()
        pool.remove(worker)
        if worker.unit is not None:
            finish(worker, Stopped(reason, worker.allowance.elapsed).evidence(worker.unit))
        elif not worker.ready:
            failed_starts, obstacle = failed_starts + 1, reason
        start()

    def hear(worker: Worker) -> None:
        nonlocal failed_starts, ever_started
        starting = not worker.ready
        try:
            found = worker.hear()
        except LostError as error:
            replace(worker, str(error))
        except CrossproofError as error:
            if not ever_started:
                raise
            replace(worker, str(error))
        else:
            if found is not None:
                finish(worker, found)
            if starting and worker.ready:
                failed_starts, ever_started = 0, True
                start()

    def give(worker: Worker) -> None:
        unit = waiting.popleft()
        try:
            worker.give(unit)
        except OSError:  # it died while it had nothing to do, so the unit is still to be run
            worker.unit = None
            waiting.appendleft(unit)
            replace(worker)

    try:
        start()
        while len(results) < total:
            if not pool:
                text = f"worker processes do not start: {obstacle}; {_REMEDY}"
                if not ever_started:
                    raise CrossproofError(text)
                warn(f"{text}; {len(waiting)} of {total} examinations were not made")
                return results | left_undone(waiting, obstacle, progress)
            now = time.monotonic()
            watching = now - watched >= WATCH_SECONDS
            watched = now if watching else watched
            for worker in list(pool):
                reason = worker.overrun() if watching else None
                if reason is not None:
                    replace(worker, reason)
                elif worker.ready and worker.unit is None and waiting:
                    if watching and worker.swollen:
                        replace(worker)
                    else:
                        give(worker)
            busy = {w.incoming.fileno(): w for w in pool if w.unit or not w.ready}
            for handle in wait(list(busy), timeout=WATCH_SECONDS):
                assert isinstance(handle, int)
                hear(busy[handle])
        return results
    finally:
        for worker in pool:
            worker.stop()
