"""A worker process: reads units from one pipe, writes evidence to another, and can be killed at any time.

Started as ``python -m crossproof.checks.worker READ_FD WRITE_FD`` by :mod:`crossproof.checks.worker_process`; a plain
subprocess rather than a multiprocessing child, so that a user's script needs no ``__main__`` guard. The first
message names the modules to load, each further one is a unit.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from multiprocessing.connection import Connection

from ..derivations.errors import CrossproofError
from .unit import load_catalog, run_unit


def main(arguments: list[str]) -> None:
    """Serve units until the reading pipe is closed."""
    reading = Connection(int(arguments[0]), writable=False)
    writing = Connection(int(arguments[1]), readable=False)
    threading.Thread(target=_leave_with_parent, args=(reading.fileno(),), daemon=True).start()
    modules = reading.recv()
    import torch

    from . import witnesses  # noqa: F401  (now, so that no unit is charged for it)

    torch.set_num_threads(1)
    try:
        load_catalog(modules, strict=False)  # the parent has told of malformed claims
    except CrossproofError as error:
        writing.send(str(error))
        return
    writing.send("ready")
    while True:
        try:
            unit = reading.recv()
        except EOFError:
            return
        writing.send(run_unit(unit))


def _leave_with_parent(pipe: int) -> None:
    """End this process when the other end of `pipe` is closed: a parent that was killed must leave nothing behind."""
    watch = select.poll()
    watch.register(pipe, 0)  # a closed end is reported whatever one asks for
    watch.poll()
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
