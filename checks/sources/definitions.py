"""What a module defines, imports and mentions, read from its source without importing it."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .sources import FOLDER, PACKAGE


@dataclass(frozen=True)
class Source:
    """Definitions, imported names and registrations of one module."""

    definitions: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)


@cache
def source_of(module: str) -> Source | None:
    """Return what one module defines, or None for a module that is not the project's or the user's."""
    path = file_of(module)
    if path is None:
        return None
    found = Source()
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            handlers = [
                d.value.id
                for d in node.decorator_list
                if isinstance(d, ast.Attribute) and d.attr == "register" and isinstance(d.value, ast.Name)
            ]
            if handlers and isinstance(node, ast.FunctionDef):
                annotation = node.args.args[0].annotation
                found.definitions[f"{handlers[0]}({ast.unparse(annotation) if annotation else ''})"] = node
            else:
                found.definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.definitions[target.id] = node.value
    found.imports.update(imports_in(tree, module))
    return found


def imports_in(tree: ast.AST, module: str) -> dict[str, tuple[str, str | None]]:
    """Return the names that import statements of `tree` bind: (module, attribute), or (module, None) for a module."""
    found: dict[str, tuple[str, str | None]] = {}
    package = module.split(".") if module == PACKAGE else module.split(".")[:-1]
    body = list(_at_top(tree)) if isinstance(tree, ast.Module) else list(ast.walk(tree))
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or top] = (top, None)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parent, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found[alias.asname or alias.name] = (inner, None) if file_of(inner) else (base, alias.name)
    return found


def _at_top(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those under a condition (`if TYPE_CHECKING:`, `try:`) included."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, ast.If | ast.Try):
            waiting += [*node.body, *node.orelse, *(s for h in getattr(node, "handlers", ()) for s in h.body)]


def names_in(*nodes: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield names read in `nodes` with the attribute that is asked of them; annotations and decorators are left out."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node.id, None
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr
        else:
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns", "decorator_list"):
                    waiting += [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]


def bound_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names of arguments and variables in a function or class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def file_of(module: str) -> Path | None:
    """Return the file of a module of the package or of the user's code, without importing it."""
    top, *rest = module.split(".")
    if top == PACKAGE:
        path = FOLDER.joinpath(*rest).with_suffix(".py") if rest else FOLDER / "__init__.py"
        return path if path.is_file() else None
    if top in sys.stdlib_module_names or (rest and not _written_by_user(top)):
        return None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    origin = Path(spec.origin) if spec is not None and spec.origin and spec.has_location else None
    return origin if origin is not None and origin.suffix == ".py" else None


@cache
def _written_by_user(top: str) -> bool:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec is not None else []
    return bool(places) and not any({"site-packages", "dist-packages"} & set(Path(p).parts) for p in places)
