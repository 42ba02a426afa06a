# SPDX-License-Identifier: Apache-2.0
"""A backup: one SQLite file with every row of a database at one moment, from whichever engine, and checksums of them.

The rows are taken in one snapshot while everybody goes on writing. Beside the tables there is one more, which says
what the file is; its checksums are of the rows as they lie there, so that they can be checked by any later version.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection
from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from entrepot.infra.database import schema
from entrepot.infra.database.copying import Tell
from entrepot.infra.database.copying import copy_out
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.errors import AppError

ABOUT = "entrepot_backup"
READ_AT_ONCE = 1_000
MAX_ABOUT_BYTES = 1024 * 1024


class BackupDamaged(AppError):
    """The file of a backup is not what was written, or is none."""

    code = "backup_damaged"
    default_hint = "Nothing was changed. Use another backup; entrepot backup verify tells of each whether it is whole."


class BackupNotWritten(AppError):
    """The file of a backup could not be written."""

    code = "backup_not_written"
    default_hint = "Nothing was lost: what was written of it is removed. Make room, or name another folder."


class TableSum(msgspec.Struct, frozen=True):
    """How many rows a table has, and the SHA-256 of them as they lie in the file."""

    rows: int
    sha256: str


Count = Callable[[str, int], None]
"""Takes the name of a table, and how many rows of it were read."""


def write(source: Database, path: Path, tell: Tell) -> None:
    """Write every row of `source`, as of one moment, into the empty file at `path`.

    On PostgreSQL `tell` is called after each batch. Raises `BackupNotWritten`, `DatabaseUnavailable`, and what
    `tell` raises.
    """
    if isinstance(source, SqliteDatabase):
        with not_written(), source.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
        return
    upgrade, target = schema.upgrading(), SqliteDatabase(path)

    def copy(taken: Connection) -> None:
        """Make the schema, and copy into it."""
        upgrade(taken)
        source.snapshot_now(copy_out, taken, tell)

    try:
        with not_written():
            target.change_schema(copy)
    except DatabaseUnavailable as error:
        if not isinstance(getattr(error.__cause__, "orig", None), sqlite3.Error):
            raise
        raise BackupNotWritten(f"the backup cannot be written: {error.message}") from error
    finally:
        target.close()
    with not_written(), closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=DELETE")


def describe(path: Path, about: bytes) -> None:
    """Write into the file what it is, and have all of it on the disk. Raises `BackupNotWritten`."""
    with not_written(), closing(sqlite3.connect(path)) as file, file:
        file.execute(f"CREATE TABLE {ABOUT} (about BLOB NOT NULL)")
        file.execute(f"INSERT INTO {ABOUT} VALUES (?)", (about,))  # noqa: S608 - a name of our own
    with not_written(), path.open("rb") as written:
        os.fsync(written.fileno())


def about(path: Path) -> bytes:
    """Return what the file says that it is. Raises `BackupDamaged`."""
    with _opened(path) as file:
        found = file.execute(
            f"SELECT about FROM {ABOUT} WHERE length(about) <= ?",  # noqa: S608 - a name of our own
            (MAX_ABOUT_BYTES,),
        ).fetchone()
    if found is None or not isinstance(found[0], bytes):
        raise BackupDamaged(f"{path} does not say what it is")
    return found[0]


def checksums(path: Path, count: Count) -> dict[str, TableSum]:
    """Read every row, and return the checksum of each table. Raises `BackupDamaged`."""
    found: dict[str, TableSum] = {}
    with _opened(path) as file:
        listed = file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [name for (name,) in listed.fetchall() if name != ABOUT and not name.startswith("sqlite_")]
        for name in names:
            sha256, rows = hashlib.sha256(), 0
            quoted = name.replace('"', '""')
            cursor = file.execute(f'SELECT * FROM "{quoted}" ORDER BY {_order(file, name)}')  # noqa: S608 - quoted
            while batch := cursor.fetchmany(READ_AT_ONCE):
                for row in batch:
                    sha256.update(msgspec.msgpack.encode(row))
                rows += len(batch)
                count(name, len(batch))
            found[name] = TableSum(rows, sha256.hexdigest())
    return found


def _order(file: sqlite3.Connection, table: str) -> str:
    """Return what the rows of a table are ordered by: of one without row numbers, its primary key."""
    columns = file.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)).fetchall()
    made = file.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    if not made[0].rstrip().upper().endswith("WITHOUT ROWID"):
        return "rowid"
    return ", ".join('"{}"'.format(name.replace('"', '""')) for (name,) in columns)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """Read the file of a backup with SQLAlchemy; nothing can write to it. Raises `BackupDamaged`."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        raise BackupDamaged(f"{path} cannot be read: {error.orig}") from error
    finally:
        engine.dispose()


@contextmanager
def not_written() -> Iterator[None]:
    """Turn what keeps a file from being written into `BackupNotWritten`."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise BackupNotWritten(f"the backup cannot be written: {error}") from error
    except DatabaseError as error:
        raise BackupNotWritten(f"the backup cannot be written: {error.orig}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise BackupDamaged(f"there is no file {path}", hint="entrepot backup list tells where backups are.")
    try:
        with closing(_connect(path)) as file:
            yield file
    except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
        raise BackupDamaged(f"{path} cannot be read: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, check_same_thread=False)
