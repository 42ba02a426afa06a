# SPDX-License-Identifier: Apache-2.0
"""Which rows an event is about: what the archive reads of the database once it hears of it."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from entrepot.features.archive.models import Record
from entrepot.features.archive.store import rows
from entrepot.kernel.changes import Change
from entrepot.oci.digest import Digest
from entrepot.registry.events import Event
from entrepot.registry.events import EventType

ARRIVALS = frozenset({EventType.MANIFEST_PUSHED, EventType.MANIFEST_RESTORED})
"""What brings a manifest, with the blobs it lists."""

ABOUT_MANIFESTS = ARRIVALS | {EventType.MANIFEST_DELETED, EventType.MANIFEST_PURGED, EventType.MANIFEST_FREED}
ABOUT_TAGS = frozenset({EventType.TAG_MOVED, EventType.TAG_DELETED})
ABOUT_BLOBS = frozenset(
    {EventType.BLOB_MOUNTED, EventType.BLOB_ADOPTED, EventType.BLOB_DELETED, EventType.BLOB_DAMAGED}
)
ABOUT_LABELS = frozenset({Change.ARTIFACT_LABELLED})
ABOUT_NOTES = frozenset({Change.NOTE_WRITTEN, Change.NOTE_CHANGED, Change.NOTE_DELETED})
ABOUT_DESCRIPTIONS = frozenset({Change.DESCRIPTION_CHANGED})
DEPARTURES = frozenset({EventType.MANIFEST_PURGED, EventType.MANIFEST_FREED})
"""What takes a manifest away for good, and what was said of it."""

ABOUT_CONTENT = ABOUT_MANIFESTS | ABOUT_TAGS | ABOUT_BLOBS | {EventType.REPOSITORY_CREATED} | ABOUT_LABELS | ABOUT_NOTES

WITHOUT_EFFECT = frozenset(
    {
        Change.LOGIN_SUCCEEDED,
        Change.LOGIN_FAILED,
        Change.LOGOUT,
        Change.REQUEST_REFUSED,
        Change.JOB_STARTED,
        Change.JOB_CANCELLED,
        Change.JOB_RETRIED,
        Change.COLLECTION_PAUSED,
        Change.COLLECTION_RESUMED,
        Change.ROBOT_SECRET_ENDS,
        Change.QUOTA_REACHED,
        Change.RETENTION_RUN,
        Change.TAG_EXPIRING,
        Change.WEBHOOK_CREATED,
        Change.WEBHOOK_CHANGED,
        Change.WEBHOOK_DELETED,
        Change.WEBHOOK_ROTATED,
        Change.WEBHOOK_PAUSED,
        Change.WEBHOOK_RESUMED,
        Change.WEBHOOK_REDELIVERED,
        Change.TAG_EXPIRY_SET,
        Change.SEARCH_SAVED,
        Change.SEARCH_FORGOTTEN,
        Change.NOTIFICATION_ADDRESS_CHANGED,
        Change.NOTIFICATION_RULE_CHANGED,
        Change.NOTIFICATION_MAIL_TESTED,
        Change.COPY_STARTED,
        Change.COPY_ENDED,
        Change.COPY_CANCELLED,
        Change.COPY_FOLLOWED,
        Change.PROMOTION_REQUESTED,
        Change.PROMOTION_APPROVED,
        Change.PROMOTION_REFUSED,
        Change.PROMOTION_WITHDRAWN,
        Change.PROMOTION_EXPIRED,
        Change.PROMOTION_DONE,
        Change.PROMOTION_FAILED,
        Change.IMPORT_STARTED,
        Change.IMPORT_PAUSED,
        Change.IMPORT_RESUMED,
        Change.IMPORT_CANCELLED,
        Change.IMPORT_ENDED,
        Change.TREE_ADOPTED,
        Change.TREE_TAKEN,
        Change.IN_USE_REPORTED,
        Change.IN_USE_FORGOTTEN,
        Change.AUDIT_EXPORTED,
        Change.AUDIT_ERASED,
        Change.AUDIT_DROPPED,
        Change.AUDIT_HELD,
        Change.AUDIT_RELEASED,
        Change.AUDIT_CONTRADICTED,
        Change.AUDIT_REJECTED,
    }
    | ABOUT_LABELS
    | ABOUT_NOTES
    | ABOUT_DESCRIPTIONS
)
"""Changes that no table which is archived as a whole takes part in."""

ABOUT_RIGHTS = frozenset(Change) - WITHOUT_EFFECT | {EventType.MODE_CHANGED}
EVENT_TYPES = frozenset(str(each.value) for each in (*ABOUT_CONTENT, *ABOUT_DESCRIPTIONS, *ABOUT_RIGHTS))

Key = tuple[Any, ...]


def touched(connection: Connection, events: Sequence[Event]) -> Iterator[Record]:
    """Yield, as they are now, the rows that `events` are about, other than those about rights."""
    yield from _descriptions(connection, events)
    about = [event for event in events if event.type in ABOUT_CONTENT]
    names = sorted({event.repository for event in about})
    if not names:
        return
    yield from rows.matching(connection, "repositories", ["name"], [(name,) for name in names])
    ids = dict(rows.values(connection, "repositories", ["name", "id"], ["name"], [(name,) for name in names]))
    known = [(ids[event.repository], event) for event in about if event.repository in ids]
    manifests = _keys((repo, event.digest) for repo, event in known if event.type in ABOUT_MANIFESTS)
    yield from rows.matching(connection, "manifests", ["repo_id", "digest"], manifests)
    yield from _blobs(connection, known)
    yield from _tags(connection, known)
    for table, types in (("artifact_labels", ABOUT_LABELS), ("artifact_notes", ABOUT_NOTES)):
        said = _keys((repo, event.digest) for repo, event in known if event.type in types | DEPARTURES)
        yield from rows.matching(connection, table, ["repo_id", "digest"], said)
    held = [(repo, digest) for repo, event in known for digest in (event.digest, event.previous_digest)]
    yield from rows.matching(connection, "holds", ["repo_id", "digest"], _keys(held))


def arrived(events: Sequence[Event]) -> set[tuple[str, Digest]]:
    """Return the manifests that came, by the names of their repositories."""
    return {(event.repository, event.digest) for event in events if event.type in ARRIVALS and event.digest}


def _blobs(connection: Connection, known: Sequence[tuple[int, Event]]) -> Iterator[Record]:
    came = _keys((repo, event.digest) for repo, event in known if event.type in ARRIVALS)
    links = rows.values(connection, "manifest_blobs", ["repo_id", "digest"], ["repo_id", "manifest"], came)
    links |= {(repo, event.digest) for repo, event in known if event.type in ABOUT_BLOBS}
    digests = _keys((digest,) for _, digest in links)
    yield from rows.matching(connection, "blobs", ["digest"], digests)
    yield from rows.matching(connection, "objects", ["digest"], digests)
    yield from rows.matching(connection, "repo_blobs", ["repo_id", "digest"], _keys(links))


def _descriptions(connection: Connection, events: Sequence[Event]) -> Iterator[Record]:
    changed = [event for event in events if event.type in ABOUT_DESCRIPTIONS]
    places = [("repository", event.repository) if event.repository else ("project", event.project) for event in changed]
    yield from rows.matching(connection, "descriptions", ["kind", "name"], _keys(places))
    gone = _keys((event.project,) for event in events if event.type == Change.PROJECT_DELETED)
    yield from rows.matching(connection, "descriptions", ["project"], gone)


def _tags(connection: Connection, known: Sequence[tuple[int, Event]]) -> Iterator[Record]:
    moved = [(repo, event) for repo, event in known if event.type in ABOUT_TAGS]
    yield from rows.matching(connection, "tags", ["repo_id", "name"], _keys((repo, event.tag) for repo, event in moved))
    changes = _keys((repo, event.tag, event.version.hlc) for repo, event in moved if event.version is not None)
    yield from rows.matching(connection, "tag_history", ["repo_id", "name", "hlc"], changes)


def _keys(found: Any) -> list[Key]:
    """Return each key once, in order, but for those that lack something."""
    return sorted({tuple(key) for key in found if None not in key})
