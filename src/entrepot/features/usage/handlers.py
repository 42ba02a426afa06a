# SPDX-License-Identifier: Apache-2.0
"""What usage learns from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.usage.recording import CONSUMER
from entrepot.features.usage.recording import Recorder
from entrepot.features.usage.service import Usage
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class FreshFigures:
    """A listener: notes what was used, and adds up a little whenever something was pushed or pulled.

    So the figures follow at once; what is more than a little is left to the job.
    """

    name = CONSUMER
    event_types = frozenset({EventType.MANIFEST_PUSHED.value, EventType.CONTENT_USED.value})

    def __init__(self, usage: Usage, recorder: Recorder) -> None:
        self._usage = usage
        self._recorder = recorder

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Note the uses of a batch, and add up a batch of deltas."""
        self._recorder.note(connection, events)
        self._usage.fold(connection)
