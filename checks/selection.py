"""Selectors: an id, a prefix, a glob, ``document:004``, ``outcome:refuted``."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from ..derivations.errors import SelectionError
from .evidence import Outcome

#: Names that an error lists; of more it names the command that does.
MOST_NAMED = 12


class Listed(Protocol):
    """A claim, or what stands for one in a list."""

    @property
    def id(self) -> str: ...
    @property
    def document(self) -> str: ...


Some = TypeVar("Some", bound=Listed)


def select(
    selectors: Sequence[str], claims: Mapping[str, Some], outcomes: Mapping[str, str] | None = None
) -> list[Some]:
    """Return the claims that any of the selectors names, in the order of the catalog.

    Parameters
    ----------
    selectors : sequence of str
        Each an id, a prefix that ends in a dot (``004.``), a glob (``004.dw*``), ``document:NNN`` or
        ``outcome:NAME``. A text without dot at its end that is no id is a prefix, too: ``004`` means ``004.``.
        No selector selects everything.
    claims : mapping
        Claims by id.
    outcomes : mapping, optional
        Outcome by claim id from an earlier run, needed by ``outcome:``.

    Raises
    ------
    SelectionError
        If a selector names nothing; the message suggests the nearest ids.
    """
    if not selectors:
        return list(claims.values())
    chosen: set[str] = set()
    for selector in selectors:
        found = _matches(selector, claims, outcomes)
        if not found:
            raise SelectionError(_nothing(selector, claims))
        chosen.update(found)
    return [c for c in claims.values() if c.id in chosen]


def _matches(selector: str, claims: Mapping[str, Listed], outcomes: Mapping[str, str] | None) -> list[str]:
    key, colon, value = selector.partition(":")
    if colon and key == "document":
        return [c.id for c in claims.values() if c.document == value]
    if colon and key == "outcome":
        names = [str(o) for o in Outcome]
        if value not in names:
            raise SelectionError(
                f"selector {selector!r}: unknown outcome; {_hint(value, names, 'outcomes', 'outcome:')}"
            )
        if not outcomes:
            raise SelectionError(f"selector {selector!r} needs an earlier run; run `crossproof verify` first")
        return [i for i in claims if outcomes.get(i) == value]
    if colon:
        raise SelectionError(f"selector {selector!r}: unknown key {key!r}; use document: or outcome:")
    if selector.endswith("."):
        return [i for i in claims if i.startswith(selector)]
    if any(sign in selector for sign in "*?["):
        return [i for i in claims if fnmatch.fnmatchcase(i, selector)]
    return [selector] if selector in claims else [i for i in claims if i.startswith(f"{selector}.")]


def _nothing(selector: str, claims: Mapping[str, Listed]) -> str:
    key, colon, value = selector.partition(":")
    if colon and key == "outcome":
        return f"selector {selector!r} matches no claim"
    documents = list(dict.fromkeys(c.document for c in claims.values()))
    if colon:
        return f"selector {selector!r} matches no claim; {_hint(value, documents, 'documents', 'document:')}"
    if "." in selector.rstrip("."):
        return f"no claim matches {selector!r}; {_hint(selector, list(claims), 'ids')}"
    return f"no claim and no document matches {selector!r}; {_hint(selector.rstrip('.'), documents, 'documents')}"


def _hint(wanted: str, known: Sequence[str], what: str, before: str = "") -> str:
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    if near:
        return f"did you mean {', '.join(before + name for name in near)}?"
    return f"{what} are {', '.join(known)}" if len(known) <= MOST_NAMED else "`crossproof list` shows all ids"
