# SPDX-License-Identifier: Apache-2.0
"""What one client may take of a server process."""

import asyncio

import pytest
from structlog.typing import EventDict

from entrepot.infra.http.serving.limits import ConnectionLimits
from tests.unit.infra.http.serving.applications import Deaf
from tests.unit.infra.http.serving.applications import Endless
from tests.unit.infra.http.serving.applications import Recorder
from tests.unit.infra.http.serving.applications import refuse
from tests.unit.infra.http.serving.site import serving

LIMITS = ConnectionLimits()
HEAD_BYTES = LIMITS.head_kib * 1024
BEGIN = b"GET / HTTP/1.1\r\nhost: h\r\n"

pytestmark = pytest.mark.anyio

TOO_LARGE = {
    "a long target": b"GET /" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\nhost: h\r\n\r\n",
    "an endless target": b"GET /" + b"a" * 900_000,
    "a long field": BEGIN + b"a: " + b"b" * HEAD_BYTES + b"\r\n\r\n",
    "an endless field": BEGIN + b"a: " + b"b" * 900_000,
    "an endless name": BEGIN + b"a" * 900_000,
    "many fields": BEGIN + b"a: b\r\n" * LIMITS.header_fields + b"\r\n",
    "endless fields": BEGIN + b"a: b\r\n" * 100_000,
    "many long fields": BEGIN + (b"a: " + b"b" * 1000 + b"\r\n") * 40 + b"\r\n",
    "endless empty lines": b"\r\n" * 400_000,
}


@pytest.mark.parametrize("data", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_a_large_head_is_refused(data: bytes) -> None:
    """431 says how much is accepted, and the connection is closed."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        answer = await peer.ask(data)
        assert await peer.rest() == b""

    assert (answer.status, answer.closes, application.seen) == (431, True, [])


async def test_the_largest_head_is_accepted() -> None:
    """A head of the limit's size, in pieces, with as many fields as there may be."""
    fields = b"".join(b"a%02d: b\r\n" % number for number in range(LIMITS.header_fields - 2))
    filler = b"b" * (HEAD_BYTES - len(fields) - len(b"/hosthfiller") - 8 - 3)
    head = BEGIN + fields + b"filler: " + filler + b"\r\n\r\n"
    async with serving(Recorder()) as site, site.peer() as peer:
        for start in range(0, len(head), 1000):
            await peer.send(head[start : start + 1000])
        assert (await peer.answer()).status == 200


async def test_a_head_may_come_byte_by_byte() -> None:
    """What counts is how much it is, and how long it takes in all."""
    async with serving(Recorder()) as site, site.peer() as peer:
        for byte in BEGIN + b"\r\n":
            await peer.send(bytes([byte]))
            await asyncio.sleep(0)
        assert (await peer.answer()).status == 200


async def test_requests_sent_ahead_are_not_one_long_head() -> None:
    """Heads that together are larger than one may be are answered each."""
    request = BEGIN + b"a: " + b"b" * 5_000 + b"\r\n\r\n"
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(request * 20 + request[:-2])
        await peer.send(request[-2:])
        assert [(await peer.answer()).status for _ in range(21)] == [200] * 21


@pytest.mark.parametrize("begun", [b"G", BEGIN])
async def test_a_head_that_takes_too_long_is_refused(begun: bytes) -> None:
    """408 ends a head that is sent drop by drop."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.send(begun)
        await site.becomes(lambda: all(each._head_began is not None for each in site.state.connections))
        site.pass_seconds(LIMITS.head_seconds + 1)
        answer = await peer.answer()
        assert await peer.rest() == b""

    assert (answer.status, answer.closes) == (408, True)


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    """Before its time is over it is kept."""
    async with serving(Recorder()) as site, site.peer() as peer:
        await peer.ask(BEGIN + b"\r\n")
        site.pass_seconds(LIMITS.idle_seconds - 1)
        await peer.ask(BEGIN + b"\r\n")
        site.pass_seconds(LIMITS.idle_seconds + 1)
        assert await peer.rest() == b""


async def test_a_body_that_stands_still_is_ended(logged: list[EventDict]) -> None:
    """Five minutes without a byte are nothing; after `stall_seconds` the connection ends."""
    application = Recorder()
    async with serving(application) as site, site.peer() as peer:
        await peer.send(b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nab")
        await site.becomes(
            lambda: any(each._queue and each._queue[0].waits_for_client for each in site.state.connections)
        )
        site.pass_seconds(300)
        assert site.state.tasks
        site.pass_seconds(LIMITS.stall_seconds + 1)
        assert await peer.rest() == b""
        await site.becomes(lambda: bool(application.seen))

    assert (application.seen[0].body, application.seen[0].is_whole) == (b"ab", False)
    assert [entry["event"] for entry in logged] == ["connection.stalled"]


async def test_an_application_may_take_its_time() -> None:
    """A client that waits for us is not silent."""
    application = Deaf()
    async with serving(application) as site, site.peer() as peer:
        await peer.send(BEGIN + b"\r\n")
        await site.becomes(lambda: bool(site.state.tasks))
        for _ in range(3):
            site.pass_seconds(LIMITS.stall_seconds * 10)
        application.go.set()
        assert (await peer.answer()).status == 200


async def test_a_client_that_reads_nothing_is_ended(logged: list[EventDict]) -> None:
    """An answer nobody takes ends after `stall_seconds`."""
    application = Endless()
    async with serving(application) as site, site.peer(limit=1) as peer:
        await peer.send(BEGIN + b"\r\n")
        await site.becomes(lambda: any(each._wire.is_paused for each in site.state.connections))
        site.pass_seconds(0)
        site.pass_seconds(LIMITS.stall_seconds - 1)
        assert not application.ended.is_set()
        site.pass_seconds(LIMITS.stall_seconds + 1)
        await site.becomes(application.ended.is_set)

    assert [entry["event"] for entry in logged] == ["connection.stalled"]


async def test_a_refused_body_that_never_comes_ends_the_connection(logged: list[EventDict]) -> None:
    """A short body may follow an early answer, but it is not waited for without end."""
    async with serving(refuse) as site, site.peer() as peer:
        answer = await peer.ask(b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\n")
        site.pass_seconds(LIMITS.stall_seconds + 1)
        assert await peer.rest() == b""

    assert (answer.status, answer.closes, len(logged)) == (403, False, 1)


async def test_one_address_has_a_share_of_the_connections() -> None:
    """One more than `connections_per_address` is told to close some, and can once it has."""
    limits = ConnectionLimits(connections_per_address=10)
    async with serving(Recorder(), limits) as site:
        peers = [site.peer() for _ in range(10)]
        opened = [await peer.__aenter__() for peer in peers]
        assert [(await peer.ask(BEGIN + b"\r\n")).status for peer in opened] == [200] * 10
        async with site.peer() as refused:
            answer = await refused.answer()
        opened[0].leave()
        await site.becomes(lambda: len(site.opened) == 9)
        async with site.peer() as admitted:
            assert (await admitted.ask(BEGIN + b"\r\n")).status == 200
        for peer in peers:
            await peer.__aexit__(None, None, None)

    assert (answer.status, answer.closes, answer.headers["retry-after"]) == (503, True, "5")
