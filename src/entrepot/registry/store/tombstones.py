# SPDX-License-Identifier: Apache-2.0
"""Tombstones: objects that nothing refers to any more, until their bytes are gone.

A key is never used again, so deleting its bytes late, or twice, harms nothing.
"""

from collections.abc import Collection
from collections.abc import Mapping
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
from entrepot.infra.storage.adopted import is_adopted
from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store import backups
from entrepot.registry.store import trees
from entrepot.registry.store.backups import Backup
from entrepot.registry.store.backups import BackupId
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
    since: Milliseconds | None = None
    """When its row was made, while a backup may name it; None for what never had one, or is named by none."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Objects whose bytes are the claimer's to delete, and how many were due that a backup holds back."""

    objects: list[DeadObject]
    held_back: int = 0


_BURY = Prepared(
    insert(tombstones),
    "object_key",
    "store_id",
    "digest",
    "size",
    "state",
    "delete_after",
    "reason",
    "object_since",
)
_NOW = bindparam("now", type_=BigInteger)
_IS_FREE = tombstones.c.backup_id.is_(None)
_IS_DUE = or_(
    and_(tombstones.c.state == "pending", tombstones.c.delete_after <= _NOW, _IS_FREE),
    and_(
        tombstones.c.state == "deleting", tombstones.c.claimed_at <= bindparam("given_up", type_=BigInteger), _IS_FREE
    ),
)
_DUE_KEYS = (
    select(tombstones.c.object_key, tombstones.c.state, tombstones.c.object_since)
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
_HOLD_BACK = (
    update(tombstones)
    .where(tombstones.c.object_key.in_(bindparam("keys", expanding=True)))
    .values(backup_id=bindparam("backup"))
)
_LET_GO = (
    update(tombstones)
    .where(tombstones.c.object_key.in_(bindparam("keys", expanding=True)))
    .values(backup_id=None, object_since=None)
)
_HELD_BY = (
    select(tombstones.c.object_key, tombstones.c.object_since)
    .where(tombstones.c.backup_id == bindparam("backup", type_=BigInteger))
    .order_by(tombstones.c.object_key)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_DUE = (
    select(
        tombstones.c.object_key,
        tombstones.c.store_id,
        tombstones.c.size,
        tombstones.c.reason,
        tombstones.c.object_since,
    )
    .where(
        tombstones.c.state == "pending",
        _IS_FREE,
        tombstones.c.delete_after <= _NOW,
        tombstones.c.store_id.in_(bindparam("stores", expanding=True)),
    )
    .limit(bindparam("limit", type_=Integer))
)
_DROP = delete(tombstones).where(tombstones.c.object_key.in_(bindparam("keys", expanding=True)))


def bury(
    connection: Connection, dead: Sequence[DeadObject], digest: Digest | None, delete_after: Milliseconds
) -> list[DeadObject]:
    """Leave the bytes of objects for deletion after a moment; return which.

    Not those in the tree of another registry that may still be served from there: they are let be.
    """
    going = [each for each in dead if not is_adopted(each.object_key) or trees.is_ours(connection)]
    rows = [
        (each.object_key, each.store_id, digest, each.size, "pending", delete_after, each.reason.value, each.since)
        for each in going
    ]
    _BURY.run_all(connection, rows)
    return going


def claim(
    connection: Connection,
    now: Milliseconds,
    given_up: Milliseconds,
    stores: Collection[StoreId],
    limit: int,
    among: Collection[ObjectKey] | None = None,
) -> Claimed:
    """Claim objects whose time has come, and those whose claimer has not been heard of since `given_up`.

    Those of `among` only, if given. Claims of one process are its own until then. One that a backup names is not
    claimed, and not looked at again before that backup has ended. Backups are asked about what is dead already, in
    another statement: one whose row comes later than that was taken when the object was dead, and does not name it.
    """
    values = {"now": now, "given_up": given_up, "stores": list(stores), "limit": limit}
    due = _DUE_KEYS
    if among is not None:
        due = _DUE_AMONG
        values["among"] = list(among)
    found = connection.execute(due, values).all()
    if not found:
        return Claimed([])
    known = backups.holding(connection)
    holders = {
        row.object_key: backups.holder(known, row.object_since) if row.state == "pending" else None for row in found
    }
    _hold_back(connection, {key: each for key, each in holders.items() if each is not None})
    keys = [key for key, each in holders.items() if each is None]
    claimed = connection.execute(_CLAIM, {"keys": keys, "at": now}).all() if keys else []
    objects = [DeadObject(row.object_key, row.store_id, row.size, Reason(row.reason)) for row in claimed]
    return Claimed(objects, len(holders) - len(keys))


def release(connection: Connection, ended: Backup, known: Sequence[Backup], limit: int) -> int:
    """Let go of objects for which a backup was kept that has ended; return how many of them were looked at.

    An older one of the backups `known`, newest first, may name one too: then it stays for that.
    """
    found = connection.execute(_HELD_BY, {"backup": ended.id, "limit": limit}).all()
    holders = {row.object_key: backups.holder(known, row.object_since, below=ended.id) for row in found}
    _hold_back(connection, {key: each for key, each in holders.items() if each is not None})
    if free := [key for key, each in holders.items() if each is None]:
        connection.execute(_LET_GO, {"keys": free})
    return len(found)


def due(connection: Connection, now: Milliseconds, stores: Collection[StoreId], limit: int) -> list[DeadObject]:
    """Return objects whose time has come, without claiming them: also those that backups would be asked about."""
    found = connection.execute(_DUE, {"now": now, "stores": list(stores), "limit": limit})
    return [DeadObject(row.object_key, row.store_id, row.size, Reason(row.reason), row.object_since) for row in found]


def drop(connection: Connection, keys: Sequence[ObjectKey]) -> None:
    """Forget objects whose bytes are gone."""
    connection.execute(_DROP, {"keys": list(keys)})


def _hold_back(connection: Connection, holders: Mapping[ObjectKey, Backup]) -> None:
    by_backup: dict[BackupId, list[ObjectKey]] = {}
    for key, backup in holders.items():
        by_backup.setdefault(backup.id, []).append(key)
    for backup_id, keys in by_backup.items():
        connection.execute(_HOLD_BACK, {"keys": keys, "backup": backup_id})
