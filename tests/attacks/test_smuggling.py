# SPDX-License-Identifier: Apache-2.0
"""Requests hidden in others, past a proxy that counts differently; more of them stand in `test_bad_requests.py`."""

import pytest

from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.site import serving

HIDDEN = b"DELETE /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD = b"POST /x HTTP/1.1\r\nHost: h\r\n"
COUNTED = HEAD + b"Content-Length: %d\r\n\r\n" % len(HIDDEN)
CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)

REFUSED = {
    "no coding at all": (501, b"Transfer-Encoding: identity\r\n"),
    "no coding before chunks": (501, b"Transfer-Encoding: identity, chunked\r\n"),
    "an empty item before chunks": (501, b"Transfer-Encoding: , chunked\r\n"),
    "chunks in chunks": (400, b"Transfer-Encoding: chunked, chunked\r\n"),
    "chunks with a parameter": (501, b"Transfer-Encoding: chunked;q=1\r\n"),
    "an empty coding": (400, b"Transfer-Encoding:\r\n"),
    "a length of nothing and chunks": (400, b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
    "a length, and no coding in a second line": (400, b"Content-Length: 3\r\nTransfer-Encoding: identity\r\n"),
    "lengths in different cases": (400, b"Content-Length: 3\r\ncontent-length: 0\r\n"),
    "a length with a fraction": (400, b"Content-Length: 3.0\r\n"),
    "a length with an exponent": (400, b"Content-Length: 3e0\r\n"),
    "a length in other digits": (400, b"Content-Length: \xd9\xa3\r\n"),
}

WHOLE = {
    "a length": (COUNTED + HIDDEN, HIDDEN),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK, HIDDEN),
    "chunks in capitals": (HEAD + b"Transfer-Encoding: CHUNKED\r\n\r\n" + CHUNK, HIDDEN),
    "extensions of chunks": (
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n3;a="0\\r\\n";b\r\nabc\r\n0;c=d\r\n\r\n',
        b"abc",
    ),
    "a size with zeros before it": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0003\r\nabc\r\n000\r\n\r\n", b"abc"),
    "a body of a GET": (b"GET /x HTTP/1.1\r\nHost: h\r\n" + COUNTED.partition(HEAD)[2] + HIDDEN, HIDDEN),
    "a coding with an underscore": (HEAD + b"Transfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
    "a length that is said to be for one hop": (
        HEAD + b"Connection: content-length\r\nContent-Length: 3\r\n\r\nabc",
        b"abc",
    ),
}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("status", "fields"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_framing_that_could_be_read_in_two_ways_is_refused(status: int, fields: bytes) -> None:
    """Neither the request nor what is hidden behind it gets to the application, and the connection is closed."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        answer = await peer.ask(HEAD + fields + b"\r\n" + HIDDEN)
        assert await peer.rest() == b""

    assert (answer.status, answer.closes, application.seen) == (status, True, [])


@pytest.mark.parametrize(("data", "body"), WHOLE.values(), ids=WHOLE.keys())
async def test_what_is_in_a_body_is_no_request(data: bytes, body: bytes) -> None:
    """It is the body of the one request that there is, and the next one is understood as the next one."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        first = await peer.ask(data)
        second = await peer.ask(b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n")

    assert (first.status, second.status) == (200, 200)
    assert [(seen.path, seen.body) for seen in application.seen] == [(b"/x", body), (b"/next", b"")]


async def test_a_trailer_is_no_header() -> None:
    """What comes behind the body, past every check of a proxy, is not taken for credentials or a host."""
    application = Recorder()
    trailers = b"Authorization: Basic eDp5\r\nHost: evil\r\nX-Forwarded-For: 203.0.113.7\r\nCookie: a=b\r\n"
    async with serving(application) as site, site.peer() as peer:
        await peer.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + trailers + b"\r\n")
        await peer.ask(b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n")

    for seen in application.seen:
        assert [value for name, value in seen.headers if name == b"host"] == [b"h"]
        assert not {name for name, _ in seen.headers} & {b"authorization", b"x-forwarded-for", b"cookie"}


async def test_a_target_with_a_host_leaves_no_other() -> None:
    """A proxy that goes by `Host` and a server that goes by the target would speak of two: there is one (RFC 9112)."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        await peer.ask(b"GET http://one/path HTTP/1.1\r\nHost: two\r\n\r\n")

    (seen,) = application.seen
    assert (seen.path, [value for name, value in seen.headers if name == b"host"]) == (b"/path", [b"one"])
