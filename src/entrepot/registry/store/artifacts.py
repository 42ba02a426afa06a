# SPDX-License-Identifier: Apache-2.0
"""Read models for whoever shows artifacts: what the push path does not need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """A manifest that is not deleted, without its bytes; `size` is theirs. `pushed_by` is `kind:name`."""

    repo_id: RepositoryId
    digest: Digest
    media_type: str
    artifact_type: str | None
    size: int
    subject: Digest | None
    pushed_at: Milliseconds
    pushed_by: str


class Place(NamedTuple):
    """Where a manifest stands in the order of all."""

    repo_id: RepositoryId
    digest: Digest


BEGINNING = Place(RepositoryId(0), Digest(""))
"""Before the first manifest."""

END = Place(RepositoryId(2**63 - 1), Digest(""))
"""Behind the last one."""

PARENTS_PER_STATEMENT = 500

_FIND = (
    select(*(manifests.c[field] for field in StoredManifest.__slots__))
    .select_from(repositories)
    .join(manifests, and_(manifests.c.repo_id == repositories.c.id, manifests.c.deleted_at.is_(None)))
    .where(repositories.c.name == bindparam("name"), manifests.c.digest == bindparam("digest"))
)

# Ordered by SQLite, this would walk all tags of the repository instead of those of the manifest.
_TAGS_OF = (
    select(tags.c.name)
    .where(tags.c.repo_id == bindparam("repo_id"), tags.c.digest == bindparam("digest"))
    .limit(bindparam("limit"))
)

_CHILDREN_HERE = (
    select(manifest_children.c.child_digest)
    .outerjoin(
        manifests,
        and_(
            manifests.c.repo_id == manifest_children.c.repo_id,
            manifests.c.digest == manifest_children.c.child,
            manifests.c.deleted_at.is_(None),
        ),
    )
    .outerjoin(
        manifest_blobs,
        and_(
            manifest_blobs.c.repo_id == manifest_children.c.repo_id,
            manifest_blobs.c.manifest == manifest_children.c.parent,
            manifest_blobs.c.digest == manifest_children.c.child_digest,
        ),
    )
    .outerjoin(
        repo_blobs,
        and_(
            repo_blobs.c.repo_id == manifest_blobs.c.repo_id,
            repo_blobs.c.digest == manifest_blobs.c.link,
            repo_blobs.c.hidden_at.is_(None),
        ),
    )
    .where(
        manifest_children.c.repo_id == bindparam("repo_id"),
        manifest_children.c.parent == bindparam("parent"),
        or_(manifests.c.digest.is_not(None), repo_blobs.c.digest.is_not(None)),
    )
)

_CHILDREN = select(manifest_children.c.parent, manifest_children.c.child).where(
    manifest_children.c.repo_id == bindparam("repo_id"),
    manifest_children.c.parent.in_(bindparam("parents", expanding=True)),
    manifest_children.c.child.is_not(None),
)

_PARENTS = (
    select(manifest_children.c.parent)
    .join(
        manifests,
        and_(manifests.c.repo_id == manifest_children.c.repo_id, manifests.c.digest == manifest_children.c.parent),
    )
    .where(
        manifest_children.c.repo_id == bindparam("repo_id"),
        manifest_children.c.child_digest == bindparam("digest"),
        manifests.c.deleted_at.is_(None),
    )
    .limit(bindparam("limit"))
)

_PLACE = tuple_(manifests.c.repo_id, manifests.c.digest)
_BEHIND = tuple_(bindparam("repo_id"), bindparam("digest")) < _PLACE
_STEP = (
    select(manifests.c.repo_id, manifests.c.digest)
    .where(_BEHIND)
    .order_by(manifests.c.repo_id, manifests.c.digest)
    .offset(bindparam("step"))
    .limit(1)
)
_BETWEEN = (
    select(repositories.c.name, manifests.c.digest)
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(
        _BEHIND,
        tuple_(bindparam("last_repo_id"), bindparam("last_digest")) >= _PLACE,
        manifests.c.deleted_at.is_(None),
    )
)


def find(connection: Connection, name: RepositoryName, digest: Digest) -> StoredManifest | None:
    """Return the manifest of that digest."""
    row = connection.execute(_FIND, {"name": name, "digest": digest}).first()
    return None if row is None else StoredManifest(*row)


def tags_of(connection: Connection, repo_id: RepositoryId, digest: Digest, limit: int) -> list[TagName]:
    """Return up to `limit` tags that point at the manifest, in bytewise order."""
    values = {"repo_id": repo_id, "digest": digest, "limit": limit}
    return sorted(connection.execute(_TAGS_OF, values).scalars())


def children_here(connection: Connection, repo_id: RepositoryId, parent: Digest) -> set[Digest]:
    """Return the children of an index that are in the repository, as manifests or as blobs, and not deleted."""
    return set(connection.execute(_CHILDREN_HERE, {"repo_id": repo_id, "parent": parent}).scalars())


def children_of(connection: Connection, repo_id: RepositoryId, parents: Sequence[Digest]) -> dict[Digest, list[Digest]]:
    """Return the manifests that each index among `parents` lists, of those that are, or were, in the repository."""
    found: dict[Digest, list[Digest]] = {}
    for start in range(0, len(parents), PARENTS_PER_STATEMENT):
        values = {"repo_id": repo_id, "parents": parents[start : start + PARENTS_PER_STATEMENT]}
        for parent, child in connection.execute(_CHILDREN, values):
            found.setdefault(parent, []).append(child)
    return found


def parents_of(connection: Connection, repo_id: RepositoryId, digest: Digest, limit: int) -> list[Digest]:
    """Return up to `limit` indexes, not deleted, that list the digest, sorted."""
    values = {"repo_id": repo_id, "digest": digest, "limit": limit}
    return sorted(connection.execute(_PARENTS, values).scalars())


def step(connection: Connection, place: Place, count: int) -> Place:
    """Return the place `count` manifests behind `place`, deleted ones counted; `END` when there are fewer."""
    values = {"repo_id": place.repo_id, "digest": place.digest, "step": count - 1}
    row = connection.execute(_STEP, values).first()
    return END if row is None else Place(*row)


def without(
    connection: Connection, known: Select[tuple[str]], after: Place, last: Place
) -> list[tuple[RepositoryName, Digest]]:
    """Return the manifests behind `after` up to `last` whose digest `known` does not select, in any order."""
    values = {"repo_id": after.repo_id, "digest": after.digest}
    values |= {"last_repo_id": last.repo_id, "last_digest": last.digest}
    is_known = known.where(known.selected_columns[0] == manifests.c.digest).correlate(manifests).exists()
    return [(row.name, row.digest) for row in connection.execute(_BETWEEN.where(~is_known), values)]
