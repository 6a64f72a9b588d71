"""Generated modules on disk: written once under the hash of their text, so that compiled code outlives the process."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType

#: Environment variable that names the folder of everything that crossproof keeps.
HOME_VARIABLE = "CROSSPROOF_HOME"


def folder() -> Path:
    """Return the folder of generated kernels: in CROSSPROOF_HOME, else in the user's cache folder.

    Kernels belong to the machine and not to a project, hence not in the working folder.
    """
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).resolve() / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crossproof" / "kernels"


def name(text: str) -> str:
    """Return the name of the module with source `text`."""
    return f"crossproof_kernel_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def load(text: str) -> ModuleType:
    """Return the module with source `text`, from its file in :func:`folder`.

    The file is written whole or not at all and never again, so that its time stamp, by which numba judges cached code,
    stays. Without a writable folder a temporary one is used, and nothing outlives the process.
    """
    return _load(text, folder())


@lru_cache(maxsize=512)
def _load(text: str, place: Path) -> ModuleType:
    called = name(text)
    try:
        path = _written(place, called, text)
    except OSError:
        path = _written(_temporary(), called, text)
    specification = importlib.util.spec_from_file_location(called, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[called] = module  # numba finds the module of a cached function by its name
    specification.loader.exec_module(module)
    return module


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, whoever else writes it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).replace(path)


def _written(place: Path, called: str, text: str) -> Path:
    path = place / f"{called}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write(path, text.encode())
    if not os.access(place, os.W_OK):
        raise OSError("compiled code cannot be kept here")
    return path


@lru_cache(maxsize=1)
def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="crossproof-kernels-"))
