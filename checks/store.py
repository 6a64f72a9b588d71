"""Evidence kept in one SQLite file, so that a second run examines only what changed.

The file is a cache. Each write is one transaction in a write-ahead log: a killed process loses at most the write in
flight, and several processes may share the file. A damaged or foreign file is renamed and replaced; a folder that
cannot be written, or a full disk, costs the cache and one warning, never the run. Every row carries a checksum, so
that a row which was damaged on disk is examined again instead of being believed. Nothing depends on the clock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .files import home

if TYPE_CHECKING:
    from .evidence import Evidence
    from .unit import Unit

#: ``PRAGMA application_id`` of a store: "Xprf".
APPLICATION_ID = 0x58707266
_SCHEMA_VERSION = 1
#: Rows of unit evidence and of whole runs that are kept; the rows written longest ago make room.
KEPT_UNITS, KEPT_RUNS = 20_000, 40
#: Seconds to wait for another process that is writing.
BUSY_SECONDS = 10.0
#: How the runner describes a unit that was stopped from outside; another run may well finish it.
FAULTS = ("stopped at its time limit", "stopped at its memory limit", "the worker died", "the witness failed with")

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TABLES = {"units": KEPT_UNITS, "runs": KEPT_RUNS}
_COLUMNS = "number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, data TEXT NOT NULL, checksum TEXT NOT NULL"
_SCHEMA = {table: f"CREATE TABLE {table} ({_COLUMNS})" for table in _TABLES}
#: Renames between the check of a file and its replacement that are tried before the store gives up.
_ATTEMPTS = 3

Warn = Callable[[str], None]


class _Unfit(Exception):
    """The file is not a store, or is damaged."""


class Store:
    """A file of evidence by key; see :mod:`crossproof.checks.keys` for the keys.

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
            self._put("units", key, evidence.to_json())

    def get_run(self, key: str) -> dict[str, Any] | None:
        """Return the record of a whole run under `key`, or None."""
        return self._get("runs", key)

    def put_run(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep the record of a whole run, in JSON types; keep none of a run with evidence that is not keepable."""
        self._put("runs", key, record)

    def _get(self, table: str, key: str) -> dict[str, Any] | None:
        for _ in range(2):
            if self._database is None:
                return None
            try:
                row = self._database.execute(f"SELECT data, checksum FROM {table} WHERE key = ?", (key,)).fetchone()
                if row is None or row[1] != _checksum(key, row[0]):
                    return None
                data = json.loads(row[0])
                return data if isinstance(data, dict) else None
            except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:
                if not self._recover(error):
                    return None
        return None

    def _put(self, table: str, key: str, record: Mapping[str, Any]) -> None:
        data = json.dumps(record, ensure_ascii=False, default=_plain)
        for _ in range(2):
            if self._database is None or not self._writable:
                if self._obstacle is not None:
                    self._warn(f"{self.path} cannot be written ({self._obstacle}); new evidence is not kept")
                    self._obstacle = None
                return
            try:
                self._insert(self._database, table, (key, data, _checksum(key, data)))
                return
            except sqlite3.Error as error:
                if not self._recover(error):
                    if self._database is not None:
                        self._writable = False
                        self._warn(f"{self.path} cannot be written ({error}); new evidence is not kept")
                    return

    @staticmethod
    def _insert(database: sqlite3.Connection, table: str, row: tuple[str, str, str]) -> None:
        # REPLACE gives the row a new number, so that low numbers are the rows written longest ago
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute(f"REPLACE INTO {table} (key, data, checksum) VALUES (?, ?, ?)", row)
            database.execute(
                f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?",
                (_TABLES[table],),
            )
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise

    def _recover(self, error: Exception) -> bool:
        """Replace the file if `error` says that it is damaged, and return whether there is a new one."""
        if not isinstance(error, sqlite3.DatabaseError) or _code(error) not in _DAMAGED:
            return False
        identity = _identity(self.path)
        self.close()
        if not self._writable:  # it may be sound and in the hands of a process that may write it
            self._warn(f"{self.path} cannot be read ({error})")
            return False
        self._set_aside(identity, str(error))
        self._open()
        return self.usable

    def _open(self) -> None:
        for _ in range(_ATTEMPTS):
            identity = None
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                identity = _identity(self.path)
                self._database = _connect(self.path)
                return
            except _Unfit as error:
                self._set_aside(identity, str(error))
            except (sqlite3.Error, OSError) as error:
                self._database = _connect_to_read(self.path)
                if self._database is None:
                    self._warn(f"{self.path} cannot be used ({error}); evidence of this run is not kept")
                else:
                    self._writable, self._obstacle = False, str(error)
                return
        self._warn(f"{self.path} cannot be replaced; evidence of this run is not kept")

    def _set_aside(self, identity: tuple[int, int] | None, reason: str) -> None:
        """Rename the file that was found unfit, unless another process has already put a new one in its place."""
        if identity is None or _identity(self.path) != identity:
            return
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        try:
            for log in ("-wal", "-shm"):  # a log belongs to its file and must never be applied to another one
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + log).rename(aside.with_name(aside.name + log))
            self.path.rename(aside)
        except OSError:
            return
        self._warn(f"{self.path} is not a file of evidence ({reason}); it was renamed to {aside.name}")


def default_path() -> Path:
    """Return the file of evidence, in the folder of :func:`crossproof.checks.files.home`."""
    return home() / "evidence.sqlite"


def keepable(evidence: Evidence) -> bool:
    """Return whether another run would produce this evidence again: not so when the unit was stopped from outside."""
    return not (evidence.finding.outcome == "undecided" and evidence.finding.detail.startswith(FAULTS))


def run_stored(
    units: Sequence[Unit],
    store: Store,
    key: Callable[[Unit], str | None],
    run: Callable[[Sequence[Unit], Callable[[Unit, Evidence], None]], Mapping[Unit, Evidence]],
    progress: Callable[[Unit, Evidence], None] = lambda unit, evidence: None,
    *,
    fresh: bool = False,
) -> dict[Unit, Evidence]:
    """Return the evidence of every unit: what the store has, and the rest from `run`, kept as it arrives.

    Parameters
    ----------
    units : sequence of Unit
        Work.
    store : Store
        The evidence of earlier runs.
    key : callable
        Key of a unit, :meth:`crossproof.checks.keys.Keys.unit`; a unit without a key is always run.
    run : callable
        ``run(units, progress)``, which examines units and reports each as it ends.
    progress : callable
        Called with each unit and its evidence, stored or new.
    fresh : bool
        Examine every unit again, whatever the store has.
    """
    keys = {unit: key(unit) for unit in units}
    results: dict[Unit, Evidence] = {}
    for unit in () if fresh else units:
        known = keys[unit]
        found = None if known is None else store.get(known)
        if found is not None and found.witness == unit.witness:
            results[unit] = found
            progress(unit, found)

    def keep(unit: Unit, evidence: Evidence) -> None:
        known = keys[unit]
        if known is not None:
            store.put(known, evidence)
        progress(unit, evidence)

    return results | dict(run([u for u in units if u not in results], keep))


def _connect(path: Path) -> sqlite3.Connection:
    """Open a store, creating what is missing; _Unfit when the file is something else or damaged."""
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        try:
            database.execute("BEGIN")  # one snapshot: another process may be creating the tables
            new = _is_new(database)  # before anything is written: the file may be somebody else's
            database.execute("COMMIT")
            _use_log(database)
            database.execute("PRAGMA synchronous = NORMAL")
            (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if answer != "ok":
                raise _Unfit(f"damaged: {answer}")
            if new:
                _create(database)
        except sqlite3.DatabaseError as error:
            if _code(error) in _DAMAGED:
                raise _Unfit(str(error)) from None
            raise
    except BaseException:
        database.close()
        raise
    return database


def _connect_to_read(path: Path) -> sqlite3.Connection | None:
    """Open a store that cannot be written, or return None.

    Without leave to write, SQLite cannot even join a write-ahead log; it must be told that nobody writes. With a log
    that still has to be folded in, the file alone may be out of date or torn, and is not used.
    """
    log = path.with_name(f"{path.name}-wal")
    if not path.is_file() or (log.exists() and log.stat().st_size):
        return None
    database: sqlite3.Connection | None = None
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        if not _is_new(database) and database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
            return database
    except (sqlite3.Error, _Unfit):
        pass
    if database is not None:
        database.close()
    return None


def _use_log(database: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; the switch itself does not wait for other processes, so wait for them here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _is_new(database: sqlite3.Connection) -> bool:
    """Return whether the file is still empty; _Unfit unless it is empty or a store."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (schema,) = database.execute("PRAGMA user_version").fetchone()
    tables = dict(database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    if (application, schema, tables) == (0, 0, {}):
        return True
    if application != APPLICATION_ID:
        raise _Unfit("an SQLite file of another program")
    if schema != _SCHEMA_VERSION or tables != _SCHEMA:
        raise _Unfit(f"its schema is not version {_SCHEMA_VERSION}")
    return False


def _create(database: sqlite3.Connection) -> None:
    """Create the tables in one transaction, unless another process has done so meanwhile."""
    database.execute("BEGIN IMMEDIATE")
    try:
        if _is_new(database):
            for statement in _SCHEMA.values():
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite, without the extended part."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _checksum(key: str, data: str) -> str:
    return hashlib.sha256(f"{key}\n{data}".encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """Return numbers of other libraries as float, all else as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)
