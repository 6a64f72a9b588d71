"""What a process and the processes that it has started use, as the system tells it under ``/proc``, and ending them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

#: Limits count CPU time, so that a busy machine changes no verdict. What waits without using any is stopped after this
#: many times its limit, and as many seconds more, by the clock.
WAITING, WAITING_SECONDS = 10.0, 30.0
_CORES = os.cpu_count() or 1


def descendants(process: int) -> list[int]:
    """Return the numbers of the processes that a process has started, and those that they have; none without ``/proc``.

    Those whose parent has ended count for the nearest ancestor that takes them in, see :mod:`.worker`.
    """
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has ended, or the kernel does not name the children
        for task in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):  # the thread has ended
                for child in map(int, (task / "children").read_text().split()):
                    found += [child, *descendants(child)]
    return found


def memory_of(process: int) -> float:
    """Return the memory in MiB that a process and its descendants hold: private and shared, but no files.

    A page that several of them share counts once. 0 where the system does not tell (no ``/proc``).
    """
    family = [process, *descendants(process)]
    if len(family) > 1:
        # the proportional share in each page; it takes longer to ask for than what one process holds
        shares = [_sum(p, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) for p in family]
        if shares[0]:
            return sum(shares)
    return sum(_sum(p, "status", ("RssAnon:", "RssShmem:")) for p in family)


def _sum(process: int, file: str, names: tuple[str, ...]) -> float:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) / 1024


def cpu_seconds_of(process: int) -> float | None:
    """Return the CPU time of a process and its descendants, those that live included; None without ``/proc``."""
    own = _cpu_seconds(process)
    if own is None:
        return None
    return own + sum(_cpu_seconds(child) or 0.0 for child in descendants(process))


def _cpu_seconds(process: int) -> float | None:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # user and system time, of the process and of the children that it has waited for
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def end_with_descendants(process: int) -> None:
    """Kill a process that has not been waited for, its group, which it leads, and all that it has started."""
    started = descendants(process)  # before its end gives them to another parent
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    for child in started:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)


def wait_for_end(process: int, seconds: float) -> None:
    """Wait for a child to end, no longer than `seconds`, and leave it to be waited for: its number stays its own."""
    if hasattr(os, "waitid"):
        deadline = time.monotonic() + seconds
        while os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)


class Allowance:
    """A limit of CPU time, counted from now.

    Parameters
    ----------
    process : int
        Number of the process; where the system tells nothing of it (no ``/proc``), the clock counts.
    seconds : float
        CPU time that it and its descendants may use together.
    used : float, optional
        CPU time that they have used by now, where it was measured a moment ago.
    """

    def __init__(self, process: int, seconds: float, used: float | None = None) -> None:
        self.seconds, self._process = seconds, process
        self._started = time.monotonic()
        self._before = cpu_seconds_of(process) if used is None else used
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
