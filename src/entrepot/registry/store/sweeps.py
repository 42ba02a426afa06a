# SPDX-License-Identifier: Apache-2.0
"""What the sweeps of the collector read, in pages by key: blobs that nobody links, objects to be read again."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.sealing import content_size
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import blobs
from entrepot.registry.tables import collection_queue
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs


class UnlinkedBlob(NamedTuple):
    """A blob, and whether no repository links it although the collector does not know."""

    digest: Digest
    is_overlooked: bool


class LiveObject(NamedTuple):
    """An object whose content ought to be that of its digest."""

    object_key: ObjectKey
    store_id: StoreId
    digest: Digest
    stored_size: int
    is_encrypted: bool

    @property
    def size(self) -> int:
        """How many bytes its content has."""
        return content_size(self.stored_size) if self.is_encrypted else self.stored_size


_LIMIT = bindparam("limit", type_=Integer)
_IS_QUEUED = exists().where(
    collection_queue.c.kind == "blob", collection_queue.c.repo_id == 0, collection_queue.c.digest == blobs.c.digest
)
_BLOBS = (
    select(blobs.c.digest, and_(~exists().where(repo_blobs.c.digest == blobs.c.digest), ~_IS_QUEUED).label("is_lost"))
    .where(blobs.c.digest > bindparam("after", type_=String))
    .order_by(blobs.c.digest)
    .limit(_LIMIT)
)
_OBJECTS = (
    select(
        objects.c.object_key,
        objects.c.store_id,
        objects.c.digest,
        objects.c.stored_size,
        objects.c.key_id.is_not(None).label("is_encrypted"),
    )
    .where(objects.c.state == "live", objects.c.object_key > bindparam("after", type_=String))
    .order_by(objects.c.object_key)
    .limit(_LIMIT)
)
_MARK_DAMAGED = (
    update(objects)
    .where(objects.c.object_key == bindparam("of_key"), objects.c.state == "live")
    .values(state="missing")
)


def blobs_behind(connection: Connection, after: str, limit: int) -> Sequence[UnlinkedBlob]:
    """Return blobs in the order of their digests."""
    return [UnlinkedBlob(*row) for row in connection.execute(_BLOBS, {"after": after, "limit": limit})]


def live_objects_behind(connection: Connection, after: str, limit: int) -> Sequence[LiveObject]:
    """Return live objects in the order of their keys, which is no order in time."""
    return [LiveObject(*row) for row in connection.execute(_OBJECTS, {"after": after, "limit": limit})]


def mark_damaged(connection: Connection, object_key: ObjectKey) -> bool:
    """Record that an object's bytes are gone or wrong; False if it is no longer a live object."""
    return connection.execute(_MARK_DAMAGED, {"of_key": object_key}).rowcount == 1
