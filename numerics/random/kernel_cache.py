"""Generated modules on disk, so that compiled code outlives the process; what is not sealed by this user is not run."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import seals

#: Environment variable that names the folder of everything that crossproof keeps.
HOME_VARIABLE = "CROSSPROOF_HOME"
#: Folders of which this process has said that something in them is not the user's.
_TOLD: set[Path] = set()


def folder() -> Path:
    """Return the folder of generated kernels: in CROSSPROOF_HOME, else in the user's cache folder.

    Kernels belong to the machine and not to a project, hence not in the working folder, and to one key: kernels under
    another one are never looked at. Without a key, or without a folder that is the user's alone, a temporary one is
    used, and nothing outlives the process.
    """
    home = os.environ.get(HOME_VARIABLE)
    try:
        place = Path(home).resolve() if home else seals.base_folder("XDG_CACHE_HOME", ".cache") / "crossproof"
        return _own(place / "kernels" / seals.seal(b"kernels")[:6].hex())
    except OSError:
        return _temporary()


def name(text: str) -> str:
    """Return the name of the module with source `text`."""
    return f"crossproof_kernel_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def load(text: str) -> ModuleType:
    """Return the module with source `text`, whose compiled code is kept in :func:`folder`.

    What runs is `text`, and never what a file holds. The file is there for numba, which judges cached code by it; it is
    written whole or not at all.
    """
    return _load(text, folder())


@lru_cache(maxsize=512)
def _load(text: str, place: Path) -> ModuleType:
    called = name(text)
    try:
        path = _written(place, called, text)
    except OSError:
        path = _written(_temporary(), called, text)
    module = ModuleType(called)
    module.__file__ = str(path)
    sys.modules[called] = module  # numba finds the module of a cached function by its name
    exec(compile(text, path, "exec"), module.__dict__)
    _seal_caches(module)
    return module


def read(path: Path) -> bytes | None:
    """Return what :func:`write` wrote to a file; None without one.

    A file without this user's seal, or that others may write, is removed, and one line says so.
    """
    try:
        found = seals.read_own(path)
        content, mark = found[: -seals.SEAL_BYTES], found[-seals.SEAL_BYTES :]
        if seals.fits(mark, path.name.encode(), content):
            return content
        reason = "it was not sealed with this user's key"
    except seals.Foreign as foreign:
        reason = str(foreign)
    except OSError:
        return None
    with contextlib.suppress(OSError):  # of several processes, one removes it and says so
        path.unlink()
        _say_once(path.parent, f"{path}, compiled code from elsewhere, was removed and not run ({reason})")
    return None


def write(path: Path, content: bytes) -> None:
    """Write a file with its seal, whole or not at all, whoever else writes it."""
    _replace(path, _sealed(path, content))


def _sealed(path: Path, content: bytes) -> bytes:
    return content + seals.seal(path.name.encode(), content)


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).replace(path)


def _written(place: Path, called: str, text: str) -> Path:
    path = place / f"{called}.py"
    if not path.is_file() or path.read_bytes() != text.encode():
        _replace(path, text.encode())
    if not os.access(place, os.W_OK):
        raise OSError("compiled code cannot be kept here")
    return path


@cache
def _own(place: Path) -> Path:
    """Return a folder after making it; OSError, and one line, where it is not this user's alone."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = place.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        _say_once(place, f"{place} is not a folder that you alone may write; compiled code is neither read nor kept")
        raise OSError("compiled code cannot be kept here")
    return place


def _say_once(place: Path, message: str) -> None:
    if place not in _TOLD:
        _TOLD.add(place)
        logging.getLogger("crossproof").warning("crossproof: warning: %s", message)


@cache
def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="crossproof-kernels-"))


def _seal_caches(module: ModuleType) -> None:
    """Let numba keep the functions of a module in sealed files, or not at all where there is no key."""
    caching: Any = sys.modules.get("numba.core.caching")
    if caching is None:
        return
    for function in vars(module).values():
        if isinstance(getattr(function, "_cache", None), caching.FunctionCache):
            kept = vars(function._cache).get("_cache_file")
            if isinstance(kept, caching.IndexDataCacheFile) and _has_key():
                kept.__class__ = _sealed_files()
            else:
                function._cache = caching.NullCache()


def _has_key() -> bool:
    try:
        return bool(seals.seal())
    except OSError:
        return False


@cache
def _sealed_files() -> Any:
    """Return the class of numba's cache files with a seal at the end, which unpickling leaves unread."""
    from numba.core.caching import IndexDataCacheFile

    class SealedFiles(IndexDataCacheFile):
        def _load_index(self) -> Any:
            return {} if read(Path(self._index_path)) is None else super()._load_index()  # type: ignore[no-untyped-call]

        def _load_data(self, name: str) -> Any:
            if read(Path(self._data_path(name))) is None:  # type: ignore[no-untyped-call]
                raise FileNotFoundError(name)
            return super()._load_data(name)  # type: ignore[no-untyped-call]

        @contextlib.contextmanager
        def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
            content = io.BytesIO()
            with super()._open_for_write(filepath) as file:
                os.fchmod(file.fileno(), stat.S_IRUSR | stat.S_IWUSR)
                yield content
                file.write(_sealed(Path(filepath), content.getvalue()))

    return SealedFiles
