# SPDX-License-Identifier: Apache-2.0
"""What the index of artifacts learns from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.search.indexing import refresh
from entrepot.features.search.store import writing
from entrepot.kernel.changes import Change
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class ChangedArtifacts:
    """A listener: follows what was pushed, deleted, brought back and labelled.

    What is new has no facts yet, and costs nothing here: it is indexed when they are known.
    """

    name = "search"
    event_types = frozenset(
        {
            EventType.MANIFEST_PUSHED.value,
            EventType.MANIFEST_RESTORED.value,
            EventType.MANIFEST_DELETED.value,
            EventType.MANIFEST_PURGED.value,
            EventType.MANIFEST_FREED.value,
            Change.ARTIFACT_LABELLED.value,
        }
    )

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Write what has become of each of them."""
        about = {(event.repository, event.digest) for event in events if event.digest is not None}
        ids = writing.ids_of(connection, {name for name, _ in about})
        refresh(connection, [(ids[name], digest) for name, digest in about if name in ids])
