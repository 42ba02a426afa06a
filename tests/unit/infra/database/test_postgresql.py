# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server that is too old, or says nothing."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.postgresql import Dialect
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.database.server import DatabaseTooOld
from tests.unit.infra.database.silent import silent_server

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 0.2
CONNECTIONS = 2

Act = Callable[[PostgresqlDatabase], Awaitable[None]]


def one(connection: Connection) -> None:
    """Ask for next to nothing."""
    connection.exec_driver_sql("SELECT 1")


def test_a_connection_that_was_ended_unheard_is_replaced() -> None:
    """Between two statements of a transaction: asyncpg says then that it is at work with another one."""
    dialect = Dialect(dbapi=Dialect.import_dbapi())  # type: ignore[no-untyped-call]
    error = dialect.loaded_dbapi.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    assert dialect.is_disconnect(error, None, None)


@asynccontextmanager
async def silent_database(version: str = "") -> AsyncIterator[PostgresqlDatabase]:
    """Yield the database of a server that greets at most."""
    async with silent_server(version) as url:
        database = PostgresqlDatabase(DatabaseServer(url, connections=CONNECTIONS, answer_seconds=PATIENCE_SECONDS))
        yield database
        await asyncio.to_thread(database.close)


@pytest.mark.parametrize(
    "act",
    [
        lambda database: database.read(one),
        lambda database: database.snapshot(one),
        lambda database: database.write(one),
        lambda database: database.write_locked(one),
    ],
    ids=["read", "snapshot", "write", "write_locked"],
)
async def test_a_server_that_lets_nobody_in_is_given_up(act: Act) -> None:
    """By everything that a request waits for, also after as many as there are connections."""
    async with silent_database() as database:
        for _ in range(CONNECTIONS + 1):
            with pytest.raises(DatabaseUnavailable, match=r"has not answered for 0\.2 s|did not answer a moment ago"):
                await act(database)


async def test_a_server_that_falls_silent_is_given_up() -> None:
    """Whatever it was asked, by a write too, which may or may not have been done."""
    async with silent_database("15.6") as database:
        with pytest.raises(DatabaseUnavailable, match=r"has not answered for 0\.2 s"):
            await database.write(one)


@pytest.mark.parametrize("version", ["14.11 (Debian 14.11-1)", "9.6.24"])
async def test_a_server_that_is_too_old_is_refused(version: str) -> None:
    """Before anything is asked of it, with what to do."""
    async with silent_server(version) as url:
        with pytest.raises(DatabaseTooOld, match=r"/entrepot is PostgreSQL (14|9)$") as caught:
            await DatabaseServer(url).connect()

    assert "PostgreSQL 15 or newer" in caught.value.hint


async def test_the_oldest_server_that_will_do_is_connected_to() -> None:
    """PostgreSQL 15, whatever follows the number."""
    async with silent_server("15beta1") as url:
        connection = await DatabaseServer(url).connect()
        connection.terminate()

    assert connection.is_closed()
