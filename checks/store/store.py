"""Evidence kept in one SQLite file, so that a second run examines only what changed.

The file is a cache. Each write is one transaction in a write-ahead log: a killed process loses at most the write in
flight, and several processes may share the file. A damaged or foreign file is renamed and replaced; a folder that
cannot be written, or a full disk, costs the cache and one warning, never the run. Every row carries a seal of this
user (:mod:`crossproof.numerics.seals`): what was damaged on disk, or written elsewhere, is examined again instead of
being believed. Nothing depends on the clock.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ...numerics import seals
from .evidence_file import (
    DAMAGED,
    KEPT_CHARACTERS,
    TABLES,
    Newer,
    Unfit,
    beside,
    connect,
    connect_to_read,
    identity_of,
    result_code,
    transaction,
)
from .files import home

if TYPE_CHECKING:
    from ..evidence import Evidence

#: Renames between the check of a file and its replacement that are tried before the store gives up.
_ATTEMPTS = 3
_LOGS = ("-wal", "-shm")
#: What the record of a run holds of long texts.
_TEXTS = ("json", "html")

Warn = Callable[[str], None]


class Store:
    """A file of evidence by key; see :mod:`crossproof.checks.sources.keys` for the keys.

    Parameters
    ----------
    path : Path
        The file; it and its folder are created when missing.
    warn : callable
        Called with one line when the file had to be replaced, and at most once when the store cannot be used.

    Notes
    -----
    No method raises because of the file. A store that cannot be read answers None; one that cannot be written, for
    want of permission or space, keeps answering what it has.
    """

    def __init__(self, path: Path, warn: Warn = lambda message: None) -> None:
        self.path = path
        self._warn = warn
        self._database: sqlite3.Connection | None = None
        self._writable = True
        self._obstacle: str | None = None  # why an open store can only be read, until that has been said
        self._told = False  # whether foreign records have been spoken of
        self._open()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        """Whether the store can be read."""
        return self._database is not None

    def close(self) -> None:
        """Close the file; the store then answers None."""
        if self._database is not None:
            database, self._database = self._database, None
            try:
                database.close()
            except sqlite3.Error:  # the log could not be folded into the file; the next process does it
                return

    def get(self, key: str) -> Evidence | None:
        """Return the evidence under `key`, or None."""
        from .saved import evidence_from_json

        data = self._get("units", key)
        try:
            return None if data is None else evidence_from_json(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def put(self, key: str, evidence: Evidence) -> None:
        """Keep `evidence` under `key`, in place of what was there; evidence of a fault is not kept."""
        if keepable(evidence):
            self._put("units", key, _written(evidence.to_json()))

    def get_run(self, key: str, texts: Iterable[str] = ()) -> dict[str, Any] | None:
        """Return the record of a whole run under `key` with these of its texts, or None where one is missing."""
        record = self._get("runs", key)
        for name in texts if record is not None else ():
            found = self._row("runs", f"{key} {name}")
            if record is None or found is None:
                return None
            record[name] = found
        return record

    def put_run(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep the record of a whole run, in JSON types; keep none of a run with evidence that is not keepable.

        Its texts (``json``, ``html``), which may be long, have rows of their own.
        """
        for name in _TEXTS:
            if name in record:
                self._put("runs", f"{key} {name}", record[name])
        self._put("runs", key, _written({name: value for name, value in record.items() if name not in _TEXTS}))

    def _get(self, table: str, key: str) -> dict[str, Any] | None:
        try:
            data = json.loads(self._row(table, key) or "null")
        except ValueError:
            return None
        return data if isinstance(data, dict) else None

    def _row(self, table: str, key: str) -> str | None:
        for _ in range(2):
            if self._database is None:
                return None
            try:
                row = self._database.execute(f"SELECT data, seal FROM {table} WHERE key = ?", (key,)).fetchone()
                if row is None:
                    return None
                if row[1] != _seal(table, key, row[0]):
                    self._leave_out_foreign(self._database)
                    return None
                return str(row[0])
            except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:
                if not self._recover(error):
                    return None
        return None

    def _put(self, table: str, key: str, data: str) -> None:
        for _ in range(2):
            if self._database is None or not self._writable:
                if self._obstacle is not None:
                    self._warn(f"{self.path} cannot be written ({self._obstacle}); new evidence is not kept")
                    self._obstacle = None
                return
            try:
                self._insert(self._database, table, (key, data, _seal(table, key, data)))
                return
            except sqlite3.Error as error:
                if not self._recover(error):
                    if self._database is not None:
                        self._writable = False
                        self._warn(f"{self.path} cannot be written ({error}); new evidence is not kept")
                    return

    @staticmethod
    def _insert(database: sqlite3.Connection, table: str, row: tuple[str, str, str]) -> None:
        kept = TABLES[table]
        if table == "runs":
            kept = max(min(kept, KEPT_CHARACTERS // len(row[1])), 1 + len(_TEXTS))
        # REPLACE gives the row a new number, so that low numbers are the rows written longest ago
        with transaction(database):
            database.execute(f"REPLACE INTO {table} (key, data, seal) VALUES (?, ?, ?)", row)
            database.execute(
                f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?",
                (kept,),
            )

    def _leave_out_foreign(self, database: sqlite3.Connection) -> None:
        """Remove every record without this user's seal, so that one line says all there is to say."""
        if self._told:
            return
        self._told = True
        for table in TABLES if self._writable else ():
            with contextlib.suppress(sqlite3.OperationalError):
                rows = database.execute(f"SELECT number, key, data, seal FROM {table}")
                foreign = [(number,) for number, *held, found in rows if found != _seal(table, *held)]
                with transaction(database):
                    database.executemany(f"DELETE FROM {table} WHERE number = ?", foreign)
        self._warn(
            f"{self.path} holds records without the seal of this user's crossproof; they are not believed, "
            "and what they answer is examined again"
        )

    def _recover(self, error: Exception) -> bool:
        """Replace the file if `error` says that it is damaged, and return whether there is a new one."""
        if not isinstance(error, sqlite3.DatabaseError) or result_code(error) not in DAMAGED:
            return False
        identity = identity_of(self.path)
        self.close()
        if not self._writable:  # it may be sound and in the hands of a process that may write it
            self._warn(f"{self.path} cannot be read ({error})")
            return False
        self._set_aside(identity, str(error))
        self._open()
        return self.usable

    def _open(self) -> None:
        try:
            seals.seal()
        except OSError as error:
            self._warn(f"{self.path} cannot be used without a key ({error}); evidence of this run is not kept")
            return
        for _ in range(_ATTEMPTS):
            identity = None
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                identity = identity_of(self.path)
                if any(self.path.with_name(self.path.name + log).is_symlink() for log in ("", *_LOGS)):
                    raise Unfit("a link, which may lead to any file")
                self._database = connect(self.path)
                return
            except Newer:
                other = beside(self.path)
                made = f"{self.path} was made by a newer version of crossproof"
                self._warn(f"{made} and is left alone; this one uses {other.name}")
                self.path = other
            except Unfit as error:
                self._set_aside(identity, str(error))
            except (sqlite3.Error, OSError) as error:
                self._database = connect_to_read(self.path)
                if self._database is None:
                    self._warn(f"{self.path} cannot be used ({error}); evidence of this run is not kept")
                else:
                    self._writable, self._obstacle = False, str(error)
                return
        self._warn(f"{self.path} cannot be replaced; evidence of this run is not kept")

    def _set_aside(self, identity: tuple[int, int] | None, reason: str) -> None:
        """Rename the file that was found unfit, unless another process has already put a new one in its place."""
        if identity is None or identity_of(self.path) != identity:
            return
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        try:
            for log in _LOGS:  # a log belongs to its file and must never be applied to another one
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + log).rename(aside.with_name(aside.name + log))
            self.path.rename(aside)
        except OSError:
            return
        self._warn(f"{self.path} is not a file of evidence ({reason}); it was renamed to {aside.name}")


def default_path() -> Path:
    """Return the file of evidence, in the folder of :func:`crossproof.checks.store.files.home`."""
    return home() / "evidence.sqlite"


def keepable(evidence: Evidence) -> bool:
    """Return whether another run would produce this evidence again: not so when the unit was stopped from outside."""
    return evidence.finding.fault is None


def _seal(table: str, key: object, data: object) -> str:
    return seals.seal(table.encode(), str(key).encode(), str(data).encode()).hex()


def _written(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Return numbers of other libraries as float, all else as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)
