# SPDX-License-Identifier: Apache-2.0
"""A reader follows a writer: one fetch from elsewhere is streamed to everybody who asks meanwhile."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterAborted
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.access import Principal
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.hooks import OriginBlob
from tests.builders.asgi import Answer
from tests.builders.asgi import ask
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.unit.registry.planted import PlantedOrigin

pytestmark = pytest.mark.anyio

CHUNKS = [bytes([number]) * 100_000 for number in range(8)]
CONTENT = b"".join(CHUNKS)
DIGEST = digest_of(CONTENT)
CLIENTS = 5

STORAGES: dict[str, Callable[[Path], Storage]] = {
    "filesystem": FilesystemStorage.open,
    "memory": lambda folder: MemoryStorage(folder.name),
}


class FetchingOrigin(PlantedOrigin):
    """Fetches the blob once, into a storage, and lets everybody follow."""

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage
        self.writer: Writer | None = None
        self.has_followers = asyncio.Event()

    async def blob(self, principal: Principal, repository: str, digest: Digest) -> OriginBlob | None:
        """Follow the fetch, starting it if need be."""
        self.asked.append(digest)
        self.writer = self.writer or await self._storage.create(object_key())
        if len(self.asked) == CLIENTS:
            self.has_followers.set()
        return OriginBlob(len(CONTENT), self.writer.reader())


@pytest.fixture(params=STORAGES)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningCore]:
    """A core on each storage."""
    with a_core(tmp_path, STORAGES[request.param](tmp_path / "blobs")) as running:
        yield running


@pytest.fixture
def origin(running: RunningCore) -> FetchingOrigin:
    """An origin that fetches into the core's storage."""
    origin = FetchingOrigin(running.storage)
    running.core.origins.append(origin)
    return origin


def clients(running: RunningCore) -> list[asyncio.Task[Answer]]:
    """Let everybody ask for the blob."""
    address = f"/v2/{REPOSITORY}/blobs/{DIGEST}"
    return [asyncio.create_task(ask(running.application(), "GET", address)) for _ in range(CLIENTS)]


async def feed(origin: FetchingOrigin, *chunks: bytes) -> Writer:
    """Write what the upstream sends, once everybody follows."""
    await origin.has_followers.wait()
    assert origin.writer is not None
    for chunk in chunks:
        await origin.writer.write(chunk)
        await asyncio.sleep(0)
    return origin.writer


async def test_one_fetch_is_streamed_to_many(running: RunningCore, origin: FetchingOrigin) -> None:
    """Everybody who asks while the blob is being fetched gets all of it, from one writer."""
    asking = clients(running)
    writer = await feed(origin, *CHUNKS)
    await writer.commit()
    answers = await asyncio.gather(*asking)

    assert [answer.looks_complete for answer in answers] == [True] * CLIENTS
    assert {answer.body for answer in answers} == {CONTENT}
    assert [stored.size async for stored in running.storage.list_objects()] == [len(CONTENT)]


@pytest.mark.parametrize("end", ["abort", "suspend"])
async def test_a_fetch_that_fails_fails_for_everybody(running: RunningCore, origin: FetchingOrigin, end: str) -> None:
    """When the writer dies every follower's connection is aborted, although some bytes were sent."""
    asking = clients(running)
    writer = await feed(origin, *CHUNKS[:5])
    await getattr(writer, end)()
    answers = await asyncio.gather(*asking)

    assert [answer.looks_complete for answer in answers] == [False] * CLIENTS
    assert all(isinstance(answer.failure, WriterAborted) for answer in answers)


async def test_a_writer_that_stops_short_is_no_whole_blob(running: RunningCore, origin: FetchingOrigin) -> None:
    """A fetch that ends well with fewer bytes than announced is an error for its followers."""
    asking = clients(running)
    writer = await feed(origin, *CHUNKS[:-1])
    await writer.commit()
    answers = await asyncio.gather(*asking)

    assert not any(answer.looks_complete for answer in answers)


async def test_a_client_that_leaves_disturbs_nobody(running: RunningCore, origin: FetchingOrigin) -> None:
    """The others get everything when one of them goes away in the middle."""
    leaving, *staying = clients(running)
    await feed(origin, *CHUNKS[:3])
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    writer = await feed(origin, *CHUNKS[3:])
    await writer.commit()
    answers = await asyncio.gather(*staying)

    assert {answer.body for answer in answers} == {CONTENT}
    assert all(answer.looks_complete for answer in answers)
