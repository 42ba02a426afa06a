# SPDX-License-Identifier: Apache-2.0
"""Every statement on the outbox: append, read in commit order, and the consumers' cursors."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.infra.events.tables import outbox
from entrepot.infra.events.tables import outbox_consumers
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_ERROR_CHARACTERS = 500


class Cursor(NamedTuple):
    """A place in the outbox: everything up to and including this row has been seen."""

    txid: int
    seq: int


BEGINNING = Cursor(0, 0)

Stamp = tuple[int, int]
_OPENED = count()


class NewRow(NamedTuple):
    """A row to append."""

    id: Ulid
    type: str
    occurred_at: Milliseconds
    payload: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row as read back."""

    seq: int
    txid: int
    id: Ulid
    type: str
    occurred_at: Milliseconds
    payload: str

    @property
    def cursor(self) -> Cursor:
        """The place just after this row."""
        return Cursor(self.txid, self.seq)


@dataclass(frozen=True, slots=True)
class ConsumerLag:
    """How far a consumer is behind, and whether it is stuck.

    `behind` is about how many rows wait (rows of transactions that were undone
    count on PostgreSQL); `waiting_since` is the age of the oldest of them.
    """

    name: str
    behind: int
    waiting_since: Milliseconds | None
    failing_since: Milliseconds | None
    last_error: str | None


class _CurrentTransaction(FunctionElement[int]):
    """The number of the transaction that is writing; 0 where one writer makes it needless."""

    type = BigInteger()
    inherit_cache = True


class _OldestRunning(FunctionElement[int]):
    """The oldest transaction that may still commit; rows below it are complete and final."""

    type = BigInteger()
    inherit_cache = True


@compiles(_CurrentTransaction)
def _no_transaction(_element: _CurrentTransaction, _compiler: SQLCompiler, **_options: Any) -> str:
    return "0"


@compiles(_CurrentTransaction, "postgresql")
def _postgresql_transaction(_element: _CurrentTransaction, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"


@compiles(_OldestRunning)
def _no_horizon(_element: _OldestRunning, _compiler: SQLCompiler, **_options: Any) -> str:
    return "1"


@compiles(_OldestRunning, "postgresql")
def _postgresql_horizon(_element: _OldestRunning, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"


_ROW = (outbox.c.seq, outbox.c.txid, outbox.c.id, outbox.c.type, outbox.c.occurred_at, outbox.c.payload)
_GIVEN = {name: bindparam(name, type_=BigInteger) for name in ("txid", "seq")}
_SLOWEST = (
    select(outbox_consumers.c.txid, outbox_consumers.c.seq)
    .order_by(outbox_consumers.c.txid, outbox_consumers.c.seq)
    .limit(1)
)
_CURSORS = select(outbox_consumers.c.name, outbox_consumers.c.txid, outbox_consumers.c.seq)
_AT = select(outbox.c.seq).where(outbox.c.seq == bindparam("seq"), outbox.c.txid == bindparam("txid"))
_APPEND = Prepared(
    insert(outbox).values(
        txid=_CurrentTransaction(),
        id=bindparam("id"),
        type=bindparam("type"),
        occurred_at=bindparam("occurred_at"),
        payload=bindparam("payload"),
    ),
    *NewRow._fields,
)
_ADVANCE = (
    update(outbox_consumers)
    .where(
        outbox_consumers.c.name == bindparam("consumer"),
        outbox_consumers.c.txid == bindparam("old_txid"),
        outbox_consumers.c.seq == bindparam("old_seq"),
    )
    .values(
        txid=bindparam("new_txid"),
        seq=bindparam("new_seq"),
        updated_at=bindparam("now"),
        failing_since=None,
        last_error=None,
    )
)
_RECORD_FAILURE = (
    update(outbox_consumers)
    .where(outbox_consumers.c.name == bindparam("consumer"))
    .values(
        failing_since=func.coalesce(outbox_consumers.c.failing_since, bindparam("now", type_=BigInteger)),
        last_error=bindparam("error"),
    )
)


class _InOrder:
    """The statements that follow the commit order, which is by the columns named in `order`."""

    def __init__(self, *order: str) -> None:
        columns = [outbox.c[name] for name in order]
        place = tuple_(*columns)
        given = tuple_(*(_GIVEN[name] for name in order))
        is_final = outbox.c.txid < _OldestRunning()
        limit = bindparam("limit", type_=Integer)
        self.read_after = select(*_ROW).where(place > given, is_final).order_by(*columns).limit(limit)
        self.visible_after = (
            select(*_ROW, is_final.label("is_final")).where(place > given).order_by(*columns).limit(limit)
        )
        self.back = (
            select(outbox.c.txid, outbox.c.seq)
            .where(is_final)
            .order_by(*(column.desc() for column in columns))
            .offset(bindparam("count", type_=Integer))
            .limit(1)
        )
        first_waiting = (
            select(outbox.c.occurred_at)
            .where(place > tuple_(*(outbox_consumers.c[name] for name in order)))
            .order_by(*columns)
            .limit(1)
            .correlate(outbox_consumers)
        )
        newest = select(func.coalesce(func.max(outbox.c.seq), 0))
        self.lag = select(
            outbox_consumers.c.name,
            (newest.scalar_subquery() - outbox_consumers.c.seq).label("behind"),
            first_waiting.scalar_subquery().label("waiting_since"),
            outbox_consumers.c.failing_since,
            outbox_consumers.c.last_error,
        ).order_by(outbox_consumers.c.name)
        oldest = (
            select(outbox.c.seq, outbox.c.occurred_at).where(place <= given).order_by(*columns).limit(limit).subquery()
        )
        self.prune = delete(outbox).where(
            outbox.c.seq.in_(select(oldest.c.seq).where(oldest.c.occurred_at < bindparam("before")))
        )


# SQLite seeks by a row value only in an index without its row id, so there the order is `seq` alone.
_BY_SEQ = _InOrder("seq")
_BY_TRANSACTION = _InOrder("txid", "seq")


def _in_order(connection: Connection) -> _InOrder:
    return _BY_TRANSACTION if connection.dialect.name == "postgresql" else _BY_SEQ


def append(connection: Connection, rows: Sequence[NewRow]) -> None:
    """Add `rows` in the caller's transaction: they become readable when it commits, and never if it does not."""
    _APPEND.run_all(connection, rows)


def read_after(connection: Connection, cursor: Cursor, limit: int) -> list[OutboxRow]:
    """Return up to `limit` rows after `cursor` in commit order; none will ever appear before one of them."""
    found = connection.execute(_in_order(connection).read_after, {**cursor._asdict(), "limit": limit})
    return [OutboxRow(*row) for row in found]


def visible_after(connection: Connection, cursor: Cursor, limit: int) -> tuple[list[OutboxRow], int]:
    """Return up to `limit` rows after `cursor` that can be seen, and how many of them, the first ones, are final.

    Before one that is not final others may yet appear: a cursor must not pass it. What its transaction
    wrote can be seen together with it.
    """
    found = connection.execute(_in_order(connection).visible_after, {**cursor._asdict(), "limit": limit}).all()
    return [OutboxRow(*row[:-1]) for row in found], sum(bool(row.is_final) for row in found)


def end(connection: Connection) -> Cursor:
    """Return the place after the newest readable row."""
    return back(connection, 0)


def back(connection: Connection, count: int) -> Cursor:
    """Return the place with `count` rows behind it, or the beginning if there are no more; it walks over so many."""
    row = connection.execute(_in_order(connection).back, {"count": count}).one_or_none()
    return BEGINNING if row is None else Cursor(row.txid, row.seq)


def is_kept(connection: Connection, cursor: Cursor) -> bool:
    """Tell whether the row at `cursor` is there, and with it every row behind it: the oldest are dropped first."""
    return connection.execute(_AT, {"txid": cursor.txid, "seq": cursor.seq}).first() is not None


def stamp(connection: Connection) -> Stamp | None:
    """Return what is different once anything was committed by any process; None where there is no such thing.

    Ask it of the connection that is read with: it counts the commits of others since the connection was opened
    (SQLite, `PRAGMA data_version`), so the number of the connection is a part of it.
    """
    if connection.dialect.name != "sqlite":
        return None
    opened = connection.info.setdefault(stamp, next(_OPENED))
    return opened, int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def register(connection: Connection, name: str, now: Milliseconds, *, from_beginning: bool = False) -> None:
    """Make a cursor for `name` unless it has one: at the end, or before the oldest row that is kept."""
    start = BEGINNING if from_beginning else end(connection)
    insert_if_absent(connection, outbox_consumers, {"name": name, "updated_at": now, **start._asdict()})


def unregister(connection: Connection, name: str) -> None:
    """Forget a consumer, so that it no longer keeps rows from being pruned."""
    connection.execute(delete(outbox_consumers).where(outbox_consumers.c.name == name))


def cursor_of(connection: Connection, name: str) -> Cursor | None:
    """Return how far `name` has come, or None if it is not registered."""
    return cursors(connection).get(name)


def cursors(connection: Connection) -> dict[str, Cursor]:
    """Return how far each consumer has come that is registered."""
    return {row.name: Cursor(row.txid, row.seq) for row in connection.execute(_CURSORS)}


def advance(connection: Connection, name: str, old: Cursor, new: Cursor, now: Milliseconds) -> bool:
    """Move `name` from `old` to `new` and clear its failure; False if it was no longer at `old`."""
    moved = connection.execute(
        _ADVANCE,
        {
            "consumer": name,
            "old_txid": old.txid,
            "old_seq": old.seq,
            "new_txid": new.txid,
            "new_seq": new.seq,
            "now": now,
        },
    )
    return moved.rowcount == 1


def record_failure(connection: Connection, name: str, error: str, now: Milliseconds) -> None:
    """Note that `name` cannot go on, since when (kept from the first failure) and why."""
    connection.execute(_RECORD_FAILURE, {"consumer": name, "error": error[:MAX_ERROR_CHARACTERS], "now": now})


def lag(connection: Connection) -> list[ConsumerLag]:
    """Return the state of every consumer, by name; costs one indexed read each however far behind it is."""
    return [
        ConsumerLag(
            name=row.name,
            behind=max(0, row.behind) if row.waiting_since is not None else 0,
            waiting_since=row.waiting_since,
            failing_since=row.failing_since,
            last_error=row.last_error,
        )
        for row in connection.execute(_in_order(connection).lag)
    ]


def prune(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Delete rows that every consumer is past and that occurred before `before`.

    Looks at no more than the `limit` oldest rows; returns how many went, so call
    it again while that equals `limit`.
    """
    slowest = connection.execute(_SLOWEST).one_or_none()
    place = end(connection) if slowest is None else Cursor(slowest.txid, slowest.seq)
    pruned = connection.execute(_in_order(connection).prune, {**place._asdict(), "limit": limit, "before": before})
    return pruned.rowcount
