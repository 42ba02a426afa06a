# SPDX-License-Identifier: Apache-2.0
"""Noting for each webhook what it wants to hear of, in the transaction that moves the cursor: each event once."""

from collections.abc import Iterator
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.events import CloudEvent
from entrepot.features.events import cloud_events
from entrepot.features.events import encode_cloud_event
from entrepot.features.webhooks.matching import wants
from entrepot.features.webhooks.queue import NewDelivery
from entrepot.features.webhooks.rendering import can_tell
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import webhooks
from entrepot.features.webhooks.store.webhooks import Interest
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.registry.events import Event
from entrepot.registry.events import EventType

CONSUMER = "webhooks"


class DeliveredEvents:
    """A listener: makes a delivery of each event for each webhook that wants it, and writes nothing else."""

    name = CONSUMER
    event_types = frozenset(kind.value for kind in (*EventType, *Change))

    def __init__(self, clock: Clock, source: str) -> None:
        """`source` is what CloudEvents come from."""
        self._clock = clock
        self._source = source

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Note what is to be delivered of a batch."""
        interests = webhooks.interests(connection, _projects(events))
        if not interests:
            return
        told = [told for event in events for told in cloud_events(event, self._source)]
        wanted = [each for event in told for each in _deliveries(event, interests)]
        lanes.enqueue(connection, wanted, self._clock())


def _projects(events: Sequence[Event]) -> list[str]:
    of_uses = {use.repository.partition("/")[0] for event in events for use in event.uses}
    return sorted(of_uses | {event.project for event in events if event.project})


def _deliveries(event: CloudEvent, interests: Sequence[Interest]) -> Iterator[NewDelivery]:
    text = ""
    for each in interests:
        if can_tell(each.format, event) and wants(each.events, each.paths, each.project, event):
            text = text or encode_cloud_event(event)
            lane = event.repository or event.project
            yield NewDelivery(each.id, lane, event.name, event.subject, text, event.at)
