# SPDX-License-Identifier: Apache-2.0
"""The file of a real server's database goes bad for a while: pulls go on, the rest waits, and nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.chaos.puller import PATIENCE_SECONDS
from tests.chaos.puller import Puller
from tests.chaos.puller import outlives
from tests.server import Server
from tests.server import running_server

pytestmark = pytest.mark.sqlite


@contextmanager
def damaged(server: Server) -> Iterator[None]:
    """Let nothing in the file of the database be read, as on a disk that went bad, and then all of it again."""
    file = server.data / "entrepot.db"
    other = sqlite3.connect(file, isolation_level=None, timeout=PATIENCE_SECONDS)
    while other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        pass
    # Nobody else may write meanwhile, or what is put back would not be what was there.
    other.execute("BEGIN IMMEDIATE")
    content = file.read_bytes()
    try:
        with file.open("r+b") as pages:
            pages.write(bytes(len(content)))
        yield
    finally:
        with file.open("r+b") as pages:
            pages.write(content)
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own."""
    with running_server() as server:
        yield server


def test_a_damaged_database_stops_no_pull(server: Server) -> None:
    """What was pulled before is pulled still, with a warning; the rest is told to wait, and goes on afterwards."""
    with outlives(Puller(server)) as go_on, damaged(server):
        go_on()
