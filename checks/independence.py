"""Which code a witness computes with, read from the sources, and how many witnesses share none of it.

The code of a witness is every function and class of the project that its examining function can reach by name,
across modules. Left out is what all witnesses must have in common, and what is tested against libraries on its own:
the words in which claims are stated, the evaluation of a printed formula at a point, decision procedures and number
types that stand on SymPy, python-flint, Z3 or NumPy, and the statistics and the judgement of differences.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..derivations.statements.base import Statement
    from .evidence import Evidence
    from .witness import Witness

_PACKAGE = __name__.partition(".")[0]
_ROOT = Path(__file__).resolve().parent.parent

#: Modules that are common ground: sharing them does not make two witnesses dependent.
PRIMITIVES = frozenset(
    f"{_PACKAGE}.{floor}.{name}"
    for floor, names in {
        # what a claim says
        "derivations": "claim domain errors networks parsing positivity ranges sampling sde symbols text_claims",
        # values of a formula, number types, decisions, random numbers
        "numerics": "balls boxes codegen decide enclosures formula fraction_field matrices normals philox powers "
        "rational rational_exponential relations",
        # judgement and statistics
        "checks": "bounded_means covariances deterministic distribution effort evidence exact exponents ladder laws "
        "matrix_means ratios richardson statistics straddle witness",
    }.items()
    for name in names.split()
)


@dataclass(frozen=True)
class _Source:
    """Definitions, imported names and registrations of one module."""

    definitions: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)


def code_of(witness: Witness, statement: Statement) -> tuple[str, ...]:
    """Return the names of the functions and classes that `witness` can reach on `statement`, without the package's.

    Parameters
    ----------
    witness : Witness
        A registered witness.
    statement : Statement
        What it examines: of functions that dispatch on statements, only the branches for it and its parts count.

    Returns
    -------
    tuple of str
        Names such as ``numerics.quadrature.integral``, sorted; the witness's own function is one of them.
    """
    examine = witness.examine
    name = getattr(examine, "__name__", type(examine).__name__)
    return _reached(examine.__module__, name, frozenset(_types(statement))) or (f"{examine.__module__}.{name}",)


def modules_of(code: Iterable[str]) -> tuple[str, ...]:
    """Return the modules of the names of `code`, sorted."""
    return tuple(sorted({name.partition("(")[0].rpartition(".")[0] for name in code}))


def independent(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return a largest choice of `evidence` no two of which share code; evidence without recorded code shares all."""
    for size in range(len(evidence), 1, -1):
        for chosen in itertools.combinations(evidence, size):
            if not any(shared(a, b) or not (a.code and b.code) for a, b in itertools.combinations(chosen, 2)):
                return chosen
    return tuple(evidence[:1])


def shared(first: Evidence, second: Evidence) -> tuple[str, ...]:
    """Return the names of the code that both pieces of evidence rest on, sorted."""
    return tuple(sorted(set(first.code) & set(second.code)))


@cache
def _reached(module: str, name: str, types: frozenset[str]) -> tuple[str, ...]:
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(module, name)]
    while waiting:
        place = waiting.pop()
        if place in seen or _foreign(place[0], module):
            continue
        seen.add(place)
        counts, dispatches, uses = _uses(*place)
        if counts:
            found.add(".".join(place).removeprefix(f"{_PACKAGE}."))
        if dispatches:
            waiting += _branches(place, types)
        waiting += uses
    return tuple(sorted(found))


def _foreign(module: str, home: str) -> bool:
    """Return whether a module is common ground, or belongs neither to the project nor to the witness's author."""
    mine = module.partition(".")[0] in (_PACKAGE, home.partition(".")[0])
    return not mine or module in PRIMITIVES or module.startswith(f"{_PACKAGE}.derivations.statements")


@cache
def _uses(module: str, name: str) -> tuple[bool, bool, tuple[tuple[str, str], ...]]:
    """Return whether a name is a function or class, whether it dispatches, and the (module, name) that it mentions."""
    source = _source(module)
    if source is None:
        return False, False, ()
    if name in source.imports:
        origin, attribute = source.imports[name]
        return False, False, () if attribute is None else ((origin, attribute),)
    node = source.definitions.get(name)
    if node is None:
        return False, False, ()
    is_code = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    dispatches = any(used == "singledispatch" for used, _ in _names(*decorators))
    inside = source.imports | _imports(node, module)
    variables = set(_bound(node)) if is_code else set()
    found = []
    for used, attribute in _names(node):
        if used in variables:
            continue
        if used in inside:
            origin, original = inside[used]
            found.append((origin, original if original is not None else attribute or ""))
        else:
            found.append((module, used))
    return is_code, dispatches, tuple(dict.fromkeys(found))


def _branches(dispatcher: tuple[str, str], types: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the functions registered with a dispatcher, in its folder, for any of `types`."""
    package = dispatcher[0].rpartition(".")[0]
    file = _file(dispatcher[0])
    for path in sorted(file.parent.glob("*.py")) if file is not None else ():
        module = f"{package}.{path.stem}"
        source = _source(module)
        for name in source.definitions if source else ():
            handler, _, kind = name.rstrip(")").partition("(")
            if not kind or kind not in types or source is None:
                continue
            if handler == dispatcher[1] and (module == dispatcher[0] or source.imports.get(handler) == dispatcher):
                yield module, name


@cache
def _source(module: str) -> _Source | None:
    """Return what one module defines, or None for a module that is not the project's or the user's."""
    path = _file(module)
    if path is None:
        return None
    found = _Source()
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
    found.imports.update(_imports(tree, module))
    return found


def _imports(tree: ast.AST, module: str) -> dict[str, tuple[str, str | None]]:
    """Return the names that import statements of `tree` bind: (module, attribute), or (module, None) for a module."""
    found: dict[str, tuple[str, str | None]] = {}
    package = module.split(".")[:-1]
    body = tree.body if isinstance(tree, ast.Module) else list(ast.walk(tree))
    for node in body:
        if isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parent, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found[alias.asname or alias.name] = (inner, None) if _file(inner) else (base, alias.name)
    return found


def _names(*nodes: ast.AST) -> Iterator[tuple[str, str | None]]:
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


def _bound(tree: ast.AST) -> Iterator[str]:
    """Yield the names of arguments and variables in a function or class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def _file(module: str) -> Path | None:
    """Return the file of a module of the package or of the user's code, without importing it."""
    top, *rest = module.split(".")
    if top == _PACKAGE:
        path = _ROOT.joinpath(*rest).with_suffix(".py") if rest else _ROOT / "__init__.py"
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


def _types(statement: Statement) -> Iterator[str]:
    """Yield the names of the classes of a statement and of its parts."""
    for part in (statement, *getattr(statement, "parts", ())):
        yield from (kind.__name__ for kind in type(part).__mro__)
