# SPDX-License-Identifier: Apache-2.0
"""How much waits to be collected, how much was, and what is damaged."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from entrepot.kernel.clock import Milliseconds
from entrepot.registry.store import collection_marks
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tables import collection_queue
from entrepot.registry.tables import objects
from entrepot.registry.tables import tombstones

DELETED = "deleted"
"""The mark under which it is counted what was deleted since the registry exists."""


class Amount(msgspec.Struct, frozen=True, array_like=True):
    """So many objects, and the bytes they take up."""

    objects: int = 0
    bytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together."""
        return Amount(self.objects + other.objects, self.bytes + other.bytes)


Amounts = dict[Reason, Amount]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: things that may have lost their last use, the oldest of them, and dead objects that go next.

    Those whose bytes stay for a backup are not among them (`backups.held_back`).
    """

    queued: int
    oldest: Milliseconds | None
    """When the first of them was, or is, to be looked at."""
    objects: int
    bytes: int
    next_due: Milliseconds | None
    """When the bytes of the next dead object may go."""


_QUEUED = select(func.count()).select_from(collection_queue)
_OLDEST = select(func.min(collection_queue.c.not_before))
_DEAD = select(func.count(), func.coalesce(func.sum(tombstones.c.size), 0), func.min(tombstones.c.delete_after)).where(
    tombstones.c.backup_id.is_(None)
)
_IS_MISSING = objects.c.state == "missing"
_DAMAGED = select(func.count()).select_from(objects).where(_IS_MISSING)


def waiting(connection: Connection) -> Waiting:
    """Tell what waits. Counts it, so that it takes longer the more it is: a survey."""
    queued = connection.execute(_QUEUED).scalar_one()
    oldest = connection.execute(_OLDEST).scalar()
    count, size, next_due = connection.execute(_DEAD).one()
    return Waiting(queued, oldest, count, int(size), next_due)


def damaged(connection: Connection) -> int:
    """Count the objects whose bytes are gone or wrong."""
    return int(connection.execute(_DAMAGED).scalar_one())


def amounts_of(dead: Iterable[DeadObject]) -> Amounts:
    """Add up objects by why they are dead."""
    found: Amounts = {}
    for each in dead:
        found[each.reason] = found.get(each.reason, Amount()) + Amount(1, each.size)
    return found


def add_up(total: Amounts, more: Amounts) -> None:
    """Add amounts to others."""
    for reason, amount in more.items():
        total[reason] = total.get(reason, Amount()) + amount


def count_deleted(connection: Connection, gone: Iterable[DeadObject]) -> None:
    """Count objects whose bytes were deleted."""
    total = deleted(connection)
    add_up(total, amounts_of(gone))
    collection_marks.set_place(connection, DELETED, total)


def deleted(connection: Connection) -> Amounts:
    """Return what was deleted since the registry exists, by reason."""
    return collection_marks.find(connection, DELETED, Amounts) or {}
