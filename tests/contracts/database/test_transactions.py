# SPDX-License-Identifier: Apache-2.0
"""What reading and writing promise, whichever engine the database is on, in the ways in which functions can be run."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TypeAlias

import pytest
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.engine import Database
from entrepot.registry.tables import stores
from tests.builders.databases import a_database
from tests.builders.databases import opened_again

TIMES = 20
WAYS = pytest.mark.parametrize("way", ["write", "write_locked"])

Write: TypeAlias = Callable[..., Awaitable[object]]

pytestmark = pytest.mark.anyio

_COUNTER = select(stores.c.key_ring).where(stores.c.id == 1)
_LOCKED_COUNTER = _COUNTER.with_for_update()
_SET = update(stores).where(stores.c.id == 1).values(key_ring=bindparam("value"))


class TurnedDownError(Exception):
    """What a writing function raises of its own."""


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[Database]]:
    """One database as two processes have it, with a counter at zero."""
    first = a_database(tmp_path)
    first.write_now(lambda connection: connection.execute(insert(stores).values(id=1, url="a:", key_ring="0")).close())
    opened = [first, opened_again(first)]
    yield opened
    for database in opened:
        database.close()


def count(connection: Connection) -> int:
    """Read the counter."""
    return int(connection.execute(_COUNTER).scalar_one() or 0)


def increment(connection: Connection) -> None:
    """Read the counter and write one more: what is lost when two do so at once."""
    connection.execute(_SET, {"value": str(count(connection) + 1)})


def increment_locked(connection: Connection) -> None:
    """Do the same, having locked it."""
    value = int(connection.execute(_LOCKED_COUNTER).scalar_one() or 0)
    connection.execute(_SET, {"value": str(value + 1)})


def make_store(connection: Connection, url: str) -> None:
    """Look for a store and make it if it is not there: where two do so at once, one violates a key."""
    if connection.execute(select(stores.c.id).where(stores.c.url == url)).first() is None:
        connection.execute(insert(stores).values(url=url))


def increment_and_fail(connection: Connection) -> None:
    """Write, and then turn it all down."""
    increment(connection)
    raise TurnedDownError


async def test_no_increment_is_lost(databases: list[Database]) -> None:
    """Functions that lock nothing have the effect of running one after another, in any number of processes."""
    await asyncio.gather(*(databases[number % 2].write(increment) for number in range(TIMES)))

    assert await databases[0].read(count) == TIMES


async def test_no_increment_under_a_lock_is_lost(databases: list[Database]) -> None:
    """Functions that lock what they rely on have it too, in the way that is made for them."""
    await asyncio.gather(*(databases[number % 2].write_locked(increment_locked) for number in range(TIMES)))

    assert await databases[0].read(count) == TIMES


@WAYS
async def test_looking_before_making_makes_one(databases: list[Database], way: str) -> None:
    """Whoever comes second finds what the first one made, and nobody is told of a violated key."""
    writes: list[Write] = [getattr(database, way) for database in databases]
    await asyncio.gather(*(writes[number % 2](make_store, "b:") for number in range(TIMES)))

    found = await databases[0].read(lambda connection: connection.execute(select(stores.c.url)).scalars().all())
    assert sorted(found) == ["a:", "b:"]


@WAYS
async def test_what_raises_undoes_itself_alone(databases: list[Database], way: str) -> None:
    """Others that ran at the same time stand."""
    write: Write = getattr(databases[0], way)
    outcomes = await asyncio.gather(
        write(increment_locked), write(increment_and_fail), write(increment_locked), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), TurnedDownError, type(None)]
    assert await databases[1].read(count) == 2


@WAYS
async def test_what_has_returned_is_seen_by_all(databases: list[Database], way: str) -> None:
    """At once, by every process."""
    await getattr(databases[0], way)(increment_locked)

    assert await databases[1].read(count) == 1


@WAYS
async def test_whoever_stops_waiting_undoes_nothing(databases: list[Database], way: str) -> None:
    """A write that was begun goes on to its end."""
    writing = asyncio.ensure_future(getattr(databases[0], way)(increment_locked))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    await getattr(databases[0], way)(increment_locked)

    await asyncio.to_thread(databases[0].close)
    assert await databases[1].read(count) == 2


async def test_a_snapshot_is_one_state(databases: list[Database]) -> None:
    """What others commit between two of its statements is not seen by it."""
    has_begun, is_written = Event(), Event()

    def read_on(connection: Connection) -> set[int]:
        """Read until somebody else has written, and once more."""
        seen = set()
        while not is_written.is_set():
            seen.add(count(connection))
            has_begun.set()
        return seen | {count(connection)}

    reading = asyncio.ensure_future(asyncio.to_thread(databases[0].snapshot_now, read_on))
    await asyncio.to_thread(has_begun.wait)
    await databases[1].write(increment)
    is_written.set()

    assert await reading == {0}
