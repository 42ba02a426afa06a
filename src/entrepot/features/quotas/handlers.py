# SPDX-License-Identifier: Apache-2.0
"""Counting what events tell of, in the background: no push waits for it, and none writes what another one does."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.quotas.counting import Touched
from entrepot.features.quotas.counting import recount
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.noticing import notice
from entrepot.features.quotas.store.reservations import CONSUMER
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.registry.events import Event
from entrepot.registry.events import EventType

_OF_MANIFESTS = frozenset(
    {
        EventType.MANIFEST_PUSHED,
        EventType.MANIFEST_DELETED,
        EventType.MANIFEST_RESTORED,
        EventType.MANIFEST_PURGED,
        EventType.MANIFEST_FREED,
    }
)
_OF_TAGS = frozenset({EventType.TAG_MOVED, EventType.TAG_DELETED})
_OTHERS = frozenset({EventType.REPOSITORY_CREATED, EventType.BLOB_ADOPTED, Change.PROJECT_DELETED})


class CountedEvents:
    """A listener: counts what came and went, and tells of thresholds that were reached by it."""

    name = CONSUMER
    event_types = frozenset(kind.value for kind in _OF_MANIFESTS | _OF_TAGS | _OTHERS)

    def __init__(self, clock: Clock, look_through: Callable[[Connection, Subject], None]) -> None:
        """`look_through` asks for all blobs of somebody to be looked at, later."""
        self._clock = clock
        self._look_through = look_through

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Count what a batch of events tells of."""
        now = self._clock()
        recounted = recount(connection, touched_by(events), now)
        for subject in sorted(recounted.lost):
            self._look_through(connection, subject)
        notice(connection, recounted.changed, now)


def touched_by(events: Iterable[Event]) -> Touched:
    """Return what events tell of."""
    touched = Touched()
    for event in events:
        if event.type in _OF_MANIFESTS and event.digest is not None:
            touched.manifests.add((event.repository, event.digest))
        elif event.type in _OF_TAGS and event.tag is not None:
            touched.tags.add((event.repository, event.tag))
        elif event.type == EventType.BLOB_ADOPTED and event.digest is not None:
            touched.blobs.add((event.repository, event.digest))
        elif event.type == Change.PROJECT_DELETED:
            touched.projects.add(event.project)
        else:
            touched.repositories.add(event.repository)
    return touched
