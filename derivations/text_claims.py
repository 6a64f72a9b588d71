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
import tomllib
from collections.abc import Mapping
from typing import Any

from .claim import Claim, Source
from .errors import ClaimError, CrossproofError, UsageError
from .expression_reader import short
from .text_statements import TYPES, Fields, parse_domain

#: Id of an identity that is given on its own.
ONE_OFF = "commandline.identity"

_REQUIRED = ("id", "title", "document", "place", "type", "domain")
#: Fields that are shown as they stand.
_FOR_PEOPLE = ("title", "document", "place", "reading", "note")
_OPTIONAL = ("given", "repairs", "reading", "stated", "note")


def read_claims(text: str) -> tuple[list[Claim], list[str]]:
    """Return the claims of a TOML text, without registering them, and why the others cannot be read, each by its id.

    Raises
    ------
    ClaimError
        If the text is no TOML, or holds something else than claims.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # besides its own error, tomllib lets some of Python's through
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
    return list(made.values()), problems


def _claim(entry: Mapping[str, Any]) -> Claim:
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ClaimError(f"type is {kind!r}; choose one of {', '.join(TYPES)}")
    required, optional = (*_REQUIRED, *TYPES[kind].required), (*_OPTIONAL, *TYPES[kind].optional)
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
    for text in (*given, *(entry.get(name, "") for name in _FOR_PEOPLE)):
        strange = next((sign for sign in text if not sign.isprintable() and sign not in "\n\t"), None)
        if strange is not None:  # it could rewrite what a terminal shows
            raise ClaimError(f"{short(text)} holds the control character U+{ord(strange):04X}; leave it out")
    if not isinstance(stated, bool):
        raise ClaimError(f"stated is {stated!r}; write true or false")
    if not isinstance(entry["domain"], dict):
        raise ClaimError(f"domain is {entry['domain']!r}; write a table [claim.domain] with a range a parameter")
    domain = parse_domain(entry["domain"])
    fields = Fields(entry, {s.name: s for s in domain.symbols})
    statement = TYPES[kind].make(fields)
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
        tuple(fields.written.items()),
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
        "title": f"{_printable(equation.strip())}, as given.",
        "document": "command line",
        "place": "--identity",
        "type": "identity",
        "equation": equation,
    }
    lines = [f"{name} = {_quoted(text)}" for name, text in fields.items()]
    table = [f"{_quoted(name)} = {_quoted(text)}" for name, text in ranges.items()]
    return "\n".join(["[[claim]]", *lines, "[claim.domain]", *table, ""])


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


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
