"""The house: nothing that nobody reaches, no private name across a module, no folder that is too full."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import crossproof

ROOT = Path(crossproof.__file__).parent
FLOORS = ("derivations", "numerics", "checks", "reports")
#: What starts without being imported: the commands, the public face, a worker, the pytest plugin.
STARTS = (
    "crossproof", "crossproof.__main__", "crossproof.cli", "crossproof.checks.runs.worker",
    "crossproof.reports.testing.plugin",
)  # fmt: skip
#: Rooms whose modules are found by looking into the folder: claims, witnesses, experiments.
FOUND = ("crossproof.derivations.catalog.", "crossproof.checks.witnesses.", "crossproof.reports.experiments.")
#: Modules that wait for their first witness, with the rows of the ledger that need each. The list may only shrink.
WAITING: Mapping[str, tuple[str, ...]] = {
    "crossproof.numerics.random.levy": ("002.stat.exit.stable", "002.stat.stable-ou"),
    "crossproof.numerics.simulation.barriers": ("002.stat.exit.ou", "002.stat.exit.stable", "000.onedir"),
}
MOST_FILES = 25
_MENTIONED = re.compile(r"\bcrossproof(?:\.\w+)+")


@cache
def modules() -> Mapping[str, Path]:
    """Return the files of the package by the names of their modules."""
    files = [*ROOT.glob("*.py"), *(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))]
    named = {".".join(("crossproof", *path.relative_to(ROOT).with_suffix("").parts)): path for path in files}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


def imports(name: str, text: str, known: Mapping[str, object]) -> set[str]:
    """Return the modules that a module imports, anywhere in it, and those that texts in its code import."""
    tree = ast.parse(text)
    package = name if modules().get(name, ROOT).name == "__init__.py" else name.rpartition(".")[0]
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            found |= set(_MENTIONED.findall(node.value))
    parts = {".".join(name.split(".")[:k]) for name in found for k in range(2, name.count(".") + 2)}
    return {part for part in parts | found if part in known}


def reached(starts: set[str]) -> set[str]:
    """Return the modules that one gets to from `starts`, their packages included."""
    seen, waiting = set[str](), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += imports(name, modules()[name].read_text(encoding="utf-8"), modules())
    return seen


@cache
def unreached() -> frozenset[str]:
    starts = {name for name in modules() if name in STARTS or name.startswith(FOUND)}
    return frozenset(set(modules()) - reached(starts) - {"crossproof.reports.testing"})


def test_every_module_is_reached_or_waits_for_its_witness() -> None:
    assert unreached() <= reached(set(WAITING)), "nothing reaches these: plug them in, or delete them"


def test_the_waiting_list_only_shrinks() -> None:
    assert set(WAITING) <= set(modules()), "deleted: take it off the list"
    assert set(WAITING) <= unreached(), "reached now: take it off the list"


def test_an_unreached_module_is_noticed() -> None:
    known = {"crossproof.numerics.a": 1, "crossproof.numerics.b": 1, "crossproof.numerics": 1}
    text = '"""Not crossproof.numerics.a, which prose only names."""\nfrom . import b\n'
    assert imports("crossproof.numerics.c", text, known) == {"crossproof.numerics", "crossproof.numerics.b"}
    made = 'LINE = f"from crossproof.numerics.a import x as {b}"\n'
    assert "crossproof.numerics.a" in imports("crossproof.numerics.c", made, known)


def private_imports(name: str, text: str) -> Iterator[str]:
    """Yield names with an underscore that a module takes from another one."""
    tree = ast.parse(text)
    taken: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("crossproof")):
            for alias in node.names:
                if alias.name.startswith("_") and not alias.name.startswith("__"):
                    yield f"{name}: {alias.name}"
                taken.add(alias.asname or alias.name)
    names = {n.rpartition(".")[2] for n in modules()}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
            continue
        if node.value.id in taken & names and node.attr.startswith("_") and not node.attr.startswith("__"):
            yield f"{name}: {node.value.id}.{node.attr}"


def test_no_private_name_crosses_a_module() -> None:
    found = [p for name, path in modules().items() for p in private_imports(name, path.read_text(encoding="utf-8"))]
    assert not found
    assert list(private_imports("a", "from .b import _x, y")) == ["a: _x"]
    assert list(private_imports("a", "from . import worker\nworker._x()")) == ["a: worker._x"]


@pytest.mark.parametrize("floor", [*FLOORS, "tests"])
def test_no_folder_is_too_full(floor: str) -> None:
    for folder in [ROOT / floor, *(p for p in (ROOT / floor).rglob("*") if p.is_dir() and p.name != "__pycache__")]:
        assert len([p for p in folder.glob("*.py") if p.name != "__init__.py"]) <= MOST_FILES, folder
