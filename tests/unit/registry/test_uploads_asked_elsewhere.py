# SPDX-License-Identifier: Apache-2.0
"""Whoever asks where an upload stands, of another process than the one that still writes to it, is told the truth."""

import asyncio
import time
from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import Ulid
from entrepot.registry import held_upload
from entrepot.registry.held_upload import Chunk
from entrepot.registry.store import uploads as store
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core

pytestmark = pytest.mark.anyio

Nodes = tuple[RunningCore, RunningCore]
LONG_SECONDS = 10.0
SHORT_SECONDS = 0.2


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    """Two on one database and one storage."""
    storage = MemoryStorage()
    with a_core(tmp_path, storage) as first, a_core(tmp_path, storage) as second:
        yield first, second


class Wire:
    """The body of a request that brings some bytes whenever it is told to, until it is cut."""

    def __init__(self) -> None:
        self._next: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, data: bytes) -> None:
        """Let bytes arrive."""
        self._next.put_nowait(data)

    def cut(self) -> None:
        """Let nothing arrive any more."""
        self._next.put_nowait(None)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield what arrives."""
        while (data := await self._next.get()) is not None:
            yield data
        raise ConnectionError


async def writing_until(core: RunningCore, upload_id: Ulid) -> Milliseconds | None:
    """Return what a session says of requests that are under way."""
    found = await core.database.read(store.find, REPOSITORY, upload_id)
    assert found is not None
    return found.writing_until


async def said_after(core: RunningCore, upload_id: Ulid, before: Milliseconds | None) -> Milliseconds:
    """Wait until a session says something else."""
    async with asyncio.timeout(LONG_SECONDS):
        while True:
            until = await writing_until(core, upload_id)
            if until is not None and until != before:
                return until
            await asyncio.sleep(0.005)


async def test_another_node_waits_for_the_end_of_a_request(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is gone, and asks another node: it is told how much has arrived."""
    monkeypatch.setattr(held_upload, "QUICK_SECONDS", 0.0)
    (first, second), wire = nodes, Wire()
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    writing = asyncio.create_task(first.uploads.append(REPOSITORY, session.id, Chunk(wire.body(), 0)))
    wire.send(b"ten bytes.")
    await said_after(second, session.id, None)

    asking = asyncio.create_task(second.uploads.status(REPOSITORY, session.id, LONG_SECONDS))
    await asyncio.sleep(SHORT_SECONDS)
    assert not asking.done()
    wire.cut()

    assert (await asyncio.wait_for(asking, LONG_SECONDS)).offset == len(b"ten bytes.")
    with pytest.raises(ConnectionError):
        await writing
    assert await writing_until(second, session.id) is None


async def test_a_long_request_says_so_again(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the time before that what it said would be over."""
    monkeypatch.setattr(held_upload, "QUICK_SECONDS", 0.0)
    monkeypatch.setattr(held_upload, "WRITING_MS", 40)
    (first, second), wire = nodes, Wire()
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    writing = asyncio.create_task(first.uploads.append(REPOSITORY, session.id, Chunk(wire.body(), 0)))
    wire.send(b"1")
    before = await said_after(second, session.id, None)
    first.clock.advance(MINUTE_MS)
    await asyncio.sleep(0.05)
    wire.send(b"2")

    assert await said_after(second, session.id, before) == before + MINUTE_MS
    wire.cut()
    with pytest.raises(ConnectionError):
        await writing


async def test_a_quick_request_costs_nothing_more(nodes: Nodes) -> None:
    """It says nothing, and nobody waits for it."""
    (first, second), wire = nodes, Wire()
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    writing = asyncio.create_task(first.uploads.append(REPOSITORY, session.id, Chunk(wire.body(), 0)))
    wire.send(b"1")
    await asyncio.sleep(0.02)

    assert await writing_until(second, session.id) is None
    assert (await second.uploads.status(REPOSITORY, session.id, 10 * LONG_SECONDS)).offset == 0
    wire.cut()
    with pytest.raises(ConnectionError):
        await writing
    assert (await second.uploads.status(REPOSITORY, session.id)).offset == 1


async def test_bytes_go_on_while_nobody_can_be_told(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may be away for a while, as long as it is back when something has to be recorded."""
    monkeypatch.setattr(held_upload, "QUICK_SECONDS", 0.0)
    said: list[object] = []

    def fail(*told: object) -> None:
        """Be away."""
        said.append(told)
        raise Unavailable("the database is away")

    monkeypatch.setattr(store, "note_writing", fail)
    (first, second), wire = nodes, Wire()
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    writing = asyncio.create_task(first.uploads.append(REPOSITORY, session.id, Chunk(wire.body(), 0)))
    wire.send(b"1")
    wire.send(b"2")
    wire.cut()
    with pytest.raises(ConnectionError):
        await writing

    assert said
    assert (await second.uploads.status(REPOSITORY, session.id)).offset == len(b"12")


async def test_who_died_is_waited_for_a_little(nodes: Nodes) -> None:
    """And not at all once the time is over for which it said that it writes."""
    first, second = nodes
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    found = await first.database.read(store.find, REPOSITORY, session.id)
    assert found is not None
    await first.database.write(store.note_writing, found, Milliseconds(first.clock() + MINUTE_MS))

    began = time.monotonic()
    assert (await second.uploads.status(REPOSITORY, session.id, SHORT_SECONDS)).offset == 0
    assert SHORT_SECONDS <= time.monotonic() - began < LONG_SECONDS

    second.clock.advance(MINUTE_MS)
    asking = second.uploads.status(REPOSITORY, session.id, 10 * LONG_SECONDS)
    assert (await asyncio.wait_for(asking, LONG_SECONDS)).offset == 0


async def test_a_session_that_was_moved_on_is_said_nothing_of(nodes: Nodes) -> None:
    """What another request has recorded meanwhile is not touched."""
    first, second = nodes
    session = await first.uploads.start(EVERYBODY, REPOSITORY)
    found = await first.database.read(store.find, REPOSITORY, session.id)
    assert found is not None
    wire = Wire()
    wire.send(b"1")
    wire.cut()
    with pytest.raises(ConnectionError):
        await second.uploads.append(REPOSITORY, session.id, Chunk(wire.body(), 0))
    await first.database.write(store.note_writing, found, Milliseconds(first.clock() + MINUTE_MS))

    assert await writing_until(second, session.id) is None
