# SPDX-License-Identifier: Apache-2.0
"""Every storage yields exactly what was asked for, or raises."""

import time

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import object_key
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import delivered
from tests.contracts.storage.content import store
from tests.contracts.storage.content import suspended
from tests.contracts.storage.content import write_and_commit

pytestmark = pytest.mark.anyio

SIZE = 2 * CHUNK_BYTES + 100


@given(bounds=st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_range_is_read_exactly(storage: Storage, bounds: tuple[int, int]) -> None:
    """Reading or delivering a range gives those bytes, be they none."""
    wanted = ByteRange(min(bounds), max(bounds))
    key = await store(storage, content(SIZE))

    read = await collect(storage.read(key, wanted))
    delivery = await storage.deliver(key, wanted, SIZE)

    assert read == content(SIZE)[wanted.start : wanted.stop]
    assert await delivered(delivery) == read


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, SIZE])
async def test_a_whole_object_is_delivered(storage: Storage, size: int) -> None:
    """Delivering everything gives the object."""
    key = await store(storage, content(size))

    delivery = await storage.deliver(key, ByteRange(0, size), size)

    assert await delivered(delivery) == content(size)


async def test_chunks_are_of_bounded_size(storage: Storage) -> None:
    """A reader never holds more than one chunk."""
    key = await store(storage, content(SIZE))

    sizes = [len(chunk) async for chunk in storage.read(key)]

    assert max(sizes) <= CHUNK_BYTES
    assert min(sizes) > 0


async def test_a_range_past_the_end_is_an_error(storage: Storage) -> None:
    """A reader that expects more than there is gets an error, never less."""
    key = await store(storage, content(10))

    with pytest.raises(ObjectMissing):
        await collect(storage.read(key, ByteRange(5, 11)))


async def test_what_is_not_there_cannot_be_read(storage: Storage) -> None:
    """An unknown key, and one that is only being uploaded, have no object."""
    uploading = await storage.create(object_key())
    await uploading.write(b"content")

    for key in (object_key(), uploading.key):
        assert await storage.size(key) is None
        with pytest.raises(ObjectMissing):
            await collect(storage.read(key))
        with pytest.raises(ObjectMissing):
            await storage.deliver(key, ByteRange(0, 7), 7)
    await uploading.abort()


async def test_what_is_suspended_is_not_taken_for_less(storage: Storage) -> None:
    """Under the key of a suspended upload there is nothing yet, or every byte that was acknowledged."""
    key, _ = await suspended(storage, b"content")

    size = await storage.size(key)

    assert size is None or await collect(storage.read(key)) == b"content"


async def test_an_object_of_another_size_is_not_delivered(storage: Storage) -> None:
    """The size that the caller knows is checked before an answer begins."""
    key = await store(storage, content(10))

    with pytest.raises(ObjectMissing):
        await storage.deliver(key, ByteRange(0, 10), 11)


async def test_a_reader_may_stop_early(storage: Storage) -> None:
    """Closing a reader in the middle harms nobody."""
    key = await store(storage, content(SIZE))
    chunks = storage.read(key)

    first = await anext(chunks)
    await chunks.aclose()  # type: ignore[attr-defined]

    assert content(SIZE).startswith(first)
    assert await storage.size(key) == SIZE


async def test_every_complete_object_is_listed(storage: Storage) -> None:
    """The listing names each complete object with what it takes there and its time, and no upload that lacks bytes."""
    before_ms = time.time_ns() // 1_000_000
    sizes = {}
    for size in (0, 1, 70_000, CHUNK_BYTES):
        writer = await storage.create(object_key())
        await write_and_commit(writer, content(size))
        sizes[writer.key] = writer.stored_size
    uploading = await storage.create(object_key())
    await uploading.write(content(2 * CHUNK_BYTES))
    key, _ = await suspended(storage, b"content")
    if await storage.size(key) is not None:
        sizes[key] = 7

    listed = [found async for found in storage.list_objects()]

    await uploading.abort()
    assert {found.key: found.size for found in listed} == sizes
    assert all(before_ms - 1000 <= found.modified_ms <= time.time_ns() // 1_000_000 + 1000 for found in listed)
