# SPDX-License-Identifier: Apache-2.0
"""Server processes telling that they are there."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.features.system import store
from entrepot.features.system.models import ALIVE_MS
from entrepot.features.system.models import Node
from entrepot.features.system.presence import FORGOTTEN_AFTER_MS
from entrepot.features.system.presence import Presence
from entrepot.features.system.service import NEWEST
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.builders.databases import refuse_writes
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Hold an empty table."""
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def clock() -> SettableClock:
    """The time."""
    return SettableClock()


async def known(database: Database) -> list[Node]:
    """Return every process that is listed."""
    return await database.read(store.page, NEWEST, 100)


async def test_a_process_is_seen_at_every_heartbeat(database: Database, clock: SettableClock) -> None:
    """It has one row, whatever it tells."""
    presence = Presence(database, "1.0", clock)
    await presence.tell()
    clock.advance(10_000)
    await presence.tell()

    [node] = await known(database)
    assert (node.pid, node.version) == (os.getpid(), "1.0")
    assert node.seen_at - node.started_at == 10_000


async def test_a_process_that_runs_tells_every_ten_seconds(database: Database, clock: SettableClock) -> None:
    """First at once; and it leaves no row behind when it stops."""
    pauses: asyncio.Queue[float] = asyncio.Queue(maxsize=1)
    presence = Presence(database, "1.0", clock, pauses.put)
    running = asyncio.create_task(presence.run())
    first, told = await pauses.get(), await known(database)
    second = await pauses.get()
    running.cancel()
    await asyncio.wait([running])
    await presence.leave()

    assert (first, second, len(told)) == (10, 10, 1)
    assert await known(database) == []


async def test_who_went_away_is_forgotten_after_a_day(database: Database, clock: SettableClock) -> None:
    """By whichever process is there still; the last one started is listed first."""
    gone, old, new = (Presence(database, version, clock) for version in ("gone", "old", "new"))
    await gone.tell()
    await old.tell()
    clock.advance(FORGOTTEN_AFTER_MS)
    await old.tell()
    assert {node.version for node in await known(database)} == {"gone", "old"}
    clock.advance(1)
    await new.tell()

    assert {node.version for node in await known(database)} == {"old", "new"}


async def test_a_heartbeat_that_fails_is_only_told(database: Database, clock: SettableClock) -> None:
    """The next one may reach the database again."""
    presence = Presence(database, "1.0", clock)
    await database.write(refuse_writes)
    await presence.tell()
    await presence.leave()
    await database.write(refuse_writes, is_on=False)
    await presence.tell()

    assert len(await known(database)) == 1


@pytest.mark.parametrize(("age_ms", "is_alive"), [(-5_000, True), (0, True), (ALIVE_MS, True), (ALIVE_MS + 1, False)])
def test_a_process_is_alive_for_a_while(clock: SettableClock, age_ms: int, is_alive: bool) -> None:
    """Three heartbeats may be missed; a clock that is a little ahead changes nothing."""
    now = clock()
    node = Node(id="", host="", pid=1, version="", started_at=now, seen_at=now)  # type: ignore[arg-type]

    assert node.is_alive(Milliseconds(now + age_ms)) is is_alive


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


async def test_the_living_are_counted_at_every_heartbeat(database: Database, clock: SettableClock) -> None:
    """With this process, without those that left or fell silent; while the database is away the last number stays."""
    told: list[int] = []
    silent, leaving = Presence(database, "1.0", clock), Presence(database, "1.0", clock)
    presence = Presence(database, "1.0", clock, told=told.append)
    for each in (silent, leaving, presence):
        await each.tell()
    await leaving.leave()
    await presence.tell()
    clock.advance(ALIVE_MS + 1)
    await presence.tell()
    await database.write(refuse_writes)
    await presence.tell()

    assert told == [3, 2, 1]
