# SPDX-License-Identifier: Apache-2.0
"""Objects that another registry wrote: read, sent and deleted like any other, never written and never listed."""

import asyncio

import pytest

from entrepot.infra.storage.adopted import adopted_key
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import Stream
from entrepot.oci.digest import digest_of
from tests.builders.trees import plant

CONTENT = bytes(range(256)) * 1_024
KEY = adopted_key(digest_of(CONTENT))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def adopted(storage: Storage) -> Storage:
    """A storage beside whose objects another registry has left a blob."""
    await plant(storage, KEY, CONTENT)
    return storage


async def test_it_is_read(adopted: Storage) -> None:
    """Whole and in part, and its size is known."""
    assert await adopted.size(KEY) == len(CONTENT)
    assert b"".join([chunk async for chunk in adopted.read(KEY)]) == CONTENT
    assert b"".join([chunk async for chunk in adopted.read(KEY, ByteRange(300, 700))]) == CONTENT[300:700]


async def test_it_is_delivered(adopted: Storage) -> None:
    """As a file where it is one, else as a stream."""
    delivery = await adopted.deliver(KEY, ByteRange(0, len(CONTENT)), len(CONTENT))

    match delivery:
        case LocalFile(path=path):
            assert await asyncio.to_thread(path.read_bytes) == CONTENT
        case Stream(chunks=chunks):
            assert b"".join([chunk async for chunk in chunks]) == CONTENT
        case _:
            raise AssertionError(delivery)


async def test_it_is_never_listed(adopted: Storage) -> None:
    """So nobody takes it for bytes that nothing knows of."""
    assert [found async for found in adopted.list_objects()] == []


async def test_it_is_never_written(adopted: Storage) -> None:
    """Neither anew nor by going on, nor is an upload under its key thrown away."""
    for work in (adopted.create(KEY), adopted.resume(KEY, 0, b""), adopted.resume(KEY, len(CONTENT), b"")):
        with pytest.raises(StorageError):
            await (await work).commit()
    with pytest.raises(StorageError):
        await adopted.discard(KEY, b"")

    assert b"".join([chunk async for chunk in adopted.read(KEY)]) == CONTENT


async def test_it_is_deleted(adopted: Storage) -> None:
    """As often as is asked for."""
    await adopted.delete(KEY)
    await adopted.delete(KEY)

    assert await adopted.size(KEY) is None
