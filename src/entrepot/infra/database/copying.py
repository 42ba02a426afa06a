# SPDX-License-Identifier: Apache-2.0
"""Moving everything from one database to another, on whichever engines, and comparing the two before it counts.

The target is written in one transaction, which ends once every row was read back and found equal: nobody sees half a
copy, and after an interruption there is nothing to clear away. Meanwhile nobody can write to the source.
"""

import hashlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import zip_longest
from typing import Any

import msgspec
from asyncpg import PostgresError
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import inspect
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database import numbering
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import sqlstate
from entrepot.infra.database.metadata import family_table
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.metadata import tables_in
from entrepot.kernel.errors import AppError

BATCH_ROWS = 1_000
BATCH_BYTES = 8 * 1024 * 1024
FETCHED_ROWS = 500
FETCHED_LONG_ROWS = 16
"""How many rows come from PostgreSQL at once: few, where one may be as long as a manifest."""

GREATEST_INTEGER = 2**31 - 1
REFUSALS = frozenset({"22", "23", "54"})
"""Classes of SQLSTATE about a value that a table does not take (PostgreSQL, appendix A)."""


class CannotMove(AppError):
    """The database cannot be moved as it is, or the copy was not equal."""

    code = "cannot_move"
    default_hint = "Nothing was moved: both databases are as they were."


class Phase(StrEnum):
    """What is being done with each table, one after another."""

    COPY = "copying"
    COMPARE = "comparing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of all rows are done in this phase, and in which table the last ones were."""

    phase: Phase
    table: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table, how many rows of it are equal on both sides, and the SHA-256 of these rows in the order of their key."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the tables mean beyond being tables.

    `require_unused` looks at the source, to which nobody can write by then, and raises what stands in the way of
    moving. `is_whole` tells of a row of the target whether it is what it says, by table. `settle` changes in the
    target what only made sense where it came from, once everything was compared.
    """

    require_unused: Callable[[Connection], None]
    is_whole: Mapping[str, Callable[[Mapping[str, Any]], bool]]
    settle: Callable[[Connection], None]


Tell = Callable[[Progress], None]


def _leave(_connection: Connection) -> None:
    pass


AS_IT_IS = Rules(_leave, {}, _leave)
"""Rules that ask for nothing and change nothing."""


def move(source: Database, target: Database, rules: Rules, tell: Tell) -> list[MovedTable]:
    """Copy all rows of `source`, which has the schema of this program, to `target`, which has none; compare both.

    One of the two at least is SQLite. `tell` is called after each batch; what it raises ends the move. Raises
    `CannotMove`, what `rules` and `schema.upgrade` raise, and `DatabaseUnavailable`: then both are as they were.
    """
    upgrade = schema.upgrading()

    def move_within(taken: Connection, given: Connection, totals: Mapping[str, int]) -> list[MovedTable]:
        require_empty(taken)
        upgrade(taken)
        return _move(given, taken, totals, rules, tell)

    def from_sqlite(given: Connection) -> list[MovedTable]:
        rules.require_unused(given)
        _require_storable(given)
        return target.change_schema(partial(move_within, given=given, totals=_count(given)))

    def from_postgresql(given: Connection, taken: Connection) -> list[MovedTable]:
        _keep_writers_out(given)
        rules.require_unused(given)
        return move_within(taken, given, _count(given))

    # Outside is SQLite, whose connection does not mind the thread that PostgreSQL's must be used in.
    if source.engine_name == "sqlite":
        return source.change_schema(from_sqlite)
    return target.change_schema(lambda taken: source.snapshot_now(from_postgresql, taken))


def copy_out(given: Connection, taken: Connection, tell: Tell) -> list[MovedTable]:
    """Copy all rows that `given` sees to `taken`, which has no row, and compare both. Nobody is kept from writing.

    Raises `CannotMove` and what `tell` raises.
    """
    return _move(given, taken, _count(given), AS_IT_IS, tell)


def _keep_writers_out(connection: Connection) -> None:
    # Before the first query, so that the snapshot holds whatever was written until then. Who writes to a table of a
    # family writes to one of these too.
    names = ", ".join(map(connection.dialect.identifier_preparer.format_table, metadata.sorted_tables))
    connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")


def _count(connection: Connection) -> dict[str, int]:
    counts = {each.name: select(func.count()).select_from(each) for each in tables_in(connection)}
    return {name: connection.execute(count).scalar_one() for name, count in counts.items()}


def _move(
    given: Connection, taken: Connection, totals: Mapping[str, int], rules: Rules, tell: Tell
) -> list[MovedTable]:
    for table in reversed(metadata.sorted_tables):
        taken.execute(delete(table))
    tables = tables_in(given)
    for table in tables:
        if family_table(table.name) is not None:
            table.create(taken)
    counter = _Counter(Phase.COPY, sum(totals.values()), tell)
    for table in tables:
        _copy(given, taken, table, partial(counter.add, table.name))
    counter = _Counter(Phase.COMPARE, sum(totals.values()), tell)
    compared = []
    for table in tables:
        is_whole = rules.is_whole.get(table.name)
        compared.append(_compare(given, taken, table, is_whole, partial(counter.add, table.name)))
    rules.settle(taken)
    for table in tables:
        numbering.go_on(given, taken, table)
    if taken.dialect.name == "postgresql":
        taken.exec_driver_sql("ANALYZE")
    return compared


class _Counter:
    """Tells how far a phase has come."""

    def __init__(self, phase: Phase, total: int, tell: Tell) -> None:
        self._phase = phase
        self._total = total
        self._tell = tell
        self._done = 0

    def add(self, table: str, rows: int) -> None:
        self._done += rows
        if rows:
            self._tell(Progress(self._phase, table, self._done, self._total))


def require_empty(connection: Connection) -> None:
    """Raise `CannotMove` if any table that is declared has a row."""
    there = set(inspect(connection).get_table_names())
    for table in tables_in(connection):
        if table.name in there and connection.execute(select(table).limit(1)).first() is not None:
            raise CannotMove(
                f"the database to move to is not empty: there are rows in {table.name}",
                hint="Name one that is new; nothing is ever overwritten.",
            )


def _copy(given: Connection, taken: Connection, table: Table, count: Callable[[int], None]) -> None:
    write = _copy_in if taken.dialect.name == "postgresql" else _insert
    for batch in _batches(given.execute(_all_rows(given, table))):
        try:
            write(taken, table, batch)
        except (DBAPIError, PostgresError) as error:
            if isinstance(error, IntegrityError) or sqlstate(error)[:2] in REFUSALS:
                raise CannotMove(f"a row of {table.name} is refused: {getattr(error, 'orig', error)}") from error
            raise
        count(len(batch))


def _insert(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    connection.execute(insert(table), [row._asdict() for row in rows])


def _copy_in(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Do what `_insert` does three times as fast, with `COPY`."""
    driver: Any = connection.connection.dbapi_connection
    columns = list(table.columns.keys())
    driver.run_async(lambda server: server.copy_records_to_table(table.name, records=rows, columns=columns))


def _batches(rows: Iterator[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Yield rows together, so many that they are worth a journey and few enough for the memory."""
    batch: list[Row[Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _compare(
    given: Connection,
    taken: Connection,
    table: Table,
    is_whole: Callable[[Mapping[str, Any]], bool] | None,
    count: Callable[[int], None],
) -> MovedTable:
    """Read both tables in the order of their key and compare every column of every row."""
    checksum = hashlib.sha256()
    rows = 0
    both = zip_longest(given.execute(_all_rows(given, table)), taken.execute(_all_rows(taken, table)))
    for rows, (own, copied) in enumerate(both, start=1):
        content = _encoded(own)
        if content != _encoded(copied):
            raise CannotMove(f"the copy of {table.name} differs at {_key(table, own or copied)}")
        if is_whole is not None and not is_whole(copied._asdict()):
            raise CannotMove(
                f"what {table.name} holds at {_key(table, copied)} is not what its digest says",
                hint="Nothing was moved. `entrepot verify` tells more; push it again or delete it, then move again.",
            )
        checksum.update(content)
        if rows % BATCH_ROWS == 0:
            count(BATCH_ROWS)
    count(rows % BATCH_ROWS)
    return MovedTable(table.name, rows, checksum.hexdigest())


def _encoded(row: Row[Any] | None) -> bytes:
    return b"" if row is None else msgspec.msgpack.encode(tuple(row))


def _key(table: Table, row: Row[Any]) -> str:
    values = row._asdict()
    return ", ".join(f"{column.name} {values[column.name]!r}" for column in table.primary_key)


def _all_rows(connection: Connection, table: Table) -> Select[Any]:
    """Select all of a table, a few rows at a time, in the order of its key's bytes, which is the same everywhere."""
    order = [_bytewise(column) if connection.dialect.name == "postgresql" else column for column in table.primary_key]
    is_long = any(isinstance(each.type, String | LargeBinary) and each.type.length is None for each in table.columns)
    fetched = FETCHED_LONG_ROWS if is_long else FETCHED_ROWS
    return select(table).order_by(*order).execution_options(stream_results=True, max_row_buffer=fetched)


def _bytewise(column: Column[Any]) -> ColumnElement[Any]:
    return column.collate("C") if isinstance(column.type, String) else column


def _require_storable(connection: Connection) -> None:
    """Raise `CannotMove` for the first value that SQLite holds and PostgreSQL would not take."""
    for table in tables_in(connection):
        conditions = [condition for column in table.columns for condition in _refused(column)]
        if not conditions:
            continue
        row = connection.execute(select(table).where(or_(*conditions)).limit(1)).first()
        if row is not None:
            names = [
                column.name for column, value in zip(table.columns, row, strict=True) if _is_refused(column, value)
            ]
            raise CannotMove(
                f"{' and '.join(names)} of {table.name} at {_key(table, row)} is nothing that PostgreSQL stores: "
                "a NUL character, or longer than declared",
                hint="Nothing was moved. Change or delete it, then move again.",
            )


def _refused(column: Column[Any]) -> Iterator[ColumnElement[bool]]:
    if isinstance(column.type, String):
        yield func.instr(column, func.char(0)) > 0
        if column.type.length:
            yield func.length(column) > column.type.length
    elif isinstance(column.type, Integer) and not isinstance(column.type, BigInteger):
        yield func.abs(column) > GREATEST_INTEGER


def _is_refused(column: Column[Any], value: Any) -> bool:
    if isinstance(value, str) and isinstance(column.type, String):
        return "\0" in value or len(value) > (column.type.length or len(value))
    return isinstance(value, int) and not isinstance(column.type, BigInteger) and abs(value) > GREATEST_INTEGER
