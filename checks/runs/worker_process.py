"""One worker process with its two pipes: it runs units, one at a time, under hard limits of time and memory."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from ...derivations.errors import CrossproofError
from ..evidence import Evidence, Fault
from ..judgement.findings import undecided
from ..sources.sources import FOLDER
from .frames import Incoming, JunkError
from .process_use import Allowance, cpu_seconds_of, end_with_descendants, memory_of, wait_for_end
from .unit import Unit, evidence_of, limit_seconds
from .user_folder import folders_of

#: CPU seconds that a worker may take to import everything before it is given up.
START_SECONDS = 120.0
#: Seconds that a worker may take to end once its pipe is closed.
END_SECONDS = 5.0
#: What one unit may add to the memory of its worker, in MiB.
MEMORY_MIB = 2048
#: Seconds between two looks at the memory of a busy worker.
WATCH_SECONDS = 0.1
#: Starts a worker: the package is this one, wherever it lies, whatever the working folder calls by the same name.
_START = """
import sys
from importlib import util
place, *pipes = sys.argv[1:]
spec = util.spec_from_file_location("crossproof", place + "/__init__.py", submodule_search_locations=[place])
sys.modules["crossproof"] = module = util.module_from_spec(spec)
spec.loader.exec_module(module)
from crossproof.checks.runs.worker import main
main(pipes)
"""
#: First message of a worker that has imported everything; any other text says why it could not.
READY = "ready"
_JUNK = "the worker died (stopped, because it sent something else than evidence)"


class LostError(Exception):
    """A worker is of no more use; the message says what became of it."""


@dataclass(frozen=True)
class Stopped:
    """Why a unit has no evidence of its own, and after how many seconds."""

    reason: str
    seconds: float
    fault: Fault = Fault.STOPPED

    def evidence(self, unit: Unit) -> Evidence:
        """Return the undecided evidence that stands for the unit's own."""
        return evidence_of(unit, undecided(self.reason, self.fault), self.seconds)


def left_undone(units: Iterable[Unit], reason: str, progress: Callable[[Unit, Evidence], None]) -> dict[Unit, Evidence]:
    """Return the evidence that stands for units which a run cannot examine any more, and report each."""
    stopped = Stopped(f"the worker died and no other does its work: {reason}", 0.0, Fault.UNDONE)
    found = {unit: stopped.evidence(unit) for unit in units}
    for unit, evidence in found.items():
        progress(unit, evidence)
    return found


class Worker:
    """One worker process with its two pipes.

    Parameters
    ----------
    modules : sequence of str
        What the process loads beside the catalog; see :func:`crossproof.checks.runs.unit.load_catalog`. A module is
        looked for where this process has found it, else in the working folder.
    memory : int
        MiB that one unit may add, with the processes that it starts. The parent watches it from outside, because an
        address-space limit would also count what CUDA and thread stacks reserve without using.
    """

    def __init__(self, modules: Sequence[str], memory: int = MEMORY_MIB) -> None:
        read_child, write_parent = os.pipe()
        read_parent, write_child = os.pipe()
        try:
            self.process = subprocess.Popen(
                # -P: the working folder is not on the import path
                [sys.executable, "-P", "-c", _START, str(FOLDER), str(read_child), str(write_child)],
                pass_fds=(read_child, write_child),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C reaches the parent alone, which stops its workers
            )
        except OSError:
            os.close(read_parent)
            os.close(write_parent)
            raise
        finally:
            os.close(read_child)
            os.close(write_child)
        self.incoming = Incoming(read_parent)
        self.outgoing = Connection(write_parent, readable=False)
        self.memory = memory
        self.unit: Unit | None = None
        self.ready = False
        self.allowance = Allowance(self.process.pid, START_SECONDS)
        self._before = 0.0
        self._used: float | None = None
        self._measured = -math.inf
        self._fresh: float | None = None
        with contextlib.suppress(OSError):  # it died at once, which shows at the other pipe
            self.outgoing.send((tuple(modules), folders_of(modules)))

    def give(self, unit: Unit, seconds: float | None = None) -> None:
        """Start work on `unit`, which may take `seconds` of CPU time (its own limit by default)."""
        now = time.monotonic()
        if now - self._measured > WATCH_SECONDS:  # short units are many, and asking takes as long as some of them
            self._measured = now
            self._before, self._used = memory_of(self.process.pid), cpu_seconds_of(self.process.pid)
        if self._fresh is None:
            self._fresh = self._before
        self.unit = unit
        self.allowance = Allowance(self.process.pid, limit_seconds(unit) if seconds is None else seconds, self._used)
        self.outgoing.send(unit)

    def overrun(self) -> str | None:
        """Return which limit the process has reached, or None."""
        if self.unit is None and self.ready:
            return None
        if self.allowance.spent:
            return f"stopped at its time limit of {self.allowance.seconds:.0f} s; a greater effort allows more"
        if self.unit is not None and memory_of(self.process.pid) - self._before > self.memory:
            return f"stopped at its memory limit of {self.memory} MiB; the option memory allows more"
        return None

    @property
    def swollen(self) -> bool:
        """Whether earlier units have left so much behind that the next one deserves a fresh process."""
        return self._fresh is not None and memory_of(self.process.pid) - self._fresh > self.memory / 2

    def death(self) -> str:
        """Return what became of a process whose pipe is closed."""
        if self.process.returncode is None:  # it may have closed the pipe alone, and what it started may live
            wait_for_end(self.process.pid, END_SECONDS)
        self._end()
        return f"the worker died (exit status {self.process.returncode})"

    def hear(self) -> Evidence | None:
        """Take what the process has sent, and return the evidence once that has arrived whole.

        Raises
        ------
        LostError
            If the process has died, or sent anything else.
        CrossproofError
            If it cannot load the claims.
        """
        try:
            message = self.incoming.recv()
        except (EOFError, OSError):
            raise LostError(self.death()) from None
        except JunkError:
            raise LostError(_JUNK) from None
        if message is None:
            return None
        if not self.ready and isinstance(message, str):
            if message != READY:
                raise CrossproofError(f"a worker process cannot load the claims: {message}")
            self.ready = True
            return None
        if not isinstance(message, Evidence) or self.unit is None or message.witness != self.unit.witness:
            raise LostError(_JUNK)
        return message

    def become_ready(self) -> None:
        """Wait until the process has imported everything; CrossproofError says why it cannot."""
        try:
            while not self.ready:
                if self.incoming.poll(WATCH_SECONDS):
                    self.hear()
                elif self.allowance.spent:
                    raise CrossproofError(f"a worker process did not start within {START_SECONDS:.0f} s")
        except LostError as error:
            raise CrossproofError(f"a worker process does not start: {error}") from None

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
                    found = self.hear()
                except LostError as error:
                    reason = str(error)
                    break
                if found is not None:
                    self.unit = None
                    return found
        self.stop()
        return Stopped(reason, self.allowance.elapsed)

    @property
    def stopped(self) -> bool:
        return self.incoming.closed

    def stop(self) -> None:
        """End the process, and those that it has started."""
        self._end()
        self.incoming.close()
        with contextlib.suppress(OSError):
            self.outgoing.close()

    def _end(self) -> None:
        if self.process.returncode is None:  # the number is still its own
            end_with_descendants(self.process.pid)
            self.process.wait()
