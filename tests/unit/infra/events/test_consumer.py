# SPDX-License-Identifier: Apache-2.0
"""A listener is told every event it wants, in order, and its effect commits with its cursor."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.consumer import BATCH_CHARACTERS
from entrepot.infra.events.consumer import STORE_SKIPPED_AFTER_MS
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.outbox import ConsumerLag
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.reading import OutboxReading
from tests.builders.databases import opened_again
from tests.builders.databases import until_final
from tests.builders.outbox_rows import some_rows
from tests.fakes.settable_clock import SettableClock

notes_table = Table("notes", MetaData(), Column("number", Integer, primary_key=True), Column("event", String))

pytestmark = pytest.mark.anyio


class Notebook:
    """A listener that writes what it is told into a table, and raises, after writing, at what is bad."""

    name = "notebook"
    event_types = frozenset({"told"})

    def __init__(self) -> None:
        self.bad: set[str] = set()
        self.has_written = asyncio.Event()

    def handle(self, connection: Connection, events: Sequence[str]) -> None:
        """Note `events`."""
        for event in events:
            connection.execute(insert(notes_table).values(event=event))
            if event in self.bad:
                raise ArithmeticError(f"cannot take {event}")
        self.has_written.set()


def payload_of(row: OutboxRow) -> str:
    """Decode a row."""
    return row.payload


async def notes(database: Database) -> list[str]:
    """Return what was noted, in order."""
    ordered = select(notes_table.c.event).order_by(notes_table.c.number)
    return await database.read(lambda connection: list(connection.scalars(ordered)))


async def state(database: Database) -> ConsumerLag:
    """Return the state of the only consumer."""
    (only,) = await database.read(outbox.lag)
    return only


async def catch_up(consumer: Consumer[str], steps: int = 100) -> None:
    """Let a consumer try until it waits for the next ring, or as often as given."""
    await until_final(consumer._database)
    for _ in range(steps):
        if await consumer.try_step() is None:
            return


@pytest.fixture
def notebook(database: Database) -> Notebook:
    """Make the listener and its table."""
    database.change_schema(notes_table.create)
    return Notebook()


@pytest.fixture
def doorbell() -> Doorbell:
    """Make the doorbell of the outbox."""
    return Doorbell()


@pytest.fixture
async def consumer(database: Database, notebook: Notebook, doorbell: Doorbell, clock: SettableClock) -> Consumer[str]:
    """Make a registered consumer of the notebook."""
    consumer = Consumer(OutboxReading(database, doorbell), notebook, payload_of, clock)
    await consumer.register()
    return consumer


@pytest.fixture
def clock() -> SettableClock:
    """Make a clock that stands still."""
    return SettableClock()


class TestDelivery:
    """What a listener is told."""

    async def test_it_is_told_what_it_wants_in_order(self, database: Database, consumer: Consumer[str]) -> None:
        """Events of other types only move the cursor."""
        await database.write(outbox.append, some_rows("a", "b"))
        await database.write(outbox.append, some_rows("x", kind="other"))
        await database.write(outbox.append, some_rows("c"))
        await catch_up(consumer)

        assert await notes(database) == ["a", "b", "c"]
        assert (await state(database)).behind == 0

    async def test_it_is_told_nothing_twice(self, database: Database, consumer: Consumer[str]) -> None:
        """A consumer that caught up goes on with what is new."""
        await database.write(outbox.append, some_rows("a"))
        await catch_up(consumer)
        await database.write(outbox.append, some_rows("b"))
        await catch_up(consumer)

        assert await notes(database) == ["a", "b"]

    async def test_a_batch_of_large_rows_is_short(self, database: Database, consumer: Consumer[str]) -> None:
        """It ends with the row that makes it large, and so do those after it until all are handled."""
        large = [f"{number}{'x' * (BATCH_CHARACTERS // 2)}" for number in range(5)]
        await database.write(outbox.append, some_rows(*large))
        await until_final(database)
        counts = []
        while await consumer.step():
            counts.append(len(await notes(database)))

        assert counts == [2, 4, 5]

    async def test_a_restart_goes_on_where_it_was(
        self, database: Database, notebook: Notebook, consumer: Consumer[str], clock: SettableClock
    ) -> None:
        """A new process with the same name has the same cursor."""
        await database.write(outbox.append, some_rows("a"))
        await catch_up(consumer)
        await database.write(outbox.append, some_rows("b"))
        successor = Consumer(OutboxReading(database, Doorbell()), notebook, payload_of, clock)
        await successor.register()
        await catch_up(successor)

        assert await notes(database) == ["a", "b"]

    async def test_more_than_a_batch_is_handled_in_batches(self, database: Database, consumer: Consumer[str]) -> None:
        """A long outbox is read to its end."""
        events = [str(number) for number in range(1_200)]
        await database.write(outbox.append, some_rows(*events))
        await catch_up(consumer, steps=4)

        assert await notes(database) == events

    async def test_a_listener_without_a_cursor_is_an_error(self, database: Database, notebook: Notebook) -> None:
        """A consumer that was never registered does not guess where to begin."""
        consumer = Consumer(OutboxReading(database, Doorbell()), notebook, payload_of, SettableClock())

        with pytest.raises(LookupError, match="register it first"):
            await consumer.step()

    async def test_running_processes_share_the_work_and_repeat_none(
        self,
        database: Database,
        notebook: Notebook,
        consumer: Consumer[str],
        clock: SettableClock,
    ) -> None:
        """Two that run the same consumer note every event once."""
        other_database = opened_again(database)
        other = Consumer(OutboxReading(other_database, Doorbell()), notebook, payload_of, clock)
        for number in range(20):
            await database.write(outbox.append, some_rows(str(number)))
            await asyncio.gather(catch_up(consumer), catch_up(other))
        await asyncio.to_thread(other_database.close)

        assert await notes(database) == [str(number) for number in range(20)]

    async def test_a_running_consumer_wakes_at_the_doorbell(
        self, database: Database, notebook: Notebook, consumer: Consumer[str], doorbell: Doorbell
    ) -> None:
        """`run` handles what was committed before the ring."""
        running = asyncio.create_task(consumer.run())
        await database.write(outbox.append, some_rows("a"))
        doorbell.ring()
        await notebook.has_written.wait()
        running.cancel()
        await asyncio.wait([running])

        assert await notes(database) == ["a"]


class TestFailing:
    """What happens when a listener raises."""

    async def test_effect_and_cursor_are_undone_together(
        self, database: Database, notebook: Notebook, consumer: Consumer[str]
    ) -> None:
        """Nothing of a failed batch stays, and the failure is there to see."""
        notebook.bad = {"b"}
        await database.write(outbox.append, some_rows("a", "b"))
        await until_final(database)
        delay_ms = await consumer.try_step()

        assert await notes(database) == []
        assert delay_ms is not None
        assert 500 <= delay_ms <= 1_000
        assert (await state(database)).last_error == "ArithmeticError: cannot take b"
        assert (await state(database)).failing_since is not None

    async def test_it_recovers_when_the_reason_is_gone(
        self, database: Database, notebook: Notebook, consumer: Consumer[str]
    ) -> None:
        """Nothing is skipped, and the failure is cleared."""
        notebook.bad = {"b"}
        await database.write(outbox.append, some_rows("a", "b", "c"))
        await catch_up(consumer, steps=5)
        notebook.bad = set()
        await catch_up(consumer)

        assert await notes(database) == ["a", "b", "c"]
        assert (await state(database)).failing_since is None

    async def test_what_precedes_a_bad_event_is_handled(
        self, database: Database, notebook: Notebook, consumer: Consumer[str]
    ) -> None:
        """Batches shrink until the bad event stands alone, and the cursor waits before it."""
        notebook.bad = {"300"}
        await database.write(outbox.append, some_rows(*(str(number) for number in range(1_000))))
        await catch_up(consumer, steps=40)

        assert await notes(database) == [str(number) for number in range(300)]
        assert (await state(database)).behind == 700

    async def test_the_pause_grows_with_every_failure(
        self, database: Database, notebook: Notebook, consumer: Consumer[str]
    ) -> None:
        """A listener that stays broken is tried less and less often."""
        notebook.bad = {"a"}
        await database.write(outbox.append, some_rows("a"))
        await until_final(database)
        delays = [await consumer.try_step() or 0 for _ in range(8)]

        assert delays[-1] >= 64_000

    async def test_an_event_that_cannot_be_decoded_is_a_failure(self, database: Database, notebook: Notebook) -> None:
        """A broken payload stops the consumer where it is, and nothing else."""

        def number_of(row: OutboxRow) -> str:
            return str(int(row.payload))

        consumer = Consumer(OutboxReading(database, Doorbell()), notebook, number_of, SettableClock())
        await consumer.register()
        await database.write(outbox.append, some_rows("1", "two", "3"))
        await catch_up(consumer, steps=10)

        assert await notes(database) == ["1"]
        assert "two" in str((await state(database)).last_error)


class TestSkipping:
    """Rows that nobody wants."""

    async def test_skipped_rows_cost_no_write_each(self, database: Database, consumer: Consumer[str]) -> None:
        """Passing them is remembered, not stored."""
        await database.write(outbox.append, some_rows("x", kind="other"))
        await catch_up(consumer)

        assert (await state(database)).behind == 1

    async def test_a_passed_place_is_stored_after_a_while(
        self, database: Database, consumer: Consumer[str], clock: SettableClock
    ) -> None:
        """An idle listener does not keep the outbox from being pruned."""
        await database.write(outbox.append, some_rows("x", kind="other"))
        await catch_up(consumer)
        clock.advance(STORE_SKIPPED_AFTER_MS)
        await catch_up(consumer)

        assert (await state(database)).behind == 0
