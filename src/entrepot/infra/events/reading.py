# SPDX-License-Identifier: Apache-2.0
"""Reading the outbox once for all consumers of a process: they are woken together, and most have come as far.

Without it each push would cost each node two reads for every consumer, whether or not one wants what was written.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.pacing import Doorbell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Read(Generic[T]):
    """A read that goes on, and what would have been set had somebody rung since it began."""

    ring: asyncio.Event
    task: "asyncio.Task[T]"


class OutboxReading:
    """Lets whoever asks for the same wait for the same read.

    A read that goes on is joined only while nobody has rung since it began: so it shows whatever was
    committed before the ring that woke the one who asks. Belongs to one event loop.
    """

    def __init__(self, database: Database, doorbell: Doorbell) -> None:
        self.database = database
        self.doorbell = doorbell
        self._reads: dict[Hashable, _Read[Any]] = {}

    async def cursor_of(self, name: str) -> Cursor | None:
        """Return how far `name` has come, or None if it is not registered."""
        return (await self._once("cursors", outbox.cursors)).get(name)

    async def after(self, cursor: Cursor, limit: int) -> list[OutboxRow]:
        """Return up to `limit` rows after `cursor` in commit order; none will ever appear before one of them."""

        def read(connection: Connection) -> list[OutboxRow]:
            """Read them."""
            return outbox.read_after(connection, cursor, limit)

        return await self._once((cursor, limit), read)

    async def _once(self, key: Hashable, work: Callable[[Connection], T]) -> T:
        ring = self.doorbell.next_ring()
        read = self._reads.get(key)
        if read is None or read.ring is not ring:
            read = _Read(ring, asyncio.create_task(self.database.read(work)))
            self._reads[key] = read
            read.task.add_done_callback(lambda task: self._end(key, task))
        # Whoever stops waiting does not stop the others.
        return await asyncio.shield(read.task)

    def _end(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        found = self._reads.get(key)
        if found is not None and found.task is task:
            del self._reads[key]
        if not task.cancelled():
            task.exception()  # all who waited may be gone
