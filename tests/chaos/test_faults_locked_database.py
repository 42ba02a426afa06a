# SPDX-License-Identifier: Apache-2.0
"""Another process holds the database: reading goes on, writing asks for patience, and nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from entrepot.oci.digest import digest_of
from tests.chaos.slow_client import NAME
from tests.chaos.slow_client import SlowClient
from tests.server import Server
from tests.server import running_server

CONTENT = b"content" * 10_000
DIGEST = digest_of(CONTENT)
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own."""
    with running_server() as server:
        yield server


def test_a_locked_database_loses_nothing(server: Server) -> None:
    """Pulls go on; a write answers 503 with `Retry-After`; afterwards the upload goes on where it was."""
    client = SlowClient(server, int(urlsplit(server.url).port or 0), PATIENCE_SECONDS)
    client.push(CONTENT)
    location = client.start()
    client.append(location, CONTENT[:1_000])
    with closing(sqlite3.connect(server.data / "entrepot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, headers, body = client.ask("POST", f"/v2/{NAME}/blobs/uploads/")
        assert client.pull(DIGEST) == CONTENT
        assert client.ask("GET", "/healthz")[0] == 200
        other.execute("ROLLBACK")

    assert (status, int(headers["retry-after"]) > 0, b"UNAVAILABLE" in body.upper()) == (503, True, True)
    assert client.offset(location) == 1_000
    client.append(location, CONTENT[1_000:] + b"more")
    assert client.ask("PUT", f"{location}?digest={digest_of(CONTENT + b'more')}")[0] == 201
