# SPDX-License-Identifier: Apache-2.0
"""What is recorded of the tree that another registry keeps beside the objects, and what adopting it reads."""

from collections.abc import Collection
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store import collection_marks
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import blobs
from entrepot.registry.tables import objects
from entrepot.registry.tables import tags

TREE = "tree"
"""The mark that tells of it."""

DIGESTS_PER_STATEMENT = 500


class Tree(msgspec.Struct, frozen=True):
    """A tree that was adopted, and since when nobody else serves it; None while somebody may."""

    ours_since: Milliseconds | None = None


_SIZES = (
    select(blobs.c.digest, blobs.c.size)
    .join(
        objects,
        and_(
            objects.c.digest == blobs.c.digest,
            objects.c.store_id == bindparam("store_id"),
            objects.c.state == "live",
        ),
    )
    .where(blobs.c.digest.in_(bindparam("digests", expanding=True)))
)
_TAGS = select(tags.c.name, tags.c.digest, tags.c.updated_by).where(
    tags.c.repo_id == bindparam("repo_id"), tags.c.name.in_(bindparam("names", expanding=True))
)


def find(connection: Connection) -> Tree:
    """Return what is recorded of the tree."""
    return collection_marks.find(connection, TREE, Tree) or Tree()


def is_ours(connection: Connection) -> bool:
    """Tell whether nobody else serves the tree, as somebody has said: where that is not known it is not so."""
    return find(connection).ours_since is not None


def take(connection: Connection, now: Milliseconds) -> None:
    """Record that nobody else serves the tree from now on."""
    collection_marks.set_place(connection, TREE, Tree(now))


def sizes_among(connection: Connection, store_id: StoreId, digests: Collection[Digest]) -> dict[Digest, int]:
    """Return the sizes of those blobs of which the store has a live object."""
    found: dict[Digest, int] = {}
    for some in _portions(digests):
        rows = connection.execute(_SIZES, {"store_id": store_id, "digests": some})
        found.update((digest, size) for digest, size in rows)
    return found


def tags_among(
    connection: Connection, repo_id: RepositoryId, names: Collection[TagName]
) -> dict[TagName, tuple[Digest | None, str]]:
    """Return where those of the tags point that are known, deleted ones too, and who changed each last."""
    found: dict[TagName, tuple[Digest | None, str]] = {}
    for some in _portions(names):
        rows = connection.execute(_TAGS, {"repo_id": repo_id, "names": some})
        found.update((name, (digest, by)) for name, digest, by in rows)
    return found


def _portions(values: Collection[str]) -> Iterable[list[str]]:
    listed = list(values)
    return (listed[start : start + DIGESTS_PER_STATEMENT] for start in range(0, len(listed), DIGESTS_PER_STATEMENT))
