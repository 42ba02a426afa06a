# SPDX-License-Identifier: Apache-2.0
"""What a real Azurite does where our own stand-in might be kinder, and where clients are sent."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from entrepot.infra.storage.azure.opening import open_container
from entrepot.infra.storage.azure.settings import AzureSettings
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.requests import BucketClient
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.requests import NoSuchPart
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.clouds import surroundings
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.scale.object_stores import ACCOUNT
from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import Azure
from tests.scale.object_stores import azurite

pytestmark = pytest.mark.anyio

EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0"]})


@pytest.fixture(scope="module")
def azure() -> Iterator[Azure]:
    """A server for all tests of this module."""
    with azurite() as azure:
        yield azure


@pytest.fixture
async def node(azure: Azure, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node that sends every client to the container."""
    settings = AzureSettings.model_validate({"account": ACCOUNT, "account_key": azure.key, "endpoint": azure.url})
    opened = open_container(f"azure://{BUCKET}/production", settings, surroundings(tmp_path, redirects=EVERYBODY))
    yield opened
    await opened.close()


@pytest.fixture
def client(node: S3Storage) -> BucketClient:
    """What writes to the container."""
    return node._bucket.client


async def test_a_list_that_comes_late_replaces_nothing(node: S3Storage, client: BucketClient) -> None:
    """Neither with fewer blocks nor with others; that which made the object has done so when it is sent again."""
    key = object_key()
    parts = [await client.put_part(key, "u", number, InMemory(b"%d" % number)) for number in (1, 2)]
    other = await client.put_part(key, "u", 2, InMemory(b"other"))

    await client.complete(key, "u", parts)
    await client.complete(key, "u", parts)
    for late in (parts[:1], [parts[0], other]):
        with pytest.raises(NoSuchPart):
            await client.complete(key, "u", late)

    assert await collect(node.read(key)) == b"12"


async def test_blocks_that_nobody_has_make_no_object(node: S3Storage, client: BucketClient) -> None:
    """As where a week went by."""
    key = object_key()
    part = await client.put_part(object_key(), "u", 1, InMemory(b"elsewhere"))

    with pytest.raises(NoSuchPart):
        await client.complete(key, "u", [part])
    assert await node.size(key) is None


async def test_bytes_that_change_on_their_way_are_not_kept(node: S3Storage, client: BucketClient) -> None:
    """The service compares what comes with the MD5 that it was told."""

    class Altered(InMemory):
        """Says the digest of something else."""

        @property
        def md5(self) -> str:
            """See `Body`."""
            return InMemory(b"other").md5

    key = object_key()
    for doing in (client.put(key, Altered(b"x")), client.put_part(key, "u", 1, Altered(b"x"))):
        with pytest.raises(StorageUnavailable, match="answers 400"):
            await doing
    assert await node.size(key) is None


async def test_a_client_reads_what_it_was_sent_to(node: S3Storage) -> None:
    """The address is good for the object and ranges of it, and for nothing else."""
    key = await store(node, content(100_000))
    sent = await node.deliver(key, ByteRange(0, 100_000), 100_000, "192.0.2.1")

    assert isinstance(sent, Redirect)
    async with aiohttp.ClientSession() as session:
        async with session.get(sent.url, headers={"Range": "bytes=5-9"}) as answer:
            assert await answer.read() == content(100_000)[5:10]
        async with session.get(sent.url.replace("objects/", "uploads/")) as answer:
            assert answer.status == 403
        async with session.delete(sent.url) as answer:
            assert answer.status == 403


async def test_it_tells_whether_blocks_are_there(client: BucketClient) -> None:
    """Those that were stored and are in no list yet; neither others nor those of nothing."""
    key = object_key()
    assert not await client.has_parts(key, "an upload", [StoredPart("bm9ib2R5J3M=")])
    mine = await client.put_part(key, "an upload", 1, InMemory(b"a block"))

    assert await client.has_parts(key, "an upload", [mine])
    assert not await client.has_parts(key, "an upload", [StoredPart("bm9ib2R5J3M=")])
    await client.complete(key, "an upload", [mine])
    assert not await client.has_parts(key, "an upload", [mine])
