"""Runs units over worker processes, with hard limits of time and memory on each, and merges in a fixed order."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from ..derivations.errors import CrossproofError, UsageError
from .evidence import Evidence, Finding, Outcome
from .unit import Unit, evidence_of, limit_seconds

#: Seconds that a worker may take to import everything before it is given up.
START_SECONDS = 120.0
#: What one unit may add to the memory of its worker, in MiB.
MEMORY_MIB = 2048
#: Seconds between two looks at the memory of a busy worker.
WATCH_SECONDS = 0.1
#: First message of a worker that has imported everything; any other text says why it could not.
READY = "ready"


def memory_of(process: int) -> float:
    """Return the private memory of a process in MiB; 0 where the system does not tell (no ``/proc``)."""
    try:
        resident, shared = Path(f"/proc/{process}/statm").read_text().split()[1:3]
    except (OSError, ValueError):
        return 0.0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Stopped:
    """Why a unit has no evidence of its own, and after how many seconds."""

    reason: str
    seconds: float

    def evidence(self, unit: Unit) -> Evidence:
        """Return the undecided evidence that stands for the unit's own."""
        return evidence_of(unit, Finding(Outcome.UNDECIDED, self.reason), self.seconds)


class _Worker:
    """One worker process with its two pipes.

    Parameters
    ----------
    modules : sequence of str
        What the process loads beside the catalog; see :func:`crossproof.checks.unit.load_catalog`.
    memory : int
        MiB that one unit may add. The parent watches it from outside, because an address-space limit would also
        count what CUDA and thread stacks reserve without using.
    """

    def __init__(self, modules: Sequence[str], memory: int = MEMORY_MIB) -> None:
        read_child, write_parent = os.pipe()
        read_parent, write_child = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crossproof.checks.worker", str(read_child), str(write_child)],
            pass_fds=(read_child, write_child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C reaches the parent alone, which stops its workers
        )
        os.close(read_child)
        os.close(write_child)
        self.incoming = Connection(read_parent, writable=False)
        self.outgoing = Connection(write_parent, readable=False)
        self.memory = memory
        self.unit: Unit | None = None
        self.ready = False
        self.deadline = time.monotonic() + START_SECONDS
        self.started = time.monotonic()
        self._before = 0.0
        self._fresh: float | None = None
        with contextlib.suppress(OSError):  # it died at once, which shows at the other pipe
            self.outgoing.send(tuple(modules))

    def give(self, unit: Unit, seconds: float | None = None) -> None:
        """Start work on `unit`, which may take `seconds` (its own limit by default)."""
        self._before = memory_of(self.process.pid)
        if self._fresh is None:
            self._fresh = self._before
        self.unit = unit
        self.started = time.monotonic()
        self.deadline = self.started + (limit_seconds(unit) if seconds is None else seconds)
        self.outgoing.send(unit)

    def overrun(self) -> str | None:
        """Return which limit the process has reached, or None."""
        if self.unit is None and self.ready:
            return None
        if self.deadline <= time.monotonic():
            return f"stopped at its time limit of {self.deadline - self.started:.0f} s"
        if self.unit is not None and memory_of(self.process.pid) - self._before > self.memory:
            return f"stopped at its memory limit of {self.memory} MiB"
        return None

    @property
    def swollen(self) -> bool:
        """Whether earlier units have left so much behind that the next one deserves a fresh process."""
        return self._fresh is not None and memory_of(self.process.pid) - self._fresh > self.memory / 2

    def death(self) -> str:
        """Return what became of a process whose pipe is closed."""
        return f"the worker died (exit status {self.process.wait()})"

    def become_ready(self) -> None:
        """Wait until the process has imported everything; CrossproofError says why it cannot."""
        try:
            if not self.incoming.poll(max(0.0, self.deadline - time.monotonic())):
                raise CrossproofError(f"a worker process did not start within {START_SECONDS:.0f} s")
            self.greeted(self.incoming.recv())
        except (EOFError, OSError):
            raise CrossproofError(f"a worker process does not start: {self.death()}") from None

    def greeted(self, message: object) -> None:
        """Take the first message."""
        if message != READY:
            raise CrossproofError(f"a worker process cannot load the claims: {message}")
        self.ready = True

    def answer(self, unit: Unit, seconds: float) -> Evidence | Stopped:
        """Run `unit` and wait for its evidence; at a limit, or when the process dies, it is stopped.

        Raises
        ------
        OSError
            If the process died before it was given the unit.
        """
        self.give(unit, seconds)
        while (reason := self.overrun()) is None:
            if self.incoming.poll(WATCH_SECONDS):
                try:
                    found: Evidence = self.incoming.recv()
                except (EOFError, OSError):
                    reason = self.death()
                    break
                self.unit = None
                return found
        self.stop()
        return Stopped(reason, time.monotonic() - self.started)

    @property
    def stopped(self) -> bool:
        return self.incoming.closed

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.incoming.close()
        with contextlib.suppress(OSError):
            self.outgoing.close()


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
    pool: list[_Worker] = []
    failed_starts = 0

    def finish(worker: _Worker, evidence: Evidence) -> None:
        assert worker.unit is not None
        results[worker.unit] = evidence
        progress(worker.unit, evidence)
        worker.unit = None

    def replace(worker: _Worker, reason: str = "") -> None:
        nonlocal failed_starts
        worker.stop()
        pool.remove(worker)
        if worker.unit is not None:
            finish(worker, Stopped(reason, time.monotonic() - worker.started).evidence(worker.unit))
        elif not worker.ready:
            failed_starts += 1
            if failed_starts > 2:
                raise CrossproofError(
                    f"worker processes do not start: {reason}; try `python -c 'import crossproof.checks.worker'`"
                )
        if waiting:
            pool.append(_Worker(modules, memory))

    def give(worker: _Worker) -> None:
        unit = waiting.popleft()
        try:
            worker.give(unit)
        except OSError:  # it died while it had nothing to do, so the unit is still to be run
            worker.unit = None
            waiting.appendleft(unit)
            replace(worker)

    try:
        pool.extend(_Worker(modules, memory) for _ in range(count if total else 0))
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
            nearest = min((w.deadline for w in busy), default=0.0) - time.monotonic()
            for connection in wait([w.incoming for w in busy], timeout=max(0.0, min(nearest, WATCH_SECONDS))):
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
