"""Python modules of a user's claims, in which one malformed claim does not hide the others.

A module is run from top to bottom as an import would run it. A statement that raises one of the project's errors is
noted with its place and left behind, and the statements after it are run; any other exception ends the import, because
then it is the program that is broken and not a claim.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from ...derivations.claim import CLAIMS, forget
from ...derivations.errors import ClaimError, CrossproofError, UsageError


@dataclass(frozen=True)
class _Loaded:
    """What a module registered, and why its other claims were refused."""

    ids: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()


#: The modules that were loaded here, by name.
_LOADED: dict[str, _Loaded] = {}


def load(name: str, *, strict: bool = True) -> None:
    """Import a module that registers claims; a module that is there already is left as it is.

    Parameters
    ----------
    name : str
        Name of an importable module.
    strict : bool
        Whether a malformed claim is an error, after which nothing of the module remains; if not, the other claims
        are registered and :func:`refused` tells why the malformed ones are not.

    Raises
    ------
    UsageError
        If the module cannot be imported, whatever it raises.
    ClaimError
        If `strict` and a claim is malformed; all that are get named.
    """
    if name not in sys.modules:
        before = set(CLAIMS)
        try:
            problems = tuple(_run(name))
        except (Exception, SystemExit) as error:  # a user's module may raise anything, and may leave
            forget(set(CLAIMS) - before)
            hint = "; give the module's name without .py" if name.endswith(".py") else ""
            raise UsageError(f"cannot import {name!r}: {type(error).__name__}: {error}{hint}") from error
        _LOADED[name] = _Loaded(frozenset(set(CLAIMS) - before), problems)
    if strict and refused(name):
        problems = refused(name)
        forget(_LOADED.pop(name).ids)
        sys.modules.pop(name)
        raise ClaimError("; ".join(problems))


def refused(name: str) -> tuple[str, ...]:
    """Return why claims of the module were refused when it was loaded: place, claim, reason and remedy."""
    return _LOADED.get(name, _Loaded()).refused


def _run(name: str) -> list[str]:
    """Import the module and return why claims were refused."""
    spec = importlib.util.find_spec(name)  # imports the packages that hold it, and these may import it
    text = _text(spec)
    if name in sys.modules or spec is None or text is None:
        importlib.import_module(name)
        return []
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        found = _statements(module, text, str(spec.origin))
    except BaseException:  # as an import does: no half of a module stays behind, whatever ended it
        sys.modules.pop(name, None)
        raise
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
    return found


def _text(spec: ModuleSpec | None) -> bytes | None:
    """Return the source of a module, or None where it has no source file."""
    if spec is None or not spec.has_location or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    return path.read_bytes() if path.is_file() else None  # a module in a zip file has no file of its own


def _statements(module: ModuleType, text: bytes, file: str) -> list[str]:
    """Run the statements of a module and return why some raised one of the project's errors."""
    rest = ast.parse(text, file).body
    flags = 0
    for node in rest:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    found: list[str] = []
    while rest:
        code = compile(ast.Module(rest, []), file, "exec", flags=flags, dont_inherit=True)
        try:
            exec(code, module.__dict__)
            break
        except CrossproofError as error:
            line = _line(error, module)
            at = next((k for k, node in enumerate(rest) if line <= (node.end_lineno or line)), len(rest) - 1)
            found.append(_refusal(error, rest[at], Path(file).name, line))
            rest = rest[at + 1 :]
    return found


def _line(error: CrossproofError, module: ModuleType) -> int:
    """Return the line of the module's body at which `error` was raised."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is module.__dict__:
            return trace.tb_lineno
        trace = trace.tb_next
    return 1


def _refusal(error: CrossproofError, statement: ast.stmt, file: str, line: int) -> str:
    """Return place, claim, reason and remedy of one statement that could not be run."""
    name = next(
        (
            node.args[0].value
            for node in ast.walk(statement)
            if isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "claim"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and node.lineno <= line <= (node.end_lineno or line)
        ),
        None,
    )
    who = f"claim {name}: " if name is not None and name not in str(error) else ""
    block = "; what follows in the same block was not run" if hasattr(statement, "body") else ""
    return f"{file}, line {line}: {who}{error}{block}"
