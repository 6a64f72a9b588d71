"""The file of saved verdicts as plain data, read without SymPy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...numerics import seals

_FORMAT = "crossproof saved verdicts"
VERSION = 2


class NewerError(Exception):
    """The file was written by a newer version of crossproof."""


def records(content: Any) -> dict[str, dict[str, Any]]:
    """Return the records of a file, by claim id, if it is of this format and carries the seal of this user.

    Raises
    ------
    NewerError
        If it is of a newer format.
    KeyError, TypeError, ValueError
        If it is no such file.
    OSError
        If the user has no key.
    """
    if content["format"] == _FORMAT and type(content["version"]) is int and content["version"] > VERSION:
        raise NewerError
    if content["format"] != _FORMAT or content["version"] != VERSION:
        raise ValueError(f"format {content['format']!r}, version {content['version']!r}")
    found: dict[str, dict[str, Any]] = content["claims"]
    if content["seal"] != _seal(found):
        raise ValueError("without the seal of this user's crossproof")
    return found


def content(claims: Mapping[str, Any]) -> str:
    """Return the text of a file with the records `claims`."""
    whole = {"format": _FORMAT, "version": VERSION, "seal": _seal(claims), "claims": claims}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, default=plain_number) + "\n"


def plain_number(value: Any) -> Any:
    """Return numbers of other libraries as float, all else as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _seal(claims: Any) -> str:
    return seals.seal(b"verdicts", json.dumps(claims, sort_keys=True, default=plain_number).encode()).hex()
