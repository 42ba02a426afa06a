# SPDX-License-Identifier: Apache-2.0
"""Sending what happens to a sink: all of it, in commit order, at least once, in nobody's way.

How far a sink has come is a cursor of the outbox, which moves once the sink has what it was sent. One process sends
at a time: it holds a lease, which it renews while it lives, and another goes on where that one ended.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from entrepot.features.events import store
from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.cloudevents import cloud_events
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.interface import Sink
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.events import decode

ROWS_AT_ONCE = 200
LEASE_MS = 30 * SECOND_MS
"""So long after a process ended, another goes on. What is sent at once takes less."""
RENEW_MS = 10 * SECOND_MS
WAIT_SECONDS = 2.0
"""How often a process that does not send asks whether it is to."""

FORGOTTEN_AFTER_DAYS = 7
"""A sink that the configuration no longer names keeps what happened from being dropped for so long."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sink is sent: names of what happens, and what CloudEvents come from."""

    names: frozenset[str]
    source: str

    def of(self, rows: list[OutboxRow]) -> list[CloudEvent]:
        """Return what is wanted of some rows. Raises `ValueError` for one that this version does not understand."""
        told = (each for row in rows for each in cloud_events(decode(row), self.source))
        return [each for each in told if each.name in self.names]


class Sending:
    """Sends to one sink, from one process."""

    def __init__(
        self, name: str, sink: Sink, wanted: Wanted, database: Database, commits: Doorbell, clock: Clock
    ) -> None:
        """`name` is the sink's in the configuration; `commits` rings when something may have happened."""
        self.name = name
        self._sink = sink
        self._wanted = wanted
        self._database = database
        self._commits = commits
        self._clock = clock
        self._holder = new_ulid()
        self._held_until = 0
        self._is_registered = False
        self._backoff = Backoff()
        self._failures = 0

    async def run(self) -> None:
        """Send for as long as this process lives, whenever it is this one that sends."""
        try:
            while True:
                ring = self._commits.next_ring()
                pause_ms = await self.try_step()
                if pause_ms is None:
                    await wait_for_ring(ring, WAIT_SECONDS)
                else:
                    await asyncio.sleep(pause_ms / SECOND_MS)
        finally:
            await self._sink.close()

    async def register(self) -> None:
        """Begin with what happens from now on, unless the sink is known."""
        await self._database.write(store.register, self.name, self._clock())
        self._is_registered = True

    async def try_step(self) -> int | None:
        """Send some; return when to go on: in so many milliseconds, or None for when something happens.

        What fails is written beside the cursor and tried again, the later the longer it fails.
        """
        try:
            has_more = await self.step()
        except Exception as error:  # noqa: BLE001 - the outermost edge of a sink
            self._failures += 1
            await self._note(error)
            return self._backoff.delay_ms(self._failures)
        self._failures = 0
        return 0 if has_more else None

    async def step(self) -> bool:
        """Send what comes next if it is this process that sends; tell whether more may be waiting.

        Raises `NotSent`, `DatabaseUnavailable`, and `ValueError` for an event of a later version: that has to wait.
        """
        if not self._is_registered:
            await self.register()
        if not await self._is_to_send():
            return False
        cursor = await self._database.read(outbox.cursor_of, store.cursor_name(self.name))
        if cursor is None:  # forgotten, while this process stood still
            self._is_registered = False
            return True
        rows = await self._database.read(outbox.read_after, cursor, ROWS_AT_ONCE)
        if not rows:
            return False
        events = self._wanted.of(rows)
        if events:
            async with asyncio.timeout((LEASE_MS - RENEW_MS) / SECOND_MS):
                await self._sink.send(events)
        await self._database.write_locked(self._advance, cursor, rows[-1].cursor)
        return True

    def _advance(self, connection: Connection, old: Cursor, new: Cursor) -> None:
        now = self._clock()
        outbox.advance(connection, store.cursor_name(self.name), old, new, now)

    async def _is_to_send(self) -> bool:
        now = self._clock()
        if self._held_until - now <= LEASE_MS - RENEW_MS:
            until = after(now, LEASE_MS)
            is_mine = await self._database.write_locked(store.claim, self.name, self._holder, now, until)
            self._held_until = until if is_mine else 0
        return self._held_until > now

    async def _note(self, error: Exception) -> None:
        message = error.message if isinstance(error, NotSent) else f"{type(error).__name__}: {error}"
        log.warning("events.not_sent", sink=self.name, error=message, failures=self._failures)
        try:
            name = store.cursor_name(self.name)
            await self._database.write_locked(outbox.record_failure, name, message, self._clock())
        except Unavailable:
            log.warning("events.failure_not_recorded", sink=self.name)


async def forget_all_but(database: Database, sinks: Collection[str], clock: Clock) -> None:
    """Forget sinks that are not among these and that nobody has sent to for a week. Raises nothing."""
    try:
        gone = await database.write(store.forget_others, sinks, after(clock(), -FORGOTTEN_AFTER_DAYS * DAY_MS))
    except Unavailable:
        return  # the next process that starts does
    for name in gone:
        log.info("events.sink_forgotten", sink=name)
