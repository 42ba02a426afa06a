# SPDX-License-Identifier: Apache-2.0
"""Statements of the hot paths: compiled once, and run on the driver's own cursor where that is SQLite's.

An indexed SQLite read takes about 10 µs; SQLAlchemy's way to it and back about
25 µs more. A `Prepared` keeps the statement, the types and the errors of
SQLAlchemy and leaves that out. On any other engine SQLAlchemy executes it: there
the network costs more than both.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import accumulate
from itertools import chain
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any
from typing import NamedTuple
from typing import Self

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
ROWS_AT_ONCE = (100, 10, 1)
"""How many rows one statement inserts: as few texts as there are sizes, each parsed once.

SQLite's driver lets go of the interpreter lock at each row of `executemany`, and waits up to 5 ms to get it back
from a busy event loop: 1,000 rows that take 1 ms alone took 0.7 s beside one, and all who write waited.
"""


class Prepared:
    """One statement and the names of its parameters, in the order in which values are given.

    Every parameter must be of a type that is taken as it is, and every column of one
    that is given so too, else the first use raises `TypeError`. It does so too for a
    list after `IN`, whose text depends on its length.
    """

    __slots__ = ("_arrange", "_insert", "_names", "_statement", "_text")

    def __init__(self, statement: Statement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._text = ""
        self._insert: _InsertText | None = None
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
        arranged = [self._arranged(connection, row) for row in rows]
        if self._insert is None:
            self._on_driver(connection, "executemany", self._text, arranged)
            return
        for some in _portions(arranged):
            self._on_driver(connection, "execute", self._insert.of(len(some)), [*chain.from_iterable(some)])

    def _named(self, values: Row) -> dict[str, Any]:
        return dict(zip(self._names, values, strict=True))

    def _execute(self, connection: Connection, values: Row) -> Cursor:
        arranged = self._arranged(connection, values)
        return self._on_driver(connection, "execute", self._text, arranged)

    def _arranged(self, connection: Connection, values: Row) -> Row:
        if not self._text:
            self._compile(connection.dialect)
        return values if self._arrange is None else self._arrange(values)

    def _on_driver(self, connection: Connection, method: str, text: str, values: Sequence[Any]) -> Cursor:
        driver: Any = connection.connection.dbapi_connection
        try:
            cursor: Cursor = getattr(driver, method)(text, values)
        except driver.Error as error:
            raise DBAPIError.instance(
                text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
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
        self._insert = _InsertText.read(self._text, len(order))


class _InsertText(NamedTuple):
    """An `INSERT ... VALUES (...)` in three parts, of which that in the middle can be repeated."""

    before: str
    row: str
    behind: str

    @classmethod
    def read(cls, text: str, parameters: int) -> Self | None:
        """Return the parts; None if it is something else, or has parameters anywhere but in its values."""
        before, keyword, rest = text.partition(" VALUES ")
        if not (keyword and text.startswith("INSERT ")):
            return None
        depths = accumulate({"(": 1, ")": -1}.get(character, 0) for character in rest)
        end = next(place for place, depth in enumerate(depths, start=1) if depth == 0)
        parts = cls(before + keyword, rest[:end], rest[end:])
        return parts if parts.row.count("?") == parameters and text.count("?") == parameters else None

    def of(self, rows: int) -> str:
        """Return the statement for so many rows."""
        return self.before + ", ".join([self.row] * rows) + self.behind


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = 0
    for size in ROWS_AT_ONCE:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


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
