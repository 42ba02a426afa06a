# SPDX-License-Identifier: Apache-2.0
"""Databases of other programs are left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy import text

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase

REVISIONS = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """An empty database."""
    database = SqliteDatabase(tmp_path / "database")
    yield database
    database.close()


def run(database: SqliteDatabase, *statements: str) -> None:
    """Do what another program did before."""
    with database.engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def tables(database: SqliteDatabase) -> list[str]:
    """Return the names of all tables."""
    with database.engine.connect() as connection:
        return sorted(inspect(connection).get_table_names())


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["CREATE TABLE accounts (id INTEGER)"], "the database holds tables of something else: accounts$"),
        ([REVISIONS, "CREATE TABLE tags (id INTEGER)"], "the database holds tables of something else: tags$"),
        (
            [f"CREATE TABLE t{number} (id INTEGER)" for number in range(7)],
            "the database holds tables of something else: t0, t1, t2, t3, t4 and 2 more$",
        ),
        (
            [REVISIONS, "INSERT INTO alembic_version VALUES ('ae1027a6acf')"],
            "the database is at revision ae1027a6acf of another program",
        ),
        (
            [REVISIONS, "INSERT INTO alembic_version VALUES ('0001')", "CREATE TABLE users (id INTEGER)"],
            "the database is at revision 0001 of another program",
        ),
    ],
)
def test_a_database_of_another_program_is_refused(database: SqliteDatabase, statements: list[str], reason: str) -> None:
    """It is not upgraded into, and the message names what was found."""
    run(database, *statements)
    before = tables(database)

    for attempt in (schema.upgrade, schema.require_current, schema.state, schema.plan):
        with pytest.raises(schema.SchemaUnknown, match=reason) as caught:
            attempt(database)
        assert "a database of its own" in caught.value.hint
    assert tables(database) == before


def test_an_empty_table_of_revisions_is_an_empty_database(database: SqliteDatabase) -> None:
    """It is what an upgrade begins with."""
    run(database, REVISIONS)

    assert schema.upgrade(database).current is None
    schema.require_current(database)
