"""Claims written as text: a TOML file of claims.

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

import contextlib
import itertools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import sympy as sp

from ..claim import Claim, Source
from ..domain import Domain
from ..errors import ClaimError, CrossproofError, DomainError, ParsingError
from ..expressions import as_printed
from ..number_sizes import MAX_BITS, sizes_within
from ..ranges import AtLeast, Integers, Positive, Real
from .known_types import TYPES
from .quoting import short, shown
from .statements import Fields, check_fields, parse_domain
from .toml_text import parsed, problem_of_toml
from .trial_reading import tried, while_reading

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Characters that a text may have, room for some 20,000 claims, and those that a message about a claim shows.
MAX_CHARACTERS, _LINE = 6_000_000, 700
#: Parameters of a claim, and characters of its id and of the names in its source.
MAX_PARAMETERS, MAX_NAME = 200, 200
#: Points of a domain that must exist before a claim is taken, and those that are only tried.
_FIRST, _MORE = 6, 24

#: Ranges of names that a statement binds.
_KINDS = (Real, Positive, AtLeast(0), Integers(1))

_REQUIRED = ("id", "title", "document", "place", "type", "domain")
#: Fields that are shown as they stand.
_FOR_PEOPLE = ("title", "document", "place", "reading", "note")
_NAMES = ("id", "document", "place", "repairs")
_OPTIONAL = ("given", "repairs", "reading", "stated", "note")


def read_claims(text: str) -> tuple[list[Claim], list[str]]:
    """Return the claims of a TOML text, without registering them, and why the others cannot be read, each by its id.

    Whatever the text holds, this ends: see :mod:`.trial_reading`.

    Raises
    ------
    ClaimError
        If the text is no TOML, or holds something else than claims.
    """
    if len(text) > MAX_CHARACTERS:
        raise ClaimError(f"the text has {len(text)} characters; at most {MAX_CHARACTERS} are read: split it")
    (problem,) = tried([partial(problem_of_toml, text)])
    if problem:
        raise ClaimError(problem)
    data = parsed(text)
    entries = data.pop("claim", None)
    if data or not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        other = f"; {', '.join(map(shown, list(data)[:3]))} is not known here" if data else ""
        raise ClaimError(f"the claims must stand in tables [[claim]]{other}")
    made: dict[str, Claim] = {}
    problems = []
    ids: set[str] = set()
    answers = tried([partial(_problem, entry) for entry in entries])
    for number, (entry, problem) in enumerate(zip(entries, answers, strict=True), 1):
        found: Claim | str = problem or _told(partial(claim_from, entry))
        id = entry.get("id", f"number {number}")
        if isinstance(found, Claim) and found.id in ids:
            found = "the id is used twice in this file; ids are unique, choose another"
        if isinstance(id, str):
            ids.add(id)
        if isinstance(found, Claim):
            made[found.id] = found
            continue
        name = id if isinstance(id, str) and len(id) <= MAX_NAME else shown(id)
        found = found.removeprefix(f"claim {name}: ")
        problems.append(f"claim {name}: {found if len(found) <= _LINE else f'{found[:400]} ... {found[-250:]}'}")
    return list(made.values()), problems


_Answer = TypeVar("_Answer")


def _told(reading: Callable[[], _Answer]) -> _Answer | str:
    """Return what was read, or why it cannot be."""
    try:
        return reading()
    except CrossproofError as error:
        return str(error)
    except Exception as error:  # an algebra system may raise anything on what nobody has tried
        return f"it cannot be read ({type(error).__name__}: {error}); write it in simpler terms"


def _problem(entry: Mapping[str, Any]) -> str:
    """Return why a table holds no claim, or one that cannot be printed or examined; an empty text when it does."""
    return _told(lambda: _examined(claim_from(entry)))


def _examined(claim: Claim) -> str:
    """Print the claim, and make points of its domain; an empty text when that has ended."""
    with while_reading("the formulas in print"):
        repr(claim.domain), claim.domain.latex(), claim.statement.latex()
        for _, expr in claim.written:
            as_printed(expr)
    with while_reading("the points of the domain"):
        for _ in claim.domain.points(_FIRST):
            pass
        with contextlib.suppress(DomainError):  # a bound that has no value there, which witnesses will say
            for _ in itertools.chain(claim.domain.points(_MORE), claim.domain.generic_points(_MORE)):
                pass
    return ""


def claim_from(entry: Mapping[str, Any]) -> Claim:
    """Return the claim of one table of a file, which nothing limits: see :func:`read_claims`."""
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ClaimError(f"type is {shown(kind)}; choose one of {', '.join(TYPES)}")
    required, optional = (*_REQUIRED, *TYPES[kind].required), (*_OPTIONAL, *TYPES[kind].optional)
    check_fields(entry, required, optional, f"a claim of type {kind!r}")
    for name in ("id", "title", "document", "place", "repairs", "reading", "note"):
        if not isinstance(entry.get(name, ""), str):
            raise ClaimError(f"{name} is {shown(entry[name])}; write it as text in quotes")
    for name in _NAMES:
        if len(entry.get(name, "")) > MAX_NAME:
            raise ClaimError(f"{name} has {len(entry[name])} characters; at most {MAX_NAME} are read")
    given, stated = entry.get("given", []), entry.get("stated", True)
    if not isinstance(given, list) or not all(isinstance(g, str) for g in given):
        raise ClaimError(f"given is {shown(given)}; write a list of texts")
    for text in (*given, *(entry.get(name, "") for name in _FOR_PEOPLE)):
        strange = next((sign for sign in text if not sign.isprintable() and sign not in "\n\t"), None)
        if strange is not None:  # it could rewrite what a terminal shows
            raise ClaimError(f"{short(text)} holds the control character U+{ord(strange):04X}; leave it out")
    if not isinstance(stated, bool):
        raise ClaimError(f"stated is {shown(stated)}; write true or false")
    ranges = entry["domain"]
    if not isinstance(ranges, dict):
        raise ClaimError(f"domain is {shown(ranges)}; write a table [claim.domain] with a range a parameter")
    if len(ranges) > MAX_PARAMETERS:
        raise ClaimError(f"domain has {len(ranges)} parameters; at most {MAX_PARAMETERS} are read")
    domain = parse_domain(ranges)
    _check_sizes(domain)
    fields = Fields(entry, {s.name: s for s in domain.symbols})
    with while_reading(f"the {kind}"):
        statement = TYPES[kind].make(fields)
        free = statement.free_symbols()
        domain = _parameters(domain, fields.bound - free)
        sizes = {s.name: fields.sizes[s] for s in sorted(free & set(fields.sizes), key=str)}
        domain = Domain(**{**sizes, **{s.name: given for s, given in domain.ranges.items()}})
    with while_reading("the domain"):
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


def _parameters(domain: Domain, bound: set[sp.Symbol]) -> Domain:
    """Return the domain without the names that the statement binds, which have a kind of values and no range."""
    kept = {s.name: given for s, given in domain.ranges.items() if s not in bound}
    for symbol in sorted(bound, key=str):
        if domain.ranges[symbol] not in _KINDS:
            raise ParsingError(
                f"range of {symbol}: the statement says where {symbol} runs; write real, positive, nonnegative or "
                "integers(1)"
            )
    return Domain(**kept)


def _check_sizes(domain: Domain) -> None:
    """Raise ParsingError for bounds that make the values of a parameter too large to be written down."""
    known: dict[sp.Symbol, tuple[float, float]] = {}
    for symbol, given in domain.ranges.items():
        bounds = [sp.sympify(bound) for bound in vars(given).values() if bound is not None]
        known[symbol] = sizes_within(bounds, known)
        if known[symbol][0] > MAX_BITS:
            text = short(", ".join(map(str, bounds)))
            raise ParsingError(
                f"range of {symbol}: with the bound {text}, its values may have more than {MAX_BITS} bits; write one "
                "that grows more slowly"
            )
