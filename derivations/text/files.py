"""Files of claims: reading them once, and registering what they hold."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..claim import CLAIMS, forget, register
from ..errors import ClaimError, CrossproofError, UsageError
from .claims import MAX_CHARACTERS, claim_from, read_claims

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


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
        if path.exists() and not path.is_file():  # a pipe might never end
            raise UsageError(f"cannot read {name!r}: it is no regular file")
        if path.stat().st_size > MAX_CHARACTERS:
            raise UsageError(f"{name!r} has more than {MAX_CHARACTERS} bytes; split the file")
        return path.read_text(encoding="utf-8-sig") + "\n"  # some editors put a mark in front
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {name!r}: {error}") from None


@dataclass(frozen=True)
class _Loaded:
    """What was made of a text: the ids that it registered, and why its other claims were refused."""

    text: str = ""
    ids: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()


#: What has been loaded, by file or, without one, by text.
_LOADED: dict[str, _Loaded] = {}
#: What another process has read and handed on, as the tables of the TOML, until somebody asks for the claim.
_EXPECTED: dict[str, Mapping[str, Any]] = {}


def load(name: str, *, strict: bool = True) -> str:
    """Register the claims of a TOML file, or of the text of one, and return the text.

    The same text is loaded once; a file that has changed replaces its claims.

    Parameters
    ----------
    name : str
        Name of the file, or its text.
    strict : bool
        Whether a malformed claim is an error, and nothing is registered; if not, the other claims are, and
        :func:`refused` tells why the malformed ones are not.

    Raises
    ------
    UsageError
        If the file cannot be read.
    ClaimError
        If the text is no TOML, or if `strict` and a claim is malformed or its id is taken; all such are named.
    """
    text, key = text_of(name), _key(name)
    known = _LOADED.get(key, _Loaded())
    if text != known.text:
        try:
            made, problems = read_claims(text)
        except ClaimError as error:
            raise ClaimError(_placed(name, [str(error)])[0]) from None
        taken = [found.id for found in made if found.id in CLAIMS and found.id not in known.ids]
        problems += [f"claim {id}: the id is taken by another claim; ids are unique, choose another" for id in taken]
        if problems and strict:
            raise ClaimError("; ".join(_placed(name, problems)))
        forget(known.ids)
        stem = "" if "\n" in name else Path(name).stem
        kept = {found.id: replace(found, module=stem) for found in made if found.id not in taken}
        for claim in kept.values():
            register(claim)
        known = _LOADED[key] = _Loaded(text, frozenset(kept), tuple(_placed(name, problems)))
    if strict and known.refused:
        raise ClaimError("; ".join(known.refused))
    return text


def refused(name: str) -> tuple[str, ...]:
    """Return why claims of the file, or of the text, were refused when it was loaded: file, claim, reason, remedy."""
    return _LOADED.get(_key(name), _Loaded()).refused


def holding(id: str) -> tuple[str, str] | None:
    """Return the file (or the text) that registered the claim, and its text; None where none did."""
    return next(((key, known.text) for key, known in _LOADED.items() if id in known.ids), None)


def handed_on(text: str) -> str:
    """Return the claims that a loaded text has registered, for a process that is to :func:`expect` them.

    A text that was not loaded, or that holds what JSON cannot say, is returned as it is.
    """
    known = next((loaded for loaded in _LOADED.values() if loaded.text == text), None)
    if known is None:
        return text
    entries: dict[str, Mapping[str, Any]] = {}
    for entry in tomllib.loads(text)["claim"]:
        if isinstance(entry.get("id"), str) and entry["id"] in known.ids:  # an id that is used again is refused
            entries.setdefault(entry["id"], entry)
    try:
        return json.dumps(entries) + "\n"
    except TypeError:  # a date
        return text


def expect(claims: str) -> None:
    """Take what :func:`handed_on` returned in a process that has tried out these claims, and wait to be asked."""
    _EXPECTED.update(json.loads(claims))


def provide(id: str) -> None:
    """Register the claim if it is expected; ClaimError if it cannot be read after all."""
    if id in _EXPECTED:
        try:
            register(claim_from(_EXPECTED.pop(id)))
        except CrossproofError as error:
            raise ClaimError(f"claim {id}: {error}") from None


def _key(name: str) -> str:
    return name if "\n" in name else str(Path(name).resolve())


def _placed(name: str, problems: Sequence[str]) -> list[str]:
    return list(problems) if "\n" in name else [f"{name}: {problem}" for problem in problems]
