# SPDX-License-Identifier: Apache-2.0
"""A database that was upgraded is the same as one made from the tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import inspect

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.migrating import differences

PRAGMAS = ("table_info", "foreign_key_list", "index_list")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    database = Database(tmp_path / "upgraded.db")
    yield database
    database.close()


def shape(connection: Connection) -> dict[str, object]:
    """Describe every table: columns, foreign keys, indexes with their columns and conditions, checks."""
    found: dict[str, object] = {}
    for table in sorted(metadata.tables):
        for pragma in PRAGMAS:
            rows = connection.exec_driver_sql(f"PRAGMA {pragma}({table})").all()
            found[f"{pragma} {table}"] = sorted(tuple(row)[1:] for row in rows)
        checks = inspect(connection).get_check_constraints(table)
        found[f"checks {table}"] = sorted((str(check["name"]), check["sqltext"]) for check in checks)
    indexes = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
    found["indexes"] = {name: " ".join(sql.split()) for name, sql in indexes}
    return found


def test_an_upgraded_schema_is_a_fresh_one(database: Database, tmp_path: Path) -> None:
    """Migrations lead to exactly what the tables declare."""
    schema.upgrade(database)
    fresh = Database(tmp_path / "fresh.db")
    with database.engine.connect() as upgraded, fresh.engine.connect() as made:
        metadata.create_all(made)

        assert shape(upgraded) == shape(made)
        assert differences(upgraded) == []
    fresh.close()


def test_a_missing_index_is_a_difference(database: Database) -> None:
    """The comparison sees what a migration forgot."""
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DROP INDEX ix_objects_digest")

        assert differences(connection) != []


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    """A database that is current stays as it is."""
    first, second = schema.upgrade(database), schema.upgrade(database)

    assert first.current is None
    assert second.is_current
    schema.require_current(database)


def test_an_outdated_database_is_refused(database: Database) -> None:
    """What needs the schema says how to get it."""
    with pytest.raises(schema.SchemaOutdated, match="no revision"):
        schema.require_current(database)


def test_a_newer_database_is_refused(database: Database) -> None:
    """A schema that this program does not know is left alone."""
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(schema.SchemaTooNew, match="9999"):
        schema.upgrade(database)
