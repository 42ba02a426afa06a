# SPDX-License-Identifier: Apache-2.0
"""Counting who pulls and pushes what, with what, and when: beside everything else, and never for long.

A consumer of the outbox of its own, at an easy pace: it looks every ten seconds, and
after each batch it rests for four times as long as that took.
"""

import asyncio
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.usage.counting import Fetches
from entrepot.features.usage.counting import candidates
from entrepot.features.usage.counting import counts
from entrepot.features.usage.counting import repositories_of
from entrepot.features.usage.recording import ids_of
from entrepot.features.usage.store import counts as store
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.clock import Clock
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import decode

EVERY_SECONDS = 10.0
REST = 4

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""


class Breakdown:
    """A listener, and what steps it."""

    name = "usage-breakdown"
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.CONTENT_USED.value})

    def __init__(self, database: Database, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        self._clock = clock
        self._pause = pause
        self._fetches = Fetches()
        self._consumer: Consumer[Event] = Consumer(database, self, decode, Doorbell(), clock)

    def begin(self, connection: Connection) -> None:
        """Count what happens from now on, unless it is counted already."""
        outbox.register(connection, self.name, self._clock())

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Count one batch."""
        ids = ids_of(connection, sorted(repositories_of(events)))
        parents = store.parents(connection, candidates(events), ids)
        store.add(connection, counts(events, ids, parents, self._fetches))

    async def run(self) -> None:
        """Count what happens, until cancelled."""
        while True:
            began = time.monotonic()
            delay_ms = await self._consumer.try_step()
            if delay_ms is None:
                await self._pause(EVERY_SECONDS)
            else:
                await self._pause(max(delay_ms / 1_000, REST * (time.monotonic() - began)))

    async def catch_up(self) -> None:
        """Count all that waits, without rest. Raises whatever goes wrong."""
        while await self._consumer.step():
            pass
