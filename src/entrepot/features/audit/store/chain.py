# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on the chain: its head, its months, and what is appended and dropped."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import astuple
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import inspect
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.audit.models import Month
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Pseudonym
from entrepot.features.audit.record import Sealed
from entrepot.features.audit.record import object_text
from entrepot.features.audit.tables import audit_partitions
from entrepot.features.audit.tables import records_of
from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.clock import Milliseconds


class ChainedRow(NamedTuple):
    """A record with its hash, and what stands beside it."""

    sealed: Sealed
    hash: bytes
    salt: bytes | None
    details: str | None


_PARTITION = [audit_partitions.c[each] for each in Partition.__dataclass_fields__]
_ALL = select(*_PARTITION).order_by(audit_partitions.c.first_seq)
_HEAD = select(*_PARTITION).order_by(audit_partitions.c.first_seq.desc()).limit(1)
_LOCK_HEAD = _HEAD.with_for_update()
_HEAD_MONTH = select(audit_partitions.c.month).order_by(audit_partitions.c.first_seq.desc()).limit(1)
_ADD = insert(audit_partitions)
_EXTEND = (
    update(audit_partitions)
    .where(audit_partitions.c.month == bindparam("of"))
    .values({each: bindparam(each) for each in ("last_seq", "last_hash", "first_at", "last_at")})
)
_MARK_DROPPED = (
    update(audit_partitions).where(audit_partitions.c.month == bindparam("of")).values(dropped_at=bindparam("at"))
)
_NAMES = [*Sealed.__struct_fields__, "hash", "salt", "details"]


def partitions(connection: Connection) -> list[Partition]:
    """Return every month that the chain has, oldest first, those that were dropped too."""
    return [Partition(*row) for row in connection.execute(_ALL)]


def head(connection: Connection) -> Partition | None:
    """Return the month that the chain is in; None before the first record."""
    row = connection.execute(_HEAD).first()
    return None if row is None else Partition(*row)


def lock_head(connection: Connection) -> Partition | None:
    """Do the same, and let nobody else append, or change names, before this transaction ends."""
    row = connection.execute(_LOCK_HEAD).first()
    # Who was waited for may have begun another month, which a statement that began before does not see.
    while row is not None and connection.execute(_HEAD_MONTH).scalar_one() != row.month:
        row = connection.execute(_LOCK_HEAD).first()
    return None if row is None else Partition(*row)


def begin(connection: Connection, partition: Partition) -> None:
    """Begin a month: make its table, and note on what its first record stands."""
    records_of(partition.month).create(connection)
    connection.execute(_ADD, {each: getattr(partition, each) for each in Partition.__dataclass_fields__})


def append(connection: Connection, partition: Partition, rows: Sequence[ChainedRow]) -> None:
    """Store records of a month, of which `partition` says what it is with them."""
    values = [(*astuple(row.sealed), row.hash, row.salt, row.details) for row in rows]
    _insert_into(partition.month).run_all(connection, values)
    given = {each: getattr(partition, each) for each in ("last_seq", "last_hash", "first_at", "last_at")}
    connection.execute(_EXTEND, {"of": partition.month, **given})


def rows_of(connection: Connection, month: Month, first_seq: int, limit: int) -> list[ChainedRow]:
    """Return up to `limit` records of a month from that number on, in their order."""
    table = records_of(month)
    wanted = (
        select(*(table.c[each] for each in _NAMES)).where(table.c.seq >= first_seq).order_by(table.c.seq).limit(limit)
    )
    beside = len(Sealed.__struct_fields__)
    return [ChainedRow(Sealed(*row[:beside]), *row[beside:]) for row in connection.execute(wanted)]


def hash_at(connection: Connection, month: Month, seq: int) -> bytes | None:
    """Return the hash of one record, None if it is not there."""
    table = records_of(month)
    return connection.execute(select(table.c.hash).where(table.c.seq == seq)).scalar()


def has_records(connection: Connection, month: Month) -> bool:
    """Tell whether the table of a month is there."""
    return inspect(connection).has_table(records_of(month).name)


def outside(connection: Connection, month: Month, limit: int) -> list[int]:
    """Return the numbers of up to `limit` records in the table of a month that are before its first or behind its
    last."""
    seq, of_month = records_of(month).c.seq, audit_partitions.c.month == month
    is_outside = or_(seq < audit_partitions.c.first_seq, seq > audit_partitions.c.last_seq)
    return [*connection.execute(select(seq).where(of_month, is_outside).order_by(seq).limit(limit)).scalars()]


def erase_details(connection: Connection, month: Month, kind: str, pseudonym: Pseudonym, limit: int) -> int:
    """Forget the details of records that are about somebody, at most `limit`; return how many there were."""
    table = records_of(month)
    about = (table.c.actor == pseudonym, table.c.address == pseudonym, table.c.object == object_text(kind, pseudonym))
    found = select(table.c.seq).where(or_(*about), table.c.details.is_not(None)).limit(limit)
    erased = update(table).where(table.c.seq.in_(found)).values(details=None, salt=None)
    return connection.execute(erased).rowcount


def drop(connection: Connection, month: Month, now: Milliseconds) -> None:
    """Drop the records of a month; what the next month stands on is kept."""
    records_of(month).drop(connection, checkfirst=True)
    connection.execute(_MARK_DROPPED, {"of": month, "at": now})


@lru_cache(maxsize=4)
def _insert_into(month: Month) -> Prepared:
    return Prepared(insert(records_of(month)).values({each: bindparam(each) for each in _NAMES}), *_NAMES)
