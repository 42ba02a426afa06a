# SPDX-License-Identifier: Apache-2.0
"""Target: bytes on a connection. What is taken for a request, another strict reader takes for the same or refuses."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import h11
from hypothesis import strategies as st

from entrepot.infra.http.serving.connection import Connection
from tests.fuzz.target import Check
from tests.fuzz.target import Target
from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.applications import Seen
from tests.unit.infra.http.serving.site import serving

LINES = [
    b"GET / HTTP/1.1\r\n",
    b"POST /x?y HTTP/1.1\r\n",
    b"PUT http://h/z HTTP/1.1\r\n",
    b"POST /x HTTP/1.0\r\n",
    b"Host: h\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: close\r\n",
    b"A: b\r\n",
    b"\r\n",
    b"hello",
    b"5\r\nhello\r\n",
    b"5;a=b\r\nhello\r\n",
    b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n",
]
GOOD = [
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
]
SNIPPETS = [
    b"",
    b"\r",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b":",
    b"\0",
    b"\x0b",
    b",",
    b"+",
    b"0",
    b"0x",
    b"_",
    b"\xff",
    b"\x85",
]


def others_reading(data: bytes) -> list[tuple[str, bytes, bytes]]:
    """Return method, target and body of each whole request that h11 finds before it refuses or stops."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1_000_000)
    connection.receive_data(data)
    found: list[tuple[str, bytes, bytes]] = []
    try:
        while True:
            event, body = connection.next_event(), b""
            if not isinstance(event, h11.Request):
                return found
            while isinstance(part := connection.next_event(), h11.Data):
                body += bytes(part.data)
            if not isinstance(part, h11.EndOfMessage):
                return found
            found.append((event.method.decode(), bytes(event.target), body))
            connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
            connection.send(h11.EndOfMessage())
            connection.start_next_cycle()
    except (h11.RemoteProtocolError, h11.LocalProtocolError):
        return found


async def _seen(data: bytes) -> list[Seen]:
    """Send bytes, all at once, and return what the application saw. Raises `TimeoutError` if anything is left."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        peer.writer.write(data)
        peer.writer.write_eof()
        await peer.rest()
    return application.seen


@contextmanager
def _connected() -> Iterator[Check]:
    with asyncio.Runner() as runner:

        def check(data: object) -> None:
            assert isinstance(data, bytes)
            ours = [each for each in runner.run(_seen(data)) if each.is_whole]
            theirs = others_reading(data)
            for our, their in zip(ours, theirs, strict=False):
                assert (our.method, our.body) == (their[0], their[2])
                assert their[1].endswith(our.path + (b"?" + our.query if our.query else b""))

        yield check


@st.composite
def _requests(draw: st.DrawFn) -> bytes:
    parts = st.one_of(st.sampled_from(GOOD), st.lists(st.sampled_from(LINES), max_size=8).map(b"".join))
    data = b"".join(draw(st.lists(parts, min_size=1, max_size=4)))
    edits = st.tuples(st.integers(0, 400), st.integers(0, 3), st.sampled_from(SNIPPETS))
    for place, length, snippet in draw(st.lists(edits, max_size=3)):
        start = place % (len(data) + 1)
        data = data[:start] + snippet + data[start + length :]
    return data


TARGETS = (Target("connection", (Connection,), _requests(), _connected),)
