"""The inside of a dask worker: units in processes that can be killed, and by which code they were examined.

The limits of time and memory hold on a cluster as they do locally, because inside each dask worker a unit still runs
in a process of its own; the process is kept from one unit to the next, because starting one costs seconds. Other
versions of crossproof may be at the other end: what they call here keeps its name and place.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from ...derivations.errors import CrossproofError
from ..evidence import Evidence
from ..sources.sources import own_sources
from .unit import Unit
from .worker_process import Stopped, Worker


class _Processes:
    """The killable processes of one dask worker, by run; a unit takes one that is free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[str, list[Worker]] = {}
        self._busy: dict[str, list[Worker]] = {}
        self._over: set[str] = set()

    def run(self, token: str, unit: Unit, seconds: float, modules: Sequence[str], memory: int) -> Evidence | Stopped:
        """Run `unit` in a free process of the run `token`, or in a new one."""
        while True:
            worker = self._take(token, modules, memory)
            if worker is None:
                return Stopped("the run has ended", 0.0)
            try:
                if not worker.ready:
                    worker.become_ready()
                elif worker.swollen:
                    continue
                found = worker.answer(unit, seconds)
                if not worker.stopped:
                    self._give_back(token, worker)
                return found
            except OSError:  # it died while it was free, or the run has ended
                continue
            finally:
                self._done_with(token, worker)

    def _take(self, token: str, modules: Sequence[str], memory: int) -> Worker | None:
        with self._lock:
            if token in self._over:
                return None
            free = self._free.get(token)
            worker = free.pop() if free else Worker(modules, memory)
            self._busy.setdefault(token, []).append(worker)
            return worker

    def _give_back(self, token: str, worker: Worker) -> None:
        with self._lock:
            if token not in self._over:
                self._free.setdefault(token, []).append(worker)

    def _done_with(self, token: str, worker: Worker) -> None:
        with self._lock:
            if worker in self._busy.get(token, ()):
                self._busy[token].remove(worker)
            if worker not in self._free.get(token, ()):
                worker.stop()

    def release(self, token: str) -> None:
        """End the run: stop its processes, also those that are at work."""
        with self._lock:
            self._over.add(token)
            for worker in (*self._free.pop(token, ()), *self._busy.pop(token, ())):
                worker.stop()


_PROCESSES = _Processes()


@cache
def code_here() -> str:
    """Return which crossproof this is: its version, and a digest of its source files."""
    return f"crossproof {version('crossproof')} ({own_sources()[:12]})"


def run(
    token: str, unit: Unit, seconds: float, modules: tuple[str, ...], memory: int
) -> tuple[str, Evidence | Stopped | str]:
    """Run one unit inside a dask worker, and say by which code; a text says why this machine cannot run any.

    The dask worker itself loads no claims: what it has to know of the unit comes with it.
    """
    try:
        return code_here(), _PROCESSES.run(token, unit, seconds, modules, memory)
    except CrossproofError as error:
        return code_here(), str(error)
    except OSError as error:
        return code_here(), f"a worker process does not start: {error}"


def release(token: str) -> None:
    """Stop the processes of a run."""
    _PROCESSES.release(token)
