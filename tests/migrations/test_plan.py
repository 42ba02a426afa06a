# SPDX-License-Identifier: Apache-2.0
"""What is told of an upgrade before it: its migrations, and the rows they go through."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import event
from sqlalchemy import inspect
from sqlalchemy import text

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.migrating import alembic_config
from entrepot.infra.database.plan import Migration
from entrepot.infra.database.plan import TableWork
from entrepot.infra.database.plan import read_migration
from entrepot.infra.database.sqlite import SqliteDatabase

FILES = {file.name[:4]: file for file in sorted((schema.MIGRATIONS / "versions").glob("[0-9]*.py"))}
GOES_THROUGH = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO) \"?(\w+)")
BUILDS_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX \"?\w+\"? ON \"?(\w+)")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """An empty database."""
    database = SqliteDatabase(tmp_path / "database")
    yield database
    database.close()


def bring_to(database: SqliteDatabase, revision: str) -> list[str]:
    """Upgrade as far as that, and return the statements of it."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        command.upgrade(alembic_config(schema.MIGRATIONS, connection), revision)
    event.remove(database.engine, "before_cursor_execute", note)
    return statements


def done(statements: list[str], there: set[str]) -> tuple[set[str], list[str]]:
    """Return which of the tables that were there are gone through, and for which indexes are built."""
    indexes = [table for each in statements for table in BUILDS_INDEX.findall(each)]
    visits = {table for each in statements for table in GOES_THROUGH.findall(each)}
    return visits & there, sorted(table for table in indexes if table in there)


@pytest.mark.parametrize("revision", list(FILES)[1:])
def test_a_migration_says_which_rows_it_goes_through(database: SqliteDatabase, revision: str) -> None:
    """`VISITS` and `INDEXES` of its file name what its statements do to tables that were there before it."""
    bring_to(database, f"{int(revision) - 1:04}")
    with database.engine.connect() as connection:
        there = set(inspect(connection).get_table_names()) - {"alembic_version"}
    said = read_migration(FILES[revision])

    assert done(bring_to(database, revision), there) == (set(said.visits), sorted(said.indexes))


def test_what_goes_through_rows_is_seen() -> None:
    """A statement that rewrites rows counts, and one that works on new tables does not."""
    statements = ["UPDATE tags SET a = 1", 'CREATE INDEX ix_a ON "tags" (a)', "CREATE INDEX ix_b ON fresh (b)"]

    assert done(statements, {"tags", "blobs"}) == ({"tags"}, ["tags"])


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_migration_describes_itself_in_a_line(file: Path) -> None:
    """It is what a person decides by."""
    assert re.fullmatch(r"[A-Z].{5,110}\.", read_migration(file).description)


def test_a_plan_counts_the_rows(database: SqliteDatabase) -> None:
    """Each step that is to come is there, with the tables that it goes through."""
    bring_to(database, "0006")
    with database.engine.connect() as connection:
        connection.execute(text("INSERT INTO stores (id, url) VALUES (1, 'file:blobs')"))
        connection.execute(text("INSERT INTO repositories VALUES (1, 'team/app', 'team', 1, 1, 1)"))
        tag = "INSERT INTO tags VALUES (1, :name, NULL, 0, 1, 'r', 1, 'user:bob')"
        connection.execute(text(tag), [{"name": name} for name in ("a", "b", "c")])

    plan = schema.plan(database)

    assert (plan.current, plan.needed) == ("0006", schema.needed_revision())
    assert [step.revision for step in plan.steps] == list(FILES)[6:]
    assert plan.steps[0].description.startswith("What sorts tags by version and time")
    assert plan.steps[0].work == (TableWork("manifests", 0, 0, 2), TableWork("tags", 3, 1, 2))
    assert plan.steps[1].work == ()
    assert 0 < plan.steps[0].seconds <= plan.seconds < 1


def test_a_plan_for_an_empty_database_has_every_step(database: SqliteDatabase) -> None:
    """There are no rows, and nothing takes long."""
    plan = schema.plan(database)

    assert plan.current is None
    assert [step.revision for step in plan.steps] == list(FILES)
    assert plan.seconds == 0


def test_a_plan_for_a_current_database_is_empty(database: SqliteDatabase) -> None:
    """There is nothing to do."""
    schema.upgrade(database)

    assert schema.plan(database).steps == ()


def test_an_upgrade_tells_each_migration_as_it_begins(database: SqliteDatabase) -> None:
    """In order, each once."""
    told: list[Migration] = []

    schema.upgrade(database, told.append)

    assert [each.revision for each in told] == list(FILES)
    schema.upgrade(database, told.append)
    assert len(told) == len(FILES)
