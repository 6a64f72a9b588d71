"""The built-in claims as plain rows, and their last outcomes, so that listing and selecting need no SymPy.

Building the catalog takes seconds; its rows depend on nothing but the program's sources and SymPy. They are kept in the
user's state folder under a digest of both, with the seal of this user, and are made again when either changes.
"""

from __future__ import annotations

import contextlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...derivations.errors import UsageError
from ...numerics import seals
from ..sources.sources import digest_of, own_sources
from .files import home, write_whole
from .saved_file import NewerError, records

if TYPE_CHECKING:
    from ...derivations.claim import Claim

_CATALOG = f"{__name__.partition('.')[0]}.derivations.catalog."


@dataclass(frozen=True)
class Row:
    """What a list shows of a claim, and the digest of what it asserts, of :mod:`crossproof.checks.store.saved`."""

    id: str
    title: str
    document: str
    place: str
    repairs: str | None
    reading: str | None
    stated: bool
    digest: str = ""


def row_of(claim: Claim, digest: str = "") -> Row:
    """Return the row of a claim."""
    c = claim
    return Row(c.id, c.title, c.document, c.source.place, c.repairs, c.reading, c.stated, digest)


def kept_rows() -> dict[str, Row] | None:
    """Return the rows of the built-in claims; None when none are kept for this program, or they cannot be believed."""
    try:
        held = json.loads(_path().read_text(encoding="utf-8"))
        if held["key"] != _key() or held["seal"] != _seal(held["key"], held["rows"]):
            return None
        return {row["id"]: Row(**row) for row in held["rows"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep_rows(claims: Iterable[Claim]) -> None:
    """Keep the rows of the built-in ones among `claims`; where that fails, the next command builds them again."""
    from .saved import digest

    rows = [asdict(row_of(c, digest(c))) for c in claims if c.module.startswith(_CATALOG)]
    with contextlib.suppress(OSError, UsageError):
        path, key = _path(), _key()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, json.dumps({"key": key, "seal": _seal(key, rows), "rows": rows}, ensure_ascii=False) + "\n")


def last_outcomes(rows: Mapping[str, Row]) -> dict[str, str] | None:
    """Return the last outcome of every row that has one; None when the file of verdicts needs attention."""
    path = home() / "verdicts.json"
    if path.is_symlink():
        return None
    try:
        found = records(json.loads(path.read_text(encoding="utf-8")))
        mine = version("crossproof")
        return {
            id: str(record["verdict"]["outcome"])
            for id, record in found.items()
            if id in rows and record["crossproof"] == mine and record["digest"] == rows[id].digest
        }
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, NewerError):
        return None


def _path() -> Path:
    return seals.state_folder() / "catalog.json"


def _key() -> str:
    return digest_of(own_sources(), version("crossproof"), version("sympy"), platform.python_version())


def _seal(key: str, rows: Any) -> str:
    return seals.seal(b"catalog", key.encode(), json.dumps(rows, sort_keys=True).encode()).hex()
