# SPDX-License-Identifier: Apache-2.0
"""Manifests, byte-exact, and what they refer to."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What is known of a manifest that is not deleted, without its bytes."""

    repo_id: RepositoryId
    digest: Digest
    media_type: str
    artifact_type: str | None
    size: int
    subject: Digest | None


@dataclass(frozen=True, slots=True)
class NewManifest:
    """A manifest as it is pushed."""

    repo_id: RepositoryId
    digest: Digest
    media_type: str
    artifact_type: str | None
    payload: bytes
    size: int
    subject: Digest | None
    referrer_descriptor: str | None
    pushed_at: Milliseconds
    pushed_by: str


@dataclass(frozen=True, slots=True)
class Existing:
    """A manifest that was pushed before; `deletion_id` names the deletion that put it into the bin."""

    digest: Digest
    is_deleted: bool
    deletion_id: str | None


_ROW = [manifests.c[field] for field in ManifestRow.__slots__]
_IN_REPOSITORY = and_(manifests.c.repo_id == repositories.c.id, manifests.c.deleted_at.is_(None))

_BY_DIGEST = (
    select(*_ROW)
    .select_from(repositories)
    .join(manifests, _IN_REPOSITORY)
    .where(repositories.c.name == bindparam("name"), manifests.c.digest == bindparam("digest"))
)

_BY_TAG = (
    select(*_ROW)
    .select_from(repositories)
    .join(tags, tags.c.repo_id == repositories.c.id)
    .join(manifests, and_(_IN_REPOSITORY, manifests.c.digest == tags.c.digest))
    .where(repositories.c.name == bindparam("name"), tags.c.name == bindparam("tag"))
)

_PAYLOAD = select(manifests.c.payload).where(
    manifests.c.repo_id == bindparam("repo_id"), manifests.c.digest == bindparam("digest")
)

_EXISTING = select(manifests.c.digest, manifests.c.deleted_at.is_not(None), manifests.c.deletion_id).where(
    manifests.c.repo_id == bindparam("repo_id"), manifests.c.digest.in_(bindparam("digests", expanding=True))
)

_INSERT = insert(manifests)
_INSERT_BLOBS = insert(manifest_blobs)
_INSERT_CHILDREN = insert(manifest_children)

_ADOPT_CHILD = (
    update(manifest_children)
    .where(
        manifest_children.c.repo_id == bindparam("in_repo"),
        manifest_children.c.child_digest == bindparam("arrived"),
        manifest_children.c.child.is_(None),
    )
    .values(child=bindparam("arrived"))
)

_ADOPT_BLOB = (
    update(manifest_blobs)
    .where(
        manifest_blobs.c.repo_id == bindparam("in_repo"),
        manifest_blobs.c.digest == bindparam("arrived"),
        manifest_blobs.c.link.is_(None),
    )
    .values(link=bindparam("arrived"))
)


def by_digest(connection: Connection, name: RepositoryName, digest: Digest) -> ManifestRow | None:
    """Return the manifest of that digest."""
    row = connection.execute(_BY_DIGEST, {"name": name, "digest": digest}).first()
    return None if row is None else ManifestRow(*row)


def by_tag(connection: Connection, name: RepositoryName, tag: TagName) -> ManifestRow | None:
    """Return the manifest that the tag points at now."""
    row = connection.execute(_BY_TAG, {"name": name, "tag": tag}).first()
    return None if row is None else ManifestRow(*row)


def payload(connection: Connection, repo_id: RepositoryId, digest: Digest) -> bytes | None:
    """Return a manifest's bytes as they were pushed."""
    row = connection.execute(_PAYLOAD, {"repo_id": repo_id, "digest": digest}).first()
    return None if row is None else bytes(row[0])


def existing(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, Existing]:
    """Return those of `digests` that the repository has, deleted ones too."""
    found: dict[Digest, Existing] = {}
    for start in range(0, len(digests), 500):
        values = {"repo_id": repo_id, "digests": digests[start : start + 500]}
        for row in connection.execute(_EXISTING, values):
            found[row.digest] = Existing(*row)
    return found


def add(connection: Connection, manifest: NewManifest) -> None:
    """Insert a manifest that the repository does not have."""
    connection.execute(_INSERT, {field: getattr(manifest, field) for field in NewManifest.__slots__})


def add_blobs(
    connection: Connection,
    repo_id: RepositoryId,
    manifest: Digest,
    linked: Iterable[Digest],
    waiting: Iterable[Digest],
) -> None:
    """Record the blobs a manifest lists: those it holds from now on, and those that have not arrived."""
    links: list[tuple[Digest, Digest | None]] = [(digest, digest) for digest in linked]
    links += [(digest, None) for digest in waiting]
    rows = [{"repo_id": repo_id, "manifest": manifest, "digest": digest, "link": link} for digest, link in links]
    if rows:
        connection.execute(_INSERT_BLOBS, rows)


def add_children(connection: Connection, repo_id: RepositoryId, parent: Digest, children: dict[Digest, bool]) -> None:
    """Record the descriptors of an index; the value says whether the child is a manifest that is here."""
    rows = [
        {"repo_id": repo_id, "parent": parent, "child_digest": digest, "child": digest if is_here else None}
        for digest, is_here in children.items()
    ]
    if rows:
        connection.execute(_INSERT_CHILDREN, rows)


def adopt_manifest(connection: Connection, repo_id: RepositoryId, digest: Digest) -> None:
    """Let the indexes that waited for this manifest hold it."""
    connection.execute(_ADOPT_CHILD, {"in_repo": repo_id, "arrived": digest})


def adopt_blob(connection: Connection, repo_id: RepositoryId, digest: Digest) -> None:
    """Let the manifests that waited for this blob hold it, as layer or as child of an index."""
    connection.execute(_ADOPT_BLOB, {"in_repo": repo_id, "arrived": digest})
    waiting = select(
        manifest_children.c.repo_id, manifest_children.c.parent, manifest_children.c.child_digest, literal(digest)
    ).where(
        manifest_children.c.repo_id == repo_id,
        manifest_children.c.child_digest == digest,
        manifest_children.c.child.is_(None),
    )
    columns = ["repo_id", "manifest", "digest", "link"]
    statement = dialect_insert(connection, manifest_blobs).from_select(columns, waiting)
    connection.execute(statement.on_conflict_do_nothing())
