# SPDX-License-Identifier: Apache-2.0
"""The numbers that a database generates for keys: which was the last one, and going on from there elsewhere."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

_GREATEST = bindparam("greatest", type_=BigInteger)
_LAST_ON_SQLITE = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_LAST_ON_POSTGRESQL = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:table, :column) AS regclass))")
_FORGET_ON_SQLITE = text("DELETE FROM sqlite_sequence WHERE name = :table")
_SET_ON_SQLITE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :greatest)")
_SET_ON_POSTGRESQL = text(
    "SELECT setval(CAST(pg_get_serial_sequence(:table, :column) AS regclass), :greatest)"
).bindparams(_GREATEST)


def go_on(source: Connection, target: Connection, table: Table) -> None:
    """Let `target` generate only keys of `table` that are greater than any of both, also of rows that are gone."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(_last(source, table, column), target.scalar(select(func.max(column))) or 0)
    given = {"table": table.name, "greatest": last}
    if last and target.dialect.name == "postgresql":
        target.execute(_SET_ON_POSTGRESQL, {**given, "column": column.name})
    elif last and _remembers(table):
        target.execute(_FORGET_ON_SQLITE, {"table": table.name})
        target.execute(_SET_ON_SQLITE, given)


def _last(connection: Connection, table: Table, column: Column[Any]) -> int:
    """Return the last number that was generated, 0 if there was none or the engine does not remember it."""
    if connection.dialect.name == "postgresql":
        return connection.scalar(_LAST_ON_POSTGRESQL, {"table": table.name, "column": column.name}) or 0
    return (connection.scalar(_LAST_ON_SQLITE, {"table": table.name}) or 0) if _remembers(table) else 0


def _remembers(table: Table) -> bool:
    """Tell whether SQLite keeps the last number of a table when its row goes."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])
