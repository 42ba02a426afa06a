# SPDX-License-Identifier: Apache-2.0
"""Reading rows of any table that is archived: those with certain values, a page, or all."""

from collections.abc import Iterator
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.archive.kept import WITHHELD
from entrepot.features.archive.models import Record
from entrepot.infra.database.metadata import metadata

KEYS_PER_STATEMENT = 200
ROWS_PER_RECORD = 1_000


def columns_of(name: str) -> list[Column[Any]]:
    """Return the columns of a table that are archived."""
    withheld = WITHHELD.get(name, {})
    return [column for column in metadata.tables[name].columns if column.name not in withheld]


def key_of(name: str) -> list[str]:
    """Return the names of the columns of a table's primary key."""
    return [str(column.name) for column in metadata.tables[name].primary_key]


def matching(connection: Connection, name: str, by: Sequence[str], of: Sequence[Sequence[Any]]) -> Iterator[Record]:
    """Yield the rows whose columns `by` have the values of one of `of`, as records that take the place of such."""
    table = metadata.tables[name]
    columns = columns_of(name)
    wanted = tuple_(*(table.c[each] for each in by))
    for start in range(0, len(of), KEYS_PER_STATEMENT):
        some = [tuple(each) for each in of[start : start + KEYS_PER_STATEMENT]]
        found = connection.execute(select(*columns).where(wanted.in_(some)))
        rows = [list(row) for row in found]
        yield Record(table=name, columns=_names(columns), rows=rows, by=list(by), of=[list(each) for each in some])


def values(connection: Connection, name: str, wanted: Sequence[str], by: Sequence[str], of: Sequence[Any]) -> set[Any]:
    """Return the values of the columns `wanted` of the rows whose columns `by` have the values of one of `of`."""
    table = metadata.tables[name]
    place = tuple_(*(table.c[each] for each in by))
    found: set[Any] = set()
    for start in range(0, len(of), KEYS_PER_STATEMENT):
        statement = select(*(table.c[each] for each in wanted)).where(
            place.in_([tuple(each) for each in of[start : start + KEYS_PER_STATEMENT]])
        )
        found.update(tuple(row) for row in connection.execute(statement))
    return found


def whole(connection: Connection, name: str) -> list[Record]:
    """Return all rows of a table as records, of which the first takes the place of all that were there."""
    table, columns = metadata.tables[name], columns_of(name)
    rows = [list(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]
    chunks = [rows[start : start + ROWS_PER_RECORD] for start in range(0, len(rows), ROWS_PER_RECORD)] or [[]]
    names = _names(columns)
    first = Record(table=name, columns=names, rows=chunks[0], by=[], of=[[]])
    return [first, *(Record(table=name, columns=names, rows=chunk) for chunk in chunks[1:])]


def page(connection: Connection, name: str, place: Sequence[Any] | None, limit: int) -> Record:
    """Return up to `limit` rows behind `place` in the order of the primary key, which `place` is a value of."""
    given = {} if place is None else {f"place_{number}": value for number, value in enumerate(place)}
    rows = connection.execute(_page(name, is_first=place is None), {**given, "limit": limit})
    return Record(table=name, columns=_names(columns_of(name)), rows=[list(row) for row in rows])


def place_of(record: Record) -> list[Any]:
    """Return where the last row of a page is in the order of its key."""
    last = dict(zip(record.columns, record.rows[-1], strict=True))
    return [last[name] for name in key_of(record.table)]


@cache
def _page(name: str, *, is_first: bool) -> Select[Any]:
    table: Table = metadata.tables[name]
    key = list(table.primary_key)
    found = select(*columns_of(name)).order_by(*key).limit(bindparam("limit", type_=Integer))
    if is_first:
        return found
    place = [bindparam(f"place_{number}", type_=column.type) for number, column in enumerate(key)]
    return found.where(tuple_(*key) > tuple_(*place)) if len(key) > 1 else found.where(key[0] > place[0])


def _names(columns: Sequence[Column[Any]]) -> list[str]:
    return [str(column.name) for column in columns]


def is_any(connection: Connection, name: str) -> bool:
    """Tell whether a table has rows."""
    return connection.execute(select(literal(1)).select_from(metadata.tables[name]).limit(1)).first() is not None
