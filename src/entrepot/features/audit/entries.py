# SPDX-License-Identifier: Apache-2.0
"""From what happened to what is recorded of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from entrepot.features.audit.models import MANIFEST_PULLED
from entrepot.features.audit.models import TAG_RESOLVED
from entrepot.features.audit.models import Entry
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.events import Cause
from entrepot.registry.events import Event
from entrepot.registry.events import Use

MAX_AGENT_CHARACTERS = 256
MAX_DETAILS_CHARACTERS = 16_384

_ROOM = {
    "principal": 320,
    "credential": 255,
    "provider": 64,
    "on_behalf_of": 320,
    "address": 320,
    "agent": MAX_AGENT_CHARACTERS,
    "project": 255,
    "repository": 255,
    "tag": 128,
    "digest": 160,
    "object": 320,
    "request_id": 64,
}
"""How many characters there is room for, in the table of a month or in that of names."""

_TOLD = (
    "reason",
    "before",
    "after",
    "previous_digest",
    "source",
    "subject",
    "media_type",
    "artifact_type",
    "size",
    "previous_mode",
    "mode",
)


class UseKey(msgspec.Struct, frozen=True, order=True):
    """Uses that are counted together."""

    repository: str
    digest: str
    tag: str
    is_pull: bool
    principal: str
    address: str
    agent: str
    credential: str


def entry_of(event: Event) -> Entry:
    """Return what is recorded of an event that is no use."""
    return Entry(
        event=event.id,
        at=event.occurred_at,
        type=str(event.type),
        principal=event.principal,
        credential=event.credential,
        provider=event.provider,
        on_behalf_of=event.on_behalf_of,
        address=event.address,
        agent=event.agent[:MAX_AGENT_CHARACTERS],
        project=event.project,
        repository=event.repository,
        tag=event.tag or "",
        digest=event.digest or "",
        object=event.object,
        outcome=event.outcome,
        request_id=event.request_id,
        times=event.count,
        details=_details(event),
    )


def storable(entry: Entry) -> Entry:
    """Return an entry as every database takes it: cut where there is no room, and without NUL (PostgreSQL).

    What happened is recorded in any case: one record that cannot be stored would hold up all that follow.
    """
    mended = {}
    for name, longest in _ROOM.items():
        text = getattr(entry, name)
        if len(text) > longest or "\0" in text:
            mended[name] = text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:longest]
    return replace(entry, **mended) if mended else entry


def entry_of_use(key: UseKey, event: Ulid, at: Milliseconds, count: int, details: Any = None) -> Entry:
    """Return what is recorded of pulls, or of looks at a tag."""
    return Entry(
        event=event,
        at=at,
        type=MANIFEST_PULLED if key.is_pull else TAG_RESOLVED,
        principal=key.principal,
        credential=key.credential,
        address=key.address,
        agent=key.agent,
        project=namespace_of(RepositoryName(key.repository)),
        repository=key.repository,
        tag=key.tag,
        digest=key.digest,
        times=count,
        details=details,
    )


def uses_in(event: Event) -> Iterator[tuple[UseKey, int]]:
    """Yield each kind of use of an event about uses, and how many there were."""
    counts: Counter[UseKey] = Counter()
    for use in event.uses:
        counts[_key_of(use)] += use.count
    for key in sorted(counts):
        yield key, counts[key]


def encoded_details(details: Any) -> str | None:
    """Return details as they are stored; of those that are too long, that they were."""
    if details is None:
        return None
    text = msgspec.json.encode(details).decode()
    if len(text) <= MAX_DETAILS_CHARACTERS:
        return text
    return msgspec.json.encode({"left_out": f"{len(text)} characters, more than are kept"}).decode()


def _key_of(use: Use) -> UseKey:
    return UseKey(
        repository=use.repository,
        digest=use.digest,
        tag=use.tag or "",
        is_pull=use.is_pull,
        principal=use.principal,
        address=use.address,
        agent=use.agent[:MAX_AGENT_CHARACTERS],
        credential=use.credential,
    )


def _details(event: Event) -> dict[str, Any] | None:
    told = {name: getattr(event, name) for name in _TOLD}
    if event.cause is not Cause.USER:
        told["cause"] = event.cause
    return {name: value for name, value in told.items() if value not in (None, "")} or None
