# SPDX-License-Identifier: Apache-2.0
"""Putting the records of the archive into a database file in the making."""

import base64
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from entrepot.features.archive.errors import DamagedFile
from entrepot.features.archive.kept import KEPT
from entrepot.features.archive.kept import WITHHELD
from entrepot.features.archive.models import Record
from entrepot.infra.database.building import BuiltTable
from entrepot.infra.database.building import table_names


class Loader:
    """Takes records in the order in which they were written."""

    def __init__(self, connection: Connection) -> None:
        """Remove what a new database has of the tables that are archived."""
        there = table_names(connection)
        self._tables = {name: BuiltTable(connection, name) for name in KEPT if name in there}
        self.ignored: Counter[str] = Counter()
        """Rows of tables that this program does not take from an archive, and columns that are not there."""
        for table in self._tables.values():
            table.clear()

    def take(self, record: Record) -> None:
        """Put a record's rows in place of those it says. Raises `DamagedFile`."""
        table = self._tables.get(record.table)
        if table is None:
            self.ignored[f"table {record.table}"] += len(record.rows)
            return
        try:
            if record.by is not None and not record.by:
                table.clear()
            elif record.by:
                table.remove(record.by, _values(table, record.by, record.of))
            self._put(table, record)
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedFile(f"a record of {record.table} cannot be used: {error!r}") from error

    def _put(self, table: BuiltTable, record: Record) -> None:
        known = [name for name in record.columns if name in table.columns]
        for name in set(record.columns) - set(known):
            self.ignored[f"column {name} of {record.table}"] += len(record.rows)
        withheld = {name: value for name, value in _withheld(record.table).items() if name in table.columns}
        more = [name for name in withheld if name not in known]
        rows = _values(table, record.columns, record.rows)
        if known != record.columns:
            places = [record.columns.index(name) for name in known]
            rows = [tuple(row[place] for place in places) for row in rows]
        added = tuple(withheld[name] for name in more)
        table.put([*known, *more], [(*row, *added) for row in rows] if more else rows)


def _withheld(table: str) -> Mapping[str, object]:
    return WITHHELD.get(table, {})


def _values(table: BuiltTable, columns: list[str], rows: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Return rows with their bytes as bytes. Raises `ValueError` for one that is not as long as the others."""
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a row has not as many values as there are columns")
    binary = [place for place, name in enumerate(columns) if name in table.binary]
    if not binary:
        return [tuple(row) for row in rows]
    return [
        tuple(
            base64.b64decode(value, validate=True) if place in binary and value is not None else value
            for place, value in enumerate(row)
        )
        for row in rows
    ]
