# SPDX-License-Identifier: Apache-2.0
"""Noting what is used, and counting who pulls and pushes what: beside everything else, at an easy pace.

A consumer of the outbox of its own. It looks every few seconds, handles a few hundred
uses in a transaction, and rests for nineteen times as long as that took: however many
pulls there are, it takes a twentieth of one processor. Only where it has fallen behind
by minutes does it rest less, because the outbox keeps what it has not handled.
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
from entrepot.features.usage.recorder import CONSUMER
from entrepot.features.usage.recorder import Recorder
from entrepot.features.usage.recorder import ids_of
from entrepot.features.usage.store import counts as store
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.reading import OutboxReading
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import decode

EVERY_SECONDS = 5.0
REST, REST_WHEN_LATE = 19, 1
"""How many times as long as a batch took the rest after it is."""
LATE_MS = 5 * MINUTE_MS
BATCH_CHARACTERS = 32 * 1024
"""Two rows of uses, or some dozens of pushes: a transaction of some milliseconds."""

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""


class Following:
    """A listener, and what steps it."""

    name = CONSUMER
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.CONTENT_USED.value})

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, pause: Pause = asyncio.sleep) -> None:
        self._clock = clock
        self._recorder = recorder
        self._pause = pause
        self._fetches = Fetches()
        self._is_late = False
        self._consumer: Consumer[Event] = Consumer(
            OutboxReading(database, Doorbell()), self, decode, clock, BATCH_CHARACTERS
        )

    def begin(self, connection: Connection) -> None:
        """Follow what happens from now on, unless that was begun already."""
        outbox.register(connection, self.name, self._clock())
        self._recorder.begin(connection)

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Note and count one batch."""
        ids = ids_of(connection, sorted(repositories_of(events)))
        self._recorder.note(connection, events, ids)
        parents = store.parents(connection, candidates(events), ids)
        store.add(connection, counts(events, ids, parents, self._fetches))
        self._is_late = self._clock() - events[-1].occurred_at > LATE_MS

    async def run(self) -> None:
        """Follow what happens, until cancelled."""
        while True:
            began = time.monotonic()
            delay_ms = await self._consumer.try_step()
            if delay_ms is None:
                await self._pause(EVERY_SECONDS)
            else:
                rest = (REST_WHEN_LATE if self._is_late else REST) * (time.monotonic() - began)
                await self._pause(max(delay_ms / 1_000, rest))

    async def catch_up(self) -> None:
        """Handle all that waits, without rest. Raises whatever goes wrong."""
        while await self._consumer.step():
            pass
