"""Seals on what is kept between runs, under a key that never leaves the user's state folder.

A seal says that this user's crossproof wrote a content under a name. It guards against what comes from elsewhere: with
a repository, in a restored cache, from another user. Programs of the same user can read the key, as they can change
crossproof itself, and it does not guard against them.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import stat
import tempfile
from functools import lru_cache
from pathlib import Path

#: Bytes of the key and of a seal.
KEY_BYTES, SEAL_BYTES = 32, 32
#: Attempts at making the key while other processes make it, too.
_ATTEMPTS = 3


class Foreign(Exception):
    """A file that somebody else owns, may read or may write, or that is no regular file."""


def base_folder(variable: str, default: str) -> Path:
    """Return a base folder of the user: an environment variable with an absolute path, else `default` at home.

    Raises
    ------
    OSError
        If there is no home folder.
    """
    named = Path(os.environ.get(variable, ""))
    if named.is_absolute():  # a relative one would be another folder in each working folder
        return named
    try:
        return Path.home() / default
    except RuntimeError:
        raise OSError(f"there is no home folder; let {variable} name a folder of your own") from None


def state_folder() -> Path:
    """Return the user's folder of what is kept: crossproof in XDG_STATE_HOME, else in ``~/.local/state``."""
    return base_folder("XDG_STATE_HOME", ".local/state") / "crossproof"


def seal(*parts: bytes) -> bytes:
    """Return the seal of some texts in this order; OSError when the user has no key and none can be made."""
    made = hmac.new(_key(state_folder() / "key"), digestmod="sha256")
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def fits(found: bytes, *parts: bytes) -> bool:
    """Return whether `found` is the seal of `parts`."""
    return hmac.compare_digest(found, seal(*parts))


def read_own(path: Path, *, forbidden: int = stat.S_IWGRP | stat.S_IWOTH) -> bytes:
    """Return the content of a regular file of this user without the permissions `forbidden`.

    Raises
    ------
    Foreign
        If it is anything else.
    FileNotFoundError
        If there is nothing.
    """
    try:  # a link leads elsewhere, and a pipe might never end
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Foreign(error.strerror) from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise Foreign("no regular file")
        if state.st_uid != os.geteuid():
            raise Foreign("it belongs to another user")
        if state.st_mode & forbidden:
            raise Foreign(f"others may use it (mode {stat.S_IMODE(state.st_mode):o})")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


@lru_cache(maxsize=8)
def _key(path: Path) -> bytes:
    """Return the key in the file; one that is missing, or that others may know, is made anew."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError, Foreign):
            found = read_own(path, forbidden=stat.S_IRWXG | stat.S_IRWXO)
            if len(found) == KEY_BYTES:
                return found
        path.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # for this user alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(os.urandom(KEY_BYTES))
            with contextlib.suppress(FileExistsError):  # another process has been quicker
                os.link(name, path)
        finally:
            Path(name).unlink()
    raise OSError(f"{path} cannot be kept from others, and it seals what is kept between runs")
