"""Content keys of evidence: equal keys mean that a witness would be asked the same question by the same code.

Two levels. :func:`run_key` speaks of a whole run and needs neither SymPy nor torch, so that an unchanged run is
answered at once. :class:`Keys` speaks of single units, so that a changed run re-examines only what changed.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import hashlib
import importlib.util
import json
import os
import platform
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..derivations.claim import Claim
    from .unit import Unit

_FORMAT = 1
_PACKAGE = __name__.partition(".")[0]
_ROOT = Path(__file__).resolve().parent.parent
_FLOORS = ("derivations", "numerics", "checks", "reports")
_COMPUTES_WITH = (
    "sympy", "mpmath", "gmpy2", "python-flint", "numpy", "scipy", "torch", "z3-solver", "numba", "triton",
)  # fmt: skip
_INSTALLED = {"site-packages", "dist-packages"}


class _NoKey(Exception):
    """Something has no canonical text, so that evidence on it cannot be kept."""


def run_key(arguments: Mapping[str, Any], modules: Sequence[str] = ()) -> str | None:
    """Return the key of a whole run, without importing SymPy, torch or the claims.

    Parameters
    ----------
    arguments : mapping
        Everything else that the result depends on, as JSON types: selectors, effort, seed, device as given (the
        devices that ``auto`` would find are part of the key). A run whose selectors ask for outcomes of an earlier
        run depends on that run and must not be kept.
    modules : sequence of str
        The user's claim modules and TOML files; the files that they import, inside functions too, are part of the
        key. Modules imported under a computed name and data files are not.

    Returns
    -------
    str or None
        None when a module has no source file, or a TOML file cannot be read.
    """
    written = [name for name in modules if name.endswith(".toml") or "\n" in name]
    try:
        claims = _Sources(beyond=False).digest(name for name in modules if name not in written)
        texts = [(name, name if "\n" in name else Path(name).read_text(encoding="utf-8")) for name in written]
    except (_NoKey, OSError, ValueError):
        return None
    return _digest(_FORMAT, _own_sources(), claims, texts, _versions(), _devices(), dict(arguments))


class Keys:
    """Keys of units; sources are read once, so make a new object for each run.

    A key covers the claim's id, statement and domain; the witness and every source file that its module, the
    classes of the statement and the unit runner import; package versions; effort, seed and device; and for Monte
    Carlo the level. What people read (title, source, note, given) is not part of it, and neither is the code that
    builds the claims: its result is.
    """

    def __init__(self) -> None:
        self._sources = _Sources(beyond=True)
        self._claims: dict[str, tuple[Claim, tuple[str, tuple[str, ...]] | None]] = {}

    def unit(self, unit: Unit) -> str | None:
        """Return the key of `unit`, or None when its claim or witness has no canonical text and cannot be kept."""
        from ..derivations.claim import CLAIMS
        from .effort import effort
        from .evidence import Kind
        from .mutants import claim_named
        from .witness import witness_named

        claim, found = claim_named(unit.claim_id), witness_named(unit.witness)
        original = CLAIMS[claim.id]
        known = self._claims.get(claim.id)
        if known is None or known[0] is not original:
            known = self._claims[claim.id] = original, claim_text(original)
        # a mutant may be compared with its original, so the texts of both are part of its key
        stated = known[1] if claim is original else claim_text(claim)
        if known[1] is None or stated is None:
            return None
        text, modules = known[1] if claim is original else (f"{known[1][0]}\n{stated[0]}", stated[1])
        roots = {f"{_PACKAGE}.checks.unit", found.examine.__module__, found.applies.__module__, *modules}
        try:
            code = self._sources.digest(roots)
        except _NoKey:
            return None
        level = unit.level if found.kind is Kind.MONTE_CARLO else None
        asked = (repr(effort(unit.effort)), unit.seed, unit.device, level)
        return _digest(_FORMAT, text, found.name, found.kind, code, _versions(), asked)


def claim_text(claim: Claim) -> tuple[str, tuple[str, ...]] | None:
    """Return a canonical text of what the claim asserts, and the modules that give it its meaning.

    The text is the same in every process. None when some part has no canonical text (an array, an open file).
    """
    writer = _Writer()
    try:
        text = f"{claim.id}\n{writer.text(claim.statement)}\n{writer.text(claim.domain)}"
    except (_NoKey, RecursionError):
        return None
    return text, tuple(sorted(writer.modules))


class _Writer:
    """Writes values as text that does not depend on the process, and notes the modules of their classes."""

    def __init__(self) -> None:
        self.modules: set[str] = set()

    def text(self, value: Any) -> str:
        import sympy as sp

        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            return repr(value)
        if isinstance(value, enum.Enum):
            return f"{self._named(type(value))}.{value.name}"
        if isinstance(value, (sp.Basic, sp.MatrixBase)):
            return self._expression(value)
        if isinstance(value, type):
            if isinstance(value, sp.core.function.UndefinedFunction):
                return f"Function({value.__name__}, {self.text(dict(value._kwargs))})"
            return self._named(value)
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, (tuple, list)):
            return f"{type(value).__name__}[{', '.join(map(self.text, value))}]"
        if isinstance(value, (set, frozenset)):
            return f"set[{', '.join(sorted(map(self.text, value)))}]"
        if isinstance(value, functools.partial):
            return f"partial({self.text(value.func)}, {self.text(value.args)}, {self.text(value.keywords)})"
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.BuiltinFunctionType):
            return f"{value.__module__}.{value.__qualname__}"
        return self._object(value)

    def _named(self, kind: type) -> str:
        for base in kind.__mro__:
            self.modules.add(base.__module__)
        return f"{kind.__module__}.{kind.__qualname__}"

    def _function(self, value: types.FunctionType) -> str:
        self.modules.add(value.__module__)
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        code = value.__code__
        place = f"{value.__module__}.{value.__qualname__}:{code.co_code.hex()}"
        return f"{place}({self.text(code.co_names)}, {self.text(value.__defaults__)}, {self.text(cells)})"

    def _object(self, value: Any) -> str:
        kind = type(value)
        if dataclasses.is_dataclass(value):
            parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        elif hasattr(value, "__dict__") and kind.__module__ != "builtins":
            cached = {n for k in kind.__mro__ for n, a in vars(k).items() if isinstance(a, functools.cached_property)}
            parts = {n: v for n, v in sorted(vars(value).items()) if n not in cached}
            if any(vars(k).get("__slots__") for k in kind.__mro__):
                raise _NoKey
        else:
            raise _NoKey
        return f"{self._named(kind)}({self.text(parts)})"

    def _expression(self, value: Any) -> str:
        import sympy as sp

        dummies: dict[Any, Any] = {}
        functions: dict[str, Any] = {}
        for node in sp.preorder_traversal(value):
            kind = type(node)
            if isinstance(node, sp.Dummy) and node not in dummies:  # its number differs from process to process
                dummies[node] = sp.Symbol(f"_dummy{len(dummies)}_{node.name}", **node._assumptions_orig)
            elif isinstance(kind, sp.core.function.UndefinedFunction):
                functions[kind.__name__] = dict(kind._kwargs)  # srepr leaves out their assumptions
            elif not kind.__module__.startswith("sympy."):
                self._named(kind)
        text = sp.srepr(value.xreplace(dummies) if dummies else value)
        return f"{text} with {sorted(functions.items())}" if functions else text


class _Sources:
    """Source files of modules and of all that they import, found without importing anything.

    With `beyond` False, the package's own modules are left out.
    """

    def __init__(self, *, beyond: bool) -> None:
        self._beyond = beyond
        self._parsed: dict[str, tuple[str, frozenset[str]]] = {}
        self._digests: dict[frozenset[str], str] = {}

    def digest(self, roots: Iterable[str]) -> str:
        """Return a digest of the files of `roots` and of all modules that they import; _NoKey without a file."""
        wanted = frozenset(roots)
        if wanted not in self._digests:
            waiting, found = sorted(wanted), dict[str, str]()
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found[name], imports = self._read(name, needed=name in wanted)
                    waiting += sorted(imports - found.keys())
            self._digests[wanted] = _digest(sorted((n, d) for n, d in found.items() if d))
        return self._digests[wanted]

    def _read(self, name: str, *, needed: bool) -> tuple[str, frozenset[str]]:
        if name not in self._parsed:
            path = self._file(name)
            if path is None:
                if needed and name.partition(".")[0] not in {*sys.stdlib_module_names, _PACKAGE}:
                    raise _NoKey
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
        if top == _PACKAGE:
            origin, folders = _ROOT / "__init__.py", [_ROOT]
            if not self._beyond:
                return None
        elif top in sys.stdlib_module_names:
            return None
        elif top == "__main__":
            path = getattr(sys.modules["__main__"], "__file__", None)
            return None if path is None else Path(path)
        else:
            try:
                spec = importlib.util.find_spec(top)
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
    return found | (parents - {_PACKAGE})  # the public face reaches everything, and no witness looks there


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


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("python", f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}")]
    for package in (_PACKAGE, *_COMPUTES_WITH):
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def _own_sources() -> str:
    """Return a digest of every source file of the package."""
    folders = [p for floor in _FLOORS for p in (_ROOT / floor).rglob("*") if p.suffix in (".py", ".css")]
    files = sorted([*_ROOT.glob("*.py"), *folders])
    return _digest([(str(p.relative_to(_ROOT)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files])


def _devices() -> tuple[str | None, list[str]]:
    """Return what decides which devices torch will see, without asking torch."""
    folder = Path("/dev")
    nodes = sorted(p.name for p in folder.glob("nvidia*")) if folder.is_dir() else []
    return os.environ.get("CUDA_VISIBLE_DEVICES"), nodes


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
