"""The SQLite file under the evidence store: opening it, making sure that it is one, creating it.

Writes go to a write-ahead log. A file that is damaged, or that belongs to another program, is told apart before
anything is written to it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

#: ``PRAGMA application_id`` of a store: "Xprf".
APPLICATION_ID = 0x58707266
_SCHEMA_VERSION = 2
#: Rows of unit evidence and of whole runs that are kept; the rows written longest ago make room. The units are those of
#: 20,000 claims with five witnesses each, twice, so that a change does not push out what it leaves as it was. A run has
#: up to three rows.
KEPT_UNITS, KEPT_RUNS = 200_000, 120
#: Characters of whole runs: of large ones, with their reports, fewer are kept.
KEPT_CHARACTERS = 200_000_000
#: Seconds to wait for another process that is writing.
BUSY_SECONDS = 10.0
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
TABLES = {"units": KEPT_UNITS, "runs": KEPT_RUNS}
_COLUMNS = "number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, data TEXT NOT NULL, seal TEXT NOT NULL"
_SCHEMA = {table: f"CREATE TABLE {table} ({_COLUMNS})" for table in TABLES}


class Unfit(Exception):
    """The file is not a store, or is damaged."""


class Newer(Exception):
    """The file is the store of a newer version of crossproof."""


def beside(path: Path) -> Path:
    """Return the file that this version uses where a newer one has made the file at `path`."""
    return path.with_name(f"{path.stem}-{_SCHEMA_VERSION}{path.suffix}")


def connect(path: Path) -> sqlite3.Connection:
    """Open a store, creating what is missing; Unfit or Newer when the file is something else."""
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
                raise Unfit(f"damaged: {answer}")
            if new:
                _create(database)
        except sqlite3.DatabaseError as error:
            if result_code(error) in DAMAGED:
                raise Unfit(str(error)) from None
            raise
    except BaseException:  # an interrupt, too, must not leave the file open
        database.close()
        raise
    return database


def connect_to_read(path: Path) -> sqlite3.Connection | None:
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
    except (sqlite3.Error, Unfit, Newer):
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
            if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _is_new(database: sqlite3.Connection) -> bool:
    """Return whether the file is still empty; Unfit or Newer unless it is empty or a store."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (schema,) = database.execute("PRAGMA user_version").fetchone()
    tables = dict(database.execute("SELECT name, sql FROM sqlite_schema WHERE type != 'index'"))
    if (application, schema, tables) == (0, 0, {}):
        return True
    if application != APPLICATION_ID:
        raise Unfit("an SQLite file of another program")
    if schema > _SCHEMA_VERSION:
        raise Newer
    if schema != _SCHEMA_VERSION or tables != _SCHEMA:
        raise Unfit(f"its schema is not version {_SCHEMA_VERSION}")
    return False


def _create(database: sqlite3.Connection) -> None:
    """Create the tables in one transaction, unless another process has done so meanwhile."""
    with transaction(database):
        if _is_new(database):
            for statement in _SCHEMA.values():
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Write all of the block or nothing of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:  # an interrupt, too, must not leave the file locked
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at `path` from one that is put in its place; None without a file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def result_code(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite, without the extended part."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
