"""Where files are kept, and writing them whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from ...derivations.errors import UsageError
from ...numerics.seals import state_folder

#: Environment variable that names another folder for what is kept between runs.
HOME_VARIABLE = "CROSSPROOF_HOME"
#: Seconds that one process waits for another that is rewriting a file.
LOCK_SECONDS = 5.0
#: The folder that the command line names.
_NAMED: ContextVar[Path | None] = ContextVar("named", default=None)


def home() -> Path:
    """Return the folder of what is kept between runs: named by :func:`kept_in` or the variable CROSSPROOF_HOME.

    By default each working folder has one of its own in the user's state folder: the working folder itself may be a
    stranger's.

    Raises
    ------
    UsageError
        If the user has no state folder.
    """
    named = _NAMED.get() or os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named)
    try:
        here = hashlib.sha256(os.fsencode(Path.cwd().resolve())).hexdigest()[:24]
        return state_folder() / "projects" / here
    except OSError as error:
        raise UsageError(f"there is no folder for what is kept between runs: {error}; or name one by --store") from None


@contextlib.contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """Let `folder`, where it is not None, be :func:`home`; UsageError when it is a file."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"--store: {str(folder)!r} is a file; give a folder")
    token = _NAMED.set(folder)
    try:
        yield
    finally:
        _NAMED.reset(token)


def check_writable(path: Path) -> None:
    """Raise UsageError unless a file can be written at `path`; nothing is left behind."""
    target = _resolved(path)
    if target.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: it is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: there is no folder {str(target.parent)!r}")
    try:
        if target.exists():
            with target.open("ab"):
                pass
        if not _special(target):
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".crossproof-")
            os.close(handle)
            Path(name).unlink()
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 `text` as :func:`write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file in the same folder and rename it to `path`.

    A reader sees the old content or the new one, never a part. Raises UsageError when the file cannot be written.
    """
    target = _resolved(path)
    temporary: Path | None = None
    try:
        if _special(target):  # a device or a pipe cannot be replaced by a renamed file
            target.write_bytes(content)
            return
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".crossproof-")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other processes that ask for the same folder out, while one reads a file in it and writes it anew.

    Where the system has no such locks, or the other process does not come to an end, nobody is kept out.
    """
    with contextlib.ExitStack() as stack:
        try:
            import fcntl

            handle = stack.enter_context((folder / ".lock").open("a"))
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        break
                    time.sleep(0.01)
        except (ImportError, OSError):
            pass
        yield


def _resolved(path: Path) -> Path:
    """Follow links, so that a rename replaces the file and not the link to it; devices and pipes stay as named."""
    try:
        full = path.expanduser()
        return full if _special(full) else full.resolve()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"cannot write {str(path)!r}: {error}") from None


def _special(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
