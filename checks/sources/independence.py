"""Which code a witness computes with, read from the sources, and how many witnesses share none of it.

The code of a witness is every function and class of the project that its examining function can reach by name,
across modules. Left out is what all witnesses must have in common, and what is tested against libraries on its own:
the words in which claims are stated, the evaluation of a printed formula at a point, decision procedures and number
types that stand on SymPy, python-flint, Z3 or NumPy, and the statistics and the judgement of differences. Such a
module declares ``COMMON_GROUND = True``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from .definitions import bound_in, file_of, imports_in, names_in, source_of
from .sources import PACKAGE

if TYPE_CHECKING:
    from ...derivations.statement import Statement
    from ..witness import Witness


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
            found.add(".".join(place).removeprefix(f"{PACKAGE}."))
        if dispatches:
            waiting += _branches(place, types)
        waiting += uses
    return tuple(sorted(found))


def is_common_ground(module: str) -> bool:
    """Return whether a module of the package declares itself to be what all witnesses must have in common."""
    found = source_of(module) if module.startswith(f"{PACKAGE}.") else None
    return found is not None and "COMMON_GROUND" in found.definitions


def _foreign(module: str, home: str) -> bool:
    """Return whether a module is common ground, or belongs neither to the project nor to the witness's author."""
    mine = module.partition(".")[0] in (PACKAGE, home.partition(".")[0])
    return not mine or is_common_ground(module) or module.startswith(f"{PACKAGE}.derivations.statements")


@cache
def _uses(module: str, name: str) -> tuple[bool, bool, tuple[tuple[str, str], ...]]:
    """Return whether a name is a function or class, whether it dispatches, and the (module, name) that it mentions."""
    source = source_of(module)
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
    dispatches = any(used == "singledispatch" for used, _ in names_in(*decorators))
    inside = source.imports | imports_in(node, module)
    variables = set(bound_in(node)) if is_code else set()
    found = []
    for used, attribute in names_in(node):
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
    file = file_of(dispatcher[0])
    for path in sorted(file.parent.glob("*.py")) if file is not None else ():
        module = f"{package}.{path.stem}"
        source = source_of(module)
        for name in source.definitions if source else ():
            handler, _, kind = name.rstrip(")").partition("(")
            if not kind or kind not in types or source is None:
                continue
            if handler == dispatcher[1] and (module == dispatcher[0] or source.imports.get(handler) == dispatcher):
                yield module, name


def _types(statement: Statement) -> Iterator[str]:
    """Yield the names of the classes of a statement and of its parts."""
    for part in (statement, *getattr(statement, "parts", ())):
        yield from (kind.__name__ for kind in type(part).__mro__)
