# SPDX-License-Identifier: Apache-2.0
"""How a server stops: at once, or after a while in which it says that it leaves."""

import signal

import pytest

from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.server import Serving
from entrepot.infra.http.serving.server import _Server
from entrepot.infra.http.serving.server import _server
from tests.unit.infra.http.serving.applications import Recorder

pytestmark = pytest.mark.anyio

LONG_SECONDS = 3_600


def started(drain_seconds: int) -> _Server:
    """Return a server as it is once it has started."""
    server = _server(Serving(Recorder, ConnectionLimits(), stop_seconds=1, drain_seconds=drain_seconds))
    server.started = True
    return server


async def test_a_server_without_a_balancer_stops_at_once() -> None:
    """As it was told to."""
    server = started(0)
    server.handle_exit(signal.SIGTERM, None)

    assert await server.on_tick(1)


async def test_a_server_serves_on_for_a_while() -> None:
    """It leaves on the first signal, and those that repeat it change nothing."""
    server = started(LONG_SECONDS)
    was_leaving = server.opened.leaving.is_set()
    for _ in range(3):
        server.handle_exit(signal.SIGTERM, None)

    assert not await server.on_tick(1)
    assert (was_leaving, server.opened.leaving.is_set()) == (False, True)


async def test_an_interrupt_ends_the_wait() -> None:
    """Ctrl-C waits for nobody."""
    server = started(LONG_SECONDS)
    server.handle_exit(signal.SIGTERM, None)
    server.handle_exit(signal.SIGINT, None)

    assert await server.on_tick(1)
