# SPDX-License-Identifier: Apache-2.0
"""The versions of tags that were there before tags were sorted by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.migrating import alembic_config
from entrepot.oci.version_order import version_key
from tests.builders.databases import an_empty_database

BEFORE = "0006"
COUNT = 10_001
"""More than the upgrade reads at once."""

CONTENT = """
INSERT INTO stores (id, url) VALUES (1, 'file:blobs');
INSERT INTO repositories (id, name, namespace, store_id, created_at, visible_at)
    VALUES (1, 'team/web', 'team', 1, 1, 1), (2, 'team/app', 'team', 1, 1, 1);
INSERT INTO manifests (repo_id, digest, media_type, payload, size, pushed_at, pushed_by)
    VALUES (1, 'sha256:a', 'x', '', 0, 1, 'user:bob'), (2, 'sha256:a', 'x', '', 0, 1, 'user:bob')
"""
TAG = """
INSERT INTO tags (repo_id, name, digest, epoch, hlc, region, updated_at, updated_by)
    VALUES (:repo_id, :name, 'sha256:a', 0, 1, 'r', 1, 'user:bob')
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database of the version before, with many tags in two repositories."""
    database = an_empty_database(tmp_path)
    database.change_schema(_fill)
    yield database
    database.close()


def _fill(connection: Connection) -> None:
    command.upgrade(alembic_config(schema.MIGRATIONS, connection), BEFORE)
    for statement in CONTENT.split(";"):
        connection.execute(text(statement))
    names = ["latest", *(f"1.{number}" for number in range(COUNT))]
    connection.execute(text(TAG), [{"repo_id": 1, "name": name} for name in names])
    connection.execute(text(TAG), [{"repo_id": 2, "name": name} for name in ("v2", "main")])


def test_every_tag_gets_the_key_of_its_version(database: Database) -> None:
    """Also those behind the first that are read, and those of other repositories."""
    schema.upgrade(database)

    asked = text("SELECT name, version_key FROM tags")
    rows = database.snapshot_now(lambda connection: connection.execute(asked).all())
    assert len(rows) == COUNT + 3
    assert all(key == version_key(name) for name, key in rows)
