# SPDX-License-Identifier: Apache-2.0
"""What a format is."""

from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass

import msgspec

from entrepot.features.events import CloudEvent


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted."""

    content_type: str
    content: bytes


class Rendering(ABC):
    """Makes the body of a request for an event."""

    names: frozenset[str] | None = None
    """What it can tell of; None for everything."""

    @abstractmethod
    def body(self, event: CloudEvent) -> Body:
        """Return the body. Raises `TemplateInvalid` for what an own template cannot say."""


def as_json(content_type: str, document: object) -> Body:
    """Return a document as the body."""
    return Body(content_type, msgspec.json.encode(document))


def person_of(event: CloudEvent) -> str:
    """Return who did it, by the name alone; empty where that is not told."""
    return str(event.data.get("principal", "")).partition(":")[2]
