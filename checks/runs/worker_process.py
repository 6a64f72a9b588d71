"""One worker process with its two pipes: it runs units, one at a time, under hard limits of time and memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ...derivations.errors import CrossproofError
from ..evidence import Evidence
from ..judgement.findings import undecided
from ..sources.sources import FOLDER
from .unit import Unit, evidence_of, limit_seconds
from .user_folder import folders_of

#: CPU seconds that a worker may take to import everything before it is given up.
START_SECONDS = 120.0
#: Limits count CPU time, so that a busy machine changes no verdict. What waits without using any is stopped after this
#: many times its limit, and as many seconds more, by the clock.
WAITING, WAITING_SECONDS = 10.0, 30.0
#: What one unit may add to the memory of its worker, in MiB.
MEMORY_MIB = 2048
#: Seconds between two looks at the memory of a busy worker.
WATCH_SECONDS = 0.1
_CORES = os.cpu_count() or 1
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


def memory_of(process: int) -> float:
    """Return the private memory of a process in MiB; 0 where the system does not tell (no ``/proc``)."""
    try:
        resident, shared = Path(f"/proc/{process}/statm").read_text().split()[1:3]
    except (OSError, ValueError):
        return 0.0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds_of(process: int) -> float | None:
    """Return the CPU time of a process and its children, those that live included; None without ``/proc``."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # user and system time, of the process and of the children that it has waited for
    seconds = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    with contextlib.suppress(OSError):  # not every kernel names the children
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                seconds += cpu_seconds_of(int(child)) or 0.0
    return seconds


class Allowance:
    """A limit of CPU time, counted from now.

    Parameters
    ----------
    process : int
        Number of the process; where the system tells nothing of it (no ``/proc``), the clock counts.
    seconds : float
        CPU time that it and its children may use together.
    """

    def __init__(self, process: int, seconds: float) -> None:
        self.seconds, self._process = seconds, process
        self._started = time.monotonic()
        self._before = cpu_seconds_of(process)
        self._soonest = seconds / _CORES

    @property
    def elapsed(self) -> float:
        """Seconds by the clock."""
        return time.monotonic() - self._started

    @property
    def spent(self) -> bool:
        """Whether the limit is reached. While the clock shows that it cannot be, the system is not asked."""
        elapsed = self.elapsed
        if elapsed < self._soonest:
            return False
        used = cpu_seconds_of(self._process)
        if used is None or self._before is None:
            return elapsed >= self.seconds
        left = self.seconds - (used - self._before)
        self._soonest = elapsed + left / _CORES
        return left <= 0 or elapsed >= WAITING * self.seconds + WAITING_SECONDS


@dataclass(frozen=True)
class Stopped:
    """Why a unit has no evidence of its own, and after how many seconds."""

    reason: str
    seconds: float

    def evidence(self, unit: Unit) -> Evidence:
        """Return the undecided evidence that stands for the unit's own."""
        return evidence_of(unit, undecided(self.reason), self.seconds)


class Worker:
    """One worker process with its two pipes.

    Parameters
    ----------
    modules : sequence of str
        What the process loads beside the catalog; see :func:`crossproof.checks.runs.unit.load_catalog`. A module is
        looked for where this process has found it, else in the working folder.
    memory : int
        MiB that one unit may add. The parent watches it from outside, because an address-space limit would also
        count what CUDA and thread stacks reserve without using.
    """

    def __init__(self, modules: Sequence[str], memory: int = MEMORY_MIB) -> None:
        read_child, write_parent = os.pipe()
        read_parent, write_child = os.pipe()
        self.process = subprocess.Popen(
            # -P: the working folder is not on the import path
            [sys.executable, "-P", "-c", _START, str(FOLDER), str(read_child), str(write_child)],
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
        self.allowance = Allowance(self.process.pid, START_SECONDS)
        self._before = 0.0
        self._fresh: float | None = None
        with contextlib.suppress(OSError):  # it died at once, which shows at the other pipe
            self.outgoing.send((tuple(modules), folders_of(modules)))

    def give(self, unit: Unit, seconds: float | None = None) -> None:
        """Start work on `unit`, which may take `seconds` of CPU time (its own limit by default)."""
        self._before = memory_of(self.process.pid)
        if self._fresh is None:
            self._fresh = self._before
        self.unit = unit
        self.allowance = Allowance(self.process.pid, limit_seconds(unit) if seconds is None else seconds)
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
        return f"the worker died (exit status {self.process.wait()})"

    def become_ready(self) -> None:
        """Wait until the process has imported everything; CrossproofError says why it cannot."""
        try:
            while not self.incoming.poll(WATCH_SECONDS):
                if self.allowance.spent:
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
        return Stopped(reason, self.allowance.elapsed)

    @property
    def stopped(self) -> bool:
        return self.incoming.closed

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.incoming.close()
        with contextlib.suppress(OSError):
            self.outgoing.close()
