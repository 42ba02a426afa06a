# SPDX-License-Identifier: Apache-2.0
"""Statements of the hot paths give what SQLAlchemy would give."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import DateTime
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.database.upsert import InsertIfAbsent
from entrepot.infra.database.upsert import InsertOrUpdate

items = Table(
    "items",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(20), unique=True),
    Column("content", LargeBinary),
    Column("at", DateTime),
)
ADD = Prepared(insert(items), "id", "name", "content")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A connection to a database with one row in its table."""
    database = SqliteDatabase(tmp_path / "database")
    with database.engine.connect() as connection:
        items.metadata.create_all(connection)
        ADD.run(connection, 1, "one", b"\0")
        yield connection
    database.close()


def test_a_row_is_read_by_values_in_the_order_of_names(connection: Connection) -> None:
    """Names say which value is which, constants of the statement stay, and a missing row is None."""
    wanted = items.c.name == bindparam("name"), items.c.id == bindparam("id"), items.c.content == b"\0"
    find = Prepared(select(items.c.id, items.c.content).where(*wanted), "id", "name")

    assert find.first(connection, 1, "one") == (1, b"\0")
    assert find.first(connection, 2, "one") is None


def test_every_row_of_several_statements_is_read(connection: Connection) -> None:
    """One behind the other; each names its parameters, which are given once."""
    ADD.run(connection, 2, "two", None)
    both = union_all(
        select(items.c.id, items.c.name).where(items.c.id == bindparam("id")),
        select(items.c.id, null()).where(items.c.name == bindparam("name")),
    )
    found = Prepared(both, "name", "id")

    assert found.all(connection, "two", 1) == [(1, "one"), (2, None)]
    assert found.all(connection, "three", 3) == []


def test_a_parameter_may_be_used_twice(connection: Connection) -> None:
    """One value serves every place that its name stands at, and a type that needs converting is refused."""
    change = update(items).where(items.c.name == bindparam("text")).values(name=bindparam("text"))
    rename = Prepared(update(items).where(items.c.id == bindparam("which")).values(name=bindparam("to")), "to", "which")

    assert rename.run(connection, "uno", 1) == 1
    assert rename.run(connection, "due", 2) == 0
    assert Prepared(change, "text").run(connection, "uno") == 1
    with pytest.raises(TypeError):
        Prepared(change.where(items.c.at == bindparam("moment")), "text", "moment").run(connection, "uno", None)


def test_many_rows_are_written_at_once(connection: Connection) -> None:
    """Each row is written, and no rows are no statement."""
    ADD.run_all(connection, [(2, "two", None), (3, "three", None)])
    ADD.run_all(connection, [])

    assert len(connection.execute(select(items.c.id)).all()) == 3


def test_errors_are_those_of_sqlalchemy_and_show_no_values(connection: Connection) -> None:
    """Callers catch one kind of error, whose text holds no value."""
    with pytest.raises(IntegrityError) as caught:
        ADD.run(connection, 2, "one", b"secret")

    assert "secret" not in str(caught.value)


def test_a_list_after_in_cannot_be_prepared(connection: Connection) -> None:
    """A text that depends on the number of values is refused."""
    listed = Prepared(select(items.c.id).where(items.c.id.in_(bindparam("ids", expanding=True))), "ids")

    with pytest.raises(TypeError, match="cannot be prepared"):
        listed.first(connection, [1, 2])


def test_an_insert_tells_whether_the_row_is_new(connection: Connection) -> None:
    """A taken key is no error, and changes nothing."""
    add = InsertIfAbsent(items, "id", "name")

    assert add.run(connection, 2, "two")
    assert not add.run(connection, 2, "zwei")


def test_a_truth_value_may_be_given_and_not_read(connection: Connection) -> None:
    """SQLite would give a number in its place."""
    marks = Table("marks", MetaData(), Column("id", Integer, primary_key=True), Column("is_set", Boolean))
    marks.create(connection)

    Prepared(insert(marks), "id", "is_set").run_all(connection, [(1, True), (2, False)])

    assert connection.execute(select(marks)).all() == [(1, True), (2, False)]
    with pytest.raises(TypeError, match="is_set"):
        Prepared(select(marks.c.is_set)).first(connection)


@pytest.mark.parametrize("count", [1, 9, 10, 11, 99, 100, 101, 257])
def test_many_rows_are_inserted_by_few_statements(connection: Connection, count: int) -> None:
    """All of them, in their order, whatever becomes of those that are there; SQLite is asked for a hundred at once."""
    items_of = {number: f"number-{number}" for number in range(1, count + 1)}
    driver = connection.connection.driver_connection
    assert driver is not None
    statements: list[str] = []
    add = InsertOrUpdate(items, ("id", "name"), ("id",), lambda new: {"name": new["name"]})
    add.run_all(connection, [(1, "compiled")])
    driver.set_trace_callback(statements.append)

    add.run_all(connection, list(items_of.items()))

    driver.set_trace_callback(None)
    assert len(statements) == count // 100 + count % 100 // 10 + count % 10
    assert dict(connection.execute(select(items.c.id, items.c.name)).all()) == items_of


def test_one_of_many_rows_that_is_refused_refuses_all(connection: Connection) -> None:
    """As one by one; the error is that of SQLAlchemy."""
    with pytest.raises(IntegrityError):
        ADD.run_all(connection, [(number, "same", b"") for number in range(2, 15)])


def test_parameters_outside_of_the_values_are_given_row_by_row(connection: Connection) -> None:
    """Each row has its own."""
    more = sqlite.insert(items).on_conflict_do_update(index_elements=["id"], set_={"name": bindparam("other")})
    Prepared(more, "id", "name", "other").run_all(connection, [(1, "x", "first"), (2, "second", "y"), (2, "z", "w")])

    assert connection.execute(select(items.c.id, items.c.name)).all() == [(1, "first"), (2, "w")]
