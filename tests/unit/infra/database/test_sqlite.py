# SPDX-License-Identifier: Apache-2.0
"""What reading and writing the database promises."""

import asyncio
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import event
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.unit.infra.database.counters import a_database
from tests.unit.infra.database.counters import add
from tests.unit.infra.database.counters import counters
from tests.unit.infra.database.counters import increment
from tests.unit.infra.database.counters import names
from tests.unit.infra.database.counters import total
from tests.unit.infra.database.counters import value_of

pytestmark = pytest.mark.sqlite

SECRET = "correct horse battery staple"
_ADD = Prepared(insert(counters), "name", "value")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "database"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    """A database with a table, that waits for no lock."""
    database = a_database(path)
    event.listen(database.engine, "connect", _wait_for_no_lock)
    yield database
    database.close()


def _wait_for_no_lock(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=1")


@pytest.fixture
def absent(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A database in a folder that does not exist."""
    database = SqliteDatabase(tmp_path / "missing" / "database")
    yield database
    database.close()


@pytest.fixture
def damaged(path: Path) -> Iterator[SqliteDatabase]:
    """A file with something else in it."""
    path.write_bytes(b"this is no database at all" * 1_000)
    database = SqliteDatabase(path)
    yield database
    database.close()


@pytest.fixture
def read_only(database: SqliteDatabase, path: Path) -> Iterator[SqliteDatabase]:
    """A database with one row, opened so that nothing can be written."""
    database.write_now(add, "before")
    read_only = SqliteDatabase(Path(f"file:{path}?mode=ro&uri=true"))
    yield read_only
    read_only.close()


@pytest.fixture
def other(path: Path, database: SqliteDatabase) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else to the same database."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def insert_from(other: sqlite3.Connection, name: str) -> None:
    """Let somebody else insert a row."""
    other.execute("INSERT INTO counters VALUES (?, 0)", (name,))


@pytest.mark.anyio
async def test_a_write_is_read_once_it_has_returned(database: SqliteDatabase) -> None:
    """Every read after a write sees it."""
    await database.write(add, "a")
    for expected in range(1, 50):
        await database.write(increment, "a")
        assert await database.read(value_of, "a") == expected


@pytest.mark.anyio
async def test_a_read_sees_what_others_have_committed(database: SqliteDatabase, other: sqlite3.Connection) -> None:
    """No read is answered from an old state."""
    assert await database.read(total) == 0
    insert_from(other, "from elsewhere")

    assert await database.read(total) == 1


@pytest.mark.anyio
async def test_a_snapshot_is_one_state(database: SqliteDatabase, other: sqlite3.Connection) -> None:
    """Statements of a snapshot do not see what is committed between them; the next snapshot does."""

    def count_twice(connection: Connection) -> tuple[int, int]:
        before = total(connection)
        insert_from(other, "meanwhile")
        return before, total(connection)

    assert await database.snapshot(count_twice) == (0, 0)
    assert await database.snapshot(total) == 1


@pytest.mark.anyio
async def test_a_snapshot_that_fails_is_over(database: SqliteDatabase, other: sqlite3.Connection) -> None:
    """After an error no old state is left behind."""

    def fail(connection: Connection) -> None:
        total(connection)
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        await database.snapshot(fail)
    insert_from(other, "afterwards")

    assert await database.read(total) == 1


def test_a_snapshot_in_a_snapshot_is_the_same_one(database: SqliteDatabase, other: sqlite3.Connection) -> None:
    """Code that holds a state may call code that wants one."""
    with database.reading() as outer:
        assert total(outer) == 0
        insert_from(other, "meanwhile")
        with database.reading() as inner:
            assert total(inner) == 0
        assert total(outer) == 0


def test_every_thread_reads_on_its_own(database: SqliteDatabase) -> None:
    """States held by threads at the same time do not get mixed up."""
    database.write_now(add, "a")

    def read_in_turn(_: int) -> set[str]:
        with database.reading() as connection:
            return names(connection)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read_in_turn, range(64))) == [{"a"}] * 64


@pytest.mark.anyio
async def test_what_reads_cannot_write(database: SqliteDatabase) -> None:
    """A store function that writes has to be given to `write`."""
    with pytest.raises(DatabaseUnavailable, match="readonly"):
        await database.read(add, "a")

    assert await database.read(total) == 0


@pytest.mark.anyio
async def test_a_locked_database_is_unavailable(database: SqliteDatabase, other: sqlite3.Connection) -> None:
    """While somebody else holds the lock for too long writes fail and reads do not; then all is well again."""
    await database.write(add, "before")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable) as caught:
        await database.write(add, "refused")

    assert caught.value.message == "the database does not answer: database is locked"
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "5"})
    assert await database.read(names) == {"before"}
    other.execute("ROLLBACK")
    await database.write(add, "after")
    assert await database.read(names) == {"before", "after"}


ASKING: dict[str, Callable[[SqliteDatabase], Any]] = {
    "read": lambda database: database.read(total),
    "snapshot": lambda database: database.snapshot(total),
    "write": lambda database: database.write(add, "a"),
    "ping": lambda database: database.ping(),
    "write_now": lambda database: asyncio.to_thread(database.write_now, add, "a"),
}


@pytest.mark.anyio
@pytest.mark.parametrize("way", ASKING)
async def test_a_database_that_is_not_there_is_unavailable(absent: SqliteDatabase, way: str) -> None:
    """A folder that does not exist, or is not mounted, is told in words."""
    with pytest.raises(DatabaseUnavailable, match="unable to open database file"):
        await ASKING[way](absent)


@pytest.mark.anyio
@pytest.mark.parametrize("way", ASKING)
async def test_a_file_that_is_no_database_is_unavailable(damaged: SqliteDatabase, way: str) -> None:
    """A damaged file is told in words."""
    with pytest.raises(DatabaseUnavailable, match="file is not a database"):
        await ASKING[way](damaged)


@pytest.mark.anyio
async def test_a_database_that_may_not_be_written_is_unavailable_for_writes(read_only: SqliteDatabase) -> None:
    """A read-only file can be read, and says why it cannot be written."""
    with pytest.raises(DatabaseUnavailable, match="attempt to write a readonly database"):
        await read_only.write(add, "refused")

    assert await read_only.read(names) == {"before"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "work",
    [lambda connection: add(connection, SECRET), lambda connection: _ADD.run(connection, SECRET, 0)],
    ids=["executed", "prepared"],
)
async def test_errors_hide_values(database: SqliteDatabase, work: Callable[[Connection], object]) -> None:
    """No text of an error holds a value of the statement: values may be secret, and errors are logged."""
    await database.write(work)
    with pytest.raises(IntegrityError) as caught:
        await database.write(work)

    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    assert "UNIQUE" in str(caught.value)


@pytest.mark.anyio
async def test_connections_are_set_up_to_be_safe(database: SqliteDatabase) -> None:
    """Both kinds of connection check foreign keys; what is committed is synced."""

    def pragmas(connection: Connection) -> list[object]:
        wanted = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted]

    assert await database.write(pragmas) == ["wal", 2, 1, 0]
    assert await database.read(pragmas) == ["wal", 2, 1, 1]


def test_closing_ends_every_connection(database: SqliteDatabase, path: Path) -> None:
    """A closed database has given everything to its file: the log beside it is gone."""
    database.write_now(add, "a")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: database.reading().__enter__(), range(4)))
    database.close()

    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_new_file_is_opened_while_another_process_makes_it(path: Path) -> None:
    """Whoever comes second waits until the first has it, though SQLite lets nobody wait for the change of its log."""
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN EXCLUSIVE")
    first.execute("CREATE TABLE made (x)")
    database = SqliteDatabase(path)

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(database.write_now, _journal_mode)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.1)
        first.execute("COMMIT")
        assert waiting.result(timeout=10) == "wal"
    first.close()
    database.close()


def _journal_mode(connection: Connection) -> str:
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
