# SPDX-License-Identifier: Apache-2.0
"""Memory for one connection is bounded, whichever side is slow."""

import pytest

from entrepot.infra.http.serving.exchange import BODY_BUFFER_BYTES
from tests.unit.infra.http.serving.applications import Deaf
from tests.unit.infra.http.serving.applications import Endless
from tests.unit.infra.http.serving.site import serving

READ_BYTES = 256 * 1024
"""The most that one read of a socket brings."""

pytestmark = pytest.mark.anyio


async def test_a_client_that_reads_slowly_holds_the_application_back() -> None:
    """The application is not let on before the client has taken what it sent; once it is gone, the application is.

    What it is held back with is on its way already, so that it has nothing more in its hands.
    """
    application = Endless()
    async with serving(application) as site:
        async with site.peer(limit=1) as peer:
            await peer.send(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
            await site.becomes(lambda: any(each._wire.is_paused for each in site.state.connections))
            (connection,) = site.state.connections
            assert connection._transport.get_write_buffer_size() <= 65_536 + len(application.part)
            assert 10**15 - 1 - (connection._queue[0]._left or 0) == application.sent + len(application.part)
        await site.becomes(application.ended.is_set)


@pytest.mark.parametrize("part", [b"10000\r\n" + b"x" * 65_536 + b"\r\n", b"1\r\nx\r\n" * 8_192])
async def test_an_application_that_reads_slowly_holds_the_client_back(part: bytes) -> None:
    """The connection is read no further than what waits for the application; it all arrives in the end."""
    application = Deaf()
    async with serving(application) as site, site.peer() as peer:
        peer.writer.write(b"PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n" + part * 64 + b"0\r\n\r\n")
        await site.becomes(lambda: any(not each._wire._is_read for each in site.state.connections))
        (connection,) = site.state.connections
        exchange = connection._queue[0]
        assert sum(map(len, exchange._body)) + 64 * len(exchange._body) <= BODY_BUFFER_BYTES + 64 * READ_BYTES // 6
        assert sum(map(len, exchange._body)) <= BODY_BUFFER_BYTES + READ_BYTES
        application.go.set()
        answer = await peer.answer()

    assert int(answer.body) == 64 * part.count(b"x")


async def test_requests_ahead_of_their_answers_are_not_hoarded() -> None:
    """While one request waits behind another, nothing more is read."""
    application = Deaf()
    request = b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000
    async with serving(application) as site, site.peer() as peer:
        peer.writer.write(request * 30)
        await site.becomes(lambda: any(not each._wire._is_read for each in site.state.connections))
        (connection,) = site.state.connections
        assert len(connection._queue) <= 2 + READ_BYTES // 100_000
        application.go.set()
        answers = [await peer.answer() for _ in range(30)]

    assert [answer.body for answer in answers] == [b"100000"] * 30
