# SPDX-License-Identifier: Apache-2.0
"""What belongs to a manifest right now: its children, what refers to it, and the tags derived from its digest.

Of the bin nothing counts: what was deleted is nobody's to copy.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.reference import TagName
from entrepot.registry.store.lineage import portions
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

TAGS_PER_STATEMENT = 50
"""Each takes a search of its own in the index of tags."""


@dataclass(frozen=True, slots=True)
class Node:
    """A manifest that is not deleted, without its bytes."""

    digest: Digest
    media_type: str
    artifact_type: str | None
    subject: Digest | None
    size: int


_NODE = select(
    manifests.c.digest, manifests.c.media_type, manifests.c.artifact_type, manifests.c.subject, manifests.c.size
).where(manifests.c.repo_id == bindparam("repo_id"), manifests.c.deleted_at.is_(None))
_NODES = _NODE.where(manifests.c.digest.in_(bindparam("some", expanding=True)))
_REFERRERS = _NODE.where(manifests.c.subject.in_(bindparam("some", expanding=True))).limit(bindparam("limit"))
_CHILDREN = (
    select(manifest_children.c.parent, manifest_children.c.child_digest)
    .where(
        manifest_children.c.repo_id == bindparam("repo_id"),
        manifest_children.c.parent.in_(bindparam("some", expanding=True)),
    )
    .limit(bindparam("limit"))
)
_BLOBS = (
    select(manifest_blobs.c.manifest, manifest_blobs.c.digest, blobs.c.size)
    .join(blobs, blobs.c.digest == manifest_blobs.c.digest)
    .where(
        manifest_blobs.c.repo_id == bindparam("repo_id"),
        manifest_blobs.c.manifest.in_(bindparam("some", expanding=True)),
    )
)
_HELD = (
    select(repo_blobs.c.digest)
    .distinct()
    .join(repositories, repositories.c.id == repo_blobs.c.repo_id)
    .where(
        repositories.c.namespace == bindparam("of_namespace"),
        repo_blobs.c.hidden_at.is_(None),
        repo_blobs.c.digest.in_(bindparam("some", expanding=True)),
    )
)


def nodes(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest]) -> dict[Digest, Node]:
    """Return those of `digests` that are manifests of the repository."""
    return {each.digest: each for some in portions(sorted(digests)) for each in _run(connection, repo_id, some)}


def referrers(connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], limit: int) -> list[Node]:
    """Return manifests that name one of `digests` as their subject, at most `limit`."""
    found: list[Node] = []
    for some in portions(sorted(digests)):
        values = {"repo_id": repo_id, "some": some, "limit": limit - len(found)}
        found += [Node(*row) for row in connection.execute(_REFERRERS, values)]
    return found


def children(
    connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], limit: int
) -> list[tuple[Digest, Digest]]:
    """Return each index among `digests` with each digest that it lists, here or not; at most `limit` of them."""
    found: list[tuple[Digest, Digest]] = []
    for some in portions(sorted(digests)):
        values = {"repo_id": repo_id, "some": some, "limit": limit - len(found)}
        found += [(row.parent, row.child_digest) for row in connection.execute(_CHILDREN, values)]
    return found


def derived_tags(
    connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], limit: int
) -> dict[TagName, Digest]:
    """Return tags named after one of `digests`, such as `sha256-<hex>.sig`, and what each points at; about `limit`."""
    found: dict[TagName, Digest] = {}
    prefixes = sorted({referrers_tag(digest) for digest in digests})
    for start in range(0, len(prefixes), TAGS_PER_STATEMENT):
        some = prefixes[start : start + TAGS_PER_STATEMENT]
        # Behind the prefix itself, names go on with a dot; the slash is the character after that.
        named = or_(*(and_(tags.c.name >= each, tags.c.name < f"{each}/") for each in some))
        query = select(tags.c.name, tags.c.digest).where(tags.c.repo_id == repo_id, tags.c.digest.is_not(None), named)
        query = query.limit(max(0, limit - len(found)))
        found |= {name: digest for name, digest in connection.execute(query) if subject_of_fallback_tag(name)}
    return found


def blobs_of(
    connection: Connection, repo_id: RepositoryId, digests: Collection[Digest]
) -> Iterator[tuple[Digest, Digest, int]]:
    """Yield each manifest among `digests` with each blob that it lists and that is known, and how large that is."""
    for some in portions(sorted(digests)):
        for row in connection.execute(_BLOBS, {"repo_id": repo_id, "some": some}).all():
            yield row.manifest, row.digest, row.size


def held_in_namespace(connection: Connection, namespace: str, digests: Collection[Digest]) -> set[Digest]:
    """Return those of these blobs that some repository of the namespace holds."""
    found: set[Digest] = set()
    for some in portions(sorted(digests)):
        found.update(connection.execute(_HELD, {"of_namespace": namespace, "some": some}).scalars())
    return found


def _run(connection: Connection, repo_id: RepositoryId, some: Sequence[Digest]) -> list[Node]:
    return [Node(*row) for row in connection.execute(_NODES, {"repo_id": repo_id, "some": some})]
