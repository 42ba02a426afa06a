# SPDX-License-Identifier: Apache-2.0
"""What a sink has to do."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence

from entrepot.features.events.cloudevents import CloudEvent
from entrepot.kernel.errors import Unavailable


class NotSent(Unavailable):
    """The sink did not take what it was sent."""

    code = "events_not_sent"


class Sink(ABC):
    """Takes events in their order. What it was given before may come again: at least once, and never in between."""

    @abstractmethod
    async def send(self, events: Sequence[CloudEvent]) -> None:
        """Return once all of them are where they are kept. Raises `NotSent`: then any number may have arrived."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of what is held open."""
