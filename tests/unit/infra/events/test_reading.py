# SPDX-License-Identifier: Apache-2.0
"""Consumers of one process read the outbox together."""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from typing import cast

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.reading import OutboxReading
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import until_final
from tests.builders.outbox_rows import some_rows

pytestmark = pytest.mark.anyio

T = TypeVar("T")

PAUSE_SECONDS = 0.05
NOW = Milliseconds(0)


class SlowDatabase:
    """A database whose reads show what was there when they began, and end when they may; it counts them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.may_end = asyncio.Event()
        self.count = 0

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read."""
        self.count += 1
        found = await self._database.read(work)
        await self.may_end.wait()
        return found


@pytest.fixture
def slow(database: Database) -> SlowDatabase:
    """Make the database that is read."""
    return SlowDatabase(database)


@pytest.fixture
def doorbell() -> Doorbell:
    """Make the doorbell of the outbox."""
    return Doorbell()


@pytest.fixture
def reading(slow: SlowDatabase, doorbell: Doorbell) -> OutboxReading:
    """Make what consumers read by."""
    return OutboxReading(cast("Database", slow), doorbell)


async def test_those_who_ask_together_cost_one_read(
    database: Database, reading: OutboxReading, slow: SlowDatabase
) -> None:
    """Of the rows behind one place, and of all cursors."""
    await database.write(outbox.append, some_rows("a", "b"))
    for name in ("audit", "usage"):
        await database.write(outbox.register, name, NOW, from_beginning=True)
    await until_final(database)
    slow.may_end.set()

    found = await asyncio.gather(*(reading.after(BEGINNING, 500) for _ in range(8)))
    assert [[row.payload for row in each] for each in found] == [[row.payload for row in found[0]]] * 8
    assert len(found[0]) == 2
    assert await asyncio.gather(*map(reading.cursor_of, ("audit", "usage", "nobody"))) == [BEGINNING, BEGINNING, None]
    assert slow.count == 2


async def test_those_behind_another_place_read_for_themselves(reading: OutboxReading, slow: SlowDatabase) -> None:
    """And so do those who want other batches."""
    slow.may_end.set()
    await asyncio.gather(reading.after(BEGINNING, 500), reading.after(BEGINNING, 1))
    assert slow.count == 2


async def test_a_read_from_before_a_ring_is_not_joined(
    database: Database, reading: OutboxReading, slow: SlowDatabase, doorbell: Doorbell
) -> None:
    """Whoever was woken for a row finds it, also while an older read goes on."""
    early = asyncio.create_task(reading.after(BEGINNING, 500))
    await asyncio.sleep(PAUSE_SECONDS)
    await database.write(outbox.append, some_rows("a"))
    await until_final(database)
    doorbell.ring()

    late = asyncio.create_task(reading.after(BEGINNING, 500))
    await asyncio.sleep(PAUSE_SECONDS)
    slow.may_end.set()
    assert await early == []
    assert len(await late) == 1
    assert not reading._reads


async def test_who_stops_waiting_stops_nobody_else(reading: OutboxReading, slow: SlowDatabase) -> None:
    """Not even if it was the first."""
    first, second = (asyncio.create_task(reading.after(BEGINNING, 500)) for _ in range(2))
    await asyncio.sleep(PAUSE_SECONDS)
    first.cancel()
    await asyncio.sleep(PAUSE_SECONDS)
    slow.may_end.set()

    assert await second == []
    assert slow.count == 1
    assert first.cancelled()


async def test_a_failure_is_told_to_all_and_not_kept(
    reading: OutboxReading, slow: SlowDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next read is another one."""
    slow.may_end.set()
    monkeypatch.setattr(outbox, "read_after", _fail)
    failed = await asyncio.gather(*(reading.after(BEGINNING, 500) for _ in range(2)), return_exceptions=True)
    assert [str(each) for each in failed] == ["no rows today"] * 2

    monkeypatch.undo()
    assert await reading.after(BEGINNING, 500) == []


def _fail(_connection: Connection, *_args: object) -> None:
    raise RuntimeError("no rows today")
