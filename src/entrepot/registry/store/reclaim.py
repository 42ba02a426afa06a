# SPDX-License-Identifier: Apache-2.0
"""What the collector reads and removes. Each removal first locks its row, then asks in another statement who needs it.

The foreign keys of `registry/tables.py` stand behind these questions: what is
needed after all cannot be removed (docs/explanation/collection.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.store.tombstones import bury
from entrepot.registry.tables import blobs
from entrepot.registry.tables import holds
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories


class Holder(StrEnum):
    """What keeps content that somebody wanted to be gone."""

    PARENT = "index"
    """An index that has the manifest as a child, deleted or not."""
    MANIFEST = "manifest"
    """A manifest of the same repository, deleted or not."""
    LEASE = "lease"
    """A push that has not ended, or has not been given up."""
    HOLD = "hold"
    """A hold that somebody placed, or a former value of a tag."""
    RUNNING = "running"
    """A cluster that said that it runs it."""
    REPOSITORY = "repository"
    """A link of another repository."""


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps something, and which one of them: a digest where it is a manifest of the same repository.

    Of a hold that somebody placed, and of a cluster, what is said of it.
    """

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
class LeasedLink:
    """A link and when its lease ended."""

    lease_until: Milliseconds
    repo_id: RepositoryId
    digest: Digest


_LIMIT = bindparam("limit", type_=Integer)
_ONE = literal(1, Integer)
_NOW = bindparam("now", type_=BigInteger)
_GIVEN_REPO, _GIVEN_DIGEST = bindparam("repo_id", type_=BigInteger), bindparam("digest", type_=String)
_IS_HELD_NOW = or_(holds.c.until.is_(None), holds.c.until > _NOW)

_DOOMED = Prepared(
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
    .limit(_LIMIT),
    "now",
    "after",
    "repo_id",
    "digest",
    "limit",
)
_LOCK_DOOMED = Prepared(
    select(manifests.c.digest)
    .where(
        manifests.c.repo_id == _GIVEN_REPO,
        manifests.c.digest == _GIVEN_DIGEST,
        manifests.c.deleted_at.is_not(None),
        manifests.c.purge_after <= _NOW,
    )
    .with_for_update(skip_locked=True),
    "repo_id",
    "digest",
    "now",
)
_PARENT = Prepared(
    select(manifest_children.c.parent)
    .where(manifest_children.c.repo_id == _GIVEN_REPO, manifest_children.c.child == _GIVEN_DIGEST)
    .limit(_ONE),
    "repo_id",
    "digest",
)
_HOLD = Prepared(
    select(holds.c.id)
    .where(
        or_(holds.c.repo_id == _GIVEN_REPO, holds.c.repo_id.is_(None)), holds.c.digest == _GIVEN_DIGEST, _IS_HELD_NOW
    )
    .limit(_ONE),
    "repo_id",
    "digest",
    "now",
)
_LINKS_OF = Prepared(
    select(manifest_blobs.c.link).where(
        manifest_blobs.c.repo_id == _GIVEN_REPO, manifest_blobs.c.manifest == _GIVEN_DIGEST
    ),
    "repo_id",
    "digest",
)
"""Those that are null are left out by whoever reads it: asked to, SQLite would look at all links of the repository."""
_LINKS_OF_ALL = select(manifest_blobs.c.link).where(
    manifest_blobs.c.repo_id == _GIVEN_REPO,
    manifest_blobs.c.manifest.in_(bindparam("digests", expanding=True)),
)
_PURGE = Prepared(
    delete(manifests).where(manifests.c.repo_id == _GIVEN_REPO, manifests.c.digest == _GIVEN_DIGEST),
    "repo_id",
    "digest",
)

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
_LOCK_LINK = Prepared(
    select(repo_blobs.c.lease_until, blobs.c.size, repositories.c.name)
    .join(blobs, blobs.c.digest == repo_blobs.c.digest)
    .join(repositories, repositories.c.id == repo_blobs.c.repo_id)
    .where(repo_blobs.c.repo_id == _GIVEN_REPO, repo_blobs.c.digest == _GIVEN_DIGEST)
    .with_for_update(of=repo_blobs),
    "repo_id",
    "digest",
)
_USER = Prepared(
    select(manifest_blobs.c.manifest)
    .where(manifest_blobs.c.repo_id == _GIVEN_REPO, manifest_blobs.c.link == _GIVEN_DIGEST)
    .limit(_ONE),
    "repo_id",
    "digest",
)
_UNLINK = Prepared(
    delete(repo_blobs).where(repo_blobs.c.repo_id == _GIVEN_REPO, repo_blobs.c.digest == _GIVEN_DIGEST),
    "repo_id",
    "digest",
)

_LOCK_BLOB = Prepared(select(blobs.c.size).where(blobs.c.digest == _GIVEN_DIGEST).with_for_update(), "digest")
_LINK = Prepared(select(repo_blobs.c.repo_id).where(repo_blobs.c.digest == _GIVEN_DIGEST).limit(_ONE), "digest")
_HOLD_ANYWHERE = Prepared(
    select(holds.c.id).where(holds.c.repo_id.is_(None), holds.c.digest == _GIVEN_DIGEST, _IS_HELD_NOW).limit(_ONE),
    "digest",
    "now",
)
_OBJECTS = Prepared(
    select(
        objects.c.object_key, objects.c.store_id, objects.c.state, objects.c.stored_size, objects.c.created_at
    ).where(objects.c.digest == _GIVEN_DIGEST),
    "digest",
)
_REMOVE_OBJECTS = Prepared(delete(objects).where(objects.c.digest == _GIVEN_DIGEST), "digest")
_REMOVE_BLOB = Prepared(delete(blobs).where(blobs.c.digest == _GIVEN_DIGEST), "digest")

_ENDED_HOLDS = select(holds.c.id).where(holds.c.until <= _NOW).limit(_LIMIT)
_DROP_HOLDS = delete(holds).where(holds.c.id.in_(bindparam("ids", expanding=True)))


def doomed(connection: Connection, now: Milliseconds, after: Doomed | None, limit: int) -> list[Doomed]:
    """Return manifests of the bin whose time is over, in the order of their times, those behind `after`."""
    place = (after.purge_after, after.repo_id, after.digest) if after else (-1, -1, "")
    return [Doomed(*row) for row in _DOOMED.all(connection, now, *place, limit)]


def lock_doomed(connection: Connection, manifest: Doomed, now: Milliseconds) -> bool:
    """Lock a manifest; tell whether it is still to be purged and nobody else is at it."""
    return _LOCK_DOOMED.first(connection, manifest.repo_id, manifest.digest, now) is not None


def holder_of_manifest(connection: Connection, manifest: Doomed, now: Milliseconds) -> Held | None:
    """Return what still needs a manifest that is locked."""
    parent = _PARENT.first(connection, manifest.repo_id, manifest.digest)
    if parent is not None:
        return Held(Holder.PARENT, parent[0])
    return Held(Holder.HOLD) if _HOLD.first(connection, manifest.repo_id, manifest.digest, now) else None


def purge(connection: Connection, manifest: Doomed) -> list[Digest]:
    """Remove a manifest that is locked, and what it referred to with it; return the blobs it held."""
    links = _LINKS_OF.all(connection, manifest.repo_id, manifest.digest)
    held = [Digest(link) for (link,) in links if link is not None]
    _PURGE.run(connection, manifest.repo_id, manifest.digest)
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
    place = (after.lease_until, after.repo_id, after.digest) if after else (-1, -1, "")
    values = dict(zip(("after", "repo_id", "digest"), place, strict=True))
    found = connection.execute(_ENDED_LEASES, {"now": now, "limit": limit, **values})
    return [(LeasedLink(row.lease_until, row.repo_id, row.digest), bool(row.is_used)) for row in found]


@dataclass(frozen=True, slots=True)
class LockedLink:
    """A link that nobody else changes until the transaction ends."""

    lease_until: Milliseconds
    size: int
    repository: RepositoryName


def lock_link(connection: Connection, repo_id: RepositoryId, digest: Digest) -> LockedLink | None:
    """Lock a link, None if there is none."""
    row = _LOCK_LINK.first(connection, repo_id, digest)
    return None if row is None else LockedLink(*row)


def holder_of_link(
    connection: Connection, repo_id: RepositoryId, digest: Digest, link: LockedLink, now: Milliseconds
) -> Held | None:
    """Return what still needs a link that is locked."""
    user = _USER.first(connection, repo_id, digest)
    if user is not None:
        return Held(Holder.MANIFEST, user[0])
    if link.lease_until > now:
        return Held(Holder.LEASE)
    return Held(Holder.HOLD) if _HOLD.first(connection, repo_id, digest, now) else None


def unlink(connection: Connection, repo_id: RepositoryId, digest: Digest) -> None:
    """Remove a link that is locked."""
    _UNLINK.run(connection, repo_id, digest)


def lock_blob(connection: Connection, digest: Digest) -> int | None:
    """Lock a blob and return its size in bytes, None if it is not there."""
    row = _LOCK_BLOB.first(connection, digest)
    return None if row is None else int(row[0])


def holder_of_blob(connection: Connection, digest: Digest, now: Milliseconds) -> Held | None:
    """Return what still needs a blob that is locked."""
    if _LINK.first(connection, digest) is not None:
        return Held(Holder.REPOSITORY)
    return Held(Holder.HOLD) if _HOLD_ANYWHERE.first(connection, digest, now) else None


def remove_blob(connection: Connection, digest: Digest, reason: Reason, delete_after: Milliseconds) -> list[DeadObject]:
    """Remove a blob that is locked; those of its objects that become tombstones are returned.

    What the storage still has of an object that went missing is not known.
    """
    taken = _OBJECTS.all(connection, digest)
    _REMOVE_OBJECTS.run(connection, digest)
    _REMOVE_BLOB.run(connection, digest)
    dead = [
        DeadObject(ObjectKey(key), StoreId(store_id), stored_size, reason if state == "live" else Reason.DAMAGED, since)
        for key, store_id, state, stored_size, since in taken
    ]
    return bury(connection, dead, digest, delete_after)


def drop_ended_holds(connection: Connection, now: Milliseconds, limit: int) -> int:
    """Forget holds that have ended; return how many."""
    ids = list(connection.execute(_ENDED_HOLDS, {"now": now, "limit": limit}).scalars())
    if ids:
        connection.execute(_DROP_HOLDS, {"ids": ids})
    return len(ids)
