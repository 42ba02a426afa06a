# SPDX-License-Identifier: Apache-2.0
"""A SQLite file in the making, which nobody reads before it is whole: rows come in any order, and nothing is synced."""

import os
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import NullPool
from sqlalchemy import Table
from sqlalchemy import create_engine
from sqlalchemy import inspect

from entrepot.infra.database import schema

_MADE_FOR_SPEED = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144", "temp_store=MEMORY")


@contextmanager
def building(path: Path, revision: str) -> Iterator[Connection]:
    """Make a new file with the schema of a revision, in place of one that was not finished; it is on disk at the end.

    Nothing is checked while it is written: see `settle`.
    """
    discard(path)
    path.touch(0o600)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for pragma in _MADE_FOR_SPEED:
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.exec_driver_sql("BEGIN")
            schema.upgrading(until=revision)(connection)
            yield connection
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()
    with path.open("rb") as file:
        os.fsync(file.fileno())


def discard(path: Path) -> None:
    """Remove a file that was not finished, and what SQLite put beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


class BuiltTable:
    """A table of the file as its revision has it."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._quote = connection.dialect.identifier_preparer.quote
        table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
        self.name = name
        self.columns = frozenset(column.name for column in table.columns)
        self.binary = frozenset(column.name for column in table.columns if isinstance(column.type, LargeBinary))

    def clear(self) -> None:
        """Remove every row."""
        self._connection.exec_driver_sql(f"DELETE FROM {self._quote(self.name)}")  # noqa: S608 - the name of a table

    def remove(self, by: Sequence[str], values: Sequence[tuple[Any, ...]]) -> None:
        """Remove the rows whose columns `by`, which it has to have, are one of `values`."""
        condition = " AND ".join(f"{self._quote(self._own(name))} = ?" for name in by)
        if values:
            statement = f"DELETE FROM {self._quote(self.name)} WHERE {condition}"  # noqa: S608 - names of columns
            self._connection.exec_driver_sql(statement, list(values))

    def put(self, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each in place of those that it cannot stand beside."""
        names = ", ".join(self._quote(self._own(name)) for name in columns)
        marks = ", ".join("?" for _ in columns)
        if rows:
            statement = f"INSERT OR REPLACE INTO {self._quote(self.name)} ({names}) VALUES ({marks})"  # noqa: S608
            self._connection.exec_driver_sql(statement, list(rows))

    def _own(self, name: str) -> str:
        if name not in self.columns:
            raise KeyError(name)
        return name


def table_names(connection: Connection) -> frozenset[str]:
    """Return the names of the tables that the file has."""
    return frozenset(inspect(connection).get_table_names())


def settle(connection: Connection) -> dict[str, int]:
    """Remove rows that refer to what is not there, until there are none; return how many of each table."""
    quote = connection.dialect.identifier_preparer.quote
    removed: dict[str, int] = {}
    while found := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        rows = {(table, row) for table, row, _, _ in found}
        for table in {table for table, _ in rows}:
            ids = [(row,) for name, row in rows if name == table]
            statement = f"DELETE FROM {quote(table)} WHERE rowid = ?"  # noqa: S608 - the name of a table
            connection.exec_driver_sql(statement, ids)
            removed[table] = removed.get(table, 0) + len(ids)
    return removed
