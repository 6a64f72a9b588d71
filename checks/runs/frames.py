"""The reading end of a worker's pipe, which takes nothing for granted that comes out of it.

Whatever runs in a worker can write to its pipes. What is no message is told apart without waiting for the rest of it:
a text in place of a size would announce gigabytes that never come.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
from multiprocessing.connection import wait

#: Bytes of the size in front of each message of :class:`multiprocessing.connection.Connection`, and its format.
_HEAD, _FORMAT = 4, "!i"
#: Bytes that a message may have. Four letters read as a size are more.
_MOST = 2**28
_CHUNK = 2**20


class JunkError(Exception):
    """What came out of the pipe is no message."""


class Incoming:
    """The end of a pipe from which one message at a time is read, each an answer to what was sent before.

    Parameters
    ----------
    handle : int
        Descriptor of the pipe; the other end is a :class:`multiprocessing.connection.Connection`.
    """

    def __init__(self, handle: int) -> None:
        os.set_blocking(handle, False)
        self._handle = handle
        self._bytes = bytearray()
        self.closed = False

    def fileno(self) -> int:
        """Return the descriptor, by which :func:`multiprocessing.connection.wait` knows the pipe."""
        return self._handle

    def poll(self, seconds: float) -> bool:
        """Wait until there is something to read, or the pipe is closed, and return whether it is so."""
        return bool(wait([self._handle], timeout=seconds))

    def recv(self) -> object | None:
        """Return the message, or None while it has not arrived whole.

        Raises
        ------
        EOFError
            If the other end is closed.
        JunkError
            If what has arrived is no message.
        """
        ended = False
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._handle, _CHUNK):
                self._bytes += chunk
                if len(self._bytes) > _MOST + _HEAD:
                    raise JunkError(f"more than {_MOST} bytes")
            ended = True
        found = self._message()
        if found is None and ended:
            raise EOFError
        return found

    def _message(self) -> object | None:
        if len(self._bytes) < _HEAD:
            return None
        (size,) = struct.unpack(_FORMAT, self._bytes[:_HEAD])
        if not 0 < size <= _MOST or len(self._bytes) > _HEAD + size:
            raise JunkError("bytes of another kind")
        if len(self._bytes) < _HEAD + size:
            return None
        body = bytes(self._bytes[_HEAD:])
        self._bytes.clear()
        try:
            message: object = pickle.loads(body)
        except Exception as error:  # whatever reading of arbitrary bytes may end in
            raise JunkError(str(error)) from None
        if message is None:
            raise JunkError("nothing")
        return message

    def close(self) -> None:
        """Close the pipe."""
        if not self.closed:
            self.closed = True
            os.close(self._handle)
