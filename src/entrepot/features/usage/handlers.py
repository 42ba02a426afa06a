# SPDX-License-Identifier: Apache-2.0
"""What usage learns from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.usage.service import Usage
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class FreshFigures:
    """A listener: adds up a little whenever something was pushed or pulled, so that the figures follow at once.

    What is more than a little is left to the job.
    """

    name = "usage"
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.CONTENT_USED.value})

    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    def handle(self, connection: Connection, _events: Sequence[Event]) -> None:
        """Add up one batch."""
        self._usage.fold(connection)
