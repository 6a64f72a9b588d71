"""Modules in a user's folder, which is never on the import path: only what is named runs there, and what that imports.

A name that the user gives is looked up in the folder before anywhere else, since that module is meant. Other modules of
the folder are found last, and only by code that lies in the folder itself: a ``random.py`` that happens to lie there is
nobody's ``random``.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

_PACKAGE = __name__.partition(".")[0]
_INSTALLED = {"site-packages", "dist-packages"}
#: Folders by the top-level names of the modules that are meant to be found there.
_FOLDERS: dict[str, str] = {}


def open_to(folders: Mapping[str, str]) -> None:
    """Let modules be found in folders, by top-level name."""
    _FOLDERS.update(folders)
    if _NAMED not in sys.meta_path:
        sys.meta_path.insert(0, _NAMED)
        sys.meta_path.append(_BESIDE)


def named_modules(names: Sequence[str]) -> set[str]:
    """Return the top-level names of modules among names of modules, names of TOML files, and texts."""
    return {name.partition(".")[0] for name in names if not (name.endswith(".toml") or "\n" in name)}


def folders_of(names: Sequence[str]) -> dict[str, str]:
    """Return where this process has found the modules `names`, else the working folder, by top-level name."""
    return {top: _folder(sys.modules.get(top)) or _FOLDERS.get(top) or str(Path.cwd()) for top in named_modules(names)}


def find_spec(name: str) -> ModuleSpec | None:
    """Return the spec of a top-level module as code of the user's folders would find it."""
    return importlib.util.find_spec(name) or PathFinder.find_spec(name, list(_FOLDERS.values()))


def _folder(module: ModuleType | None) -> str | None:
    for place in (*getattr(module, "__path__", ()), getattr(module, "__file__", None)):
        if place is not None:
            return str(Path(place).parent)
    return None


class _Named(MetaPathFinder):
    """Finds what the user has named; a bare folder of that name only where nothing else has it, as everywhere."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or fullname not in _FOLDERS:
            return None
        spec = PathFinder.find_spec(fullname, [_FOLDERS[fullname]])
        others = (finder.find_spec(fullname, None) for finder in sys.meta_path if finder is not self)
        return None if spec is not None and spec.loader is None and any(others) else spec


class _Beside(MetaPathFinder):
    """Finds for a file of the user what lies beside it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = _importing_file() if path is None else None
        if file is None or _INSTALLED & set(file.parts):
            return None
        folders = [folder for folder in _FOLDERS.values() if file.is_relative_to(folder)]
        return PathFinder.find_spec(fullname, folders) if folders else None


_NAMED, _BESIDE = _Named(), _Beside()


def _importing_file() -> Path | None:
    """Return the file of the code that imports; None for code of this package or of Python itself."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        module, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
        if not (file.startswith("<frozen importlib") or module in (__name__, "importlib")):
            own = module.partition(".")[0] not in {_PACKAGE, *sys.stdlib_module_names}
            return Path(file) if own else None
    return None
