# SPDX-License-Identifier: Apache-2.0
"""Blobs, the objects that hold their bytes, and the links by which repositories hold them.

A blob is *here* for a repository when its link is not hidden and its content has
a live object in the repository's store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertIfAbsent
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.store.tombstones import bury
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories

DIGESTS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class LinkedBlob:
    """A blob that is here for a repository, and where its bytes are."""

    repo_id: RepositoryId
    store_id: StoreId
    digest: Digest
    size: int
    object_key: ObjectKey
    lease_until: Milliseconds
    leased_by: str
    namespace: str
    large_config: Digest | None
    """Its digest again if it is a configuration of a manifest there, and not so small as to be streamed for that."""

    @property
    def is_large_config(self) -> bool:
        """Whether it is streamed for being a configuration."""
        return self.large_config is not None


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Bytes that have just become a complete object."""

    digest: Digest
    size: int
    store_id: StoreId
    object_key: ObjectKey
    stored_size: int
    sealed_key: SealedKey | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who relies on a blob that no manifest uses yet, and until when."""

    holder: str
    until: Milliseconds


_LARGE_CONFIG = (
    select(func.min(manifest_blobs.c.large_config))
    .where(manifest_blobs.c.repo_id == repo_blobs.c.repo_id, manifest_blobs.c.large_config == repo_blobs.c.digest)
    .correlate(repo_blobs)
    .scalar_subquery()
)


def _here() -> Select[Any]:
    live = and_(
        objects.c.digest == repo_blobs.c.digest,
        objects.c.store_id == repositories.c.store_id,
        objects.c.state == "live",
    )
    return (
        select(
            repositories.c.id,
            repositories.c.store_id,
            repo_blobs.c.digest,
            blobs.c.size,
            objects.c.object_key,
            repo_blobs.c.lease_until,
            repo_blobs.c.leased_by,
            repositories.c.namespace,
            _LARGE_CONFIG,
        )
        .select_from(repositories)
        .join(repo_blobs, and_(repo_blobs.c.repo_id == repositories.c.id, repo_blobs.c.hidden_at.is_(None)))
        .join(blobs, blobs.c.digest == repo_blobs.c.digest)
        .join(objects, live)
    )


_FIND = Prepared(
    _here().where(repositories.c.name == bindparam("name"), repo_blobs.c.digest == bindparam("digest")),
    "name",
    "digest",
)

_HERE = (
    _here()
    .where(repositories.c.id == bindparam("repo_id"), repo_blobs.c.digest.in_(bindparam("digests", expanding=True)))
    .order_by(repo_blobs.c.digest)
    .with_for_update(of=repo_blobs, key_share=True, read=True)
)

_HOLDERS = (
    select(repositories.c.name)
    .join(repo_blobs, repo_blobs.c.repo_id == repositories.c.id)
    .where(
        repo_blobs.c.digest == bindparam("digest"),
        repo_blobs.c.hidden_at.is_(None),
        repositories.c.store_id == bindparam("store_id"),
    )
    .limit(bindparam("limit"))
)

_LIVE_OBJECT = Prepared(
    select(objects.c.object_key).where(
        objects.c.digest == bindparam("digest"),
        objects.c.store_id == bindparam("store_id"),
        objects.c.state == "live",
    ),
    "digest",
    "store_id",
)

_OBJECT = Prepared(select(objects.c.state).where(objects.c.object_key == bindparam("object_key")), "object_key")

_LOCK_BLOB = Prepared(
    select(blobs.c.size).where(blobs.c.digest == bindparam("digest")).with_for_update(key_share=True, read=True),
    "digest",
)

_INSERT_BLOB = InsertIfAbsent(blobs, "digest", "size", "first_seen")
_INSERT_LINK = InsertIfAbsent(repo_blobs, "repo_id", "digest", "linked_at", "lease_until", "leased_by")
_INSERT_OBJECT = Prepared(
    insert(objects),
    "object_key",
    "digest",
    "store_id",
    "state",
    "stored_size",
    "key_id",
    "wrapped_key",
    "created_at",
)
_TAKE_MISSING = (
    delete(objects)
    .where(
        objects.c.digest == bindparam("digest"),
        objects.c.store_id == bindparam("store_id"),
        objects.c.state == "missing",
    )
    .returning(objects.c.object_key, objects.c.stored_size, objects.c.created_at)
)

_LIVE_USER = (
    select(manifest_blobs.c.manifest)
    .join(
        manifests,
        and_(manifests.c.repo_id == manifest_blobs.c.repo_id, manifests.c.digest == manifest_blobs.c.manifest),
    )
    .where(
        manifest_blobs.c.repo_id == bindparam("repo_id"),
        manifest_blobs.c.digest == bindparam("digest"),
        manifests.c.deleted_at.is_(None),
    )
    .limit(bindparam("limit"))
)


def find(connection: Connection, name: RepositoryName, digest: Digest) -> LinkedBlob | None:
    """Return the blob if it is here for the repository of that name."""
    row = _FIND.first(connection, name, digest)
    return None if row is None else _linked(row)


def here(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, LinkedBlob]:
    """Return those of `digests` that are here, locking their links against removal until the transaction ends."""
    found: dict[Digest, LinkedBlob] = {}
    for start in range(0, len(digests), DIGESTS_PER_STATEMENT):
        some = digests[start : start + DIGESTS_PER_STATEMENT]
        for row in connection.execute(_HERE, {"repo_id": repo_id, "digests": some}):
            found[row.digest] = _linked(row)
    return found


def holders(connection: Connection, digest: Digest, store_id: StoreId, limit: int) -> list[RepositoryName]:
    """Return up to `limit` repositories of that store that hold the blob."""
    return list(connection.execute(_HOLDERS, {"digest": digest, "store_id": store_id, "limit": limit}).scalars())


def keep(connection: Connection, stored: StoredBlob, now: Milliseconds) -> None:
    """Record that content exists and where; bytes that were already here become a tombstone at once.

    So do objects whose bytes were missing, now that others take their place.
    A blob row that the collector removes between the two statements is inserted
    again: on return, the row is locked against removal until the transaction ends.
    """
    while True:
        is_new = _INSERT_BLOB.run(connection, stored.digest, stored.size, now)
        if _LOCK_BLOB.first(connection, stored.digest) is not None:
            break
    if live_object(connection, stored.digest, stored.store_id) is None:
        place = (stored.object_key, stored.digest, stored.store_id, "live", stored.stored_size)
        sealed = stored.sealed_key
        key = (None, None) if sealed is None else (sealed.key_id, sealed.wrapped)
        _INSERT_OBJECT.run(connection, *place, *key, now)
        if not is_new:
            _bury_missing(connection, stored.digest, stored.store_id, now)
    else:
        duplicate = DeadObject(stored.object_key, stored.store_id, stored.stored_size, Reason.DUPLICATE)
        bury(connection, [duplicate], stored.digest, now)


def adopt(connection: Connection, stored: StoredBlob, now: Milliseconds) -> bool:
    """Record content that was there before Entrepot, unless the store has it already; False if it cannot be that.

    It cannot where the blob is known to have another size, or the object's bytes were lost or wrong when last seen.
    """
    while True:
        _INSERT_BLOB.run(connection, stored.digest, stored.size, now)
        known = _LOCK_BLOB.first(connection, stored.digest)
        if known is not None:
            break
    if live_object(connection, stored.digest, stored.store_id) is not None:
        return True
    if known[0] != stored.size or _OBJECT.first(connection, stored.object_key) is not None:
        return False
    place = (stored.object_key, stored.digest, stored.store_id, "live", stored.stored_size)
    _INSERT_OBJECT.run(connection, *place, None, None, now)
    return True


def live_object(connection: Connection, digest: Digest, store_id: StoreId) -> ObjectKey | None:
    """Return the key under which the store has the blob's bytes."""
    row = _LIVE_OBJECT.first(connection, digest, store_id)
    return None if row is None else ObjectKey(row[0])


def link(connection: Connection, repo_id: RepositoryId, digest: Digest, lease: Lease, now: Milliseconds) -> bool:
    """Give the repository the blob under a lease, unhiding it; tell whether the link is new.

    A link that the collector removes between the two statements is inserted again.
    """
    while True:
        if _INSERT_LINK.run(connection, repo_id, digest, now, lease.until, lease.holder):
            return True
        if _prolong(connection, repo_id, digest, lease, hidden_at=None):
            return False


def extend_lease(connection: Connection, blob: LinkedBlob, lease: Lease) -> bool:
    """Let the lease end at `lease.until` at the earliest; False when the link has gone meanwhile."""
    return _prolong(connection, blob.repo_id, blob.digest, lease) == 1


def hide(connection: Connection, repo_id: RepositoryId, digest: Digest, now: Milliseconds) -> None:
    """Make the link invisible; its bytes stay as long as a manifest, even a deleted one, uses them."""
    connection.execute(
        update(repo_blobs)
        .where(repo_blobs.c.repo_id == repo_id, repo_blobs.c.digest == digest)
        .values(hidden_at=now, lease_until=now)
    )


def live_users(connection: Connection, repo_id: RepositoryId, digest: Digest, limit: int) -> list[Digest]:
    """Return up to `limit` manifests of the repository, not deleted, that list the blob."""
    return list(connection.execute(_LIVE_USER, {"repo_id": repo_id, "digest": digest, "limit": limit}).scalars())


def mark_missing(connection: Connection, object_key: ObjectKey) -> None:
    """Record that an object's bytes are gone, so that the next upload of the blob heals it."""
    connection.execute(update(objects).where(objects.c.object_key == object_key).values(state="missing"))


def _bury_missing(connection: Connection, digest: Digest, store_id: StoreId, now: Milliseconds) -> None:
    taken = connection.execute(_TAKE_MISSING, {"digest": digest, "store_id": store_id}).all()
    dead = [
        DeadObject(row.object_key, store_id, row.stored_size, Reason.DAMAGED, since=row.created_at) for row in taken
    ]
    bury(connection, dead, digest, now)


def _linked(row: Sequence[Any]) -> LinkedBlob:
    return LinkedBlob(*row)


def _prolong(connection: Connection, repo_id: RepositoryId, digest: Digest, lease: Lease, **others: None) -> int:
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    prolonged = (
        update(repo_blobs)
        .where(repo_blobs.c.repo_id == repo_id, repo_blobs.c.digest == digest)
        .values(lease_until=later(repo_blobs.c.lease_until, lease.until), leased_by=lease.holder, **others)
    )
    return connection.execute(prolonged).rowcount
