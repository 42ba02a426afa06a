# SPDX-License-Identifier: Apache-2.0
"""Events as CloudEvents 1.0 (the specification and its JSON format, structured mode). No I/O.

| attribute | is |
|---|---|
| `id` | the event's own id; of use, that and a number: `<id>.<n>` |
| `source` | the registry's address, or `urn:entrepot:registry` where it has none |
| `type` | `entrepot.` and the name of what happened, such as `entrepot.tag.moved` |
| `subject` | `repository`, `repository:tag` or `repository@digest`; else the project, or what was changed |
| `time` | when it happened |
| `sequence` | its place in the commit order: of two events of a repository the later one has the greater text |

`source` and `id` together name an event for good. Within one repository `sequence` only grows, and with gaps.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import event_data

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"
DATA_CONTENT_TYPE = "application/json"
TYPE_PREFIX = "entrepot."
UNNAMED_SOURCE = "urn:entrepot:registry"

TAG_CREATED = "tag.created"
"""A tag was set that pointed to nothing before."""
PULLED = "content.pulled"
"""An artifact was fetched, `count` times within about a second."""
LOOKED_AT = "content.looked-at"
"""It was only asked about (HEAD), likewise."""
USES = frozenset({PULLED, LOOKED_AT})
TESTED = "webhook.tested"
"""Somebody tries whether a receiver hears us. It is no event of the outbox."""

NAMES = frozenset(
    {kind.value for kind in EventType if kind is not EventType.CONTENT_USED}
    | {change.value for change in Change}
    | {TAG_CREATED}
    | USES
)
"""Everything that may have happened: a `type` without its prefix."""

ABOUT_CLIENTS = ("address", "agent", "request_id", "credential", "source")
"""Of the data, what says how a client can be found, and where else content is."""

_ATTRIBUTES = ("id", "type", "occurred_at", "uses")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One thing that happened, as others are told of it."""

    id: str
    source: str
    name: str
    """The `type` without its prefix."""
    subject: str
    at: Milliseconds
    sequence: str
    data: Mapping[str, Any]

    @property
    def repository(self) -> str:
        """The repository that it is about, empty where it is about none."""
        return str(self.data.get("repository", ""))

    @property
    def project(self) -> str:
        """The project that it belongs to, empty where it is about the registry."""
        return str(self.data.get("project", ""))

    def document(self) -> dict[str, Any]:
        """Return it in the JSON format: attributes that have no value are left out."""
        attributes = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": f"{TYPE_PREFIX}{self.name}",
            "subject": self.subject,
            "time": rfc3339(self.at),
            "datacontenttype": DATA_CONTENT_TYPE,
            "sequence": self.sequence,
        }
        return {**{name: value for name, value in attributes.items() if value}, "data": dict(self.data)}

    def without_clients(self) -> "CloudEvent":
        """Return it without what says how a client can be found."""
        told = {name: value for name, value in self.data.items() if name not in ABOUT_CLIENTS}
        return CloudEvent(self.id, self.source, self.name, self.subject, self.at, self.sequence, told)


def name_of(event: Event) -> str:
    """Return what happened, a text of `NAMES`; that of use is not one thing."""
    if event.type == EventType.TAG_MOVED and event.previous_digest is None:
        return TAG_CREATED
    return str(event.type)


def cloud_events(event: Event, source: str = "") -> Iterator[CloudEvent]:
    """Yield what an event tells of, always the same for the same event.

    That is one CloudEvent; of use, one for each manifest and tag that was asked for, whoever did.
    """
    if event.type == EventType.CONTENT_USED:
        yield from _uses(event, source)
    else:
        yield _told(event, source, event.id, name_of(event), _data(event))


def sequence_of(place: tuple[int, int], number: int = 0) -> str:
    """Spell a place in the commit order so that texts are ordered as places are."""
    txid, seq = place
    return f"{txid:016x}{seq:016x}{number:04x}"


def encode_cloud_event(event: CloudEvent) -> str:
    """Return it as it is stored until it was sent."""
    return msgspec.json.encode(event).decode()


def decode_cloud_event(stored: str) -> CloudEvent:
    """Return what `encode_cloud_event` made."""
    return msgspec.json.decode(stored, type=CloudEvent)


def _uses(event: Event, source: str) -> Iterator[CloudEvent]:
    counts: Counter[tuple[str, str, str | None, bool]] = Counter()
    for use in event.uses:
        counts[use.repository, use.digest, use.tag, use.is_pull] += use.count
    for number, ((repository, digest, tag, is_pull), count) in enumerate(counts.items()):
        project = repository.partition("/")[0]
        data = {"origin": event.origin, "project": project, "repository": repository, "digest": digest, "count": count}
        if tag is not None:
            data["tag"] = tag
        name = PULLED if is_pull else LOOKED_AT
        yield _told(event, source, f"{event.id}.{number}", name, data, number)


def _told(event: Event, source: str, id_: str, name: str, data: Mapping[str, Any], number: int = 0) -> CloudEvent:
    sequence = sequence_of(event.place, number)
    return CloudEvent(id_, source or UNNAMED_SOURCE, name, _subject(data), event.occurred_at, sequence, data)


def _data(event: Event) -> dict[str, Any]:
    """Return what is told beside the attributes: numbers that no browser can hold are text."""
    data = {name: value for name, value in event_data(event).items() if name not in _ATTRIBUTES}
    for name in ("version", "previous_version"):
        if data.get(name) is not None:
            data[name] = {**data[name], "hlc": str(data[name]["hlc"])}
    return {name: value for name, value in data.items() if value not in ("", None)}


def _subject(data: Mapping[str, Any]) -> str:
    repository = data.get("repository", "")
    if repository and data.get("tag"):
        return f"{repository}:{data['tag']}"
    if repository and data.get("digest"):
        return f"{repository}@{data['digest']}"
    return str(repository or data.get("object") or data.get("project", ""))
