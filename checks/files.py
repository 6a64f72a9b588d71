"""Writing files whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from ..derivations.errors import UsageError


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
    """Write UTF-8 `text` to a temporary file in the same folder and rename it to `path`.

    A reader sees the old content or the new one, never a part. Raises UsageError when the file cannot be written.
    """
    target = _resolved(path)
    temporary: Path | None = None
    try:
        if _special(target):  # a device or a pipe cannot be replaced by a renamed file
            target.write_text(text, encoding="utf-8")
            return
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".crossproof-")
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(mode)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


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
