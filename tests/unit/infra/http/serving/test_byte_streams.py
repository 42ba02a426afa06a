# SPDX-License-Identifier: Apache-2.0
"""Properties of the connection over any bytes, however they are split."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.applications import Seen
from tests.unit.infra.http.serving.site import serving

FRAGMENTS = [
    b"GET / HTTP/1.1\r\n",
    b"PUT /x HTTP/1.1\r\nhost: h\r\n",
    b"host: h\r\n",
    b"content-length: 5\r\n",
    b"content-length: 99999999999999999999\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: upgrade\r\nupgrade: h2c\r\n",
    b"connection: close\r\n",
    b"expect: 100-continue\r\n",
    b"\r\n",
    b"\n",
    b"\0",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"0\r\na: b\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"hello",
    b" ",
    b": ",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """A valid request."""

    number: int
    body: bytes
    is_chunked: bool
    has_trailer: bool

    def render(self) -> bytes:
        """Return its bytes."""
        head = b"PUT /%d HTTP/1.1\r\nhost: h\r\n" % self.number
        if not self.is_chunked:
            return head + b"content-length: %d\r\n\r\n%b" % (len(self.body), self.body)
        chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in (self.body[:3], self.body[3:]) if part)
        return head + b"transfer-encoding: chunked\r\n\r\n%b0\r\n%b\r\n" % (chunks, b"t: u\r\n" * self.has_trailer)


def split(data: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut `data` at the places."""
    cuts = sorted({0, len(data), *(place % len(data) for place in places)}) if data else [0]
    return [data[start:stop] for start, stop in pairwise(cuts)]


async def seen_of(parts: list[bytes], expected: int) -> list[Seen]:
    """Send parts, each in a read of its own, and return what the application saw."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        for part in parts:
            await peer.send(part)
            await asyncio.sleep(0)
        for _ in range(expected):
            await peer.answer()
    return application.seen


async def survives(parts: list[bytes]) -> list[Seen]:
    """Send parts whatever comes back, and go; raise `TimeoutError` when anything is left behind."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        for part in parts:
            peer.writer.write(part)
            await asyncio.sleep(0)
        peer.writer.write_eof()
        await peer.rest()
    return application.seen


REQUESTS = st.lists(
    st.builds(Sent, st.integers(0, 99), st.binary(max_size=40), st.booleans(), st.booleans()), max_size=6
)
CUTS = st.lists(st.integers(0, 2_000), max_size=30)


@settings(max_examples=60)
@given(REQUESTS, CUTS)
def test_however_requests_are_split_they_are_the_same(requests: list[Sent], cuts: list[int]) -> None:
    """The application sees the same requests, wherever the network cut their bytes."""
    parts = split(b"".join(request.render() for request in requests), cuts)

    seen = asyncio.run(seen_of(parts, len(requests)))

    assert [(each.path, each.body, each.is_whole) for each in seen] == [
        (b"/%d" % request.number, request.body, True) for request in requests
    ]


@settings(max_examples=150)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=8)), max_size=20), CUTS)
def test_no_bytes_break_a_connection(fragments: list[bytes], cuts: list[int]) -> None:
    """Whatever is sent, connection and task come to an end, and a request was whole or is known not to be."""
    seen = asyncio.run(survives(split(b"".join(fragments), cuts)))

    assert all(each.path.startswith((b"/", b"*")) for each in seen)
