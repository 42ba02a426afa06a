# SPDX-License-Identifier: Apache-2.0
"""SQLite databases, also where the tests run on another engine."""

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase


def a_sqlite_database(path: Path) -> SqliteDatabase:
    """Make a SQLite database with today's schema."""
    path.write_bytes(upgraded_file())
    return SqliteDatabase(path)


@cache
def upgraded_file() -> bytes:
    """Return the content of a SQLite database with today's schema: copies are cheaper than upgrading each."""
    with tempfile.TemporaryDirectory(prefix="entrepot-schema-") as folder:
        file = Path(folder) / "upgraded.db"
        with closing(SqliteDatabase(file)) as database:
            schema.upgrade(database)
        return file.read_bytes()
