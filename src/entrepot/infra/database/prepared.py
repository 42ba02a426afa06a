# SPDX-License-Identifier: Apache-2.0
"""Statements of the hot paths: compiled once, and run on the driver's own cursor where that is SQLite's.

An indexed SQLite read takes about 10 µs; SQLAlchemy's way to it and back about
25 µs more. A `Prepared` keeps the statement, the types and the errors of
SQLAlchemy and leaves that out. On any other engine SQLAlchemy executes it: there
the network costs more than both.
"""

from collections.abc import Callable
from collections.abc import Sequence
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import Boolean
from sqlalchemy import CompoundSelect
from sqlalchemy import Connection
from sqlalchemy import Delete
from sqlalchemy import Dialect
from sqlalchemy import Enum
from sqlalchemy import Insert
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert

Row = tuple[Any, ...]
Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete | ReturningInsert[Any]

PLAIN_TYPES = (String, Integer, LargeBinary)
"""What SQLite's driver takes and gives as it is (text, whole numbers, bytes), with the types derived from them."""
TAKEN_TYPES = (*PLAIN_TYPES, Boolean)
"""What it takes as it is: a truth value comes back as a number."""


class Prepared:
    """One statement and the names of its parameters, in the order in which values are given.

    Every parameter must be of a type that is taken as it is, and every column of one
    that is given so too, else the first use raises `TypeError`. It does so too for a
    list after `IN`, whose text depends on its length.
    """

    __slots__ = ("_arrange", "_names", "_statement", "_text")

    def __init__(self, statement: Statement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._text = ""
        self._arrange: Callable[[Row], Row] | None = None

    def first(self, connection: Connection, *values: Any) -> Row | None:
        """Return the first row, None when there is none."""
        if connection.dialect.name != "sqlite":
            row = connection.execute(self._statement, self._named(values)).first()
            return None if row is None else tuple(row)
        found: Row | None = self._execute(connection, values).fetchone()
        return found

    def all(self, connection: Connection, *values: Any) -> list[Row]:
        """Return every row."""
        if connection.dialect.name != "sqlite":
            return [tuple(row) for row in connection.execute(self._statement, self._named(values))]
        return self._execute(connection, values).fetchall()

    def run(self, connection: Connection, *values: Any) -> int:
        """Execute a writing statement; return how many rows it touched."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, self._named(values)).rowcount
        return self._execute(connection, values).rowcount

    def run_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Execute a writing statement once for each of `rows`, which may be none."""
        if not rows:
            return
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, [self._named(row) for row in rows])
            return
        self._on_driver(connection, "executemany", [self._arranged(connection, row) for row in rows])

    def _named(self, values: Row) -> dict[str, Any]:
        return dict(zip(self._names, values, strict=True))

    def _execute(self, connection: Connection, values: Row) -> Cursor:
        return self._on_driver(connection, "execute", self._arranged(connection, values))

    def _arranged(self, connection: Connection, values: Row) -> Row:
        if not self._text:
            self._compile(connection.dialect)
        return values if self._arrange is None else self._arrange(values)

    def _on_driver(self, connection: Connection, method: str, values: Row | Sequence[Row]) -> Cursor:
        driver: Any = connection.connection.dbapi_connection
        try:
            cursor: Cursor = getattr(driver, method)(self._text, values)
        except driver.Error as error:
            raise DBAPIError.instance(
                self._text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
        return cursor

    def _compile(self, dialect: Dialect) -> None:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names))
        _require_plain(self._statement, compiled)
        order = compiled.positiontup or []
        constants = {name: value for name, value in compiled.params.items() if name not in self._names}
        if tuple(order) != self._names:
            places = {name: place for place, name in enumerate([*self._names, *constants])}
            added = tuple(constants.values())
            pick = _picker([places[name] for name in order])
            self._arrange = lambda values: pick(values + added)
        self._text = str(compiled)


def _picker(places: list[int]) -> Callable[[Row], Row]:
    if len(places) == 1:
        return lambda values: (values[places[0]],)
    return itemgetter(*places)


def _require_plain(statement: Statement, compiled: SQLCompiler) -> None:
    """Raise `TypeError` when SQLAlchemy would have to render or convert a value on its way in or out."""
    taken = {name: parameter.type for name, parameter in compiled.binds.items()}
    converted = [name for name, each in taken.items() if not isinstance(each, TAKEN_TYPES) or isinstance(each, Enum)]
    if isinstance(statement, Select | CompoundSelect):
        given = {str(column): column.type for column in statement.selected_columns}
        converted += [
            name for name, each in given.items() if not isinstance(each, PLAIN_TYPES) or isinstance(each, Enum)
        ]
    converted += [name for name, parameter in compiled.binds.items() if parameter.expanding]
    if converted:
        raise TypeError(f"this statement cannot be prepared, because of: {', '.join(converted)}")
