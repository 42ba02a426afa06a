# SPDX-License-Identifier: Apache-2.0
"""What the collector reads and removes. Each removal first locks its row, then asks in another statement who needs it.

The foreign keys of `registry/tables.py` stand behind these questions: what is
needed after all cannot be removed (docs/explanation/collection.md).
"""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.store.tombstones import bury
from entrepot.registry.tables import blobs
from entrepot.registry.tables import collection_queue
from entrepot.registry.tables import holds
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories

NOWHERE = RepositoryId(0)
"""Where a blob is queued, which belongs to no repository."""


class Holder(StrEnum):
    """What keeps content that somebody wanted to be gone."""

    PARENT = "index"
    """An index that has the manifest as a child, deleted or not."""
    MANIFEST = "manifest"
    """A manifest of the same repository, deleted or not."""
    LEASE = "lease"
    """A push that has not ended, or has not been given up."""
    HOLD = "hold"
    """A hold: a former value of a tag, a pin, a backup, a legal hold."""
    REPOSITORY = "repository"
    """A link of another repository."""


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps something, and which one of them: a digest where it is a manifest of the same repository."""

    by: Holder
    name: str = ""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A manifest in the bin whose time is over."""

    purge_after: Milliseconds
    repo_id: RepositoryId
    digest: Digest
    size: int
    repository: RepositoryName


@dataclass(frozen=True, slots=True)
class Queued:
    """Something that may have lost its last use."""

    repo_id: RepositoryId
    digest: Digest
    reason: Reason


@dataclass(frozen=True, slots=True)
class LeasedLink:
    """A link and when its lease ended."""

    lease_until: Milliseconds
    repo_id: RepositoryId
    digest: Digest


_LIMIT = bindparam("limit", type_=Integer)
_NOW = bindparam("now", type_=BigInteger)
_GIVEN_REPO, _GIVEN_DIGEST = bindparam("repo_id", type_=BigInteger), bindparam("digest", type_=String)
_IS_HELD_NOW = or_(holds.c.until.is_(None), holds.c.until > _NOW)

_DOOMED = (
    select(
        manifests.c.purge_after,
        manifests.c.repo_id,
        manifests.c.digest,
        manifests.c.size,
        repositories.c.name,
    )
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(
        manifests.c.deleted_at.is_not(None),
        manifests.c.purge_after <= _NOW,
        tuple_(manifests.c.purge_after, manifests.c.repo_id, manifests.c.digest)
        > tuple_(bindparam("after", type_=BigInteger), _GIVEN_REPO, _GIVEN_DIGEST),
    )
    .order_by(manifests.c.purge_after, manifests.c.repo_id, manifests.c.digest)
    .limit(_LIMIT)
)
_LOCK_DOOMED = (
    select(manifests.c.digest)
    .where(
        manifests.c.repo_id == _GIVEN_REPO,
        manifests.c.digest == _GIVEN_DIGEST,
        manifests.c.deleted_at.is_not(None),
        manifests.c.purge_after <= _NOW,
    )
    .with_for_update(skip_locked=True)
)
_PARENT = (
    select(manifest_children.c.parent)
    .where(manifest_children.c.repo_id == _GIVEN_REPO, manifest_children.c.child == _GIVEN_DIGEST)
    .limit(1)
)
_IS_HELD = select(
    exists().where(
        or_(holds.c.repo_id == _GIVEN_REPO, holds.c.repo_id.is_(None)), holds.c.digest == _GIVEN_DIGEST, _IS_HELD_NOW
    )
)
_LINKS_OF = select(manifest_blobs.c.link).where(
    manifest_blobs.c.repo_id == _GIVEN_REPO,
    manifest_blobs.c.manifest == _GIVEN_DIGEST,
)
_LINKS_OF_ALL = select(manifest_blobs.c.link).where(
    manifest_blobs.c.repo_id == _GIVEN_REPO,
    manifest_blobs.c.manifest.in_(bindparam("digests", expanding=True)),
)
_PURGE = delete(manifests).where(manifests.c.repo_id == _GIVEN_REPO, manifests.c.digest == _GIVEN_DIGEST)

_ENDED_LEASES = (
    select(
        repo_blobs.c.lease_until,
        repo_blobs.c.repo_id,
        repo_blobs.c.digest,
        exists()
        .where(manifest_blobs.c.repo_id == repo_blobs.c.repo_id, manifest_blobs.c.link == repo_blobs.c.digest)
        .label("is_used"),
    )
    .where(
        repo_blobs.c.lease_until <= _NOW,
        tuple_(repo_blobs.c.lease_until, repo_blobs.c.repo_id, repo_blobs.c.digest)
        > tuple_(bindparam("after", type_=BigInteger), _GIVEN_REPO, _GIVEN_DIGEST),
    )
    .order_by(repo_blobs.c.lease_until, repo_blobs.c.repo_id, repo_blobs.c.digest)
    .limit(_LIMIT)
)
_TAKE = (
    select(collection_queue.c.repo_id, collection_queue.c.digest, collection_queue.c.reason)
    .where(collection_queue.c.kind == bindparam("kind"), collection_queue.c.not_before <= _NOW)
    .order_by(collection_queue.c.not_before)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_TAKE_SOME = _TAKE.where(collection_queue.c.digest.in_(bindparam("digests", expanding=True)))
_FORGET = delete(collection_queue).where(
    collection_queue.c.kind == bindparam("of_kind"),
    collection_queue.c.repo_id == bindparam("in_repo"),
    collection_queue.c.digest == bindparam("of_digest"),
)
_POSTPONE = (
    update(collection_queue)
    .where(
        collection_queue.c.kind == bindparam("of_kind"),
        collection_queue.c.repo_id == bindparam("in_repo"),
        collection_queue.c.digest == bindparam("of_digest"),
    )
    .values(not_before=bindparam("until"))
)

_LOCK_LINK = (
    select(repo_blobs.c.lease_until, blobs.c.size, repositories.c.name)
    .join(blobs, blobs.c.digest == repo_blobs.c.digest)
    .join(repositories, repositories.c.id == repo_blobs.c.repo_id)
    .where(repo_blobs.c.repo_id == _GIVEN_REPO, repo_blobs.c.digest == _GIVEN_DIGEST)
    .with_for_update(of=repo_blobs)
)
_USER = (
    select(manifest_blobs.c.manifest)
    .where(manifest_blobs.c.repo_id == _GIVEN_REPO, manifest_blobs.c.link == _GIVEN_DIGEST)
    .limit(1)
)
_UNLINK = delete(repo_blobs).where(repo_blobs.c.repo_id == _GIVEN_REPO, repo_blobs.c.digest == _GIVEN_DIGEST)

_LOCK_BLOB = select(blobs.c.size).where(blobs.c.digest == _GIVEN_DIGEST).with_for_update()
_IS_LINKED = select(exists().where(repo_blobs.c.digest == _GIVEN_DIGEST))
_IS_HELD_ANYWHERE = select(exists().where(holds.c.repo_id.is_(None), holds.c.digest == _GIVEN_DIGEST, _IS_HELD_NOW))
_TAKE_OBJECTS = (
    delete(objects)
    .where(objects.c.digest == _GIVEN_DIGEST)
    .returning(objects.c.object_key, objects.c.store_id, objects.c.state, objects.c.stored_size)
)
_REMOVE_BLOB = delete(blobs).where(blobs.c.digest == _GIVEN_DIGEST)

_ENDED_HOLDS = select(holds.c.id).where(holds.c.until <= _NOW).limit(_LIMIT)
_DROP_HOLDS = delete(holds).where(holds.c.id.in_(bindparam("ids", expanding=True)))


def doomed(connection: Connection, now: Milliseconds, after: Doomed | None, limit: int) -> list[Doomed]:
    """Return manifests of the bin whose time is over, in the order of their times, those behind `after`."""
    place = (after.purge_after, after.repo_id, after.digest) if after else (-1, NOWHERE, "")
    values = dict(zip(("after", "repo_id", "digest"), place, strict=True))
    return [Doomed(*row) for row in connection.execute(_DOOMED, {"now": now, "limit": limit, **values})]


def lock_doomed(connection: Connection, manifest: Doomed, now: Milliseconds) -> bool:
    """Lock a manifest; tell whether it is still to be purged and nobody else is at it."""
    values = {"repo_id": manifest.repo_id, "digest": manifest.digest, "now": now}
    return connection.execute(_LOCK_DOOMED, values).first() is not None


def holder_of_manifest(connection: Connection, manifest: Doomed, now: Milliseconds) -> Held | None:
    """Return what still needs a manifest that is locked."""
    values = {"repo_id": manifest.repo_id, "digest": manifest.digest}
    parent = connection.execute(_PARENT, values).scalar()
    if parent is not None:
        return Held(Holder.PARENT, parent)
    return Held(Holder.HOLD) if connection.execute(_IS_HELD, values | {"now": now}).scalar() else None


def purge(connection: Connection, manifest: Doomed) -> list[Digest]:
    """Remove a manifest that is locked, and what it referred to with it; return the blobs it held."""
    values = {"repo_id": manifest.repo_id, "digest": manifest.digest}
    held = [link for link in connection.execute(_LINKS_OF, values).scalars() if link is not None]
    connection.execute(_PURGE, values)
    return held


def links_of_all(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest]) -> set[Digest]:
    """Return the blobs that manifests of a repository hold."""
    values = {"repo_id": repo_id, "digests": list(digests)}
    return {link for link in connection.execute(_LINKS_OF_ALL, values).scalars() if link is not None}


def ended_leases(
    connection: Connection, now: Milliseconds, after: LeasedLink | None, limit: int
) -> list[tuple[LeasedLink, bool]]:
    """Return links whose lease has ended, in the order in which they did, those behind `after`.

    Each with whether a manifest uses it, deleted or not.
    """
    place = (after.lease_until, after.repo_id, after.digest) if after else (-1, NOWHERE, "")
    values = dict(zip(("after", "repo_id", "digest"), place, strict=True))
    found = connection.execute(_ENDED_LEASES, {"now": now, "limit": limit, **values})
    return [(LeasedLink(row.lease_until, row.repo_id, row.digest), bool(row.is_used)) for row in found]


def enqueue(connection: Connection, kind: str, queued: Sequence[Queued], now: Milliseconds) -> None:
    """Have the collector look at these; one that is queued already is looked at when it is due first."""
    if not queued:
        return
    statement = dialect_insert(connection, collection_queue)
    earliest = func.min if connection.dialect.name == "sqlite" else func.least
    sooner = earliest(collection_queue.c.not_before, statement.excluded.not_before)
    upsert = statement.on_conflict_do_update(index_elements=["kind", "repo_id", "digest"], set_={"not_before": sooner})
    rows = [
        {"kind": kind, "repo_id": each.repo_id, "digest": each.digest, "not_before": now, "reason": each.reason}
        for each in sorted(queued, key=lambda each: (each.repo_id, each.digest))
    ]
    connection.execute(upsert, rows)


def take(
    connection: Connection, kind: str, now: Milliseconds, limit: int, among: Collection[Digest] | None = None
) -> list[Queued]:
    """Return what is due, those of `among` only if given; nobody else takes it until the transaction ends."""
    values = {"kind": kind, "now": now, "limit": limit}
    if among is not None:
        found = connection.execute(_TAKE_SOME, values | {"digests": list(among)})
    else:
        found = connection.execute(_TAKE, values)
    return [Queued(row.repo_id, row.digest, Reason(row.reason)) for row in found]


def forget(connection: Connection, kind: str, queued: Queued) -> None:
    """Take something from the queue: it is gone, or somebody needs it and says so when that ends."""
    connection.execute(_FORGET, {"of_kind": kind, "in_repo": queued.repo_id, "of_digest": queued.digest})


def postpone(connection: Connection, kind: str, queued: Queued, until: Milliseconds) -> None:
    """Look at something again later."""
    values = {"of_kind": kind, "in_repo": queued.repo_id, "of_digest": queued.digest, "until": until}
    connection.execute(_POSTPONE, values)


@dataclass(frozen=True, slots=True)
class LockedLink:
    """A link that nobody else changes until the transaction ends."""

    lease_until: Milliseconds
    size: int
    repository: RepositoryName


def lock_link(connection: Connection, repo_id: RepositoryId, digest: Digest) -> LockedLink | None:
    """Lock a link, None if there is none."""
    row = connection.execute(_LOCK_LINK, {"repo_id": repo_id, "digest": digest}).first()
    return None if row is None else LockedLink(*row)


def holder_of_link(
    connection: Connection, repo_id: RepositoryId, digest: Digest, link: LockedLink, now: Milliseconds
) -> Held | None:
    """Return what still needs a link that is locked."""
    values = {"repo_id": repo_id, "digest": digest}
    user = connection.execute(_USER, values).scalar()
    if user is not None:
        return Held(Holder.MANIFEST, user)
    if link.lease_until > now:
        return Held(Holder.LEASE)
    return Held(Holder.HOLD) if connection.execute(_IS_HELD, values | {"now": now}).scalar() else None


def unlink(connection: Connection, repo_id: RepositoryId, digest: Digest) -> None:
    """Remove a link that is locked."""
    connection.execute(_UNLINK, {"repo_id": repo_id, "digest": digest})


def lock_blob(connection: Connection, digest: Digest) -> int | None:
    """Lock a blob and return its size in bytes, None if it is not there."""
    size: int | None = connection.execute(_LOCK_BLOB, {"digest": digest}).scalar()
    return size


def holder_of_blob(connection: Connection, digest: Digest, now: Milliseconds) -> Held | None:
    """Return what still needs a blob that is locked."""
    if connection.execute(_IS_LINKED, {"digest": digest}).scalar():
        return Held(Holder.REPOSITORY)
    held = connection.execute(_IS_HELD_ANYWHERE, {"digest": digest, "now": now}).scalar()
    return Held(Holder.HOLD) if held else None


def remove_blob(connection: Connection, digest: Digest, reason: Reason, delete_after: Milliseconds) -> list[DeadObject]:
    """Remove a blob that is locked; its objects become tombstones, which are returned.

    What the storage still has of an object that went missing is not known.
    """
    taken = connection.execute(_TAKE_OBJECTS, {"digest": digest}).all()
    connection.execute(_REMOVE_BLOB, {"digest": digest})
    dead = [
        DeadObject(row.object_key, row.store_id, row.stored_size, reason if row.state == "live" else Reason.DAMAGED)
        for row in taken
    ]
    bury(connection, dead, digest, delete_after)
    return dead


def drop_ended_holds(connection: Connection, now: Milliseconds, limit: int) -> int:
    """Forget holds that have ended; return how many."""
    ids = list(connection.execute(_ENDED_HOLDS, {"now": now, "limit": limit}).scalars())
    if ids:
        connection.execute(_DROP_HOLDS, {"ids": ids})
    return len(ids)
