# SPDX-License-Identifier: Apache-2.0
"""What is in the file of a backup: its figures, its inventory, its tags, and what a restore changes of it."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.backups import NOTHING_NAMED
from entrepot.registry.store.backups import Facts
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import finished_uploads
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags
from entrepot.registry.tables import uploads


class Listed(NamedTuple):
    """An object of the inventory: where its bytes are, what they are, and how they are encrypted."""

    object_key: ObjectKey
    digest: Digest
    store_id: StoreId
    stored_size: int
    key_id: str | None
    wrapped_key: bytes | None

    @property
    def is_encrypted(self) -> bool:
        """Whether the stored bytes are not those that the digest is of."""
        return self.wrapped_key is not None


class TagPlace(NamedTuple):
    """A tag, and the manifest that it points at."""

    repository: RepositoryName
    name: TagName
    digest: Digest


_LISTED = [objects.c[name] for name in Listed._fields]
_LIVE = objects.c.state == "live"
_PAGE = (
    select(*_LISTED)
    .where(_LIVE, objects.c.object_key > bindparam("after"))
    .order_by(objects.c.object_key)
    .limit(bindparam("limit"))
)
_NAMED = select(objects.c.object_key).where(objects.c.object_key.in_(bindparam("keys", expanding=True)))
_SET = tags.c.digest.is_not(None)
_TAGS = (
    select(repositories.c.name, tags.c.name, tags.c.digest)
    .join(repositories, repositories.c.id == tags.c.repo_id)
    .where(_SET, tuple_(repositories.c.name, tags.c.name) > tuple_(bindparam("repository"), bindparam("tag")))
    .order_by(repositories.c.name, tags.c.name)
    .limit(bindparam("limit"))
)
_USED_STORES = select(stores.c.id, stores.c.url).where(stores.c.id.in_(select(objects.c.store_id)))
_MOVE_STORE = update(stores).where(stores.c.id == bindparam("store")).values(url=bindparam("to"))
_RENAME = update(objects).where(objects.c.object_key == bindparam("before")).values(object_key=bindparam("now"))
_UNREADABLE_BY = (
    select(manifest_blobs.c.repo_id, manifest_blobs.c.manifest)
    .where(manifest_blobs.c.link.in_(bindparam("digests", expanding=True)))
    .distinct()
)


def figures(connection: Connection) -> Facts:
    """Count what a database names."""
    count, size = connection.execute(
        select(func.count(), func.coalesce(func.sum(objects.c.stored_size), 0)).where(_LIVE)
    ).one()
    return Facts(
        objects=count,
        object_bytes=int(size),
        manifests=connection.execute(select(func.count()).select_from(manifests)).scalar_one(),
        tags=connection.execute(select(func.count()).select_from(tags).where(_SET)).scalar_one(),
    )


def newest_object(connection: Connection) -> Milliseconds:
    """Return when the newest row of an object was made, also of one whose bytes are missing."""
    newest = connection.execute(select(func.max(objects.c.created_at))).scalar()
    return NOTHING_NAMED if newest is None else Milliseconds(newest)


def newest_change(connection: Connection) -> Milliseconds | None:
    """Return when a tag was last set or removed, or a manifest pushed."""
    moments = (connection.execute(select(func.max(of))).scalar() for of in (tags.c.updated_at, manifests.c.pushed_at))
    return max((Milliseconds(each) for each in moments if each is not None), default=None)


def inventory(connection: Connection, after: str, limit: int) -> list[Listed]:
    """Return live objects behind a key, in the order of their keys."""
    return [Listed(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def named_among(connection: Connection, keys: Collection[ObjectKey]) -> set[ObjectKey]:
    """Return those of `keys` that are objects."""
    return set(connection.execute(_NAMED, {"keys": list(keys)}).scalars())


def tag_places(connection: Connection, behind: tuple[str, str], limit: int) -> list[TagPlace]:
    """Return tags behind one, by the names of repository and tag."""
    repository, tag = behind
    found = connection.execute(_TAGS, {"repository": repository, "tag": tag, "limit": limit})
    return [TagPlace(*row) for row in found]


def tags_with(connection: Connection, lost: Collection[Digest], limit: int) -> list[TagPlace]:
    """Return tags whose manifest, or a child of it however deep, holds any of the blobs `lost`."""
    broken = {tuple(row) for row in connection.execute(_UNREADABLE_BY, {"digests": list(lost)})}
    parents = select(manifest_children.c.repo_id, manifest_children.c.parent)
    new = set(broken)
    while new:
        children = tuple_(manifest_children.c.repo_id, manifest_children.c.child).in_(list(new))
        new = {tuple(row) for row in connection.execute(parents.where(children).distinct())} - broken
        broken |= new
    pointing = (
        select(repositories.c.name, tags.c.name, tags.c.digest)
        .join(repositories, repositories.c.id == tags.c.repo_id)
        .where(tuple_(tags.c.repo_id, tags.c.digest).in_(list(broken)))
        .order_by(repositories.c.name, tags.c.name)
        .limit(limit)
    )
    return [TagPlace(*row) for row in connection.execute(pointing)]


def absent_of(connection: Connection, repository: RepositoryName, manifest: Digest) -> set[Digest]:
    """Return what a manifest lists and its repository never had, or has no more: layers from elsewhere, children."""
    repo_id = select(repositories.c.id).where(repositories.c.name == repository).scalar_subquery()
    listed = select(manifest_blobs.c.digest).where(
        manifest_blobs.c.repo_id == repo_id, manifest_blobs.c.manifest == manifest, manifest_blobs.c.link.is_(None)
    )
    children = select(manifest_children.c.child_digest).where(
        manifest_children.c.repo_id == repo_id,
        manifest_children.c.parent == manifest,
        manifest_children.c.child.is_(None),
    )
    return {digest for statement in (listed, children) for digest in connection.execute(statement).scalars()}


def used_stores(connection: Connection) -> Mapping[StoreId, str]:
    """Return the stores that objects are in, and their addresses."""
    return {StoreId(row.id): row.url for row in connection.execute(_USED_STORES)}


def move_store(connection: Connection, store: StoreId, url: str) -> None:
    """Say that a store is at another address, which no other one has."""
    connection.execute(delete(stores).where(stores.c.url == url, stores.c.id != store))
    connection.execute(_MOVE_STORE, {"store": store, "to": url})


def rename(connection: Connection, keys: Sequence[tuple[ObjectKey, ObjectKey]]) -> None:
    """Say that objects are under other keys: pairs of the former and the present one."""
    for before, now in keys:
        connection.execute(_RENAME, {"before": before, "now": now})


def settle(connection: Connection) -> None:
    """Change what made sense only where the backup was taken.

    Uploads are dropped: of their bytes nothing is known. Versions of tags begin another epoch, so that each that is
    given from now on is greater than any that was given after the backup was taken, and is lost.
    """
    for gone in (uploads, finished_uploads):
        connection.execute(delete(gone))
    connection.execute(update(tags).values(epoch=tags.c.epoch + 1))
    connection.execute(update(tag_history).values(epoch=tag_history.c.epoch + 1))
