# SPDX-License-Identifier: Apache-2.0
"""What else goes when an artifact goes: what only waits for it, or shares blobs with it and is over by then."""

from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store.collection_queue import Queued
from entrepot.registry.store.reclaim import Doomed
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tables import holds
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories

_BY_THEN = bindparam("by_then", type_=BigInteger)
_REPO = bindparam("repo_id", type_=BigInteger)
_DIGESTS: BindParameter[Digest] = bindparam("digests", expanding=True)

_OVER = (
    select(manifests.c.purge_after, manifests.c.repo_id, manifests.c.digest, manifests.c.size, repositories.c.name)
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(manifests.c.purge_after <= _BY_THEN)
)
"""What is in the bin until then. If it were asked for `deleted_at` too, SQLite would look at all of the bin."""
_OVER_HERE = _OVER.where(manifests.c.repo_id == _REPO)
_CHILDREN = _OVER_HERE.where(
    manifests.c.digest.in_(
        select(manifest_children.c.child).where(
            manifest_children.c.repo_id == _REPO, manifest_children.c.parent.in_(_DIGESTS)
        )
    )
)
_PARENTS = _OVER_HERE.where(
    manifests.c.digest.in_(
        select(manifest_children.c.parent).where(
            manifest_children.c.repo_id == _REPO, manifest_children.c.child.in_(_DIGESTS)
        )
    )
)
_USING = (
    select(manifest_blobs.c.repo_id, manifest_blobs.c.manifest)
    .join(
        repo_blobs, and_(repo_blobs.c.repo_id == manifest_blobs.c.repo_id, repo_blobs.c.digest == manifest_blobs.c.link)
    )
    .where(repo_blobs.c.digest.in_(_DIGESTS))
    .distinct()
    .subquery()
)
_USERS = _OVER.join(_USING, and_(_USING.c.repo_id == manifests.c.repo_id, _USING.c.manifest == manifests.c.digest))
_IDLE_LINKS = select(repo_blobs.c.repo_id, repo_blobs.c.digest).where(
    repo_blobs.c.digest.in_(_DIGESTS),
    repo_blobs.c.lease_until <= _BY_THEN,
    ~exists().where(manifest_blobs.c.repo_id == repo_blobs.c.repo_id, manifest_blobs.c.link == repo_blobs.c.digest),
)
_SIZE = select(manifests.c.size).where(manifests.c.repo_id == _REPO, manifests.c.digest == bindparam("digest"))
_DROP_HISTORY = delete(holds).where(
    holds.c.kind == "history",
    holds.c.repo_id == _REPO,
    holds.c.digest.in_(_DIGESTS),
)
_END_LEASES = (
    update(repo_blobs)
    .where(
        repo_blobs.c.repo_id == bindparam("in_repo", type_=BigInteger),
        repo_blobs.c.digest.in_(_DIGESTS),
        repo_blobs.c.lease_until > bindparam("ended"),
    )
    .values(lease_until=bindparam("ended"))
)


def waiting_children(
    connection: Connection, repo_id: RepositoryId, parents: Collection[Digest], by_then: Milliseconds
) -> list[Doomed]:
    """Return children of indexes that are in the bin themselves, and whose own time is over by then."""
    return _found(connection.execute(_CHILDREN, {"repo_id": repo_id, "digests": list(parents), "by_then": by_then}))


def waiting_parents(
    connection: Connection, repo_id: RepositoryId, children: Collection[Digest], by_then: Milliseconds
) -> list[Doomed]:
    """Return indexes of the bin that have any of `children`, and whose time is over by then."""
    return _found(connection.execute(_PARENTS, {"repo_id": repo_id, "digests": list(children), "by_then": by_then}))


def waiting_users(connection: Connection, blobs: Collection[Digest], by_then: Milliseconds) -> list[Doomed]:
    """Return manifests of the bins of all repositories that hold any of `blobs`, and whose time is over by then."""
    return _found(connection.execute(_USERS, {"digests": list(blobs), "by_then": by_then}))


def idle_links(connection: Connection, blobs: Collection[Digest], by_then: Milliseconds) -> list[Queued]:
    """Return the links of all repositories to `blobs` that no manifest uses and no lease protects by then."""
    found = connection.execute(_IDLE_LINKS, {"digests": list(blobs), "by_then": by_then})
    return [Queued(row.repo_id, row.digest, Reason.PURGED) for row in found]


def size_of(connection: Connection, repo_id: RepositoryId, digest: Digest) -> int:
    """Return the size of a manifest of a repository, in the bin or not, in bytes."""
    return int(connection.execute(_SIZE, {"repo_id": repo_id, "digest": digest}).scalar_one())


def give_up_history(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest]) -> None:
    """Let former values of tags be lost: they hold these manifests no longer."""
    connection.execute(_DROP_HISTORY, {"repo_id": repo_id, "digests": list(digests)})


def end_leases(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], ended: Milliseconds) -> None:
    """Let no lease protect the links of a repository to `digests` after a moment."""
    connection.execute(_END_LEASES, {"in_repo": repo_id, "digests": list(digests), "ended": ended})


def _found(rows: Iterable[Any]) -> list[Doomed]:
    return [Doomed(*row) for row in rows]
