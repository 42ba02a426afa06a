# SPDX-License-Identifier: Apache-2.0
"""Doorbells that are heard in other processes, by a real PostgreSQL, and what befalls the connection they need."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.infra.events.relay import Relay
from tests.builders.databases import a_database
from tests.builders.databases import place_of
from tests.chaos.cut_line import Line
from tests.chaos.cut_line import line_to
from tests.server import HOST

PATIENCE_SECONDS = 20.0

pytestmark = pytest.mark.anyio


class Process:
    """The doorbells of a process."""

    def __init__(self, url: str) -> None:
        self.work, self.news, self.commits = Doorbell(), Doorbell(), Doorbell()
        told, heard = {"work": self.work, "news": self.news}, {"work": self.work, "news": self.commits}
        self.relay = Relay(DatabaseServer(url), told, heard, pause=lambda _seconds: asyncio.sleep(0.02))

    async def is_connected(self, *, wanted: bool = True) -> None:
        """Return once others are heard, or not any more."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.work.is_heard_everywhere != wanted:
                await wait_for_ring(self.work.next_ring(), 0.05)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Process]:
    """Run the relay of a process."""
    process = Process(url)
    task = asyncio.create_task(process.relay.run())
    await process.is_connected()
    try:
        yield process
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def heard(doorbell: Doorbell, rung: Doorbell) -> bool:
    """Ring one doorbell and tell whether the other one rings."""
    ring = doorbell.next_ring()
    rung.ring()
    return await wait_for_ring(ring, PATIENCE_SECONDS)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of its own, whose notifications nobody else hears."""
    database = a_database(tmp_path)
    database.close()
    return place_of(database)


@pytest.fixture
def line(url: str) -> Iterator[tuple[Line, str]]:
    """A line to it that can be cut, and its address by that line."""
    parts = urlsplit(url)
    with line_to(parts.hostname or HOST, parts.port or 5432) as line:
        user = parts.netloc.rpartition("@")[0]
        yield line, parts._replace(netloc=f"{user}@{HOST}:{line.port}").geturl()


async def test_a_ring_is_heard_in_other_processes(url: str) -> None:
    """Of work by whoever waits for work there, of news by whoever waits for commits, here too."""
    async with connected(url) as one, connected(url) as other:
        assert await heard(other.work, one.work)
        assert await heard(other.commits, one.news)
        assert await heard(one.commits, one.news)


async def test_listeners_are_woken_by_their_own_process_alone(url: str) -> None:
    """They take turns on one cursor: the others would find nothing left to do."""
    async with connected(url) as one, connected(url) as other:
        ring = other.news.next_ring()
        assert await heard(other.commits, one.news)

        assert not ring.is_set()


async def test_what_was_heard_is_not_told_again(url: str) -> None:
    """Or two processes would wake each other for ever."""
    async with connected(url) as one, connected(url) as other:
        assert await heard(other.work, one.work)
        await asyncio.sleep(0.2)
        rings = one.work.next_ring(), other.work.next_ring()
        await asyncio.sleep(0.2)

        assert not any(ring.is_set() for ring in rings)


async def test_a_lost_connection_is_made_again(line: tuple[Line, str]) -> None:
    """Whoever waits knows meanwhile that nothing is heard, and looks when it is again."""
    async with connected(line[1]) as one, connected(line[1]) as other:
        line[0].cut()
        await one.is_connected(wanted=False)
        await other.is_connected(wanted=False)
        one.work.ring()
        ring = other.work.next_ring()
        line[0].mend()
        await other.is_connected()
        await one.is_connected()

        assert ring.is_set()
        assert await heard(other.work, one.work)
