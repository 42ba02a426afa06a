# SPDX-License-Identifier: Apache-2.0
"""Telling one listener what the outbox holds, in commit order.

A listener's effect commits together with its cursor, so what it writes to this
database happens exactly once; whatever else it does happens at least once. Any
number of processes may run the same consumer: the cursor moves only from where
the batch began, so of two that handle the same batch one is undone.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic
from typing import Protocol
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import wait_together
from entrepot.infra.events.reading import OutboxReading
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

BATCH_ROWS = 500
BATCH_CHARACTERS = 256 * 1024
"""A batch ends with the row that brings it to this, so that it is a matter of milliseconds whatever rows hold."""
GATHER_SECONDS = 0.05
"""After a ring, wait this long: a burst of pushes costs one batch, not one each."""
STORE_SKIPPED_AFTER_MS = 5 * SECOND_MS
"""A cursor that only passed rows nobody wanted is stored this often, so that they cost no write each."""

log = structlog.get_logger(__name__)


class EventListener(Protocol[T_contra]):
    """What a consumer needs of a listener."""

    @property
    def name(self) -> str:
        """Names the cursor; never changes."""

    @property
    def event_types(self) -> frozenset[str]:
        """The types it wants."""

    def handle(self, connection: Connection, events: Sequence[T_contra]) -> None:
        """Act on `events` in the transaction that moves the cursor. Holds up every other writer: be quick."""


class Consumer(Generic[T]):
    """Runs one listener.

    A batch that fails is undone and tried again, later and smaller each time, so
    everything before a bad event is handled and the bad one is the only one in
    the last batch. Nothing is ever skipped, and no push waits for a listener. The
    cursor's row is locked while the listener handles events, so no two processes do at once.
    """

    def __init__(
        self,
        reading: OutboxReading,
        listener: EventListener[T],
        decode: Callable[[OutboxRow], T],
        clock: Clock,
        batch_characters: int = BATCH_CHARACTERS,
    ) -> None:
        """Consumers that are woken together have one `reading`. A batch ends with the row that fills it."""
        self._batch_characters = batch_characters
        self._most_rows = max(1, BATCH_ROWS * batch_characters // BATCH_CHARACTERS)
        self._reading = reading
        self._database = reading.database
        self._listener = listener
        self._decode = decode
        self._clock = clock
        self._backoff = Backoff()
        self._stored = BEGINNING
        self._seen = BEGINNING
        self._stored_at = clock()
        self._batch_rows = self._most_rows
        self._failures = 0

    async def register(self, *, from_beginning: bool = False) -> None:
        """Give the listener a cursor unless it has one. Do so before serving: rows before it are not told."""
        await self._database.write(outbox.register, self._listener.name, self._clock(), from_beginning=from_beginning)

    async def run(self) -> None:
        """Handle batches as they come, until cancelled."""
        await self.register()
        while True:
            ring = self._reading.doorbell.next_ring()
            delay_ms = await self.try_step()
            if delay_ms is None:
                if await wait_together(ring):
                    await asyncio.sleep(GATHER_SECONDS)
            else:
                await asyncio.sleep(delay_ms / 1000)

    async def try_step(self) -> int | None:
        """Handle one batch and return when to go on: in so many milliseconds, or None for at the next ring.

        A failure is logged and recorded beside the cursor.
        """
        try:
            has_more = await self.step()
        except Exception as error:  # noqa: BLE001 (the outermost edge of a listener)
            self._failures += 1
            await self._record(error)
            return self._backoff.delay_ms(self._failures)
        self._failures = 0
        return 0 if has_more else None

    async def step(self) -> bool:
        """Handle one batch; tell whether more may be waiting. Raises whatever the listener raises."""
        stored = await self._reading.cursor_of(self._listener.name)
        if stored is None:
            raise LookupError(f"the consumer {self._listener.name} has no cursor: register it first")
        if stored != self._stored:
            self._stored = self._seen = stored
        rows = self._first_of(await self._reading.after(self._seen, self._batch_rows))
        target = rows[-1].cursor if rows else self._seen
        try:
            await self._pass(rows, target)
        except Exception:
            self._batch_rows = max(1, len(rows) // 2)
            raise
        if not rows:
            self._batch_rows = self._most_rows
        return bool(rows)

    def _first_of(self, rows: list[OutboxRow]) -> list[OutboxRow]:
        """Return the rows that make a batch; where those are fewer, so many are read until all are handled."""
        sizes = accumulate(len(row.payload) for row in rows)
        count = next((place for place, size in enumerate(sizes, start=1) if size >= self._batch_characters), len(rows))
        if count < len(rows):
            self._batch_rows = count
        return rows[:count]

    async def _pass(self, rows: list[OutboxRow], target: Cursor) -> None:
        wanted = self._listener.event_types
        events = [self._decode(row) for row in rows if row.type in wanted]
        now = self._clock()
        is_late = target != self._stored and now - self._stored_at >= STORE_SKIPPED_AFTER_MS
        if events or is_late:
            if not await self._database.write_locked(self._apply, events, target, now):
                return
            self._stored, self._stored_at = target, now
        self._seen = target

    def _apply(self, connection: Connection, events: list[T], target: Cursor, now: Milliseconds) -> bool:
        if not outbox.advance(connection, self._listener.name, self._stored, target, now):
            return False
        if events:
            self._listener.handle(connection, events)
        return True

    async def _record(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        log.warning("consumer.failed", consumer=self._listener.name, error=text, failures=self._failures)
        try:
            await self._database.write_locked(outbox.record_failure, self._listener.name, text, self._clock())
        except DatabaseUnavailable:
            log.warning("consumer.failure_not_recorded", consumer=self._listener.name)
