# SPDX-License-Identifier: Apache-2.0
"""What artifacts learn from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.artifacts.derive import FactsDerivation
from entrepot.oci.reference import RepositoryName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class ArrivedArtifacts:
    """A listener: asks for the facts about what was pushed, or came back from the bin."""

    name = "artifacts"
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.MANIFEST_RESTORED.value})

    def __init__(self, derivation: FactsDerivation) -> None:
        self._derivation = derivation

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Enqueue one job for the whole batch."""
        arrived = [(RepositoryName(event.repository), event.digest) for event in events if event.digest is not None]
        self._derivation.request(connection, arrived, is_urgent=True)
