# SPDX-License-Identifier: Apache-2.0
"""An answer without an end, and the ways in which it ends all the same."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from entrepot.infra.http import server_sent
from entrepot.infra.http.event_stream import EventStream
from entrepot.infra.http.request import STOPPING
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Scope
from entrepot.infra.http.serving.exchange import ClientGone
from entrepot.infra.telemetry.requests import ObservedRequests
from tests.builders.asgi import scope_of

pytestmark = pytest.mark.anyio


class Source:
    """Yields some chunks, and then nothing more until it is told to end."""

    def __init__(self, *chunks: bytes) -> None:
        self._given = chunks
        self.ends = asyncio.Event()
        self.times_closed = 0

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield them."""
        for chunk in self._given:
            yield chunk
        await self.ends.wait()

    def close(self) -> None:
        """Count."""
        self.times_closed += 1


class Browser:
    """The other end: takes what comes, may stop taking it, and may leave."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.has_taken = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.leaves = asyncio.Event()
        self.is_gone = False
        self.stopping = asyncio.Event()

    async def receive(self) -> Message:
        """Stay until it leaves."""
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        self.has_taken.set()
        if message.get("body"):
            await self.reads.wait()
        if self.is_gone:
            raise ClientGone
        self.taken.append(message)

    def scope(self) -> Scope:
        """Make the scope of a request to a server that may stop."""
        return {**scope_of("GET", "/events"), "extensions": {STOPPING: self.stopping}}

    @property
    def is_ended(self) -> bool:
        """Whether the answer came to its proper end."""
        return self.taken[-1] == {"type": "http.response.body", "body": b""}


async def begun(source: Source, browser: Browser) -> "asyncio.Task[None]":
    """Answer with a stream; return once something of it is on its way."""
    task = asyncio.create_task(EventStream(source)(browser.scope(), browser.receive, browser.send))
    await browser.has_taken.wait()
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("way", ["source", "server"])
async def test_the_end_of_its_source_or_server_is_a_proper_end(way: str) -> None:
    """What was yielded has left, the answer is complete, and what the stream holds is let go."""
    source, browser = Source(b"one"), Browser()
    task = await begun(source, browser)
    (source.ends if way == "source" else browser.stopping).set()
    await task

    assert [message.get("body") for message in browser.taken[1:]] == [b"one", b""]
    assert source.times_closed == 1


async def test_a_client_that_leaves_ends_it() -> None:
    """Nothing more is sent to it."""
    source, browser = Source(b"one"), Browser()
    task = await begun(source, browser)
    browser.leaves.set()
    await task

    assert (browser.is_ended, source.times_closed) == (False, 1)


async def test_a_client_that_does_not_read_keeps_no_server() -> None:
    """A server that stops waits for nobody: the answer is left incomplete."""
    source, browser = Source(b"one"), Browser()
    browser.reads.clear()
    task = await begun(source, browser)
    browser.stopping.set()
    await task

    assert (len(browser.taken), source.times_closed) == (1, 1)


async def test_a_client_that_is_gone_is_told_to_the_server() -> None:
    """As by any other answer."""
    source, browser = Source(b"one"), Browser()
    browser.is_gone = True

    with pytest.raises(ClientGone):
        await EventStream(source)(browser.scope(), browser.receive, browser.send)
    assert source.times_closed == 1


async def test_it_counts_as_answered_and_as_no_slow_request() -> None:
    """However it ends: its time is not measured, and a client that leaves has aborted nothing."""
    source, browser = Source(b"one"), Browser()
    observed = ObservedRequests(EventStream(source), "all")
    browser.leaves.set()
    await observed(browser.scope(), browser.receive, browser.send)

    measured = {(each.metric.name, each.labels): each.values for each in observed.measure()}
    assert measured["entrepot_http_requests", ("events", "GET", "2xx")] == [1]
    assert sum(measured["entrepot_http_request_duration_seconds", ("events",)]) == 0


async def test_messages_are_spelled_as_browsers_read_them() -> None:
    """Fields on lines, an empty line behind (WHATWG HTML section 9.2.6)."""
    assert server_sent.message("{}", event="tag.moved", last="0-1") == b"event: tag.moved\nid: 0-1\ndata: {}\n\n"
    assert server_sent.opening(last="0-1", retry_ms=5) == b"retry: 5\nid: 0-1\n\n"
    assert server_sent.heartbeat(last="0-1") == b":\nid: 0-1\n\n"
