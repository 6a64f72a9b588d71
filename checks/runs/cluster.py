"""The same units on an existing dask.distributed cluster.

A unit is pure, and keyed by its claim, witness, effort and seed, so that a worker that is lost costs the units that it
was running and nothing else: the scheduler gives them to another worker. Workers may join and leave while the run
lasts, and one that joins may have another crossproof: each result says by which code it was made, and one by other code
than this is refused and its unit run again. The inside of a dask worker is in :mod:`.cluster_worker`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from ...derivations.errors import CrossproofError
from ..evidence import Evidence
from .cluster_connection import check_workers, codes_of_workers, connected, distributed_package
from .cluster_worker import code_here, release, run
from .unit import Unit, limit_seconds
from .worker_process import MEMORY_MIB, WATCH_SECONDS, Stopped, left_undone

#: How often a unit whose dask workers keep vanishing is given out anew, beyond what the scheduler does by itself.
RESUBMISSIONS = 5
#: Seconds between two looks for workers while units wait for those that are known to be right, and how long they wait.
_LOOK_SECONDS, _PATIENCE_SECONDS = 5.0, 60.0
#: Lines about workers whose answers are refused.
_MOST_TOLD = 3


class _NobodyError(Exception):
    """There is nobody left who could run the units; the message says why."""


class _Work:
    """The units that are out on the cluster."""

    def __init__(
        self, client: Any, scheduler: str, modules: Sequence[str], memory: int, warn: Callable[[str], None]
    ) -> None:
        self.token = os.urandom(8).hex()
        self._client, self._scheduler, self._distributed = client, scheduler, distributed_package()
        self._given = tuple(modules), memory
        self._warn = warn
        self._out: dict[str, tuple[Unit, Any, frozenset[str] | None]] = {}
        self._losses: Counter[Unit] = Counter()
        self._arriving = self._distributed.as_completed(loop=client.loop)
        self._right: frozenset[str] | None = None  # the workers that may have what was refused of others
        self._wrong: set[str] = set()
        self._told: set[str] = set()
        self._arrived = False

    def give(self, unit: Unit, workers: frozenset[str] | None = None) -> None:
        """Give a unit to the scheduler, which may run it on any worker or on one of `workers`."""
        digest = hashlib.sha256(repr(unit).encode()).hexdigest()[:16]
        key = f"crossproof-{self.token}-{digest}-{self._losses[unit]}"
        future = self._client.submit(
            run,
            *(self.token, unit, limit_seconds(unit), *self._given),
            key=key,
            pure=True,
            workers=None if workers is None else list(workers),
        )
        self._out[key] = unit, future, workers
        self._arriving.add(future)

    def answers(self) -> Iterator[tuple[Unit, Evidence | Stopped]]:
        """Yield each unit with what this code has found on it; _NobodyError ends it before all are there."""
        looked = time.monotonic()
        while self._out:
            if not self._arriving.has_ready():
                time.sleep(WATCH_SECONDS)
                if self._right is not None and time.monotonic() - looked > _LOOK_SECONDS:
                    self._look_after()
                    looked = time.monotonic()
                continue
            for future in self._arriving.next_batch():
                unit, _, _ = self._out.pop(future.key, (None, None, None))
                answer = None if unit is None else self._answer(unit, future)
                if unit is not None and answer is not None:
                    yield unit, answer

    def _answer(self, unit: Unit, future: Any) -> Evidence | Stopped | None:
        """Return what was found, or None where the unit was given out anew."""
        made_by: object
        answer: Evidence | Stopped | str
        try:
            made_by, answer = future.result()
        except CancelledError as error:  # the client has lost the scheduler
            raise _NobodyError(f"the scheduler was lost: {error}") from error
        except self._distributed.scheduler.KilledWorker as error:
            return self._again(unit, f"the cluster lost every machine that ran it: {error}")
        except Exception as error:  # whatever a foreign machine may raise, or send that cannot be read
            return self._refuse(unit, f"cannot run units ({type(error).__name__}: {error})")
        if made_by != code_here():
            return self._refuse(unit, f"has {made_by}, not {code_here()} as here", future)
        if isinstance(answer, str):
            if not self._arrived:  # it is the claims, rather than a machine
                raise CrossproofError(f"the cluster at {self._scheduler}: {answer}")
            return self._refuse(unit, f"is of no use: {answer}", future)
        self._arrived = True
        return answer

    def _refuse(self, unit: Unit, why: str, future: Any = None) -> Stopped | None:
        if future is not None:
            self._wrong.update(self._client.who_has([future]).get(future.key, ()))
        if why not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(why)
            self._warn(
                f"a worker of {self._scheduler} {why}; its answers are refused and their units run again by others: "
                "stop it, or start it with what this run uses"
            )
        if self._right is None or self._right <= self._wrong:
            self._right = self._right_workers()
        self._right -= self._wrong
        return self._again(unit, f"the answer of a worker that {why}")

    def _again(self, unit: Unit, reason: str) -> Stopped | None:
        self._losses[unit] += 1
        if self._losses[unit] > RESUBMISSIONS:
            return Stopped(f"the worker died ({reason})", 0.0)
        self.give(unit, self._right)
        return None

    def _right_workers(self) -> frozenset[str]:
        """Return the workers with this code that have not failed; _NobodyError when there is none for a while."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = codes_of_workers(self._client)
            if right := frozenset(a for a, code in found.items() if code == code_here()) - self._wrong:
                return right
            time.sleep(1.0)
        raise _NobodyError(f"the scheduler has no worker left with {code_here()}")

    def _look_after(self) -> None:
        """Give out anew what waits for workers that have left."""
        self._right = self._right_workers()
        for key, (unit, future, workers) in list(self._out.items()):
            if workers is not None and not workers & self._right:
                del self._out[key]
                self._client.cancel([future])
                self._losses[unit] += 1
                self.give(unit, self._right)

    def end(self) -> None:
        """Take back what is still out, and stop the processes of this run."""
        with contextlib.suppress(OSError, TimeoutError, CancelledError):  # what is gone needs no stopping
            self._client.cancel([future for _, future, _ in self._out.values()])
            self._client.run(release, self.token, on_error="ignore")


def run_on_cluster(
    units: Iterable[Unit],
    scheduler: str,
    *,
    modules: Sequence[str] = (),
    memory: int = MEMORY_MIB,
    progress: Callable[[Unit, Evidence], None] = lambda unit, evidence: None,
    warn: Callable[[str], None] = lambda message: None,
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
    warn : callable
        Called with one line about a worker whose answers are refused, and when units are left undone because the
        scheduler, or every worker with this code, is lost.

    Raises
    ------
    UsageError
        If dask.distributed is not installed, no scheduler answers, it has no workers, or they have another version
        of crossproof.
    CrossproofError
        If workers cannot load the claims, or the scheduler is lost before anything was found.
    """
    waiting = list(units)
    results: dict[Unit, Evidence] = {}
    if not waiting:
        return results
    with connected(scheduler) as client:
        check_workers(client, scheduler)
        work = _Work(client, scheduler, modules, memory, warn)
        try:
            for unit in waiting:
                work.give(unit)
            for unit, answer in work.answers():
                results[unit] = answer.evidence(unit) if isinstance(answer, Stopped) else answer
                progress(unit, results[unit])
        except _NobodyError as error:
            left = [unit for unit in waiting if unit not in results]
            text = f"{scheduler}: {error}; {len(left)} of {len(waiting)} examinations were not made"
            if not results:
                raise CrossproofError(text) from error
            warn(text)
            results |= left_undone(left, str(error), progress)
        finally:
            work.end()
    return results
