"""Claims written as text: a TOML file of claims, or one identity.

A file holds one ``[[claim]]`` table a claim, with its parameters in ``[claim.domain]``::

    [[claim]]
    id = "mynotes.doubling"
    title = "The hyperbolic sine of twice x."
    document = "mynotes"
    place = "eq. (2)"
    type = "identity"
    equation = "sinh(2*x) == 2*sinh(x)*cosh(x)"

    [claim.domain]
    x = "real"

Expressions are read by :mod:`.parsing`. A file is not a program: reading one runs nothing.
"""

from __future__ import annotations

import difflib
import json
import keyword
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import sympy as sp

from .claim import _CLAIMS, Claim, Source
from .domain import Domain
from .errors import ClaimError, CrossproofError, ParsingError, UsageError
from .parsing import parse_equation, parse_expression, parse_interval, parse_range, parse_relation
from .ranges import Range
from .sde import SDE
from .statements.base import Statement
from .statements.extrema import Inequality
from .statements.processes import SDETransform
from .statements.scalar import Identity
from .statements.stationary import StationaryLaw

#: Id of an identity that is given on its own.
ONE_OFF = "commandline.identity"
#: Bytes that a file may have.
MAX_BYTES = 1_000_000

_REQUIRED = ("id", "title", "document", "place", "type", "domain")
_OPTIONAL = ("given", "repairs", "reading", "stated", "note")


class _Fields:
    """The fields of one claim that its type defines, and the symbols that they may use."""

    def __init__(self, entry: Mapping[str, Any], symbols: dict[str, sp.Symbol]) -> None:
        self._entry = entry
        self.symbols = symbols

    def text(self, name: str, default: str | None = None) -> str:
        value = self._entry.get(name, default)
        if not isinstance(value, str):
            raise ParsingError(f"{name} is {value!r}; write it as text in quotes")
        return value

    def read(self, name: str, parse: Callable[[str, Mapping[str, sp.Symbol]], Any], default: Any = None) -> Any:
        """Return what `parse` makes of the field, entry by entry where it is a list."""
        value = self._entry.get(name, default)

        def each(part: Any) -> Any:
            if isinstance(part, list):
                return [each(p) for p in part]
            try:
                return parse(part, self.symbols)
            except ParsingError as error:
                raise ParsingError(f"{name}: {error}") from None

        return each(value)

    def sde(self, state: Sequence[sp.Symbol], drift: str = "drift", diffusion: str = "diffusion") -> SDE:
        noise = self.read(diffusion, parse_expression)
        if isinstance(noise, list) and noise and isinstance(noise[0], list):
            noise = sp.Matrix(noise)
        calculus = self.text("calculus", "ito") if drift == "drift" else "ito"
        return SDE(state, self.read(drift, parse_expression), noise, calculus)

    def state(self) -> list[sp.Symbol]:
        names = self._entry["state"]
        found = []
        for name in names if isinstance(names, list) else [names]:
            if name not in self.symbols:
                raise ParsingError(f"state: {name!r} has no range; add it to the domain")
            found.append(self.symbols[name])
        return found


def _identity(fields: _Fields) -> Statement:
    return Identity(*fields.read("equation", parse_equation))


def _inequality(fields: _Fields) -> Statement:
    return Inequality(fields.read("relation", parse_relation))


def _sde_transform(fields: _Fields) -> Statement:
    source = fields.sde(fields.state())
    function = fields.read("function", parse_expression)
    name = fields.text("image")
    if name in fields.symbols:
        raise ParsingError(f"image: {name!r} is a parameter of the domain; name the image differently")
    _check_name(name)
    image = sp.Symbol(name, **fields.read("image_range", parse_range, "real").assumptions)
    inside = _Fields(fields._entry, {**fields.symbols, name: image})
    return SDETransform(source, function, inside.sde([image], "image_drift", "image_diffusion"))


def _stationary_law(fields: _Fields) -> Statement:
    sde = fields.sde(fields.state())
    return StationaryLaw(sde, fields.read("density", parse_expression), fields.read("support", parse_interval))


@dataclass(frozen=True)
class _Type:
    """A type of statement: the fields that it needs, those that it may have, and what is made of them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    make: Callable[[_Fields], Statement]


_TYPES = {
    "identity": _Type(("equation",), (), _identity),
    "inequality": _Type(("relation",), (), _inequality),
    "sde-transform": _Type(
        ("state", "drift", "diffusion", "function", "image", "image_drift", "image_diffusion"),
        ("calculus", "image_range"),
        _sde_transform,
    ),
    "stationary-law": _Type(("state", "drift", "diffusion", "density", "support"), ("calculus",), _stationary_law),
}


def parse_domain(entries: Mapping[str, str]) -> Domain:
    """Return the domain with these ranges, given as text by name; a bound may mention what stands before it.

    Raises
    ------
    ParsingError
        If a name or a range cannot be read.
    DomainError
        If a range is empty.
    """
    ranges: dict[str, Range] = {}
    symbols: dict[str, sp.Symbol] = {}
    for name, text in entries.items():
        _check_name(name)
        try:
            ranges[name] = parse_range(text, symbols)
        except ParsingError as error:
            raise ParsingError(f"range of {name}: {error}") from None
        symbols[name] = sp.Symbol(name, **ranges[name].assumptions)
    return Domain(**ranges)


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ParsingError(f"{name!r} cannot name a parameter; use letters, digits and _ (and lam for lambda)")


def parse_claims(text: str) -> list[Claim]:
    """Return the claims of a TOML text, without registering them.

    Raises
    ------
    ClaimError
        If the text is no TOML, or some claims cannot be read: each is named with the reason.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ClaimError(f"this is not TOML: {error}") from None
    entries = data.pop("claim", None)
    if data or not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        other = f"; {', '.join(map(repr, data))} is not known here" if data else ""
        raise ClaimError(f"the claims must stand in tables [[claim]]{other}")
    made: dict[str, Claim] = {}
    problems = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("id", f"number {number}")
        try:
            found = _claim(entry)
            if found.id in made:
                raise ClaimError("the id is used twice in this file; ids are unique, choose another")
            made[found.id] = found
        except CrossproofError as error:
            problem = str(error).removeprefix(f"claim {name}: ")
            problems.append(f"claim {name}: {problem}")
    if problems:
        raise ClaimError("; ".join(problems))
    return list(made.values())


def _claim(entry: Mapping[str, Any]) -> Claim:
    kind = entry.get("type")
    if kind not in _TYPES:
        raise ClaimError(f"type is {kind!r}; choose one of {', '.join(_TYPES)}")
    required, optional = (*_REQUIRED, *_TYPES[kind].required), (*_OPTIONAL, *_TYPES[kind].optional)
    missing = [n for n in required if n not in entry]
    if missing:
        raise ClaimError(f"there is no {missing[0]!r}; a claim of type {kind!r} needs {', '.join(required)}")
    for name in entry:
        if name not in (*required, *optional):
            near = difflib.get_close_matches(name, (*required, *optional), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join((*required, *optional))}"
            raise ClaimError(f"unknown field {name!r}{hint}")
    for name in ("id", "title", "document", "place", "repairs", "reading", "note"):
        if not isinstance(entry.get(name, ""), str):
            raise ClaimError(f"{name} is {entry[name]!r}; write it as text in quotes")
    given, stated = entry.get("given", []), entry.get("stated", True)
    if not isinstance(given, list) or not all(isinstance(g, str) for g in given):
        raise ClaimError(f"given is {given!r}; write a list of texts")
    if not isinstance(stated, bool):
        raise ClaimError(f"stated is {stated!r}; write true or false")
    if not isinstance(entry["domain"], dict):
        raise ClaimError(f"domain is {entry['domain']!r}; write a table [claim.domain] with a range a parameter")
    domain = parse_domain(entry["domain"])
    statement = _TYPES[kind].make(_Fields(entry, {s.name: s for s in domain.symbols}))
    return Claim(
        entry["id"],
        entry["title"],
        Source(entry["document"], entry["place"]),
        statement,
        domain,
        tuple(given),
        entry.get("repairs"),
        entry.get("reading"),
        stated,
        entry.get("note", ""),
    )


def one_identity(equation: str, domain: str) -> str:
    """Return the text of a claim file with one identity.

    Parameters
    ----------
    equation : str
        ``lhs == rhs``.
    domain : str
        Ranges separated by commas: ``x=positive, s=above(x/2)``.

    Raises
    ------
    UsageError
        If `domain` is no such list.
    """
    ranges: dict[str, str] = {}
    for part in _split(domain):
        name, sign, text = (p.strip() for p in part.partition("="))
        if not sign or not name or name in ranges:
            wanted = "write ranges such as 'x=positive, c=between(0, 1)', one a parameter"
            raise UsageError(f"domain {domain!r}: {part.strip()!r} is not a range; {wanted}")
        ranges[name] = text
    fields = {
        "id": ONE_OFF,
        "title": f"{equation.strip()}, as given.",
        "document": "command line",
        "place": "--identity",
        "type": "identity",
        "equation": equation,
    }
    lines = [f"{name} = {_quoted(text)}" for name, text in fields.items()]
    table = [f"{_quoted(name)} = {_quoted(text)}" for name, text in ranges.items()]
    return "\n".join(["[[claim]]", *lines, "[claim.domain]", *table, ""])


def _split(text: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts if text.strip() else []


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_text(name: str) -> bool:
    """Return whether `name` names a TOML file or is the text of one, rather than the name of a module."""
    return name.endswith(".toml") or "\n" in name


def text_of(name: str) -> str:
    """Return the text of the TOML file `name`; a text is returned as it is.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    if "\n" in name:
        return name
    path = Path(name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{name!r} has more than {MAX_BYTES} bytes; split the file")
        return path.read_text(encoding="utf-8") + "\n"
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {name!r}: {error}") from None


#: What has been loaded: texts and the ids that they registered, by file or, without one, by text.
_LOADED: dict[str, tuple[str, tuple[str, ...]]] = {}


def load(name: str) -> str:
    """Register the claims of a TOML file, or of the text of one, and return the text.

    All or none are registered. The same text is loaded once; a file that has changed replaces its claims.

    Raises
    ------
    UsageError
        If the file cannot be read.
    ClaimError
        If a claim is malformed or its id is taken.
    """
    text = text_of(name)
    key = name if "\n" in name else str(Path(name).resolve())
    before, old = _LOADED.get(key, ("", ()))
    if text == before:
        return text

    def fail(reason: str) -> NoReturn:
        raise ClaimError(reason if "\n" in name else f"{name}: {reason}")

    try:
        made = parse_claims(text)
    except ClaimError as error:
        fail(str(error))
    for found in made:
        if found.id in _CLAIMS and found.id not in old:
            fail(f"claim {found.id}: the id is taken by another claim; ids are unique, choose another")
    for id in old:
        _CLAIMS.pop(id, None)
    stem = "" if "\n" in name else Path(name).stem
    _CLAIMS.update((found.id, replace(found, module=stem)) for found in made)
    _LOADED[key] = text, tuple(found.id for found in made)
    return text
