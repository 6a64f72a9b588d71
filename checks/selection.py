"""Selectors: an id, a prefix, a glob, ``document:004``, ``outcome:refuted``."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Mapping, Sequence

from ..derivations.claim import Claim
from ..derivations.errors import SelectionError
from .evidence import Outcome


def select(
    selectors: Sequence[str], claims: Mapping[str, Claim], outcomes: Mapping[str, str] | None = None
) -> list[Claim]:
    """Return the claims that any of the selectors names, in the order of the catalog.

    Parameters
    ----------
    selectors : sequence of str
        Each an id, a prefix that ends in a dot (``004.``), a glob (``004.dw*``), ``document:NNN`` or
        ``outcome:NAME``. No selector selects everything.
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


def _matches(selector: str, claims: Mapping[str, Claim], outcomes: Mapping[str, str] | None) -> list[str]:
    key, colon, value = selector.partition(":")
    if colon and key == "document":
        return [c.id for c in claims.values() if c.document == value]
    if colon and key == "outcome":
        names = [str(o) for o in Outcome]
        if value not in names:
            raise SelectionError(f"selector {selector!r}: unknown outcome; choose one of {', '.join(names)}")
        if not outcomes:
            raise SelectionError(f"selector {selector!r} needs an earlier run; run `crossproof verify` first")
        return [i for i in claims if outcomes.get(i) == value]
    if colon:
        raise SelectionError(f"selector {selector!r}: unknown key {key!r}; use document: or outcome:")
    if selector.endswith("."):
        return [i for i in claims if i.startswith(selector)]
    if any(sign in selector for sign in "*?["):
        return [i for i in claims if fnmatch.fnmatchcase(i, selector)]
    return [selector] if selector in claims else []


def _nothing(selector: str, claims: Mapping[str, Claim]) -> str:
    if ":" in selector:
        return f"selector {selector!r} matches no claim"
    near = difflib.get_close_matches(selector, claims, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`crossproof list` shows all ids"
    return f"no claim matches {selector!r}; {hint}"
