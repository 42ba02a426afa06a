# SPDX-License-Identifier: Apache-2.0
"""What has to be where the bytes of a store move to, and how far that is."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.storage.adopted import TREE
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import parse_upload_state
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import collection_marks
from entrepot.registry.store.backup_contents import move_store
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import objects
from entrepot.registry.tables import stores
from entrepot.registry.tables import tombstones
from entrepot.registry.tables import uploads

MARK = "moved"
"""The mark that keeps when the last move ended that copied something."""


class Kept(NamedTuple):
    """An object whose bytes somebody may want: a live one, or a dead one that a backup may name.

    Of a dead one neither the digest nor the key is told: nobody says whether it is encrypted.
    """

    key: ObjectKey
    size: int
    digest: Digest | None
    key_id: str | None
    wrapped_key: bytes | None

    @property
    def is_live(self) -> bool:
        """Whether repositories hold it."""
        return self.digest is not None

    @property
    def sealed_key(self) -> SealedKey | None:
        """What opens it; None where it is not encrypted."""
        return None if self.key_id is None else SealedKey(self.key_id, self.wrapped_key or b"")


class Begun(NamedTuple):
    """An unfinished upload as the store of its bytes knows it, and when it ends if nobody goes on with it."""

    id: Ulid
    key: ObjectKey
    offset: int
    state: bytes
    expires_at: Milliseconds


class EndedMove(msgspec.Struct, frozen=True):
    """When everything that was in the first place had come there; `places` are their addresses."""

    places: tuple[str, str]
    at: Milliseconds


_STORE = bindparam("store", type_=BigInteger)
_AFTER = bindparam("after", type_=Text)
_LIMIT = bindparam("limit", type_=Integer)
_IS_LIVE = (objects.c.store_id == _STORE, objects.c.state == "live")
_IS_NAMED = (
    tombstones.c.store_id == _STORE,
    tombstones.c.state == "pending",
    tombstones.c.object_since.is_not(None),
    tombstones.c.object_key.not_like(f"{TREE}%"),
)
"""What is dead of another registry's tree stays there."""

_LIVE = (
    select(objects.c.object_key, objects.c.stored_size, objects.c.digest, objects.c.key_id, objects.c.wrapped_key)
    .where(*_IS_LIVE, objects.c.object_key > _AFTER)
    .order_by(objects.c.object_key)
    .limit(_LIMIT)
)
_DEAD = (
    select(tombstones.c.object_key, tombstones.c.size, null(), null(), null())
    .where(*_IS_NAMED, tombstones.c.object_key > _AFTER)
    .order_by(tombstones.c.object_key)
    .limit(_LIMIT)
)
_LIVE_AMOUNT = select(func.count(), func.coalesce(func.sum(objects.c.stored_size), 0)).where(*_IS_LIVE)
_DEAD_AMOUNT = select(func.count(), func.coalesce(func.sum(tombstones.c.size), 0)).where(*_IS_NAMED)
_STILL_LIVE = select(literal(1)).where(objects.c.object_key == bindparam("key", type_=Text))
_STILL_DEAD = select(literal(1)).where(tombstones.c.object_key == bindparam("key", type_=Text))
_RENAME = (
    update(objects)
    .where(objects.c.object_key == bindparam("before", type_=Text), objects.c.state == "live")
    .values(object_key=bindparam("now", type_=Text))
)
_UPLOADS = (
    select(uploads.c.id, uploads.c.object_key, uploads.c.offset, uploads.c.writer_state, uploads.c.expires_at)
    .where(uploads.c.store_id == _STORE, uploads.c.offset > 0, uploads.c.id > _AFTER)
    .order_by(uploads.c.id)
    .limit(_LIMIT)
)
_URL = select(stores.c.url).where(stores.c.id == _STORE)


def live_behind(connection: Connection, store: StoreId, after: str, limit: int) -> list[Kept]:
    """Return live objects behind a key, in the order of their keys."""
    return [Kept(*row) for row in connection.execute(_LIVE, {"store": store, "after": after, "limit": limit})]


def dead_behind(connection: Connection, store: StoreId, after: str, limit: int) -> list[Kept]:
    """Return dead objects that a backup may name, likewise."""
    return [Kept(*row) for row in connection.execute(_DEAD, {"store": store, "after": after, "limit": limit})]


def amount(connection: Connection, store: StoreId) -> Amount:
    """Count both. A survey."""
    found = (connection.execute(each, {"store": store}).one() for each in (_LIVE_AMOUNT, _DEAD_AMOUNT))
    return sum((Amount(count, int(size)) for count, size in found), Amount())


def is_kept(connection: Connection, key: ObjectKey) -> bool:
    """Tell whether a row names an object still; then the collector has not deleted its bytes for good."""
    return any(connection.execute(each, {"key": key}).first() is not None for each in (_STILL_LIVE, _STILL_DEAD))


def rename(connection: Connection, before: ObjectKey, now: ObjectKey) -> bool:
    """Say that a live object is under another key, never used before; tell whether it is still live."""
    return connection.execute(_RENAME, {"before": before, "now": now}).rowcount > 0


def uploads_behind(connection: Connection, store: StoreId, after: str, limit: int) -> list[Begun]:
    """Return uploads of which bytes are recorded, behind an id."""
    found = connection.execute(_UPLOADS, {"store": store, "after": after, "limit": limit})
    return [_as_stored(Begun(*row)) for row in found]


def address(connection: Connection, store: StoreId) -> str:
    """Return where a store is, as it is recorded."""
    return str(connection.execute(_URL, {"store": store}).scalar_one())


def arrive(connection: Connection, store: StoreId, url: str, now: Milliseconds) -> None:
    """Record that a store is at another address, and say so."""
    before = address(connection, store)
    if before == url:
        return
    move_store(connection, store, url)
    told = Told(object=f"storage:{store}", before={"url": before}, after={"url": url})
    announce(connection, Change.STORAGE_MOVED, now, told)


def ended_move(connection: Connection, places: Sequence[str]) -> Milliseconds | None:
    """Return when the last move between two places ended that copied something; None if one is under way."""
    found = collection_marks.find(connection, MARK, EndedMove)
    return found.at if found is not None and found.places == tuple(places) else None


def end_move(connection: Connection, places: tuple[str, str], now: Milliseconds) -> None:
    """Record that a move ends now."""
    collection_marks.set_place(connection, MARK, EndedMove(places, now))


def begin_move(connection: Connection) -> None:
    """Record that objects are being moved."""
    collection_marks.remove(connection, MARK)


def _as_stored(begun: Begun) -> Begun:
    """Return an upload as the storage below the encryption knows it."""
    try:
        sealed = parse_upload_state(begun.state)
    except SealBroken:
        return begun
    return begun if sealed is None else begun._replace(offset=sealed.chunks * CHUNK_BYTES, state=sealed.state)
