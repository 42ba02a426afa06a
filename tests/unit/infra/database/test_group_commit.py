# SPDX-License-Identifier: Apache-2.0
"""Many writes in one commit: each whole or not at all, and none acknowledged before it is there."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.group_commit import MAX_WRITES_PER_COMMIT
from entrepot.infra.database.group_commit import GroupCommit
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.unit.infra.database.counters import TIMES
from tests.unit.infra.database.counters import a_database
from tests.unit.infra.database.counters import add
from tests.unit.infra.database.counters import increment
from tests.unit.infra.database.counters import names
from tests.unit.infra.database.counters import total
from tests.unit.infra.database.counters import value_of

pytestmark = [pytest.mark.sqlite, pytest.mark.anyio]

_asked_by: ContextVar[str] = ContextVar("_asked_by", default="nobody")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "database"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    """A database with a table."""
    database = a_database(path)
    yield database
    database.close()


class Barrier:
    """A write that keeps the writer busy until `open`, so that others gather behind it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._may_go_on = threading.Event()
        begun = threading.Event()

        def wait(_: Connection) -> None:
            begun.set()
            self._may_go_on.wait()

        self._writing = database._writer.submit(wait)
        begun.wait()

    def open(self) -> None:
        """Let the writer go on."""
        self._may_go_on.set()
        self._writing.result()


def submit(database: SqliteDatabase, name: str) -> "Future[str]":
    """Queue an insertion."""
    return database._writer.submit(lambda connection: add(connection, name))


def other_process(what: str, path: Path) -> "subprocess.Popen[str]":
    """Start the second process."""
    command = (sys.executable, "-m", "tests.unit.infra.database.counters", what, str(path))
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.anyio
async def test_a_write_that_raises_undoes_only_itself(database: SqliteDatabase) -> None:
    """Of writes in one commit, the failing one leaves nothing, and the others everything."""

    def fail_late(connection: Connection) -> None:
        add(connection, "half done")
        raise ValueError("after the insert")

    outcomes = await asyncio.gather(
        database.write(add, "before"),
        database.write(fail_late),
        database.write(add, "before"),
        database.write(add, "after"),
        return_exceptions=True,
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["str", "ValueError", "IntegrityError", "str"]
    assert await database.read(names) == {"before", "after"}


def test_waiting_writes_share_a_commit(database: SqliteDatabase) -> None:
    """What gathered while the writer was busy takes one commit, up to a limit."""
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    barrier = Barrier(database)
    event.listen(database.engine, "before_cursor_execute", note)
    waiting = [submit(database, str(number)) for number in range(MAX_WRITES_PER_COMMIT + 6)]
    barrier.open()
    done = [each.result() for each in waiting]

    assert len(done) == MAX_WRITES_PER_COMMIT + 6
    assert statements.count("COMMIT") == 3


def test_a_result_is_there_once_it_is_returned(database: SqliteDatabase, path: Path) -> None:
    """Another connection sees the row as soon as its writer is told."""
    other = SqliteDatabase(path)
    for number in range(50):
        name = database.write_now(add, str(number))
        with other.reading() as connection:
            assert value_of(connection, name) == 0
    other.close()


def test_an_acknowledged_write_survives_a_kill(database: SqliteDatabase, path: Path) -> None:
    """`kill -9` right after a result: every row that was acknowledged is there."""
    with other_process("acknowledge", path) as process:
        assert process.stdout is not None
        acknowledged = {process.stdout.readline().strip() for _ in range(TIMES)}
        process.kill()
        acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
    with database.reading() as connection:
        stored = names(connection)

    assert len(acknowledged) >= TIMES
    assert acknowledged <= stored
    assert len(stored - acknowledged) <= 1


def test_two_processes_and_many_threads_write_at_once(database: SqliteDatabase, path: Path) -> None:
    """Transactions of any number of writers follow one another: no increment is lost."""
    database.write_now(add, "shared")
    with other_process("count_up", path) as process, ThreadPoolExecutor(8) as threads:
        mine = [threads.submit(database.write_now, increment, "shared") for _ in range(TIMES)]
        seen = [each.result() for each in mine]
        process.wait()
    with database.reading() as connection:
        value = value_of(connection, "shared")

    assert process.returncode == 0
    assert value == 2 * TIMES
    assert len(set(seen)) == TIMES


@pytest.mark.anyio
async def test_many_tasks_write_at_once(database: SqliteDatabase) -> None:
    """Every task gets the result of its own write."""
    await database.write(add, "shared")
    values = await asyncio.gather(*(database.write(increment, "shared") for _ in range(300)))

    assert sorted(values) == list(range(1, 301))


@pytest.mark.anyio
async def test_a_cancelled_caller_does_not_undo_its_write(database: SqliteDatabase) -> None:
    """A write that was accepted is done, whether or not somebody still waits for it."""
    barrier = await asyncio.to_thread(Barrier, database)
    writing = asyncio.create_task(database.write(add, "accepted"))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await asyncio.to_thread(barrier.open)
    await database.write(add, "next")

    assert await database.read(names) == {"accepted", "next"}


def test_closing_finishes_what_was_queued(database: SqliteDatabase, path: Path) -> None:
    """Close waits for every accepted write; later ones are refused; closing again does nothing."""
    barrier = Barrier(database)
    waiting = [submit(database, str(number)) for number in range(100)]
    closing = threading.Thread(target=database.close)
    closing.start()
    barrier.open()
    closing.join()
    other = SqliteDatabase(path)
    with other.reading() as connection:
        stored = total(connection)
    other.close()
    database.close()

    assert [each.result() for each in waiting] == [str(number) for number in range(100)]
    assert stored == 100
    with pytest.raises(RuntimeError, match="closed"):
        database.write_now(add, "too late")


def test_a_writer_without_a_connection_recovers(database: SqliteDatabase) -> None:
    """Whoever waited hears why; the next write opens a new connection."""
    refusals = [OperationalError("connect", None, Exception("no more files"))]

    def connect() -> Connection:
        if refusals:
            raise refusals.pop()
        return database.engine.connect()

    writer = GroupCommit(connect)
    with pytest.raises(OperationalError, match="no more files"):
        writer.submit(lambda connection: add(connection, "refused")).result()
    done = writer.submit(lambda connection: add(connection, "done")).result()
    writer.close()

    assert done == "done"


@pytest.mark.anyio
async def test_a_connection_lost_in_the_middle_undoes_the_batch(database: SqliteDatabase) -> None:
    """When the connection dies nobody in the batch is told that it was done, and the next write works."""

    def break_it(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.close()

    barrier = await asyncio.to_thread(Barrier, database)
    together = asyncio.gather(database.write(add, "in the batch"), database.write(break_it), return_exceptions=True)
    await asyncio.sleep(0)
    await asyncio.to_thread(barrier.open)
    outcomes = await together
    await database.write(add, "after")

    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert await database.read(names) == {"after"}


@pytest.mark.anyio
async def test_a_full_disk_is_unavailable_and_loses_nothing(database: SqliteDatabase) -> None:
    """While there is no room, writes fail as `DatabaseUnavailable`; what was acknowledged stays."""

    def limit_pages(connection: Connection, more: int) -> None:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={used + more}")

    await database.write(add, "before")
    await database.write(limit_pages, 10)
    names_of_one_kilobyte = [f"{number}-{'x' * 1000}" for number in range(100)]
    outcomes = await asyncio.gather(
        *(database.write(add, name) for name in names_of_one_kilobyte), return_exceptions=True
    )
    await database.write(limit_pages, 1_000_000)
    await database.write(add, "after")
    failures = {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)}
    kept = {outcome for outcome in outcomes if isinstance(outcome, str)}

    assert failures == {DatabaseUnavailable}
    assert await database.read(names) == {"before", "after", *kept}


async def test_a_write_knows_whose_it_is(database: SqliteDatabase) -> None:
    """Writes of one commit see what was true where each was asked for, and nothing of each other's."""

    async def ask(name: str) -> str:
        _asked_by.set(name)
        return await database.write(lambda _: _asked_by.get())

    assert await asyncio.gather(*map(ask, ("alice", "bob", "carol"))) == ["alice", "bob", "carol"]
    assert await database.write(lambda _: _asked_by.get()) == "nobody"
