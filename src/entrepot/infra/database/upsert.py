# SPDX-License-Identifier: Apache-2.0
"""`INSERT ... ON CONFLICT`, which SQLite and PostgreSQL both have and SQLAlchemy spells per dialect."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Executable
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.prepared import Row


def dialect_insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the insert construct of the connection's dialect: both have `on_conflict_do_nothing` and `_do_update`."""
    return _insert(connection.dialect.name, table)


def insert_if_absent(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless a unique key of it is taken; tell whether it was inserted."""
    return connection.execute(_insert_if_absent(connection.dialect.name, table), dict(values)).one_or_none() is not None


class InsertIfAbsent:
    """`insert_if_absent` for hot paths: prepared for one table and the names of the columns, in the order of values."""

    __slots__ = ("_on_postgresql", "_on_sqlite")

    def __init__(self, table: Table, *names: str) -> None:
        self._on_sqlite = Prepared(sqlite.insert(table).on_conflict_do_nothing(), *names)
        returning = postgresql.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
        self._on_postgresql = Prepared(returning, *names)

    def run(self, connection: Connection, *values: Any) -> bool:
        """Insert the row unless a unique key of it is taken; tell whether it was inserted."""
        if connection.dialect.name == "postgresql":
            return self._on_postgresql.first(connection, *values) is not None
        return self._on_sqlite.run(connection, *values) == 1


class InsertOrUpdate:
    """`INSERT ... ON CONFLICT DO UPDATE` for hot paths: prepared for one table and the names of the columns.

    `change` takes the row that was to be inserted, by column, and says what becomes of the one that is there;
    `only_if` says for which it does, all where it is not given.
    """

    __slots__ = ("_on_postgresql", "_on_sqlite")

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        keys: Sequence[str],
        change: Callable[[ReadOnlyColumnCollection[str, Any]], Mapping[str, ColumnElement[Any]]],
        only_if: Callable[[ReadOnlyColumnCollection[str, Any]], ColumnElement[bool]] | None = None,
    ) -> None:
        to_sqlite, to_postgresql = sqlite.insert(table), postgresql.insert(table)
        new, where = to_sqlite.excluded, None if only_if is None else only_if(to_sqlite.excluded)
        on_sqlite = to_sqlite.on_conflict_do_update(index_elements=keys, set_=change(new), where=where)
        self._on_sqlite = Prepared(on_sqlite, *names)
        new, where = to_postgresql.excluded, None if only_if is None else only_if(to_postgresql.excluded)
        on_postgresql = to_postgresql.on_conflict_do_update(index_elements=keys, set_=change(new), where=where)
        self._on_postgresql = Prepared(on_postgresql, *names)

    def run_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Do it for each of `rows`, values in the order of the names."""
        statement = self._on_postgresql if connection.dialect.name == "postgresql" else self._on_sqlite
        statement.run_all(connection, rows)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _insert_if_absent(dialect: str, table: Table) -> Executable:
    # The row that comes back tells: not every driver counts inserted rows.
    return _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)
