# SPDX-License-Identifier: Apache-2.0
"""Rows for every table, whatever the columns let in: for proofs about all of them."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database.metadata import metadata

MOST_ROWS = 3
GREATEST_ID = 2**40
DIGESTS = ("sha256:aa", "sha256:b", "sha512:Z")
TEXTS = st.text(st.sampled_from("aBZ0 _-.~%'\"\\äßé漢😀\t\n\x7f"), max_size=8)
NUMBERS = {
    BigInteger: st.sampled_from([0, 1, -1, 2**31, 2**63 - 1, -(2**63)]) | st.integers(-(2**63), 2**63 - 1),
    Integer: st.sampled_from([0, 1, 2**31 - 1, 1 - 2**31]) | st.integers(1 - 2**31, 2**31 - 1),
}
ONE_OF = re.compile(r"'([a-z-]+)'")

Rows = Mapping[str, list[dict[str, Any]]]
Content = dict[str, list[tuple[Any, ...]]]


def any_rows() -> st.SearchStrategy[Rows]:
    """Make rows by table, for about half of the tables.

    They may contradict each other: `fill` leaves out what a constraint refuses.
    """
    return st.fixed_dictionaries({table.name: _some_rows(table) for table in metadata.sorted_tables})


def fill(connection: Connection, rows: Rows) -> None:
    """Insert the rows that the constraints of SQLite let in."""
    for table in metadata.sorted_tables:
        for row in rows[table.name]:
            with suppress(IntegrityError):
                connection.execute(insert(table), row)


def content(connection: Connection) -> Content:
    """Return every row there is, by table and in the order of keys."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }


def _some_rows(table: Table) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.just([]) | st.lists(_row(table), max_size=MOST_ROWS)


def _row(table: Table) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({column.name: _value(table, column) for column in table.columns})


def _value(table: Table, column: Column[Any]) -> st.SearchStrategy[Any]:
    values = _some(table, column)
    return st.none() | values if column.nullable else values


def _some(table: Table, column: Column[Any]) -> st.SearchStrategy[Any]:
    """Values of a column; those that refer to each other are few, so that they often do."""
    if column.name in ("repo_id", "store_id") or (table.name in ("repositories", "stores") and column.name == "id"):
        return st.integers(1, 2)
    if column.name in ("digest", "child", "child_digest", "parent", "manifest", "link", "subject"):
        return st.sampled_from(DIGESTS)
    if column.name == "txid":
        return st.just(0)
    if column is table.autoincrement_column or column.name == "seq":
        return st.integers(1, GREATEST_ID)
    if table.name in ("users", "second_factors", "recovery_codes") and column.name in ("name", "user_name"):
        return st.sampled_from(["alice", "Bob", "b_ob"])
    if words := _allowed(table, column):
        return st.sampled_from(words)
    return _of_type(column)


def _allowed(table: Table, column: Column[Any]) -> list[str]:
    """Return the words that a check lists for a column."""
    checks = [str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)]
    return [word for check in checks if check.startswith(f"{column.name} IN") for word in ONE_OF.findall(check)]


def _of_type(column: Column[Any]) -> st.SearchStrategy[Any]:
    if isinstance(column.type, Boolean):
        return st.booleans()
    if isinstance(column.type, LargeBinary):
        return st.binary(max_size=20)
    if isinstance(column.type, String):
        return TEXTS
    return NUMBERS[BigInteger if isinstance(column.type, BigInteger) else Integer]
