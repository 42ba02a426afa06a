# SPDX-License-Identifier: Apache-2.0
"""Hearing that a copy has ended by which something is promoted."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.promotions.queueing import FINISH
from entrepot.features.promotions.queueing import enqueue
from entrepot.features.promotions.store import promotions
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.registry.events import Event

_COPY = "copy:"


class EndedCopies:
    """A listener: has promotions ended whose copies have."""

    name = "promotions"
    event_types = frozenset({Change.COPY_ENDED.value, Change.COPY_CANCELLED.value})

    def __init__(self, clock: Clock, doorbell: Doorbell) -> None:
        self._clock = clock
        self._doorbell = doorbell

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Enqueue one job for each promotion that a batch of events is about."""
        ended = sorted({event.object.removeprefix(_COPY) for event in events if event.object.startswith(_COPY)})
        if not ended:
            return
        for promotion_id in promotions.running_by_copy(connection, ended):
            enqueue(connection, FINISH, promotion_id, self._clock())
            self._doorbell.ring()
