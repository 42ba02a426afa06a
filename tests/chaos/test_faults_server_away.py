# SPDX-License-Identifier: Apache-2.0
"""The PostgreSQL server of a real server goes away for a while: as a file that goes bad, and nobody waits for it.

Runs where `ENTREPOT_TEST_POSTGRESQL` names a server (`tests/chaos/conftest.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from entrepot.infra.database.absence import PATIENCE_SECONDS
from tests.builders.databases import a_database
from tests.builders.databases import place_of
from tests.chaos.cut_line import Line
from tests.chaos.cut_line import line_to
from tests.chaos.puller import LAYER
from tests.chaos.puller import MANIFEST
from tests.chaos.puller import Puller
from tests.chaos.puller import outlives
from tests.server import HOST
from tests.server import Server
from tests.server import running_server


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[Line, str]]:
    """A line to a new database, and the address of the database through it."""
    database = a_database(tmp_path)
    place = place_of(database)
    database.close()
    parts = urlsplit(place)
    with line_to(parts.hostname or HOST, parts.port or 5432) as line:
        user = parts.netloc.rpartition("@")[0]
        yield line, parts._replace(netloc=f"{user}@{HOST}:{line.port}").geturl()


@pytest.fixture
def server(line: tuple[Line, str]) -> Iterator[Server]:
    """A server on that database."""
    with running_server(environment={"ENTREPOT_DATABASE__URL": line[1]}) as server:
        yield server


def test_a_server_that_refuses_stops_no_pull(server: Server, line: tuple[Line, str]) -> None:
    """What was pulled before is pulled still, with a warning; the rest is told to wait, and goes on afterwards."""
    with outlives(Puller(server)) as go_on:
        line[0].cut()
        go_on()
        line[0].mend()


def test_a_silent_server_holds_up_hardly_anybody(server: Server, line: tuple[Line, str]) -> None:
    """One request finds out that nothing is answered; those after it are answered at once, with what is known."""
    puller = Puller(server)
    puller.push_image()
    expected = [puller.ask("GET", MANIFEST)[2], puller.ask("GET", LAYER)[2]]
    line[0].fall_silent()
    puller.soon_seconds = 2 * PATIENCE_SECONDS
    first = puller.ask("GET", MANIFEST)
    status, headers, body = puller.ask("GET", f"{MANIFEST}0")

    assert (first[0], first[2]) == (200, expected[0])
    assert (status, int(headers["retry-after"]) > 0) == (503, True), body
    line[0].mend()
