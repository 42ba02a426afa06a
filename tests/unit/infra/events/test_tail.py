# SPDX-License-Identifier: Apache-2.0
"""The newest rows of the outbox, for any number of readers."""

import asyncio

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.tail import KEPT_CHARACTERS
from entrepot.infra.events.tail import Tail
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import until_final
from tests.builders.outbox_rows import some_rows

PATIENCE_SECONDS = 10.0
KEPT = 5

pytestmark = pytest.mark.anyio


def understood(row: OutboxRow) -> str:
    """Decode a row, but for a bad one."""
    if row.payload == "bad":
        raise ValueError("it is bad")
    return row.payload


@pytest.fixture
def tail(database: Database) -> Tail[str]:
    """A tail that keeps few rows, and nobody reads."""
    return Tail(database, understood, kept_rows=KEPT)


async def append(database: Database, *payloads: str) -> list[Cursor]:
    """Put rows into the outbox; return where they are, once that is final."""
    await database.write(outbox.append, some_rows(*payloads))
    await until_final(database)
    rows = await database.read(outbox.read_after, BEGINNING, 1_000)
    return [row.cursor for row in rows][-len(payloads) :]


async def seen(tail: Tail[str], place: Cursor) -> None:
    """Return once the tail has come so far."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            ring = tail.next_ring()
            if tail.end >= place:
                return
            await ring.wait()


def told(tail: Tail[str], place: Cursor, limit: int = 100) -> list[str | None] | None:
    """Return what is behind a place, None if it is not in memory."""
    rows = tail.behind(place, limit)
    return None if rows is None else [row.event for row in rows]


async def test_a_reader_hears_what_comes_after_it_joined(database: Database, tail: Tail[str]) -> None:
    """What was there before is behind it."""
    [old] = await append(database, "old")
    await tail.join()
    begin = tail.end
    *_, last = await append(database, "one", "two")
    await seen(tail, last)
    tail.leave()

    assert begin == old
    await tail.join()
    assert (told(tail, begin), told(tail, tail.end)) == (None, [])
    tail.leave()


async def test_rows_come_in_order_and_as_many_as_wanted(database: Database, tail: Tail[str]) -> None:
    """From any place that is in memory."""
    await tail.join()
    first, _, last = await append(database, "one", "two", "three")
    await seen(tail, last)

    assert told(tail, BEGINNING) == ["one", "two", "three"]
    assert told(tail, first, 1) == ["two"]
    tail.leave()


async def test_only_the_newest_rows_stay_in_memory(database: Database, tail: Tail[str]) -> None:
    """However slow a reader is, it holds nothing: what it wants is gone from memory, and still in the outbox."""
    await tail.join()
    places: list[Cursor] = []
    for number in range(1, 3 * KEPT + 1):
        places += await append(database, f"{number}")
        await seen(tail, places[-1])

    assert told(tail, BEGINNING) is None
    assert told(tail, places[2 * KEPT - 1]) == [f"{number}" for number in range(2 * KEPT + 1, 3 * KEPT + 1)]
    assert [row.event for row in await tail.read_back(BEGINNING, 2)] == ["1", "2"]
    tail.leave()


async def test_long_rows_push_others_out(database: Database, tail: Tail[str]) -> None:
    """Memory is bounded in characters too."""
    await tail.join()
    places: list[Cursor] = []
    for _ in range(3):
        places += await append(database, "x" * (KEPT_CHARACTERS // 2))
        await seen(tail, places[-1])

    assert told(tail, BEGINNING) is None
    assert len(told(tail, places[0]) or []) == 2
    tail.leave()


async def test_what_is_not_understood_is_passed_over(database: Database, tail: Tail[str]) -> None:
    """A row of a newer version has its place, and nothing to tell."""
    await tail.join()
    *_, last = await append(database, "one", "bad", "two")
    await seen(tail, last)

    assert told(tail, BEGINNING) == ["one", None, "two"]
    tail.leave()


async def test_a_database_that_is_away_is_waited_for(database: Database, tail: Tail[str]) -> None:
    """Whatever fails, the tail goes on once it does not."""
    await tail.join()
    await database.write(_rename, "outbox", "elsewhere")
    await asyncio.sleep(0.3)
    await database.write(_rename, "elsewhere", "outbox")
    [place] = await append(database, "one")
    await seen(tail, place)

    assert told(tail, BEGINNING) == ["one"]
    tail.leave()


async def test_everything_behind_a_place_is_there_or_not(database: Database, tail: Tail[str]) -> None:
    """It is while the row at that place is kept, which goes before all behind it."""
    places = await append(database, "one", "two", "three")
    ahead = places[-1]._replace(seq=places[-1].seq + 1)
    await tail.join()
    before = [await tail.is_kept(place) for place in (*places, ahead)]
    await database.write(outbox.prune, Milliseconds(2_000), 2)

    assert before == [True, True, True, False]
    assert [await tail.is_kept(place) for place in places] == [False, False, True]
    tail.leave()


@pytest.mark.parametrize(("count", "place"), [(0, 3), (1, 2), (3, 0), (9, 0)])
async def test_a_place_so_many_rows_back(database: Database, tail: Tail[str], count: int, place: int) -> None:
    """It is the beginning when there are fewer."""
    places = [BEGINNING, *await append(database, "one", "two", "three")]

    assert await tail.back(count) == places[place]


async def test_nobody_reads_while_nobody_listens(database: Database, tail: Tail[str]) -> None:
    """With its last reader a tail ends its task; with the next it begins anew."""
    before = len(asyncio.all_tasks())
    await tail.join()
    await tail.join()
    tail.leave()
    during = len(asyncio.all_tasks())
    tail.leave()
    await asyncio.sleep(0)

    assert (during, len(asyncio.all_tasks())) == (before + 1, before)


def _rename(connection: Connection, old: str, new: str) -> None:
    connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
