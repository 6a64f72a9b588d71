"""Digests of source files: of modules with all that they import, and of the whole package.

The files are found and read without importing anything.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..runs.user_folder import find_spec

PACKAGE = __name__.partition(".")[0]
#: Folder of the package, wherever it lies.
FOLDER = Path(sys.modules[PACKAGE].__file__ or "").resolve().parent
_FLOORS = ("derivations", "numerics", "checks", "reports")
_INSTALLED = {"site-packages", "dist-packages"}


class NoKey(Exception):
    """Something has no canonical text, so that evidence on it cannot be kept."""


class Sources:
    """Source files of modules and of all that they import, each read once."""

    def __init__(self) -> None:
        self._parsed: dict[str, tuple[str, frozenset[str]]] = {}
        self._digests: dict[frozenset[str], str] = {}

    def digest(self, roots: Iterable[str]) -> str:
        """Return a digest of the files of `roots` and of all modules that they import; NoKey without a file."""
        wanted = frozenset(roots)
        if wanted not in self._digests:
            waiting, found = sorted(wanted), dict[str, str]()
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found[name], imports = self._read(name, needed=name in wanted)
                    waiting += sorted(imports - found.keys())
            self._digests[wanted] = digest_of(sorted((n, d) for n, d in found.items() if d))
        return self._digests[wanted]

    def _read(self, name: str, *, needed: bool) -> tuple[str, frozenset[str]]:
        if name not in self._parsed:
            path = self._file(name)
            if path is None:
                if needed and name.partition(".")[0] not in {*sys.stdlib_module_names, PACKAGE}:
                    raise NoKey
                self._parsed[name] = ("", frozenset())
            elif _INSTALLED & set(path.parts):
                self._parsed[name] = (_installed(name.partition(".")[0], path), frozenset())
            else:
                content = path.read_bytes()
                imports = _imports(content, name, path) if path.suffix == ".py" else set()
                self._parsed[name] = (hashlib.sha256(content).hexdigest(), frozenset(imports))
        return self._parsed[name]

    def _file(self, name: str) -> Path | None:
        top, *rest = name.split(".")
        origin: Path | None
        if top == PACKAGE:
            origin, folders = FOLDER / "__init__.py", [FOLDER]
        elif top in sys.stdlib_module_names:
            return None
        elif top == "__main__":
            path = getattr(sys.modules["__main__"], "__file__", None)
            return None if path is None else Path(path)
        else:
            try:
                spec = find_spec(top)
            except (ImportError, ValueError):
                spec = None
            if spec is None:
                return None
            origin = Path(spec.origin) if spec.origin and spec.has_location else None
            folders = [Path(p) for p in spec.submodule_search_locations or ()]
        for part in rest:
            origin, folders = _below(part, folders)
        return origin


def _below(part: str, folders: Sequence[Path]) -> tuple[Path | None, list[Path]]:
    """Return the file of a submodule and the folders of its own submodules."""
    for folder in folders:
        if (folder / part / "__init__.py").is_file():
            return folder / part / "__init__.py", [folder / part]
        if (folder / f"{part}.py").is_file():
            return folder / f"{part}.py", []
    return None, [folder / part for folder in folders if (folder / part).is_dir()]


def _imports(content: bytes, name: str, path: Path) -> set[str]:
    """Return the names of all modules that a file may import, inside functions too, with their parent packages."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return set()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parent, *(node.module or "").split(".")]).strip(".")
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")
    parents = {".".join(n.split(".")[:k]) for n in found for k in range(1, n.count(".") + 1)}
    return found | (parents - {PACKAGE})  # the public face reaches everything, and no witness looks there


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield all statements, nested ones too; expressions, the bulk of a tree, hold no imports."""
    waiting: list[Any] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, field, ())


@cache
def _installed(top: str, path: Path) -> str:
    """Return what tells two installed versions of a package apart."""
    try:
        return f"{top} {version(top)}"
    except PackageNotFoundError:
        state = path.stat()
        return f"{top} {state.st_size} {state.st_mtime_ns}"


def own_sources() -> str:
    """Return a digest of every source file of the package: modules, templates, and what reports quote of documents."""
    folders = [p for floor in (*_FLOORS, "docs/papers") for p in (FOLDER / floor).rglob("*")]
    files = sorted(p for p in (*FOLDER.glob("*.py"), *folders) if p.is_file() and p.parent.name != "__pycache__")
    return digest_of([(str(p.relative_to(FOLDER)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files])


def digest_of(*parts: Any) -> str:
    """Return a digest of JSON types; of other values, of their text."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
