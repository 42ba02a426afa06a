# SPDX-License-Identifier: Apache-2.0
"""Backups that were taken of the database, and what they say of dead objects: which bytes stay for them.

A backup names the objects that were live when it was taken. What died before
its row was there it does not name; whoever looks at a dead object therefore asks
those backups alone that are there by then. See docs/explanation/collection.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import NewType

import msgspec
from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import backups
from entrepot.registry.tables import tombstones

BackupId = NewType("BackupId", int)
"""Greater for each backup than for all whose rows were there before."""

NOTHING_NAMED = Milliseconds(-1)
"""When the newest object was made of a backup that names none."""


class Drilled(msgspec.Struct, frozen=True):
    """What the last drill of a backup found, as its signed report says."""

    at: Milliseconds
    is_good: bool
    is_deep: bool
    recovery_point_seconds: int
    recovery_time_seconds: float
    objects_lost: int
    tags_pulled: int
    tags_failed: int


class Facts(msgspec.Struct, frozen=True):
    """What is in a backup: counts, the bytes of its objects, and its file; and what is known of it besides."""

    objects: int = 0
    object_bytes: int = 0
    manifests: int = 0
    tags: int = 0
    rows: int = 0
    file_bytes: int = 0
    sha256: str = ""
    revision: str = ""
    blobs: str = ""
    """The folder that the bytes of its objects were copied to, empty if they were not."""
    blobs_lost: int = 0
    """How many of those were missing or damaged when they were copied."""
    node: str = ""
    """The machine that took it, on which `place` is."""
    job: str = ""
    """The job that took it, empty for a command."""
    drill: Drilled | None = None


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class NewBackup:
    """A backup that is about to be taken: where it goes, by whom, and what is known of it already."""

    name: str
    place: str
    taken_by: str
    began_at: Milliseconds
    expires_at: Milliseconds
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup. Until `taken_at` it is under way; from `ended_at` on it holds nothing."""

    id: BackupId
    name: str
    place: str
    taken_by: str
    began_at: Milliseconds
    taken_at: Milliseconds | None
    expires_at: Milliseconds
    ended_at: Milliseconds | None
    newest_object: Milliseconds | None
    facts: Facts

    @property
    def state(self) -> str:
        """`running`, `kept` or `ended`; `failed` is one that ended before it was taken."""
        if self.ended_at is not None:
            return "failed" if self.taken_at is None else "ended"
        return "running" if self.taken_at is None else "kept"

    def names(self, since: Milliseconds | None) -> bool:
        """Tell whether it may name an object that was made at that moment, None for what never was one."""
        return since is not None and (self.newest_object is None or since <= self.newest_object)


_NAME = bindparam("of_name", type_=String)
_ID = bindparam("of_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
_FIND = select(backups).where(backups.c.name == _NAME)
_ALL = select(backups).order_by(backups.c.id.desc())
_PAGE = _ALL.where(backups.c.id < bindparam("before", type_=BigInteger)).limit(bindparam("limit", type_=Integer))
_NEWEST_TAKEN = select(func.max(backups.c.taken_at))
_KEPT = select(func.count()).where(backups.c.ended_at.is_(None), backups.c.taken_at.is_not(None))
_HOLDING = _ALL.where(backups.c.ended_at.is_(None))
_ENDED = _ALL.where(backups.c.ended_at.is_not(None))
_COMPLETE = (
    update(backups)
    .where(backups.c.id == _ID, backups.c.ended_at.is_(None))
    .values(
        taken_at=bindparam("at"),
        expires_at=bindparam("until"),
        newest_object=bindparam("newest"),
        facts=bindparam("found"),
    )
)
_DESCRIBE = update(backups).where(backups.c.id == _ID).values(facts=bindparam("found"))
_END = update(backups).where(backups.c.name == _NAME, backups.c.ended_at.is_(None)).values(ended_at=_NOW)
_END_DUE = update(backups).where(backups.c.expires_at <= _NOW, backups.c.ended_at.is_(None)).values(ended_at=_NOW)
_HOLDS_NOTHING = ~exists().where(tombstones.c.backup_id == backups.c.id)
_DROP = delete(backups).where(and_(backups.c.ended_at <= bindparam("before", type_=BigInteger), _HOLDS_NOTHING))
_HELD = (
    select(backups.c.name, backups.c.expires_at, func.count(), func.coalesce(func.sum(tombstones.c.size), 0))
    .join(tombstones, tombstones.c.backup_id == backups.c.id)
    .group_by(backups.c.id, backups.c.name, backups.c.expires_at)
    .order_by(backups.c.id)
)
_HELD_BYTES = select(func.coalesce(func.sum(tombstones.c.size), 0)).where(tombstones.c.backup_id.is_not(None))
_HELD_ALONE = select(func.count(), func.coalesce(func.sum(tombstones.c.size), 0)).where(
    tombstones.c.backup_id == _ID, tombstones.c.object_since > bindparam("named", type_=BigInteger)
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Dead objects whose bytes stay for a backup, and until when they do at least."""

    backup: str
    until: Milliseconds
    objects: int
    bytes: int


def add(connection: Connection, new: NewBackup) -> BackupId:
    """Record that a backup is about to be taken: from the commit on it holds whatever dies. Its name is new."""
    values = {
        "name": new.name,
        "place": new.place,
        "taken_by": new.taken_by,
        "began_at": new.began_at,
        "expires_at": new.expires_at,
        "facts": _encoded(new.facts),
    }
    return BackupId(connection.execute(insert(backups).values(values).returning(backups.c.id)).scalar_one())


def complete(
    connection: Connection,
    backup: BackupId,
    moments: tuple[Milliseconds, Milliseconds],
    newest: Milliseconds,
    facts: Facts,
) -> bool:
    """Record when a backup was taken and until when it is kept, and what it names; False if it has ended meanwhile."""
    at, until = moments
    values = {"of_id": backup, "at": at, "until": until, "newest": newest, "found": _encoded(facts)}
    return connection.execute(_COMPLETE, values).rowcount == 1


def describe(connection: Connection, backup: BackupId, facts: Facts) -> None:
    """Record what is in a backup anew."""
    connection.execute(_DESCRIBE, {"of_id": backup, "found": _encoded(facts)})


def find(connection: Connection, name: str) -> Backup | None:
    """Return the backup of that name."""
    found = connection.execute(_FIND, {"of_name": name}).first()
    return None if found is None else _backup(found)


def newest_first(connection: Connection) -> list[Backup]:
    """Return all backups that are known, also those that have ended."""
    return [_backup(row) for row in connection.execute(_ALL)]


def page(connection: Connection, before: BackupId, limit: int) -> list[Backup]:
    """Return backups whose row came before that of another one, newest first."""
    return [_backup(row) for row in connection.execute(_PAGE, {"before": before, "limit": limit})]


def newest_taken_at(connection: Connection) -> Milliseconds | None:
    """Return when the newest that is known was taken, also of one that has ended."""
    return connection.execute(_NEWEST_TAKEN).scalar()


def count_kept(connection: Connection) -> int:
    """Count those that were taken and have not ended."""
    return connection.execute(_KEPT).scalar_one()


def holding(connection: Connection) -> list[Backup]:
    """Return those that have not ended, newest first: the bytes that they name stay."""
    return [_backup(row) for row in connection.execute(_HOLDING)]


def ended(connection: Connection) -> list[Backup]:
    """Return those that have ended."""
    return [_backup(row) for row in connection.execute(_ENDED)]


def end(connection: Connection, name: str, now: Milliseconds) -> bool:
    """Let a backup hold nothing from now on; False if it has ended."""
    return connection.execute(_END, {"of_name": name, "now": now}).rowcount == 1


def end_expired(connection: Connection, now: Milliseconds) -> None:
    """Let those hold nothing from now on whose time is over."""
    connection.execute(_END_DUE, {"now": now})


def drop_ended(connection: Connection, before: Milliseconds) -> None:
    """Forget those that ended before a moment, and for which no bytes stay any more."""
    connection.execute(_DROP, {"before": before})


def held_back(connection: Connection) -> list[HeldBack]:
    """Return the dead objects whose bytes stay for backups. Counts them: a survey."""
    return [HeldBack(name, until, count, int(size)) for name, until, count, size in connection.execute(_HELD)]


def held_bytes(connection: Connection) -> int:
    """Return the bytes of all dead objects that stay for backups. Adds them up: a survey."""
    return int(connection.execute(_HELD_BYTES).scalar_one())


def held_alone(connection: Connection, backup: Backup, known: Sequence[Backup]) -> HeldBack:
    """Return the dead objects that stay for a backup, and go when it ends: no older one of `known` may name them.

    For one that has ended nothing stays.
    """
    older = [each.newest_object for each in known if each.id < backup.id]
    named = [each for each in older if each is not None]
    count, size = 0, 0
    if backup.ended_at is None and len(named) == len(older):
        values = {"of_id": backup.id, "named": max(named, default=NOTHING_NAMED)}
        count, size = connection.execute(_HELD_ALONE, values).one()
    return HeldBack(backup.name, backup.expires_at, count, int(size))


def holder(known: Sequence[Backup], since: Milliseconds | None, below: BackupId | None = None) -> Backup | None:
    """Return the newest of the backups `known`, which come newest first, that may name a dead object.

    None whose number is not `below` another one: an object that was found dead is named by none that came later.
    """
    return next((each for each in known if (below is None or each.id < below) and each.names(since)), None)


def last_holder(known: Sequence[Backup], since: Milliseconds | None) -> Backup | None:
    """Return the one of them that is kept longest."""
    return max((each for each in known if each.names(since)), key=lambda each: each.expires_at, default=None)


def _encoded(facts: Facts) -> str:
    return msgspec.json.encode(facts).decode()


def _backup(row: Row[Any]) -> Backup:
    return Backup(**row._asdict() | {"facts": msgspec.json.decode(row.facts, type=Facts)})
