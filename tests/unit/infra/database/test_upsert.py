# SPDX-License-Identifier: Apache-2.0
"""A row is inserted unless its key is taken, and the caller learns which."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import select

from entrepot.infra.database.engine import Database
from entrepot.infra.database.upsert import InsertIfAbsent
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from tests.builders.databases import an_empty_database

pets = Table("pets", MetaData(), Column("name", String(9), primary_key=True), Column("legs", Integer))
INSERT_PET = InsertIfAbsent(pets, "name", "legs")


def insert_by_values(connection: Connection, name: str, legs: int) -> bool:
    """Insert with the function that takes a mapping."""
    return insert_if_absent(connection, pets, {"name": name, "legs": legs})


Insert = Callable[[Connection, str, int], bool]
WAYS: list[Insert] = [insert_by_values, INSERT_PET.run]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty table."""
    database = an_empty_database(tmp_path)
    database.change_schema(pets.create)
    yield database
    database.close()


def everything(connection: Connection) -> list[tuple[object, ...]]:
    """Return every row."""
    return [tuple(row) for row in connection.execute(select(pets))]


@pytest.mark.parametrize("insert", WAYS)
def test_an_absent_row_is_inserted(database: Database, insert: Insert) -> None:
    """It is there afterwards."""
    assert database.write_now(insert, "cat", 4)

    assert database.snapshot_now(everything) == [("cat", 4)]


@pytest.mark.parametrize("insert", WAYS)
def test_a_present_row_stays_as_it_is(database: Database, insert: Insert) -> None:
    """The key decides, not the other columns."""
    database.write_now(insert, "cat", 4)

    assert not database.write_now(insert, "cat", 3)
    assert database.snapshot_now(everything) == [("cat", 4)]


def test_a_present_row_can_be_updated_instead(database: Database) -> None:
    """The construct of the connection's dialect has `on_conflict_do_update`."""

    def put(connection: Connection, legs: int) -> None:
        insert = dialect_insert(connection, pets).values(name="cat", legs=legs)
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"legs": legs}))

    for legs in (4, 3):
        database.write_now(put, legs)

    assert database.snapshot_now(everything) == [("cat", 3)]
