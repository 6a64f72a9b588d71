"""Readings tried out in a child process, under limits of time and memory that the system enforces.

Sizes are bounded before numbers are computed (:mod:`.number_sizes`), but no bound foretells how long an algebra system
takes over a formula. What passes the trial is read again by the process that wants it: the child began as its copy, so
that the second reading goes the same way. Nothing but texts comes back from the child.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from ..errors import CrossproofError, ParsingError

#: CPU seconds after which a reading is interrupted, and those after which one that does not take heed is killed. An
#: ordinary claim takes some milliseconds. With the second reading, a text takes less than five seconds.
SECONDS, HARD_SECONDS = 2.0, 3.0
#: MiB that readings may add to the memory of their process.
MEMORY_MIB = 1024
#: CPU seconds that the readings of one text may take together beyond `LEISURE` each.
SLOW_SECONDS, LEISURE = 30.0, 0.2
#: Seconds by the clock without a word from the child after which it is given up.
WAITING_SECONDS = 60.0

TOO_LONG = (
    f"reading takes more than {SECONDS:g} s; write smaller numbers, fewer functions and powers in each other, or state "
    "it in several claims"
)
_KILLED = "reading takes too much time or memory; write smaller numbers, or state it in several claims"
_NOT_READ = (
    f"not read, because the claims before it took more than {SLOW_SECONDS:g} s; mend these, or put it in another file"
)

#: What reads something, and returns why it cannot be read; an empty text when it can.
Reading = Callable[[], str]


class OutOfTimeError(BaseException):
    """Interrupts a reading. Not an Exception: libraries catch those and go on."""


@contextlib.contextmanager
def while_reading(name: str) -> Iterator[None]:
    """Name what was being read when the time was up; ParsingError says so."""
    try:
        yield
    except OutOfTimeError:
        raise ParsingError(f"{name}: {TOO_LONG}") from None


def tried(readings: Sequence[Reading]) -> list[str]:
    """Return what each reading returns when it is made in a child process, or why it was stopped there.

    Parameters
    ----------
    readings : sequence of callable
        Made one after another. One that is killed costs the others nothing.
    """
    if not hasattr(os, "fork"):
        return [reading() for reading in readings]
    found: list[str] = []
    slow = 0.0
    while len(found) < len(readings) and slow <= SLOW_SECONDS:
        with _child(readings[len(found) :]) as answers:
            for answer, seconds in _heard(answers):
                found.append(answer)
                slow += max(0.0, seconds - LEISURE)
                if slow > SLOW_SECONDS:
                    break
            else:
                if len(found) < len(readings):  # the child was ended in the middle of a reading
                    found.append(_KILLED)
                    slow += HARD_SECONDS
    return found + [_NOT_READ] * (len(readings) - len(found))


def _heard(answers: Connection) -> Iterator[tuple[str, float]]:
    with contextlib.suppress(EOFError, OSError):
        while answers.poll(WAITING_SECONDS):
            yield answers.recv()


@contextlib.contextmanager
def _child(readings: Sequence[Reading]) -> Iterator[Connection]:
    """Start a copy of this process that makes the readings, and end it afterwards."""
    receiving, sending = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads whose locks the child might wait for
        try:
            process = os.fork()
        except OSError as error:
            raise CrossproofError(f"cannot start a process to read claims in: {error}; end others") from None
    if process == 0:
        try:
            _serve(sending, readings)
        finally:
            os._exit(0)
    sending.close()
    try:
        yield receiving
    finally:
        receiving.close()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):  # where the host reaps all children
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _serve(answers: Connection, readings: Sequence[Reading]) -> None:
    """Make the readings, and send what each says and how long it took."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, whatever it does
    signal.signal(signal.SIGVTALRM, _interrupt)
    _limit_memory()
    for reading in readings:
        start = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HARD_SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, 0.25)  # again, in case a callback lost the exception
        try:
            answer = reading()
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except OutOfTimeError:
            answer = TOO_LONG
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.send((answer, time.process_time() - start))


def _interrupt(*_: object) -> None:
    raise OutOfTimeError


def _limit_memory() -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):  # a system that does not tell, or does not limit
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_MIB * 2**20
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
