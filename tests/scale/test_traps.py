# SPDX-License-Identifier: Apache-2.0
"""What deleting unused content must not rely on and what it may, and the order of events, on tables of our own."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from tests.builders.databases import a_database
from tests.builders.databases import place_of
from tests.builders.outbox_rows import some_rows

CONTENT = (
    "INSERT INTO stores (id, url) VALUES (1, 'file:blobs')",
    "INSERT INTO repositories (id, name, namespace, store_id, created_at) VALUES (1, 'team/app', 'team', 1, 1)",
    "INSERT INTO blobs (digest, size, first_seen) VALUES ('sha256:a', 1, 1)",
)
LINK = "INSERT INTO repo_blobs (repo_id, digest, linked_at, lease_until, leased_by) VALUES (1, 'sha256:a', 1, 1, 'a:b')"
FORGET_KEYS = "ALTER TABLE repo_blobs DROP CONSTRAINT fk_repo_blobs_digest"
CHECK = "EXISTS (SELECT FROM repo_blobs WHERE digest = 'sha256:a')"
IS_USED = f"SELECT {CHECK}"
IS_THERE = "SELECT EXISTS (SELECT FROM blobs WHERE digest = 'sha256:a')"
LOCK = "SELECT FROM blobs WHERE digest = 'sha256:a' FOR"
DELETE = "DELETE FROM blobs WHERE digest = 'sha256:a'"
SLOW_EVENT = """
INSERT INTO outbox (id, type, occurred_at, payload, txid)
VALUES ('id', 'told', 1, 'slow', CAST(CAST(pg_current_xact_id() AS text) AS bigint))
"""
WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = $1)"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with a blob that nobody uses."""
    database = await asyncio.to_thread(a_database, tmp_path)
    yield database
    await asyncio.to_thread(database.close)


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[list[Connection]]:
    """Who pushes, who deletes, and who looks."""
    opened = [await asyncpg.connect(place_of(database)) for _ in range(3)]
    for statement in CONTENT:
        await opened[0].execute(statement)
    yield opened
    for connection in opened:
        await connection.close()


async def delete_in_one_statement(connection: Connection) -> None:
    """Delete the blob unless a repository holds it, as one would write it first."""
    await connection.execute(f"{DELETE} AND NOT ({CHECK})")


async def lock_then_check(connection: Connection) -> None:
    """Delete the blob unless a repository holds it, which is asked when nobody can change it any more."""
    async with connection.transaction():
        await connection.execute(f"{LOCK} UPDATE")
        if not await connection.fetchval(IS_USED):
            await connection.execute(DELETE)


async def push_beside(connections: list[Connection], delete: Callable[[Connection], Awaitable[None]]) -> bool:
    """Begin a push, then a deletion, which waits, and end the push; tell whether the blob is there afterwards."""
    pusher, deleter, observer = connections
    pushing = pusher.transaction()
    await pushing.start()
    await pusher.execute(f"{LOCK} KEY SHARE")
    await pusher.execute(LINK)
    deleting = asyncio.ensure_future(delete(deleter))
    while not await observer.fetchval(WAITING, deleter.get_server_pid()):
        pass
    await pushing.commit()
    await deleting
    assert await observer.fetchval(IS_USED)
    return bool(await observer.fetchval(IS_THERE))


async def test_one_statement_without_foreign_keys_loses_content(connections: list[Connection]) -> None:
    """It goes on with what it saw before it waited: nothing in our code deletes so."""
    await connections[0].execute(FORGET_KEYS)

    assert not await push_beside(connections, delete_in_one_statement)


async def test_foreign_keys_keep_one_statement_from_it(connections: list[Connection]) -> None:
    """They stay, whatever they cost."""
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await push_beside(connections, delete_in_one_statement)


@pytest.mark.parametrize("has_keys", [True, False])
async def test_locking_before_checking_loses_nothing(connections: list[Connection], has_keys: bool) -> None:
    """The second statement sees what was committed while the first one waited."""
    if not has_keys:
        await connections[0].execute(FORGET_KEYS)

    assert await push_beside(connections, lock_then_check)


async def test_no_event_is_skipped(database: Database, connections: list[Connection]) -> None:
    """One that was written first and committed last holds up those behind it, and then comes before them."""
    slow = connections[0].transaction()
    await slow.start()
    await connections[0].execute(SLOW_EVENT)
    await database.write(outbox.append, some_rows("quick"))
    meanwhile = await database.read(outbox.read_after, BEGINNING, 10)
    await slow.commit()
    while len(afterwards := await database.read(outbox.read_after, BEGINNING, 10)) < 2:
        pass

    assert meanwhile == []
    assert [each.payload for each in afterwards] == ["slow", "quick"]
