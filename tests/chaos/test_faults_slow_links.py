# SPDX-License-Identifier: Apache-2.0
"""Slow is not hostile: links far worse than usual carry uploads and downloads, or let them go on where they broke.

64 kbit/s with 1.5 s latency and standstills of five minutes, ninety times faster,
against limits that are ninety times shorter; `make slow` runs it in real time.
"""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from entrepot.oci.digest import digest_of
from tests.chaos.shaping import Shape
from tests.chaos.shaping import shaped
from tests.chaos.slow_client import SlowClient
from tests.server import Server
from tests.server import running_server

TIMES = 90
LIMITS = {
    "ENTREPOT_LIMITS__HEAD_SECONDS": "1",
    "ENTREPOT_LIMITS__IDLE_SECONDS": "1",
    "ENTREPOT_LIMITS__STALL_SECONDS": "10",
}
BYTES_PER_SECOND = 8_000 * TIMES
LATENCY_SECONDS = 1.5 / TIMES
STALL_SECONDS = 300 / TIMES
CONTENT = bytes(range(251)) * 5_000
DIGEST = digest_of(CONTENT)
HEAD_BYTES = 1_000
"""More than the head of a request takes."""
TIMEOUT_SECONDS = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with short limits."""
    with running_server(environment=LIMITS) as server:
        yield server


def port_of(server: Server) -> int:
    """Return the port it listens on."""
    return int(urlsplit(server.url).port or 0)


def test_a_slow_link_with_standstills_is_good_enough(server: Server) -> None:
    """An upload and, at the same time, downloads of what it brought before are completed."""
    stalling = Shape(BYTES_PER_SECOND, LATENCY_SECONDS, (len(CONTENT) // 3, len(CONTENT) // 2), STALL_SECONDS)
    SlowClient(server, port_of(server), TIMEOUT_SECONDS).push(CONTENT)
    with shaped(port_of(server), stalling) as link, ThreadPoolExecutor(2) as clients:
        client = SlowClient(server, link.port, TIMEOUT_SECONDS)
        pushed = clients.submit(client.push, CONTENT + b"another")
        pulled = clients.submit(client.pull, DIGEST)

        assert pushed.result() == 201
        assert pulled.result() == CONTENT


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_broken_upload_goes_on_where_it_was(server: Server, share: float) -> None:
    """At least 99 % of the bytes that reached the server need not be sent again."""
    direct = SlowClient(server, port_of(server), TIMEOUT_SECONDS)
    location = direct.start()
    shape = Shape(BYTES_PER_SECOND, LATENCY_SECONDS, breaks_at=int(len(CONTENT) * share))
    with shaped(port_of(server), shape) as link:
        with pytest.raises((OSError, http.client.HTTPException)):
            SlowClient(server, link.port, TIMEOUT_SECONDS).append(location, CONTENT)
        delivered = link.delivered
    kept = direct.resume(location, CONTENT)

    assert 0.99 * (delivered - HEAD_BYTES) <= kept <= delivered
    assert direct.ask("PUT", f"{location}?digest={DIGEST}")[0] == 201


def test_a_broken_download_goes_on_where_it_was(server: Server) -> None:
    """What a client has it need not fetch again."""
    direct = SlowClient(server, port_of(server), TIMEOUT_SECONDS)
    direct.push(CONTENT)
    shape = Shape(BYTES_PER_SECOND, LATENCY_SECONDS, breaks_at=200_000)
    with shaped(port_of(server), shape) as link, pytest.raises(http.client.IncompleteRead) as broken:
        SlowClient(server, link.port, TIMEOUT_SECONDS).pull(DIGEST)
    had = broken.value.partial

    assert 150_000 < len(had) < len(CONTENT)
    assert had + direct.pull(DIGEST, len(had)) == CONTENT
