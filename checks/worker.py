"""A worker process: reads units from one pipe, writes evidence to another, and can be killed at any time.

Started as ``python -m crossproof.checks.worker READ_FD WRITE_FD MODULE...`` by :mod:`crossproof.checks.runner`;
a plain subprocess rather than a multiprocessing child, so that a user's script needs no ``__main__`` guard.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from .unit import load_catalog, run_unit


def main(arguments: list[str]) -> None:
    """Serve units until the reading pipe is closed."""
    reading = Connection(int(arguments[0]), writable=False)
    writing = Connection(int(arguments[1]), readable=False)
    import torch

    torch.set_num_threads(1)
    load_catalog(arguments[2:])
    writing.send("ready")
    while True:
        try:
            unit = reading.recv()
        except EOFError:
            return
        writing.send(run_unit(unit))


if __name__ == "__main__":
    main(sys.argv[1:])
