# SPDX-License-Identifier: Apache-2.0
"""Connections that are of no use any more: no answer comes in time, or the server takes no writes."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.database.server import DatabaseServer
from tests.builders.databases import SERVER
from tests.builders.databases import refuse_writes

PATIENCE_SECONDS = 2.0

Act = Callable[[PostgresqlDatabase], Awaitable[object]]

pytestmark = pytest.mark.anyio


def sleep(connection: Connection) -> None:
    """Wait for an answer that is not going to come."""
    connection.exec_driver_sql("SELECT pg_sleep(600)")


def sleep_longer(connection: Connection) -> int:
    """Wait for an answer that comes later than a request waits."""
    return int(connection.exec_driver_sql("SELECT 1 FROM pg_sleep(2.5)").scalar_one())


def write(connection: Connection) -> None:
    """Write something that leaves nothing behind."""
    connection.exec_driver_sql("CREATE SCHEMA passing")
    connection.exec_driver_sql("DROP SCHEMA passing")


def backend(connection: Connection) -> int:
    """Tell which of the server's processes answers."""
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


@pytest.fixture
async def database() -> AsyncIterator[PostgresqlDatabase]:
    """A database that is asked through one connection."""
    database = PostgresqlDatabase(DatabaseServer(SERVER, connections=1, answer_seconds=PATIENCE_SECONDS))
    yield database
    await asyncio.to_thread(database.close)


@pytest.mark.parametrize(
    "act",
    [
        lambda database: database.read(sleep),
        lambda database: database.snapshot(sleep),
        lambda database: database.write(sleep),
        lambda database: database.write_locked(sleep),
    ],
    ids=["read", "snapshot", "write", "write_locked"],
)
async def test_a_connection_without_an_answer_is_replaced(act: Act, database: PostgresqlDatabase) -> None:
    """The next one to ask gets another one, and its answer."""
    before = await database.write(backend)

    with pytest.raises(DatabaseUnavailable, match="has not answered for 2 s"):
        await act(database)

    assert await database.write(backend) != before


async def test_connections_to_a_server_that_takes_no_writes_are_replaced(database: PostgresqlDatabase) -> None:
    """The first write is refused; the next one may reach the server that took over."""
    before = await database.write(backend)
    await database.write(refuse_writes)

    with pytest.raises(DatabaseUnavailable, match="read-only transaction"):
        await database.write(write)

    await database.write(write)
    assert await database.write(backend) != before


async def test_what_nobody_waits_for_takes_as_long_as_it_takes(database: PostgresqlDatabase) -> None:
    """Commands count, copy and upgrade whole databases."""
    answers = [await asyncio.to_thread(act, sleep_longer) for act in (database.snapshot_now, database.write_now)]

    assert answers == [1, 1]
