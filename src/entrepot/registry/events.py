# SPDX-License-Identifier: Apache-2.0
"""What happened in the registry, as stored in the outbox and told to listeners."""

from enum import StrEnum
from typing import Any

import msgspec

from entrepot.infra.events.outbox import OutboxRow
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest


class EventType(StrEnum):
    """Every kind of event that the core publishes."""

    REPOSITORY_CREATED = "repository.created"
    MANIFEST_PUSHED = "manifest.pushed"
    MANIFEST_DELETED = "manifest.deleted"
    MANIFEST_RESTORED = "manifest.restored"
    MANIFEST_PURGED = "manifest.purged"
    MANIFEST_FREED = "manifest.freed"
    """Deleted for good by an administrator, without an undelete window; `size` is how many bytes that freed."""
    TAG_MOVED = "tag.moved"
    TAG_DELETED = "tag.deleted"
    BLOB_MOUNTED = "blob.mounted"
    """A blob of another repository of the registry, the `source`, was used in place of an upload."""
    BLOB_ADOPTED = "blob.adopted"
    """A blob arrived that artifacts of the repository had waited for: from now on it is kept for them."""
    BLOB_DELETED = "blob.deleted"
    BLOB_DAMAGED = "blob.damaged"
    """Its bytes are gone or wrong, until it is pushed again: told once for each of 100 repositories that hold it."""
    CONTENT_USED = "content.used"
    MODE_CHANGED = "mode.changed"


class Cause(StrEnum):
    """Why it happened."""

    USER = "user"
    RETENTION = "retention"
    QUOTA = "quota"
    REPLICATION = "replication"
    ADOPTION = "adoption"
    COLLECTOR = "collector"


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    REFUSED = "refused"
    """Whoever asked may not do it, or could not prove who they are."""
    FAILED = "failed"


class Version(msgspec.Struct, frozen=True, order=True):
    """A tag's version: grows with every change of that tag, whatever the clocks say.

    `hlc` is a hybrid logical clock: milliseconds since the epoch shifted left by
    16 bits, or one more than the version before it, whichever is larger.
    """

    epoch: int
    hlc: int
    region: str


class Use(msgspec.Struct, frozen=True, array_like=True):
    """What one client did with one manifest, added up over about a second.

    `is_pull`: it fetched the manifest, else it only asked for it (HEAD).
    `tag` is the tag that it asked by, None for a digest: every use by a tag is
    a resolution of that tag too.
    """

    repository: str
    digest: Digest
    tag: str | None
    is_pull: bool
    principal: str
    address: str
    agent: str
    count: int
    credential: str = ""
    """What it logged in with, and no secret."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One fact. Fields that do not apply keep their default."""

    type: str
    """An `EventType`, or a `kernel.changes.Change`."""
    id: Ulid
    occurred_at: Milliseconds
    origin: str
    cause: Cause = Cause.USER
    project: str = ""
    repository: str = ""
    tag: str | None = None
    digest: Digest | None = None
    subject: Digest | None = None
    media_type: str | None = None
    artifact_type: str | None = None
    size: int | None = None
    version: Version | None = None
    previous_version: Version | None = None
    previous_digest: Digest | None = None
    principal: str = ""
    address: str = ""
    agent: str = ""
    request_id: str = ""
    mode: str | None = None
    """Of `MODE_CHANGED`, which is about the project, or about the whole registry where there is none."""
    previous_mode: str | None = None
    reason: str = ""
    source: str = ""
    """Of `BLOB_MOUNTED`: the repository that the blob was in."""
    object: str = ""
    """Of a change: what was changed, such as `robot:team-ci`."""
    before: Any = None
    """Of a change: what it was before, as plain data, and after it; each None where there was nothing."""
    after: Any = None
    outcome: Outcome = Outcome.DONE
    credential: str = ""
    """What the principal logged in with, and no secret (`Principal.credential`)."""
    provider: str = ""
    """Who vouched for the principal; empty for Entrepot itself."""
    on_behalf_of: str = ""
    """Whom the principal acted for, where that is somebody else; records name break-glass access here too."""
    count: int = 1
    """How many times it happened, one right after the other."""
    uses: tuple[Use, ...] = ()
    """Of `CONTENT_USED`: many uses in one event, each with a principal, an address and an agent of its own."""
    place: tuple[int, int] = (0, 0)
    """Where it stands in the commit order (`Cursor`), once it was read from the outbox; it is not stored."""


def encode(event: Event) -> tuple[str, str]:
    """Return the event's type and its JSON, as the outbox stores them."""
    return str(event.type), msgspec.json.encode(event).decode()


def decode(row: OutboxRow) -> Event:
    """Read an event back from the outbox."""
    event = msgspec.json.decode(row.payload, type=Event)
    msgspec.structs.force_setattr(event, "place", row.cursor)
    return event


def event_data(event: Event) -> dict[str, Any]:
    """Return the event as plain data for webhooks, streams and audit exports."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    data.pop("place", None)
    return data
