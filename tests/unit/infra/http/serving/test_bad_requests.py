# SPDX-License-Identifier: Apache-2.0
"""Bytes that could mean one thing to us and another to a proxy before us are refused (RFC 9112 section 11.2)."""

import pytest

from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.site import serving

HEAD = b"POST /x HTTP/1.1\r\nHost: h\r\n"
IN_CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

pytestmark = pytest.mark.anyio

HEADS = {
    "line feeds alone": (400, b"GET / HTTP/1.1\nHost: h\n\n"),
    "a line feed alone behind a field": (400, b"GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"),
    "a line feed alone at the end": (400, b"GET / HTTP/1.1\r\nHost: h\r\n\n"),
    "a carriage return alone": (400, b"GET / HTTP/1.1\r\nHost: h\rA: b\r\n\r\n"),
    "two carriage returns": (400, b"GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"),
    "a length and chunks": (400, HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunks and a length": (400, HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "one length twice": (400, HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    "a list of lengths": (400, HEAD + b"Content-Length: 3, 3\r\n\r\nabc"),
    "a length with a plus": (400, HEAD + b"Content-Length: +3\r\n\r\nabc"),
    "a negative length": (400, HEAD + b"Content-Length: -3\r\n\r\nabc"),
    "a hexadecimal length": (400, HEAD + b"Content-Length: 0x3\r\n\r\nabc"),
    "a length with a space": (400, HEAD + b"Content-Length: 1 2\r\n\r\nabc"),
    "a length with an underscore": (400, HEAD + b"Content-Length: 1_0\r\n\r\nabc"),
    "an empty length": (400, HEAD + b"Content-Length:\r\n\r\n"),
    "a length beyond 64 bits": (400, HEAD + b"Content-Length: 18446744073709551616\r\n\r\n"),
    "an unknown coding": (501, HEAD + b"Transfer-Encoding: gzip\r\n\r\n"),
    "an unknown coding before chunks": (501, HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "a coding behind chunks": (400, HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    "a coding that looks like chunks": (501, HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "white space behind chunks": (501, HEAD + b"Transfer-Encoding: chunked \t\r\n\r\n0\r\n\r\n"),
    "chunks in quotes": (501, HEAD + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "chunks twice": (400, HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a coding behind a vertical tab": (400, HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n"),
    "a space before the colon": (400, HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": (400, b"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a folded field": (400, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"),
    "a NUL in a value": (400, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"),
    "a control character in a value": (400, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\x01c\r\n\r\n"),
    "a NUL in a name": (400, b"GET / HTTP/1.1\r\nHost: h\r\nA\0: c\r\n\r\n"),
    "a NUL in the target": (400, b"GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"),
    "raw UTF-8 in the target": (400, b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"),
    "white space before the first field": (400, b"GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
    "white space before the method": (400, b" GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    "a field without a colon": (400, b"GET / HTTP/1.1\r\nHost: h\r\nAbc\r\n\r\n"),
    "a field without a name": (400, b"GET / HTTP/1.1\r\nHost: h\r\n: c\r\n\r\n"),
    "a space in the target": (400, b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "two hosts in HTTP/1.0": (400, b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
    "another protocol in the target": (400, b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a user in the target": (400, b"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a tunnel": (400, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "HTTP/2.0": (505, b"GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
    "HTTP/0.9": (505, b"GET /\r\n\r\n"),
    "the greeting of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a greeting of TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 506),
}

CHUNKS = {
    "a size with a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a space behind a size": b"5 \r\nhello\r\n0\r\n\r\n",
    "a space before a size": b" 5\r\nhello\r\n0\r\n\r\n",
    "a size with a plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "a negative size": b"-5\r\nhello\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"fffffffffffffffff\r\n",
    "a size that wraps around": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "no size": b"\r\nhello",
    "a line feed alone behind a size": b"5\nhello\r\n0\r\n\r\n",
    "a line feed alone behind an extension": b"5;a\nhello\r\n0\r\n\r\n",
    "a carriage return alone in an extension": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "a control character in an extension": b"5;a\x01\r\nhello\r\n0\r\n\r\n",
    "a line break in a quoted extension": b'5;a="x\ny"\r\nhello\r\n0\r\n\r\n',
    "no end of a chunk": b"5\r\nhello0\r\n\r\n",
    "a line feed alone behind a chunk": b"5\r\nhello\n0\r\n\r\n",
    "a length in the trailers": b"0\r\nContent-Length: 5\r\n\r\n",
    "a coding in the trailers": b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "endless extensions": b"5;" + b"a" * 600_000,
    "an endless trailer": b"0\r\na: " + b"a" * 600_000,
    "endless trailers": b"0\r\n" + b"a: b\r\n" * 100_000,
}


@pytest.mark.parametrize(("status", "data"), HEADS.values(), ids=HEADS.keys())
async def test_a_head_with_two_meanings_is_refused(status: int, data: bytes) -> None:
    """The refusal closes the connection, and the application hears nothing."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        answer = await peer.ask(data)
        assert await peer.rest() == b""

    assert (answer.status, answer.closes, application.seen) == (status, True, [])


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS.keys())
async def test_chunks_with_two_meanings_are_refused(chunks: bytes) -> None:
    """The application learns that the body is not whole; whatever it hears of it is never taken for a request."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        answer = await peer.ask(IN_CHUNKS + chunks)
        assert await peer.rest() == b""

    assert (answer.status in (400, 431), answer.closes) == (True, True)
    assert all(seen.path == b"/x" and not seen.is_whole for seen in application.seen)


async def test_what_follows_a_body_is_another_request() -> None:
    """A body longer than announced: the request is answered with what was announced, the rest is refused."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        await peer.send(HEAD + b"Content-Length: 3\r\n\r\nabc and more")
        first, second = await peer.answer(), await peer.answer()
        assert await peer.rest() == b""

    assert (first.status, first.body, second.status, second.closes) == (200, b"/x=abc", 400, True)


async def test_a_refusal_waits_for_the_answers_before_it() -> None:
    """Nonsense behind good requests does not cost them their answers."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n")
        answers = [await peer.answer() for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 400]


async def test_white_space_around_values_is_allowed() -> None:
    """RFC 9112 section 5.1 has it optional; only behind a coding it is refused."""
    async with serving(Recorder()) as site, site.peer() as peer:
        first = await peer.ask(HEAD + b"Transfer-Encoding:\t chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
        second = await peer.ask(HEAD + b"Content-Length: 1 \t\r\n\r\nb")

    assert (first.body, second.body) == (b"/x=a", b"/x=b")
