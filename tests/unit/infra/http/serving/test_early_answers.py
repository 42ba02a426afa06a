# SPDX-License-Identifier: Apache-2.0
"""Requests that are answered before their body has come: the client has to read what it is told."""

import asyncio
import http.client
from contextlib import suppress

import pytest

from entrepot.infra.http.serving.connection import LINGER_BYTES
from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.applications import refuse
from tests.unit.infra.http.serving.site import HOST
from tests.unit.infra.http.serving.site import serving

MANY_BYTES = 64 * 1024 * 1024

pytestmark = pytest.mark.anyio


def announcing(length: int, *more: bytes) -> bytes:
    """Render the head of a request with a body."""
    return b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: %d\r\n%b\r\n" % (length, b"".join(more))


async def test_a_short_rest_is_read_away() -> None:
    """After an early answer to a small request the connection serves the next, time and again."""
    async with serving(refuse) as site, site.peer() as peer:
        for _ in range(40):
            answer = await peer.ask(announcing(50_000))
            assert (answer.status, answer.closes) == (403, False)
            await peer.send(b"x" * 50_000)


async def test_a_long_rest_is_answered_at_once() -> None:
    """The answer does not wait for the body, and says that the connection ends."""
    async with serving(refuse) as site, site.peer() as peer:
        answer = await peer.ask(announcing(MANY_BYTES))

    assert (answer.status, answer.body, answer.closes) == (403, b"you may not", True)


async def test_only_so_much_of_a_long_rest_is_read() -> None:
    """Behind 1 MiB nothing more is taken, and the connection ends by itself."""
    async with serving(refuse) as site, site.peer() as peer:
        await peer.ask(announcing(MANY_BYTES))
        for _ in range(2 * LINGER_BYTES // 65_536):
            peer.writer.write(b"x" * 65_536)
        await site.becomes(lambda: any(each._dropped > LINGER_BYTES for each in site.state.connections))
        await site.becomes(lambda: not site.state.connections)
        assert await peer.rest() == b""


async def test_a_body_that_comes_to_its_end_ends_the_connection_at_once() -> None:
    """Nobody waits for a client that is done."""
    async with serving(refuse) as site, site.peer() as peer:
        answer = await peer.ask(announcing(100_000))
        await peer.send(b"x" * 100_000)
        async with asyncio.timeout(1):
            assert await peer.rest() == b""

    assert answer.closes


async def test_a_client_that_waits_for_leave_is_not_given_it() -> None:
    """`Expect: 100-continue` with a refusal: the refusal only, and no body is waited for."""
    async with serving(refuse) as site, site.peer() as peer:
        answer = await peer.ask(announcing(10, b"expect: 100-Continue\r\n"))

    assert (answer.status, answer.closes) == (403, True)


async def test_a_client_that_waits_for_leave_is_given_it() -> None:
    """100, then the body, then the answer, and the connection is kept."""
    async with serving(Recorder()) as site, site.peer() as peer:
        first = await peer.ask(announcing(2, b"expect: 100-continue\r\n"))
        second = await peer.ask(b"ab")

    assert (first.status, second.status, second.body, second.closes) == (100, 200, b"/=ab", False)


def push(port: int, *, keeps_on: bool) -> tuple[int, bytes]:
    """Send much more than is read, blocking, as Python's and Go's clients do; return status and body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    connection.putrequest("PUT", "/")
    connection.putheader("content-length", str(MANY_BYTES))
    connection.endheaders()
    with suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(MANY_BYTES // 65_536 if keeps_on else 1):
            connection.send(b"x" * 65_536)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize("keeps_on", [True, False])
async def test_a_client_that_sends_before_it_reads_is_told(keeps_on: bool) -> None:
    """A client that only reads when it cannot send any more reads our answer, not a reset."""
    async with serving(refuse) as site:
        told = await asyncio.to_thread(push, site.port, keeps_on=keeps_on)

    assert told == (403, b"you may not")


async def test_a_client_that_stops_sending_is_told() -> None:
    """A body that ends early makes no request: what came is handed over, then the end."""
    application = Recorder()
    async with serving(application) as site:
        async with site.peer() as peer:
            await peer.send(announcing(10) + b"abc")
            peer.writer.write_eof()
            assert await peer.rest() == b""
        await site.becomes(lambda: bool(application.seen))

    assert (application.seen[0].body, application.seen[0].is_whole) == (b"abc", False)
