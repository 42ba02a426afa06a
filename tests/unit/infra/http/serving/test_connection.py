# SPDX-License-Identifier: Apache-2.0
"""What HTTP/1.1 promises to every client (RFC 9112)."""

import pytest
from structlog.typing import EventDict

from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.applications import Scripted
from tests.unit.infra.http.serving.site import serving

HOST = b"host: h\r\n"

pytestmark = pytest.mark.anyio


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    """Twenty requests in one write, with bodies of both kinds, get twenty answers in their order."""
    requests = [
        b"PUT /%d HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n%02d" % (number, number)
        if number % 2
        else b"PUT /%d HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\n%02d\r\n0\r\n\r\n"
        % (number, number)
        for number in range(20)
    ]
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(b"".join(requests))
        answers = [await peer.answer() for _ in requests]

    assert [answer.body for answer in answers] == [b"/%d=%02d" % (number, number) for number in range(20)]


async def test_too_many_requests_ahead_are_refused_behind_the_answers() -> None:
    """Those that were taken are answered, then 400 ends the connection."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n" * 40)
        statuses = [(await peer.answer()).status for _ in range(33)]
        assert await peer.rest() == b""

    assert statuses == [200] * 32 + [400]


async def test_a_connection_serves_one_request_after_another() -> None:
    """Answers do not close the connection, and say so by saying nothing."""
    async with serving(Recorder()) as site, site.peer() as peer:
        answers = [await peer.ask(b"GET /%d HTTP/1.1\r\nhost: h\r\n\r\n" % number) for number in range(3)]

    assert [(answer.body, answer.closes) for answer in answers] == [(b"/0=", False), (b"/1=", False), (b"/2=", False)]


async def test_a_server_that_leaves_answers_and_closes() -> None:
    """So that the next request of this client goes to another one; who connects anew is answered too."""
    async with serving(Recorder()) as site, site.peer() as peer:
        site.opened.leaving.set()
        answer = await peer.ask(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        assert await peer.rest() == b""
        async with site.peer() as other:
            again = await other.ask(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")

    assert [(each.status, each.closes) for each in (answer, again)] == [(200, True)] * 2


async def test_a_client_that_asks_to_close_is_answered_first() -> None:
    """`Connection: close` is answered, confirmed and obeyed."""
    async with serving(Recorder()) as site, site.peer() as peer:
        answer = await peer.ask(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        assert await peer.rest() == b""

    assert (answer.status, answer.closes) == (200, True)


async def test_a_body_in_chunks_is_put_together() -> None:
    """Extensions are skipped; trailers change neither the headers nor what is remembered of them."""
    application = Recorder()
    request = b"PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: Chunked\r\n\r\n"
    chunks = b'5;a=b;c="d"\r\nfirst\r\nA\r\n and later\r\n0\r\nx-late: 1\r\nauthorization: Basic x\r\n\r\n'
    async with serving(application) as site, site.peer() as peer:
        answer = await peer.ask(request + chunks)

    assert answer.body == b"/=first and later"
    assert application.seen[0].headers == ((b"host", b"h"), (b"transfer-encoding", b"Chunked"))


async def test_an_answer_without_a_length_comes_in_chunks() -> None:
    """The body arrives whole, and the connection is kept."""
    parts = [b"one, ", b"", b"two", b" and a long third" * 10_000]
    start = {"type": "http.response.start", "status": 200, "headers": []}
    bodies = [{"type": "http.response.body", "body": part, "more_body": True} for part in parts]
    async with serving(Scripted([start, *bodies, {"type": "http.response.body"}])) as site, site.peer() as peer:
        answers = [await peer.ask(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n") for _ in range(2)]

    assert [answer.body for answer in answers] == [b"".join(parts)] * 2


async def test_http_1_0_gets_no_chunks() -> None:
    """Without a length the body ends with the connection, and `Expect` means nothing."""
    start = {"type": "http.response.start", "status": 200, "headers": []}
    body = {"type": "http.response.body", "body": b"all"}
    async with serving(Scripted([start, body])) as site, site.peer() as peer:
        answer = await peer.ask(b"GET / HTTP/1.0\r\nexpect: 100-continue\r\nconnection: keep-alive\r\n\r\n")

    assert (answer.status, answer.body, answer.closes) == (200, b"all", True)
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_has_no_length(status: int) -> None:
    """The next answer follows at once."""
    start = {"type": "http.response.start", "status": status, "headers": [(b"etag", b'"x"')]}
    async with serving(Scripted([start, {"type": "http.response.body"}])) as site, site.peer() as peer:
        answers = [await peer.ask(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n") for _ in range(2)]

    assert [answer.headers for answer in answers] == [{"etag": '"x"', "date": "today"}] * 2


async def test_what_stands_beside_the_status_can_be_said() -> None:
    """Some clients print nothing else; what would end the line, or is no ASCII, becomes a question mark."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, and say why."""
        await Response(503, phrase="moved\r\nX-Bad: é").send(Request(scope, receive), send)

    async with serving(application) as site, site.peer() as peer:
        await peer.send(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        answer = await peer.rest()

    assert answer.startswith(b"HTTP/1.1 503 moved??X-Bad: ?\r\n")


async def test_head_has_the_length_and_not_the_body() -> None:
    """Whether the application leaves the body out or not."""
    async with serving(Recorder()) as site, site.peer() as peer:
        answers = [await peer.ask(b"HEAD /abc HTTP/1.1\r\nhost: h\r\n\r\n") for _ in range(2)]

    assert [(answer.status, answer.headers["content-length"]) for answer in answers] == [(200, "5")] * 2


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"\r\n"], b"/a="),
        ([b"content-length: 3\r\n\r\nabc"], b"/a=abc"),
        ([b"content-length: 3\r\n\r\n", b"a", b"bc"], b"/a=abc"),
        ([b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n", b"2\r\nbc\r\n0\r\n\r\n"], b"/a=abc"),
    ],
)
async def test_an_offer_of_another_protocol_is_passed_over(parts: list[bytes], expected: bytes) -> None:
    """`Upgrade: h2c` is answered as if it were not there, body included, and ends the connection."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(b"PUT /a HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: h2c\r\n")
        for part in parts:
            await peer.send(part)
            await site.becomes(lambda: bool(site.state.tasks) or site.state.total_requests > 0)
        answer = await peer.answer()
        assert await peer.rest() == b""

    assert (answer.status, answer.body, answer.closes) == (200, expected, True)


async def test_the_absolute_form_names_the_host() -> None:
    """What a client would send to a proxy is the path it asks for, at the host of the target."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        await peer.ask(b"GET http://registry:5000/v2/?n=1 HTTP/1.1\r\na: b\r\nhost: other\r\n\r\n")

    (seen,) = application.seen
    assert (seen.path, seen.query, seen.headers) == (b"/v2/", b"n=1", ((b"host", b"registry:5000"), (b"a", b"b")))


async def test_two_answers_to_one_request_are_a_defect(logged: list[EventDict]) -> None:
    """What an application sends behind the end of its answer never reaches the client."""
    start = {"type": "http.response.start", "status": 204, "headers": []}
    end = {"type": "http.response.body"}
    async with serving(Scripted([start, end, start, end])) as site, site.peer() as peer:
        answers = [await peer.ask(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n") for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 204]
    assert {entry["event"] for entry in logged} == {"connection.application_failed"}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"type": "http.response.body"}],
        [{"type": "http.response.start", "status": 200, "headers": [(b"a", b"b\r\nc: d")]}],
        [{"type": "http.response.start", "status": 200, "headers": [(b"a\n", b"b")]}],
        [
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]},
            {"type": "http.response.body", "body": b"two"},
        ],
    ],
    ids=["nothing", "body first", "line break in a value", "line break in a name", "too much"],
)
async def test_a_broken_application_is_no_answer(logged: list[EventDict], messages: list[dict[str, object]]) -> None:
    """Nothing of a broken answer is sent: 500 where the application failed, or the connection ends."""
    async with serving(Scripted([*messages])) as site, site.peer() as peer:
        await peer.send(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        received = await peer.rest()

    assert received.startswith(b"HTTP/1.1 500 ") if messages else received == b""
    assert len(logged) == (1 if messages else 0)


async def test_an_application_that_fails_in_the_middle_breaks_the_connection(logged: list[EventDict]) -> None:
    """A part is never taken for the whole."""
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]}
    part = {"type": "http.response.body", "body": b"half", "more_body": True}
    async with serving(Scripted([start, part, {"type": "nonsense"}])) as site, site.peer() as peer:
        await peer.send(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        received = await peer.rest()

    assert received.endswith(b"half") or received == b""
    assert len(logged) == 1


async def test_a_stopping_server_answers_what_it_has_begun() -> None:
    """The request at work is answered, and the connection closed behind it."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer, site.peer() as idle:
        await peer.send(b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nab")
        await site.becomes(lambda: len(site.state.tasks) == 1)
        for connection in list(site.state.connections):
            connection.shutdown()
        assert await idle.rest() == b""
        answer = await peer.ask(b"cd")

    assert (answer.body, answer.closes) == (b"/=abcd", True)


async def test_a_request_that_is_stopped_breaks_the_connection() -> None:
    """Cancelling the application leaves no half answer and no task."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nab")
        await site.becomes(lambda: len(site.state.tasks) == 1)
        for task in site.state.tasks:
            task.cancel()
        assert await peer.rest() == b""
