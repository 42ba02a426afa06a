# SPDX-License-Identifier: Apache-2.0
"""What verification reads: whole tables in pages, in the order of their keys, each row with what is wrong about it.

A page function takes the key of the last row it returned before (None at first)
and a limit. Run one in a snapshot: what it returns then was true at one moment.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from typing import NamedTuple

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import union_all

from entrepot.infra.database.metadata import metadata
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.sealing import content_size
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags
from entrepot.registry.tables import tombstones
from entrepot.registry.tables import uploads

Key = tuple[Any, ...]
"""The value of a primary key."""


class Orphan(NamedTuple):
    """A row of any table, and the references of it that point nowhere, such as `repo_id, link → repo_blobs`."""

    key: Key
    broken: tuple[str, ...]


class ManifestBlob(NamedTuple):
    """A blob that a manifest lists, and what the repository says of it."""

    digest: Digest
    is_linked: bool
    is_hidden: bool
    is_here: bool


class StoredManifest(NamedTuple):
    """A manifest with its bytes, and the blobs that are on record for it."""

    repo_id: int
    repository: RepositoryName
    digest: Digest
    media_type: str
    size: int
    is_deleted: bool
    payload: bytes
    blobs: list[ManifestBlob]

    @property
    def key(self) -> Key:
        """Return the primary key."""
        return self.repo_id, self.digest


class IndexEntry(NamedTuple):
    """A descriptor of an index, its key ending in parent and child; one that waits in vain names a manifest here."""

    key: Key
    repository: RepositoryName
    waits_in_vain: bool


class TagRow(NamedTuple):
    """A tag, its key ending in its name, and whether it contradicts its manifest or its history."""

    key: Key
    repository: RepositoryName
    is_on_deleted: bool
    differs_from_history: bool


class Link(NamedTuple):
    """A repository's link to a blob, its key ending in the digest, and how many live objects its store has of it.

    `needed_by` is a manifest, not deleted, that holds the link; looked up only when there is no live object.
    """

    key: Key
    repository: RepositoryName
    live_objects: int
    needed_by: Digest | None


class ObjectRow(NamedTuple):
    """A live object. `is_upload` means that an upload claims its key; an encrypted one has a size of its own."""

    key: Key
    object_key: ObjectKey
    store_id: StoreId
    digest: Digest
    stored_size: int
    blob_size: int | None
    is_encrypted: bool
    is_upload: bool

    @property
    def content_size(self) -> int:
        """How many bytes its content has, by its own row."""
        return content_size(self.stored_size) if self.is_encrypted else self.stored_size


class Tombstone(NamedTuple):
    """The key of a tombstone, and whether an object or an upload claims it too."""

    key: Key
    is_claimed: bool


_MANIFEST_KEY = (manifests.c.repo_id, manifests.c.digest)
_MANIFESTS = select(
    manifests.c.repo_id,
    repositories.c.name,
    manifests.c.digest,
    manifests.c.media_type,
    manifests.c.size,
    manifests.c.deleted_at.is_not(None),
    manifests.c.payload,
).join(repositories, repositories.c.id == manifests.c.repo_id)

_MANIFEST_BLOBS = (
    select(
        manifest_blobs.c.repo_id,
        manifest_blobs.c.manifest,
        manifest_blobs.c.digest,
        manifest_blobs.c.link.is_not(None).label("is_linked"),
        repo_blobs.c.hidden_at.is_not(None).label("is_hidden"),
        objects.c.object_key.is_not(None).label("is_here"),
    )
    .join(repositories, repositories.c.id == manifest_blobs.c.repo_id)
    .outerjoin(
        repo_blobs,
        and_(repo_blobs.c.repo_id == manifest_blobs.c.repo_id, repo_blobs.c.digest == manifest_blobs.c.digest),
    )
    .outerjoin(
        objects,
        and_(
            objects.c.digest == repo_blobs.c.digest,
            objects.c.store_id == repositories.c.store_id,
            objects.c.state == "live",
            repo_blobs.c.hidden_at.is_(None),
        ),
    )
)

_ENTRY_KEY = (manifest_children.c.repo_id, manifest_children.c.parent, manifest_children.c.child_digest)
_ENTRIES = (
    select(
        *_ENTRY_KEY,
        repositories.c.name,
        and_(manifest_children.c.child.is_(None), manifests.c.digest.is_not(None)).label("waits_in_vain"),
    )
    .join(repositories, repositories.c.id == manifest_children.c.repo_id)
    .outerjoin(
        manifests,
        and_(
            manifests.c.repo_id == manifest_children.c.repo_id, manifests.c.digest == manifest_children.c.child_digest
        ),
    )
)

_TAG_KEY = (tags.c.repo_id, tags.c.name)
_NEWEST = (
    select(func.max(tag_history.c.id))
    .where(tag_history.c.repo_id == tags.c.repo_id, tag_history.c.name == tags.c.name)
    .correlate(tags)
    .scalar_subquery()
)
_newest = tag_history.alias()
_TAGS = (
    select(
        *_TAG_KEY,
        repositories.c.name.label("repository"),
        manifests.c.deleted_at.is_not(None).label("is_on_deleted"),
        or_(*(tags.c[name].is_distinct_from(_newest.c[name]) for name in ("digest", "epoch", "hlc", "region"))).label(
            "differs"
        ),
    )
    .join(repositories, repositories.c.id == tags.c.repo_id)
    .outerjoin(manifests, and_(manifests.c.repo_id == tags.c.repo_id, manifests.c.digest == tags.c.digest))
    .outerjoin(_newest, _newest.c.id == _NEWEST)
)

_LINK_KEY = (repo_blobs.c.repo_id, repo_blobs.c.digest)
_LINKS = select(
    *_LINK_KEY,
    repositories.c.name,
    select(func.count())
    .select_from(objects)
    .where(
        objects.c.digest == repo_blobs.c.digest,
        objects.c.store_id == repositories.c.store_id,
        objects.c.state == "live",
    )
    .correlate(repo_blobs, repositories)
    .scalar_subquery()
    .label("live_objects"),
).join(repositories, repositories.c.id == repo_blobs.c.repo_id)

_HOLDER = (
    select(manifest_blobs.c.manifest)
    .join(
        manifests,
        and_(manifests.c.repo_id == manifest_blobs.c.repo_id, manifests.c.digest == manifest_blobs.c.manifest),
    )
    .where(
        manifest_blobs.c.repo_id == bindparam("repo_id"),
        manifest_blobs.c.link == bindparam("digest"),
        manifests.c.deleted_at.is_(None),
    )
    .limit(1)
)

_OBJECT_KEY = (objects.c.object_key,)
_OBJECTS = (
    select(
        objects.c.object_key,
        objects.c.store_id,
        objects.c.digest,
        objects.c.stored_size,
        blobs.c.size,
        objects.c.key_id.is_not(None),
        exists().where(uploads.c.object_key == objects.c.object_key),
    )
    .outerjoin(blobs, blobs.c.digest == objects.c.digest)
    .where(objects.c.state == "live")
)

_TOMBSTONE_KEY = (tombstones.c.object_key,)
_TOMBSTONES = select(
    *_TOMBSTONE_KEY,
    or_(*(exists().where(table.c.object_key == tombstones.c.object_key) for table in (objects, uploads))),
)

_ROWS_WITH_KEYS = (objects, uploads, tombstones)
_TRACKED = union_all(
    *(
        select(table.c.object_key).where(
            table.c.store_id == bindparam("store_id"), table.c.object_key.in_(bindparam("keys", expanding=True))
        )
        for table in _ROWS_WITH_KEYS
    )
)

_USED_STORES = select(stores.c.id, stores.c.url).where(
    or_(*(exists().where(table.c.store_id == stores.c.id) for table in _ROWS_WITH_KEYS))
)


def referring_tables() -> list[Table]:
    """Return every table, of the core and of features, that has foreign keys."""
    return [table for table in metadata.sorted_tables if table.foreign_keys]


def orphans(connection: Connection, after: Key | None, limit: int, table: Table) -> list[Orphan]:
    """Return a page of any table."""
    key, statement, described = _pointing(table)
    return [
        Orphan(
            tuple(row[: len(key)]),
            tuple(constraint for constraint, flag in zip(described, row[len(key) :], strict=True) if flag),
        )
        for row in connection.execute(_page(statement, key, after, limit))
    ]


def stored_manifests(connection: Connection, after: Key | None, limit: int) -> list[StoredManifest]:
    """Return a page of `manifests`, deleted ones too, each with its blobs."""
    page = [
        StoredManifest._make((*row, [])) for row in connection.execute(_page(_MANIFESTS, _MANIFEST_KEY, after, limit))
    ]
    if page:
        by_key = {manifest.key: manifest for manifest in page}
        owner = (manifest_blobs.c.repo_id, manifest_blobs.c.manifest)
        listed = _MANIFEST_BLOBS.where(~_is_behind(owner, page[-1].key))
        for row in connection.execute(listed if after is None else listed.where(_is_behind(owner, after))):
            if (row.repo_id, row.manifest) in by_key:
                by_key[row.repo_id, row.manifest].blobs.append(ManifestBlob(*row[2:]))
    return page


def index_entries(connection: Connection, after: Key | None, limit: int) -> list[IndexEntry]:
    """Return a page of `manifest_children`."""
    rows = connection.execute(_page(_ENTRIES, _ENTRY_KEY, after, limit))
    return [IndexEntry(tuple(row[:3]), row.name, row.waits_in_vain) for row in rows]


def tag_rows(connection: Connection, after: Key | None, limit: int) -> list[TagRow]:
    """Return a page of `tags`, deleted ones too."""
    rows = connection.execute(_page(_TAGS, _TAG_KEY, after, limit))
    return [TagRow(tuple(row[:2]), row.repository, row.is_on_deleted, row.differs) for row in rows]


def links(connection: Connection, after: Key | None, limit: int) -> list[Link]:
    """Return a page of `repo_blobs`."""
    return [
        Link(
            tuple(row[:2]),
            row.name,
            row.live_objects,
            None if row.live_objects else _holder(connection, row.repo_id, row.digest),
        )
        for row in connection.execute(_page(_LINKS, _LINK_KEY, after, limit))
    ]


def live_objects(connection: Connection, after: Key | None, limit: int) -> list[ObjectRow]:
    """Return a page of the live rows of `objects`."""
    rows = connection.execute(_page(_OBJECTS, _OBJECT_KEY, after, limit))
    return [ObjectRow((row.object_key,), *row) for row in rows]


def still_live(connection: Connection, keys: Sequence[ObjectKey]) -> list[ObjectRow]:
    """Return those objects that are live now."""
    rows = connection.execute(_OBJECTS.where(objects.c.object_key.in_(keys)))
    return [ObjectRow((row.object_key,), *row) for row in rows]


def buried(connection: Connection, after: Key | None, limit: int) -> list[Tombstone]:
    """Return a page of `tombstones`."""
    rows = connection.execute(_page(_TOMBSTONES, _TOMBSTONE_KEY, after, limit))
    return [Tombstone((row[0],), row[1]) for row in rows]


def tracked(connection: Connection, store_id: StoreId, keys: Sequence[ObjectKey]) -> set[ObjectKey]:
    """Return those of `keys` that an object, an upload or a tombstone of that store names."""
    return set(connection.execute(_TRACKED, {"store_id": store_id, "keys": keys}).scalars())


def used_stores(connection: Connection) -> dict[StoreId, str]:
    """Return the stores that anything is kept in, with their addresses."""
    return {StoreId(row.id): row.url for row in connection.execute(_USED_STORES)}


def _holder(connection: Connection, repo_id: int, digest: Digest) -> Digest | None:
    return connection.execute(_HOLDER, {"repo_id": repo_id, "digest": digest}).scalar()


def _page(statement: Select[Any], key: Sequence[Column[Any]], after: Key | None, limit: int) -> Select[Any]:
    if after is not None:
        statement = statement.where(_is_behind(key, after))
    return statement.order_by(*key).limit(limit)


def _is_behind(key: Sequence[Column[Any]], after: Key) -> ColumnElement[bool]:
    values = (literal(value, column.type) for column, value in zip(key, after, strict=True))
    return tuple_(*key) > tuple_(*values)


@cache
def _pointing(table: Table) -> tuple[tuple[Column[Any], ...], Select[Any], list[str]]:
    """Return the key of a table, what selects it with a flag for each foreign key, and what the flags are about."""
    key = tuple(table.primary_key)
    constraints = sorted(table.foreign_key_constraints, key=_described)
    flags = [_points_nowhere(constraint).label(f"broken_{n}") for n, constraint in enumerate(constraints)]
    return key, select(*key, *flags), [_described(constraint) for constraint in constraints]


def _points_nowhere(constraint: ForeignKeyConstraint) -> ColumnElement[bool]:
    parent = constraint.referred_table.alias()
    pairs = [(reference.parent, parent.c[reference.column.name]) for reference in constraint.elements]
    is_set = [column.is_not(None) for column, _ in pairs]
    return and_(*is_set, ~exists().where(*(column == target for column, target in pairs)))


def _described(constraint: ForeignKeyConstraint) -> str:
    return f"{', '.join(constraint.column_keys)} → {constraint.referred_table.name}"
