# SPDX-License-Identifier: Apache-2.0
"""All that a repository has at one moment: its artifacts, its tags, and what they are to each other.

Read as a whole by what judges every tag, such as retention; lists for people have pages.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags


@dataclass(frozen=True, slots=True)
class HeldManifest:
    """A manifest that is not deleted; `subject` is what it refers to, None where that is not there."""

    digest: Digest
    pushed_at: Milliseconds
    restored_at: Milliseconds | None
    """When it came back from the bin last."""
    size: int
    media_type: str
    artifact_type: str | None
    subject: Digest | None


@dataclass(frozen=True, slots=True)
class SetTag:
    """A tag, and since when it points at a manifest."""

    name: TagName
    digest: Digest
    set_at: Milliseconds


_REPO = bindparam("repo_id", type_=BigInteger)
# No table is joined to itself here: without figures of its size a database may go through it once for each row.
_PARTS = select(manifest_children.c.parent, manifest_children.c.child).where(
    manifest_children.c.repo_id == _REPO, manifest_children.c.child.is_not(None)
)
_MANIFESTS = (
    select(
        manifests.c.digest,
        manifests.c.pushed_at,
        manifests.c.restored_at,
        manifests.c.size,
        manifests.c.media_type,
        manifests.c.artifact_type,
        manifests.c.subject,
    )
    .where(manifests.c.repo_id == _REPO, manifests.c.deleted_at.is_(None))
    .order_by(manifests.c.digest)
)
_TAGS = (
    select(tags.c.name, tags.c.digest, tags.c.updated_at)
    .where(tags.c.repo_id == _REPO, tags.c.digest.is_not(None))
    .order_by(tags.c.name)
)
_TAG = _TAGS.where(tags.c.name == bindparam("tag"))
_LEFT = (
    select(tag_history.c.previous_digest, func.max(tag_history.c.changed_at))
    .where(tag_history.c.repo_id == _REPO, tag_history.c.previous_digest.is_not(None))
    .group_by(tag_history.c.previous_digest)
)


def manifests_of(connection: Connection, repo_id: RepositoryId) -> list[HeldManifest]:
    """Return the manifests of a repository, by digest."""
    rows = connection.execute(_MANIFESTS, {"repo_id": repo_id}).all()
    there = {row.digest for row in rows}
    return [HeldManifest(*row[:-1], row.subject if row.subject in there else None) for row in rows]


def parts_of(connection: Connection, repo_id: RepositoryId) -> list[tuple[Digest, Digest]]:
    """Return each index that a repository has or had, with each of the manifests it holds that are or were here."""
    return [(parent, child) for parent, child in connection.execute(_PARTS, {"repo_id": repo_id})]


def tags_of(connection: Connection, repo_id: RepositoryId) -> list[SetTag]:
    """Return the tags of a repository, by name."""
    return [SetTag(*row) for row in connection.execute(_TAGS, {"repo_id": repo_id})]


def tag_of(connection: Connection, repo_id: RepositoryId, name: TagName) -> SetTag | None:
    """Return a tag, unless it is deleted."""
    row = connection.execute(_TAG, {"repo_id": repo_id, "tag": name}).one_or_none()
    return None if row is None else SetTag(*row)


def left_by_tags(connection: Connection, repo_id: RepositoryId) -> dict[Digest, Milliseconds]:
    """Return when a tag last turned from a manifest to another, or was deleted, as far as the history goes."""
    return {digest: Milliseconds(at) for digest, at in connection.execute(_LEFT, {"repo_id": repo_id})}
