"""A worker process: reads units from one pipe, writes evidence to another, and can be killed at any time.

Started by :mod:`crossproof.checks.runs.worker_process` as a plain subprocess rather than a multiprocessing child, so
that a user's script needs no ``__main__`` guard. The first message names the modules to load and their folders, each
further one is a unit.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection

from ...derivations.errors import CrossproofError
from .unit import Unit, limit_seconds, load_catalog, run_unit
from .user_folder import open_to

#: The system ends a unit at so many times the limit that the parent holds it to.
_PATIENCE = 4
#: Of Linux, ``prctl(2)``.
_PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str]) -> None:
    """Serve units until the reading pipe is closed; the arguments are the descriptors of the pipes."""
    reading = Connection(int(arguments[0]), writable=False)
    writing = Connection(int(arguments[1]), readable=False)
    _keep_descendants()
    threading.Thread(target=_leave_with_parent, args=(reading.fileno(),), daemon=True).start()
    modules, folders = reading.recv()
    import torch

    from .. import witnesses  # noqa: F401  (now, so that no unit is charged for it)

    torch.set_num_threads(1)
    open_to(folders)
    try:
        load_catalog(modules, strict=False, handed_on=True)  # the parent has told of malformed claims
    except CrossproofError as error:
        writing.send(str(error))
        return
    writing.send("ready")
    while True:
        try:
            unit = reading.recv()
        except EOFError:
            return
        _leave_at_last(unit)
        writing.send(run_unit(unit))


def _leave_at_last(unit: Unit) -> None:
    """Let the system end this process if its parent is gone and one long operation lets no other thread run."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    last = int(time.process_time() + _PATIENCE * limit_seconds(unit)) + 60
    resource.setrlimit(resource.RLIMIT_CPU, (last if hard == resource.RLIM_INFINITY else min(last, hard), hard))


def _keep_descendants() -> None:
    """Let processes whose parent ends become children of this one: they count for its limits, and end with it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a C library that does not offer it
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _leave_with_parent(pipe: int) -> None:
    """End this process and its group when `pipe` is closed: a parent that was killed must leave nothing behind."""
    watch = select.poll()
    watch.register(pipe, 0)  # a closed end is reported whatever one asks for
    watch.poll()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
