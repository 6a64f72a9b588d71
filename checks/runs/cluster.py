"""The same units on an existing dask.distributed cluster.

A unit is pure, and keyed by its claim, witness, effort and seed, so that a worker that is lost costs the units that it
was running and nothing else: the scheduler gives them to another worker. Inside each dask worker a unit still runs in
a process of its own that can be killed, so that the limits of time and memory hold there as they do locally; the
process is kept from one unit to the next, because starting one costs seconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib.metadata import version
from typing import Any

from ...derivations.errors import CrossproofError, UsageError
from ..evidence import Evidence
from .unit import Unit, limit_seconds
from .worker_process import MEMORY_MIB, Stopped, Worker

#: Seconds that the scheduler may take to answer.
CONNECT_SECONDS = 20.0
#: How often a unit whose dask workers keep vanishing is given out anew, beyond what the scheduler does by itself.
RESUBMISSIONS = 5


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


def _run(token: str, unit: Unit, seconds: float, modules: tuple[str, ...], memory: int) -> Evidence | Stopped | str:
    """Run one unit inside a dask worker; a text says why this machine cannot run any.

    The dask worker itself loads no claims: what it has to know of the unit comes with it.
    """
    try:
        return _PROCESSES.run(token, unit, seconds, modules, memory)
    except CrossproofError as error:
        return str(error)


def _release(token: str) -> None:
    _PROCESSES.release(token)


def _own_version() -> str:
    return version("crossproof")


def run_on_cluster(
    units: Iterable[Unit],
    scheduler: str,
    *,
    modules: Sequence[str] = (),
    memory: int = MEMORY_MIB,
    progress: Callable[[Unit, Evidence], None] = lambda unit, evidence: None,
) -> dict[Unit, Evidence]:
    """Run every unit on the workers of a cluster and return its evidence, as :func:`.runner.run_units` does.

    Parameters
    ----------
    units : iterable of Unit
        Work; each unit is independent of the others.
    scheduler : str
        Address such as ``tcp://host:8786``.
    modules : sequence of str
        Modules that the workers can import, and texts of claim files.
    memory : int
        MiB that one unit may use.
    progress : callable
        Called with each unit and its evidence as it arrives.

    Raises
    ------
    UsageError
        If dask.distributed is not installed, no scheduler answers, it has no workers, or they have another version
        of crossproof.
    CrossproofError
        If a worker cannot load the claims.
    """
    waiting = list(units)
    results: dict[Unit, Evidence] = {}
    if not waiting:
        return results
    token = os.urandom(8).hex()
    with _connected(scheduler) as client:
        distributed = _distributed()
        _check_workers(client, scheduler)
        losses: dict[Unit, int] = dict.fromkeys(waiting, 0)

        def submit(unit: Unit) -> Any:
            digest = hashlib.sha256(repr(unit).encode()).hexdigest()[:16]
            key = f"crossproof-{token}-{digest}-{losses[unit]}"
            return client.submit(_run, token, unit, limit_seconds(unit), tuple(modules), memory, key=key, pure=True)

        futures = {(future := submit(unit)).key: (unit, future) for unit in waiting}
        arriving = distributed.as_completed([future for _, future in futures.values()], loop=client.loop)
        try:
            for future in arriving:
                unit, _ = futures.pop(future.key)
                try:
                    answer: Evidence | Stopped | str = future.result()
                except distributed.scheduler.KilledWorker as error:
                    losses[unit] += 1
                    if losses[unit] <= RESUBMISSIONS:
                        again = submit(unit)
                        futures[again.key] = unit, again
                        arriving.add(again)
                        continue
                    answer = Stopped(f"the worker died (the cluster lost every machine that ran it: {error})", 0.0)
                except CancelledError as error:  # the client has lost the scheduler
                    done = f"{len(results)} of {len(losses)} units were done"
                    raise CrossproofError(f"the scheduler at {scheduler} was lost: {error}; {done}") from error
                if isinstance(answer, str):
                    raise CrossproofError(f"the cluster at {scheduler}: {answer}")
                results[unit] = answer.evidence(unit) if isinstance(answer, Stopped) else answer
                progress(unit, results[unit])
        finally:
            with contextlib.suppress(OSError, TimeoutError, CancelledError):  # what is gone needs no stopping
                client.cancel([future for _, future in futures.values()])
                client.run(_release, token, on_error="ignore")
    return results


def _distributed() -> Any:
    """Import dask.distributed, which only runs on a cluster need."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise UsageError("a cluster needs dask.distributed: pip install 'crossproof[cluster]'") from None


@contextlib.contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    """Connect to the scheduler, without changing what other code in this process sees as its client."""
    distributed = _distributed()
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False, name="crossproof")
    except (OSError, ValueError, ImportError) as error:
        raise UsageError(f"no dask scheduler answers at {scheduler!r}: {error}") from error
    with client:
        yield client


def _check_workers(client: Any, scheduler: str) -> None:
    """Raise UsageError unless there are workers, all with this version of crossproof."""
    if not client.scheduler_info(n_workers=-1)["workers"]:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise UsageError(f"the scheduler at {scheduler!r} has no workers; start some with `dask worker`") from None
    own = _own_version()
    try:
        found = set(client.run(_own_version, on_error="return").values())
    except Exception as error:  # whatever a foreign machine may raise while it looks for crossproof
        raise UsageError(f"the workers of {scheduler!r} cannot import crossproof: {error}") from error
    other = sorted(str(v) for v in found if v != own)
    if other:
        raise UsageError(f"the workers of {scheduler!r} need crossproof {own}, as here; they have {other[0]}")
