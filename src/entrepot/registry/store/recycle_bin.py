# SPDX-License-Identifier: Apache-2.0
"""The bin: deleted manifests, which come back whole until they are purged.

A deletion has an id. Everything that went with it, a subject's referrers and
their fallback tags, carries that id and comes back together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tags import Change
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import tags

SEALED = Milliseconds(0)
"""The `purge_after` of what is never restored, though it is not purged yet."""


@dataclass(frozen=True, slots=True)
class Binned:
    """A manifest in the bin, byte-exact, and the deletion that put it there."""

    payload: bytes
    media_type: str
    deletion_id: str


_CONTENT = select(manifests.c.payload, manifests.c.media_type, manifests.c.deletion_id).where(
    manifests.c.repo_id == bindparam("repo_id"),
    manifests.c.digest == bindparam("digest"),
    manifests.c.deleted_at.is_not(None),
)

_REFERRERS = select(manifests.c.digest).where(
    manifests.c.repo_id == bindparam("repo_id"),
    manifests.c.subject == bindparam("subject"),
    manifests.c.deleted_at.is_(None),
)

_subject = manifests.alias("subject_manifest")
_PARTS = (
    select(manifests.c.digest)
    .join(
        manifest_children,
        and_(
            manifest_children.c.repo_id == manifests.c.repo_id,
            manifest_children.c.child == manifests.c.digest,
        ),
    )
    .outerjoin(
        _subject,
        and_(
            _subject.c.repo_id == manifests.c.repo_id,
            _subject.c.digest == manifests.c.subject,
            _subject.c.deleted_at.is_(None),
        ),
    )
    .where(
        manifest_children.c.repo_id == bindparam("repo_id"),
        manifest_children.c.parent == bindparam("parent"),
        manifests.c.deleted_at.is_(None),
        _subject.c.digest.is_(None),
    )
)

_PREFIXED_TAGS = (
    select(tags.c.name)
    .where(
        tags.c.repo_id == bindparam("repo_id"),
        tags.c.name >= bindparam("prefix"),
        tags.c.name < bindparam("behind"),
        tags.c.digest.is_not(None),
    )
    .order_by(tags.c.name)
)

_LIVE_PARENTS = (
    select(manifest_children.c.parent)
    .join(
        manifests,
        and_(manifests.c.repo_id == manifest_children.c.repo_id, manifests.c.digest == manifest_children.c.parent),
    )
    .where(
        manifest_children.c.repo_id == bindparam("repo_id"),
        manifest_children.c.child == bindparam("digest"),
        manifests.c.deleted_at.is_(None),
    )
    .limit(1)
)

_THROW = (
    update(manifests)
    .where(
        manifests.c.repo_id == bindparam("in_repo"),
        manifests.c.digest == bindparam("of_digest"),
        manifests.c.deleted_at.is_(None),
    )
    .values(
        deleted_at=bindparam("now"),
        deletion_id=bindparam("deletion"),
        purge_after=bindparam("purge"),
        deleted_by=bindparam("actor"),
    )
)


def live_parts(connection: Connection, repo_id: RepositoryId, parent: Digest) -> list[Digest]:
    """Return the manifests, not deleted, that an index holds and that refer to nothing that is there."""
    return list(connection.execute(_PARTS, {"repo_id": repo_id, "parent": parent}).scalars())


def live_referrers(connection: Connection, repo_id: RepositoryId, subject: Digest) -> list[Digest]:
    """Return the manifests, not deleted, whose subject this is."""
    return list(connection.execute(_REFERRERS, {"repo_id": repo_id, "subject": subject}).scalars())


def tags_starting_with(connection: Connection, repo_id: RepositoryId, prefix: str) -> list[TagName]:
    """Return the tags whose name begins with `prefix`."""
    values = {"repo_id": repo_id, "prefix": prefix, "behind": prefix[:-1] + chr(ord(prefix[-1]) + 1)}
    return list(connection.execute(_PREFIXED_TAGS, values).scalars())


def has_live_parent(connection: Connection, repo_id: RepositoryId, digest: Digest) -> bool:
    """Tell whether an index that is not deleted holds the manifest."""
    return connection.execute(_LIVE_PARENTS, {"repo_id": repo_id, "digest": digest}).first() is not None


def purge_times(
    connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]
) -> dict[Digest, Milliseconds | None]:
    """Return those of `digests` that have not been purged, with when they will be: None for one outside the bin."""
    query = select(manifests.c.digest, manifests.c.purge_after).where(
        manifests.c.repo_id == repo_id, manifests.c.digest.in_(digests)
    )
    return {row.digest: row.purge_after for row in connection.execute(query)}


def content(connection: Connection, repo_id: RepositoryId, digest: Digest) -> Binned:
    """Return a manifest that is in the bin."""
    row = connection.execute(_CONTENT, {"repo_id": repo_id, "digest": digest}).one()
    return Binned(bytes(row.payload), row.media_type, row.deletion_id or "")


def throw(connection: Connection, repo_id: RepositoryId, digest: Digest, change: Change) -> bool:
    """Put a manifest into the bin, as part of the deletion that the change belongs to; tell whether it was outside."""
    values = {
        "in_repo": repo_id,
        "of_digest": digest,
        "now": change.now,
        "deletion": change.deletion_id,
        "purge": change.restorable_until,
        "actor": change.actor,
    }
    return connection.execute(_THROW, values).rowcount == 1


def holds_referrer(connection: Connection, repo_id: RepositoryId, digest: Digest) -> bool:
    """Tell whether this is a deleted manifest that names a subject."""
    query = select(manifests.c.subject).where(
        manifests.c.repo_id == repo_id, manifests.c.digest == digest, manifests.c.deleted_at.is_not(None)
    )
    return connection.execute(query).scalar() is not None


def deleted_together(connection: Connection, repo_id: RepositoryId, deletion_id: str) -> list[Digest]:
    """Return what `thrown_together` does, without keeping anybody from purging it."""
    return list(connection.execute(_together(repo_id, deletion_id)).scalars())


def thrown_together(connection: Connection, repo_id: RepositoryId, deletion_id: str) -> list[Digest]:
    """Return the manifests that one deletion put into the bin and that are still there and not sealed.

    None of them is purged until the transaction ends.
    """
    query = _together(repo_id, deletion_id).with_for_update(read=True, key_share=True)
    return list(connection.execute(query).scalars())


def _together(repo_id: RepositoryId, deletion_id: str) -> Select[Any]:
    return select(manifests.c.digest).where(
        manifests.c.repo_id == repo_id, manifests.c.deletion_id == deletion_id, manifests.c.purge_after != SEALED
    )


def take_out(
    connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest], now: Milliseconds
) -> list[Digest]:
    """Take manifests out of the bin and unhide the blobs they hold; return those blobs."""
    unhidden: list[Digest] = []
    for start in range(0, len(digests), 500):
        some = digests[start : start + 500]
        connection.execute(
            update(manifests)
            .where(manifests.c.repo_id == repo_id, manifests.c.digest.in_(some))
            .values(deleted_at=None, deletion_id=None, purge_after=None, deleted_by=None, restored_at=now)
        )
        held = select(manifest_blobs.c.link).where(
            manifest_blobs.c.repo_id == repo_id, manifest_blobs.c.manifest.in_(some)
        )
        unhide = (
            update(repo_blobs)
            .where(repo_blobs.c.repo_id == repo_id, repo_blobs.c.digest.in_(held), repo_blobs.c.hidden_at.is_not(None))
            .values(hidden_at=None)
            .returning(repo_blobs.c.digest)
        )
        unhidden += connection.execute(unhide).scalars()
    return unhidden


def end_window(
    connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest], until: Milliseconds
) -> dict[Digest, int]:
    """Let manifests of the bin be purged from `until` on; return their sizes in bytes."""
    ended = (
        update(manifests)
        .where(manifests.c.repo_id == repo_id, manifests.c.digest.in_(digests), manifests.c.deleted_at.is_not(None))
        .values(purge_after=until)
        .returning(manifests.c.digest, manifests.c.size)
    )
    return {row.digest: row.size for row in connection.execute(ended)}
