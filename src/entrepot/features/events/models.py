# SPDX-License-Identifier: Apache-2.0
"""What is told of an event, and to whom."""

from collections import Counter
from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from entrepot.features.events.cloudevents import ABOUT_CLIENTS
from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.cloudevents import cloud_events
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import rfc3339
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.events import decode
from entrepot.registry.events import event_data

RESET = "reset"
"""The name of the event that says that others were missed."""
WHOLE_REGISTRY = ""
"""The name that stands for the registry as a whole where those of repositories stand."""
MAX_PLACE_DIGITS = 18

_TOLD_TYPES = frozenset(EventType)
"""What happens to artifacts; what happens to accounts and rights is for the audit log."""


class StreamFormat(StrEnum):
    """What the data of a stream look like."""

    PLAIN = "plain"
    CLOUDEVENTS = "cloudevents"


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to hear of. What is empty, or None, excludes nothing."""

    repository: str = ""
    project: str = ""
    type: EventType | None = None
    format: StreamFormat = StreamFormat.PLAIN

    def wants(self, place: str) -> bool:
        """Tell whether what happens there is wanted: in a repository, a whole project, or `WHOLE_REGISTRY`."""
        if self.repository:
            return place == self.repository and self.project in ("", namespace_of(RepositoryName(place)))
        return not self.project or namespace_of(RepositoryName(place)) == self.project


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins: behind a place that was given out, or so many events back, or now."""

    after: str = ""
    last: int = 0


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears it, with the rights of this moment."""

    principal: Principal
    is_administrator: bool
    readable: Collection[str]
    """Where it may pull, among the places that the events at hand are about."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told at once: its name, and its data as JSON on one line."""

    name: str
    data: str


class Tidings:
    """An event, and its JSON: made once, however many people it is told to."""

    def __init__(self, event: Event, source: str = "") -> None:
        """`source` is what CloudEvents come from."""
        self.event = event
        self._source = source

    @classmethod
    def of(cls, row: OutboxRow, source: str = "") -> "Tidings":
        """Read it from the outbox. Raises `ValueError` for what this version does not understand."""
        return cls(decode(row), source)

    def places(self, wanted: Filter) -> set[str]:
        """Return what it is about, as far as that is wanted; nothing if its type is not.

        Repositories, or a project as a whole by its name, or `WHOLE_REGISTRY`.
        """
        event = self.event
        if event.type not in _TOLD_TYPES or wanted.type not in (None, event.type):
            return set()
        names = {use.repository for use in event.uses} if event.uses else {event.repository or event.project}
        return {name for name in names if wanted.wants(name)}

    def messages(self, wanted: Filter, audience: Audience) -> list[Message]:
        """Return what is told to this audience, in the format that it wants."""
        if wanted.format is StreamFormat.CLOUDEVENTS:
            return self._cloud_events(self.places(wanted) & set(audience.readable), audience)
        data = self.data(wanted, audience)
        return [] if data is None else [Message(self.event.type, data)]

    def _cloud_events(self, told: set[str], audience: Audience) -> list[Message]:
        """Return those of the CloudEvents that are about one of these places, each with the id it always has."""
        if not told:
            return []
        if self.event.uses:
            return [message for place, message in self._narrowed_cloud_events if place in told]
        is_own = self.event.principal == audience.principal.identity
        shown = self._whole_cloud_events if audience.is_administrator or is_own else self._narrowed_cloud_events
        return [message for _, message in shown]

    @cached_property
    def _whole_cloud_events(self) -> list[tuple[str, Message]]:
        return [_spelled(each) for each in cloud_events(self.event, self._source)]

    @cached_property
    def _narrowed_cloud_events(self) -> list[tuple[str, Message]]:
        return [_spelled(each.without_clients()) for each in cloud_events(self.event, self._source)]

    def data(self, wanted: Filter, audience: Audience) -> str | None:
        """Return what is told to this audience, as JSON on one line; None for nothing."""
        told = self.places(wanted) & set(audience.readable)
        if not told:
            return None
        if self.event.uses:
            return _json(_data_of_uses(self.event, [use for use in self.event.uses if use.repository in told]))
        is_own = self.event.principal == audience.principal.identity
        return self._whole if audience.is_administrator or is_own else self._narrowed

    @cached_property
    def _whole(self) -> str:
        return _json(_data(self.event))

    @cached_property
    def _narrowed(self) -> str:
        """Leave out what says how a client can be found, and where else content is."""
        return _json({name: value for name, value in _data(self.event).items() if name not in ABOUT_CLIENTS})


def _data_of_uses(event: Event, uses: Iterable[Use]) -> dict[str, Any]:
    """Return the data of an event about use with only these uses, of which it is not told whose they were."""
    counts: Counter[tuple[str, str, str | None, bool]] = Counter()
    for use in uses:
        counts[use.repository, use.digest, use.tag, use.is_pull] += use.count
    names = ("repository", "digest", "tag", "is_pull")
    added_up = [{**dict(zip(names, what, strict=True)), "count": count} for what, count in counts.items()]
    return {**_data(msgspec.structs.replace(event, uses=())), "uses": added_up}


def place_text(cursor: Cursor) -> str:
    """Spell a place in the outbox as the `id` that a client resumes from."""
    return f"{cursor.txid}-{cursor.seq}"


def parse_place(text: str) -> Cursor | None:
    """Read it back; None for what is none."""
    parts = text.split("-")
    is_place = len(parts) == len(BEGINNING) and all(
        part.isascii() and part.isdigit() and len(part) <= MAX_PLACE_DIGITS for part in parts
    )
    return Cursor(*map(int, parts)) if is_place else None


def _data(event: Event) -> dict[str, Any]:
    """Return the data as the API spells it: moments as RFC 3339, and numbers that no browser can hold as text."""
    data = event_data(event)
    data["occurred_at"] = rfc3339(event.occurred_at)
    for name in ("version", "previous_version"):
        if data.get(name) is not None:
            data[name] = {**data[name], "hlc": str(data[name]["hlc"])}
    return data


def _spelled(event: CloudEvent) -> tuple[str, Message]:
    """Return a CloudEvent as it is told, with the repository that it is about."""
    document = event.document()
    return event.repository, Message(document["type"], _json(document))


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
