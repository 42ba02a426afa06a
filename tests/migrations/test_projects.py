# SPDX-License-Identifier: Apache-2.0
"""Projects of a registry that was there before there were projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.migrating import alembic_config
from tests.builders.databases import an_empty_database

BEFORE = "0002"
CONTENT = """
INSERT INTO stores (id, url) VALUES (1, 'file:blobs');
INSERT INTO repositories (id, name, namespace, store_id, created_at, visible_at)
    VALUES (1, 'team/web', 'team', 1, 1, 40), (2, 'team/app', 'team', 1, 2, 20),
           (3, 'begun/app', 'begun', 1, 3, NULL), (4, 'alpine', 'alpine', 1, 4, 50);
INSERT INTO manifests (repo_id, digest, media_type, payload, size, pushed_at, pushed_by)
    VALUES (1, 'sha256:a', 'x', '', 0, 40, 'user:bob'), (2, 'sha256:b', 'x', '', 0, 30, 'user:carol'),
           (2, 'sha256:c', 'x', '', 0, 20, 'user:alice')
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database of the version before, with content."""
    database = an_empty_database(tmp_path)
    database.change_schema(_fill)
    yield database
    database.close()


def _fill(connection: Connection) -> None:
    command.upgrade(alembic_config(schema.MIGRATIONS, connection), BEFORE)
    for statement in CONTENT.split(";"):
        connection.execute(text(statement))


def test_every_namespace_that_was_pushed_into_becomes_a_project(database: Database) -> None:
    """It is private, as old as its oldest repository, and made by who pushed there first, as far as is known."""
    schema.upgrade(database)

    asked = text("SELECT name, visibility, created_at, created_by, cause FROM projects ORDER BY name")
    rows = database.snapshot_now(lambda connection: connection.execute(asked).all())
    assert [tuple(row) for row in rows] == [
        ("alpine", "private", 50, "internal:upgrade", "push"),
        ("team", "private", 20, "user:alice", "push"),
    ]
