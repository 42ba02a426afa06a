# SPDX-License-Identifier: Apache-2.0
"""What happened in a line, for people in a chat, and the facts that go with it."""

from collections.abc import Mapping
from types import MappingProxyType

from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats.interface import person_of

MAX_CHARACTERS = 500

_SAID: Mapping[str, str] = MappingProxyType(
    {
        "tag.created": "was set",
        "tag.moved": "was moved",
        "tag.deleted": "was deleted",
        "manifest.pushed": "was pushed",
        "manifest.deleted": "was deleted",
        "manifest.restored": "was restored",
        "manifest.purged": "is gone for good",
        "content.pulled": "was pulled",
        "content.looked-at": "was asked about",
        "repository.created": "is new",
        "webhook.tested": "is what this test would tell of",
    }
)


def sentence(event: CloudEvent) -> str:
    """Say what happened."""
    said = _SAID.get(event.name)
    line = f"{event.subject} {said}" if said else f"{event.name}: {event.subject or 'the registry'}"
    person = person_of(event)
    return shortened(f"{line} by {person}" if person else line)


def facts(event: CloudEvent) -> list[tuple[str, str]]:
    """Return what there is to say besides, each with its name."""
    data = event.data
    named = (
        ("Digest", data.get("digest")),
        ("Before", data.get("previous_digest")),
        ("Times", data.get("count") if data.get("count", 1) != 1 else None),
        ("Why", data.get("reason")),
        ("Cause", data.get("cause")),
    )
    return [(name, shortened(str(value))) for name, value in named if value]


def shortened(said: str) -> str:
    """Return a text that fits into a message, on one line."""
    line = " ".join(said.split())
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 1]}…"
