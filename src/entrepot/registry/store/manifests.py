# SPDX-License-Identifier: Apache-2.0
"""Manifests, byte-exact, and what they refer to."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.storage.interface import STREAMED_BYTES
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import Manifest
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
    """A manifest that was pushed before; one in the bin has a `deletion_id`, and stays until `purge_after`."""

    digest: Digest
    is_deleted: bool
    deletion_id: str | None
    purge_after: Milliseconds | None


_ROW = [manifests.c[field] for field in ManifestRow.__slots__]
_IN_REPOSITORY = and_(manifests.c.repo_id == repositories.c.id, manifests.c.deleted_at.is_(None))

_BY_DIGEST = Prepared(
    select(*_ROW)
    .select_from(repositories)
    .join(manifests, _IN_REPOSITORY)
    .where(repositories.c.name == bindparam("name"), manifests.c.digest == bindparam("digest")),
    "name",
    "digest",
)

_BY_TAG = Prepared(
    select(*_ROW)
    .select_from(repositories)
    .join(tags, tags.c.repo_id == repositories.c.id)
    .join(manifests, and_(_IN_REPOSITORY, manifests.c.digest == tags.c.digest))
    .where(repositories.c.name == bindparam("name"), tags.c.name == bindparam("tag")),
    "name",
    "tag",
)

_PAYLOAD = Prepared(
    select(manifests.c.payload).where(
        manifests.c.repo_id == bindparam("repo_id"), manifests.c.digest == bindparam("digest")
    ),
    "repo_id",
    "digest",
)

_EXISTING = select(
    manifests.c.digest, manifests.c.deleted_at.is_not(None), manifests.c.deletion_id, manifests.c.purge_after
).where(manifests.c.repo_id == bindparam("repo_id"), manifests.c.digest.in_(bindparam("digests", expanding=True)))

_LOCK = (
    select(manifests.c.digest, manifests.c.deleted_at.is_not(None), manifests.c.deletion_id, manifests.c.purge_after)
    .where(manifests.c.repo_id == bindparam("repo_id"), manifests.c.digest == bindparam("digest"))
    .with_for_update(read=True, key_share=True)
)

_INSERT = Prepared(insert(manifests), *NewManifest.__slots__)
_INSERT_BLOBS = Prepared(insert(manifest_blobs), "repo_id", "manifest", "digest", "link", "large_config")
_INSERT_CHILDREN = Prepared(insert(manifest_children), "repo_id", "parent", "child_digest", "child")

_ADOPT_CHILD = Prepared(
    update(manifest_children)
    .where(
        manifest_children.c.repo_id == bindparam("in_repo"),
        manifest_children.c.child_digest == bindparam("arrived"),
        manifest_children.c.child.is_(None),
    )
    .values(child=bindparam("arrived")),
    "in_repo",
    "arrived",
)

_ADOPT_BLOB = Prepared(
    update(manifest_blobs)
    .where(
        manifest_blobs.c.repo_id == bindparam("in_repo"),
        manifest_blobs.c.digest == bindparam("arrived"),
        manifest_blobs.c.link.is_(None),
    )
    .values(link=bindparam("arrived")),
    "in_repo",
    "arrived",
)

_WAITING_PARENTS = select(
    manifest_children.c.repo_id,
    manifest_children.c.parent,
    manifest_children.c.child_digest,
    manifest_children.c.child_digest.label("link"),
).where(
    manifest_children.c.repo_id == bindparam("in_repo"),
    manifest_children.c.child_digest == bindparam("arrived"),
    manifest_children.c.child.is_(None),
)
_FIRST_WAITING_PARENT = Prepared(_WAITING_PARENTS, "in_repo", "arrived")


def by_digest(connection: Connection, name: RepositoryName, digest: Digest) -> ManifestRow | None:
    """Return the manifest of that digest."""
    row = _BY_DIGEST.first(connection, name, digest)
    return None if row is None else ManifestRow(*row)


def by_tag(connection: Connection, name: RepositoryName, tag: TagName) -> ManifestRow | None:
    """Return the manifest that the tag points at now."""
    row = _BY_TAG.first(connection, name, tag)
    return None if row is None else ManifestRow(*row)


def payload(connection: Connection, repo_id: RepositoryId, digest: Digest) -> bytes | None:
    """Return a manifest's bytes as they were pushed."""
    row = _PAYLOAD.first(connection, repo_id, digest)
    return None if row is None else bytes(row[0])


def existing(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, Existing]:
    """Return those of `digests` that the repository has, deleted ones too."""
    found: dict[Digest, Existing] = {}
    for start in range(0, len(digests), 500):
        values = {"repo_id": repo_id, "digests": digests[start : start + 500]}
        for row in connection.execute(_EXISTING, values):
            found[row.digest] = Existing(*row)
    return found


def lock(connection: Connection, repo_id: RepositoryId, digest: Digest) -> Existing | None:
    """Return a manifest that the repository has, deleted or not; it is not purged until the transaction ends."""
    row = connection.execute(_LOCK, {"repo_id": repo_id, "digest": digest}).first()
    return None if row is None else Existing(*row)


def add(connection: Connection, manifest: NewManifest) -> None:
    """Insert a manifest that the repository does not have."""
    _INSERT.run(connection, *(getattr(manifest, field) for field in NewManifest.__slots__))


def add_blobs(
    connection: Connection,
    repo_id: RepositoryId,
    manifest: Digest,
    linked: Iterable[Digest],
    waiting: Iterable[Digest],
    config: Digest | None = None,
) -> None:
    """Record the blobs a manifest lists: those it holds from now on, and those that have not arrived.

    `config` is the one among them that `large_config` names.
    """
    links: list[tuple[Digest, Digest | None]] = [(digest, digest) for digest in linked]
    links += [(digest, None) for digest in waiting]
    rows = [(repo_id, manifest, digest, link, digest if digest == config else None) for digest, link in links]
    _INSERT_BLOBS.run_all(connection, rows)


def large_config(manifest: Manifest) -> Digest | None:
    """Return the configuration of a manifest if its size is no reason to stream it."""
    config = manifest.config
    return config.digest if config is not None and config.size > STREAMED_BYTES else None


def add_children(connection: Connection, repo_id: RepositoryId, parent: Digest, children: dict[Digest, bool]) -> None:
    """Record the descriptors of an index; the value says whether the child is a manifest that is here."""
    rows = [(repo_id, parent, digest, digest if is_here else None) for digest, is_here in children.items()]
    _INSERT_CHILDREN.run_all(connection, rows)


def adopt_manifest(connection: Connection, repo_id: RepositoryId, digest: Digest) -> None:
    """Let the indexes that waited for this manifest hold it."""
    _ADOPT_CHILD.run(connection, repo_id, digest)


def adopt_blob(connection: Connection, repo_id: RepositoryId, digest: Digest) -> bool:
    """Let the manifests that waited for this blob hold it, as layer or as child of an index; tell whether any did."""
    is_adopted = _ADOPT_BLOB.run(connection, repo_id, digest) > 0
    if _FIRST_WAITING_PARENT.first(connection, repo_id, digest) is None:
        return is_adopted
    columns = ["repo_id", "manifest", "digest", "link"]
    statement = dialect_insert(connection, manifest_blobs).from_select(columns, _WAITING_PARENTS)
    added = connection.execute(statement.on_conflict_do_nothing(), {"in_repo": repo_id, "arrived": digest})
    return is_adopted or added.rowcount > 0
