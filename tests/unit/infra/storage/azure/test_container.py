# SPDX-License-Identifier: Apache-2.0
"""A container of Azure: what is asked of it for an upload, who wins of two, and what it says is wrong."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectArchived
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.clouds import container_of
from tests.builders.clouds import surroundings
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.azure.authority import KEY
from tests.fakes.azure.server import AzureServer
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import first
from tests.unit.infra.storage.s3.nodes import Upload
from tests.unit.infra.storage.s3.nodes import hurried

pytestmark = pytest.mark.anyio

PART = 100_000
BLOCK, LIST, BLOB = "PutBlock", "PutBlockList", "PutBlob"
EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0"]})


@pytest.fixture
async def azure() -> AsyncIterator[AzureServer]:
    """A container that is empty."""
    async with AzureServer().serving() as server:
        yield server


@pytest.fixture
async def nodes(azure: AzureServer, tmp_path: Path) -> AsyncIterator[tuple[S3Storage, S3Storage]]:
    """Two nodes, which know what the container can."""
    opened = []
    for name in ("here", "there"):
        opened.append(hurried(container_of(azure, surroundings(tmp_path / name, PART))))
        await opened[-1]._bucket.keeps_first()
    azure.calls.clear()
    yield opened[0], opened[1]
    for node in opened:
        await node.close()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {BLOB: 1}),
        (1, {BLOB: 1}),
        (PART, {BLOB: 1}),
        (PART + 1, {BLOCK: 2, LIST: 1}),
        (5 * PART, {BLOCK: 5, LIST: 1}),
    ],
)
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_blob_takes_its_blocks_and_their_list_or_one_put(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage], size: int, expected: dict[str, int], is_streamed: bool
) -> None:
    """A PUT, or a PATCH and an empty PUT elsewhere; nothing begins an upload, copies or lists."""
    here, there = nodes
    upload = Upload()
    if is_streamed:
        await upload.patch(here, size)
    key = await upload.put(there, 0 if is_streamed else size)

    assert azure.calls.counts() == expected
    assert await collect(here.read(key)) == content(size)


async def test_chunks_on_two_nodes_cost_what_they_cost_on_s3(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage]
) -> None:
    """Each further request adds at most one put, one get and one delete."""
    upload, chunks = Upload(), [3 * PART, 10, 3 * PART, 10]
    for number, size in enumerate(chunks):
        await upload.patch(nodes[number % 2], size, is_chunk=True)
    key = await upload.put(nodes[0], 10)

    asked, total = azure.calls.counts(), sum(chunks) + 10
    assert asked[LIST] == 1
    assert asked[BLOCK] + asked.get(BLOB, 0) <= -(-total // PART) + 1 + len(chunks)
    assert max(asked.get("GetBlob", 0), asked.get("DeleteBlob", 0)) <= len(chunks) + 1
    assert not set(asked) - {BLOCK, LIST, BLOB, "GetBlob", "DeleteBlob"}
    assert await collect(nodes[1].read(key)) == content(total)


async def test_of_two_that_make_an_object_of_one_upload_the_first_has_made_it(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage]
) -> None:
    """A request that comes late, with fewer blocks, or others of the same numbers, replaces nothing."""
    upload = Upload()
    await upload.patch(nodes[0], 3 * PART)
    late = await upload.resumed(nodes[1])
    await late.write(content(PART + 5))

    key = await upload.put(nodes[0], 2 * PART)
    with pytest.raises(UploadLost):
        await late.commit()

    assert await collect(nodes[1].read(key)) == content(5 * PART)


@pytest.mark.parametrize("operation", [BLOB, BLOCK, LIST])
@pytest.mark.parametrize("fault", [CutAnswer(), Fail(is_done=True), Fail("ServerBusy")])
async def test_what_was_done_although_nobody_said_so_is_recognised(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage], operation: str, fault: CutAnswer | Fail
) -> None:
    """A lost answer costs another request, and no other object."""
    azure.faults.add(fault, operation, when=first(2))
    size = 10 if operation == BLOB else 3 * PART + 1

    key = await store(nodes[0], content(size))

    assert await collect(nodes[0].read(key)) == content(size)
    assert [name for name in azure.blobs if "objects/" in name] == [f"some/prefix/{key}"]


async def test_bytes_that_change_on_their_way_are_not_kept(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage]
) -> None:
    """The service compares what comes with the MD5 that it was told."""
    other = InMemory(b"other")

    class Altered(InMemory):
        """Says the digest of something else."""

        @property
        def md5(self) -> str:
            """See `Body`."""
            return other.md5

    client = nodes[0]._bucket.client
    for doing in (client.put("k", Altered(b"x")), client.put_part("k", "u", 1, Altered(b"x"))):
        with pytest.raises(StorageUnavailable, match="400 Md5Mismatch"):
            await doing
    assert "some/prefix/k" not in {*azure.blobs, *azure.blocks}


async def test_what_was_archived_says_so(azure: AzureServer, nodes: tuple[S3Storage, S3Storage]) -> None:
    """It is there, and nothing of it can be read."""
    key = await store(nodes[0], content(10))
    azure.archive(f"some/prefix/{key}")

    assert await nodes[0].size(key) == 10
    with pytest.raises(ObjectArchived):
        await collect(nodes[0].read(key))


async def test_objects_and_tails_are_listed_page_by_page(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage]
) -> None:
    """Blocks that no list names are no leftover: they vanish by themselves."""
    keys = {await store(nodes[0], content(size)) for size in range(7)}
    upload = Upload()
    await upload.patch(nodes[0], PART + 10, is_chunk=True)

    assert {found.key async for found in nodes[1].list_objects()} == keys
    leftovers = [found async for found in nodes[1].leftovers()]
    assert [found.key for found in leftovers] == [upload.key]
    await nodes[1].remove_leftover(leftovers[0])
    assert not [name for name in azure.blobs if "/uploads/" in name]


async def test_the_tier_is_that_of_the_settings(azure: AzureServer, tmp_path: Path) -> None:
    """Of what came whole, and of what came in blocks."""
    key = {"account_key": KEY, "tier": "Cool"}
    node = container_of(azure, surroundings(tmp_path, PART), **key)
    for size in (10, 2 * PART):
        await store(node, content(size))
    await node.close()

    assert {blob.tier for name, blob in azure.blobs.items() if "objects/" in name} == {"Cool"}


async def test_a_client_reads_what_it_was_sent_to(azure: AzureServer, tmp_path: Path) -> None:
    """The address is good for the object and ranges of it, and for nothing else."""
    node = container_of(azure, surroundings(tmp_path, redirects=EVERYBODY))
    key = await store(node, content(PART))

    sent = await node.deliver(key, ByteRange(0, PART), PART, "192.0.2.1")

    assert isinstance(sent, Redirect)
    async with aiohttp.ClientSession() as session:
        async with session.get(sent.url) as answer:
            assert await answer.read() == content(PART)
        async with session.get(sent.url, headers={"Range": "bytes=5-9"}) as answer:
            assert await answer.read() == content(PART)[5:10]
        async with session.get(re.sub("objects/", "uploads/", sent.url)) as answer:
            assert answer.status == 403
        async with session.delete(sent.url) as answer:
            assert answer.status == 403
    await node.close()


@pytest.mark.parametrize("size", [100, 2 * PART, 3 * PART + 100])
async def test_where_an_upload_is_can_be_told(
    azure: AzureServer, nodes: tuple[S3Storage, S3Storage], size: int
) -> None:
    """By the names of its blocks, or by its last bytes: here as long as they are there."""
    upload = Upload()
    await upload.patch(nodes[0], size)

    assert await nodes[1].has_upload(upload.key, upload.offset, upload.state)
    azure.blocks.clear()
    azure.blobs.clear()
    assert not await nodes[1].has_upload(upload.key, upload.offset, upload.state)
