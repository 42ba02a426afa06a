# SPDX-License-Identifier: Apache-2.0
"""Several servers that start at once on a database that has nothing yet."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy import select

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.features.identity.tables import users
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.migrating import differences
from tests.builders.databases import an_empty_database
from tests.builders.databases import place_of

SERVERS = 4


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without any schema, where the folder `tmp_path` has it."""
    with closing(an_empty_database(tmp_path)) as database:
        yield database


def starting(database: Database, folder: Path) -> "subprocess.Popen[str]":
    """Start one that waits for a word, and then prepares."""
    command = (sys.executable, "-m", "tests.migrations.starting", place_of(database), str(folder))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_one_makes_the_schema_and_the_others_wait(database: Database, tmp_path: Path) -> None:
    """All of them start, on the schema that one of them made, with one administrator."""
    servers = [starting(database, tmp_path) for _ in range(SERVERS)]
    for server in servers:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"

    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    errors = [server.communicate()[1] for server in servers]

    assert [server.returncode for server in servers] == [0] * SERVERS, errors
    schema.require_current(database)
    assert database.change_schema(differences) == []
    count = select(func.count()).select_from(users)
    assert database.snapshot_now(lambda connection: connection.scalar(count)) == 1
