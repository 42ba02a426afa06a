# SPDX-License-Identifier: Apache-2.0
"""Tombstones: objects that nothing refers to any more, until their bytes are gone.

A key is never used again, so deleting its bytes late, or twice, harms nothing.
"""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import tombstones


class Reason(StrEnum):
    """Why something may go."""

    PURGED = "purged"
    """Its last manifest was deleted, and can no longer be restored."""
    UNUSED = "unused"
    """It was uploaded or mounted, and no manifest came to use it before its lease ended."""
    DUPLICATE = "duplicate"
    """The same content was there already when its upload ended."""
    UPLOAD = "upload"
    """Its upload was cancelled, or lay idle too long."""
    DAMAGED = "damaged"
    """Its bytes were lost or wrong, and the blob was pushed again."""
    ORPHAN = "orphan"
    """Bytes in a store that no row tells of."""


@dataclass(frozen=True, slots=True)
class DeadObject:
    """An object that nothing refers to: its bytes may be deleted."""

    object_key: ObjectKey
    store_id: StoreId
    size: int
    reason: Reason


_BURY = Prepared(insert(tombstones), "object_key", "store_id", "digest", "size", "state", "delete_after", "reason")
_NOW = bindparam("now", type_=BigInteger)
_IS_DUE = or_(
    and_(tombstones.c.state == "pending", tombstones.c.delete_after <= _NOW),
    and_(tombstones.c.state == "deleting", tombstones.c.claimed_at <= bindparam("given_up", type_=BigInteger)),
)
_DUE_KEYS = (
    select(tombstones.c.object_key)
    .where(_IS_DUE, tombstones.c.store_id.in_(bindparam("stores", expanding=True)))
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_DUE_AMONG = _DUE_KEYS.where(tombstones.c.object_key.in_(bindparam("among", expanding=True)))
_CLAIM = (
    update(tombstones)
    .where(tombstones.c.object_key.in_(bindparam("keys", expanding=True)))
    .values(state="deleting", claimed_at=bindparam("at"), attempts=tombstones.c.attempts + 1)
    .returning(tombstones.c.object_key, tombstones.c.store_id, tombstones.c.size, tombstones.c.reason)
)
_DUE = (
    select(tombstones.c.object_key, tombstones.c.store_id, tombstones.c.size, tombstones.c.reason)
    .where(
        tombstones.c.state == "pending",
        tombstones.c.delete_after <= _NOW,
        tombstones.c.store_id.in_(bindparam("stores", expanding=True)),
    )
    .limit(bindparam("limit", type_=Integer))
)
_DROP = delete(tombstones).where(tombstones.c.object_key.in_(bindparam("keys", expanding=True)))


def bury(connection: Connection, dead: Sequence[DeadObject], digest: Digest | None, delete_after: Milliseconds) -> None:
    """Leave the bytes of objects for deletion after a moment."""
    rows = [
        (each.object_key, each.store_id, digest, each.size, "pending", delete_after, each.reason.value) for each in dead
    ]
    _BURY.run_all(connection, rows)


def claim(
    connection: Connection,
    now: Milliseconds,
    given_up: Milliseconds,
    stores: Collection[StoreId],
    limit: int,
    among: Collection[ObjectKey] | None = None,
) -> list[DeadObject]:
    """Claim objects whose time has come, and those whose claimer has not been heard of since `given_up`.

    Those of `among` only, if given. Claims of one process are its own until then.
    """
    values = {"now": now, "given_up": given_up, "stores": list(stores), "limit": limit}
    due = _DUE_KEYS
    if among is not None:
        due = _DUE_AMONG
        values["among"] = list(among)
    keys = list(connection.execute(due, values).scalars())
    if not keys:
        return []
    claimed = connection.execute(_CLAIM, {"keys": keys, "at": now})
    return [DeadObject(row.object_key, row.store_id, row.size, Reason(row.reason)) for row in claimed]


def due(connection: Connection, now: Milliseconds, stores: Collection[StoreId], limit: int) -> list[DeadObject]:
    """Return objects whose time has come, without claiming them."""
    found = connection.execute(_DUE, {"now": now, "stores": list(stores), "limit": limit})
    return [DeadObject(row.object_key, row.store_id, row.size, Reason(row.reason)) for row in found]


def drop(connection: Connection, keys: Sequence[ObjectKey]) -> None:
    """Forget objects whose bytes are gone."""
    connection.execute(_DROP, {"keys": list(keys)})
