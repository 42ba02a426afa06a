# SPDX-License-Identifier: Apache-2.0
"""Every storage keeps what was committed, and shows nothing else."""

import hashlib

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import object_key
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * 1024 * 1024 + 7])
async def test_an_object_reads_back_as_it_was_written(storage: Storage, size: int) -> None:
    """A committed object has exactly the bytes that were written."""
    key = await store(storage, content(size))

    assert await collect(storage.read(key)) == content(size)
    assert await storage.size(key) == size


@given(sizes=st.lists(st.integers(0, 300_000), max_size=12), flush_after=st.sets(st.integers(0, 11)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pieces_are_stored_and_hashed_in_order(storage: Storage, sizes: list[int], flush_after: set[int]) -> None:
    """However the bytes are cut, whenever they are flushed, the object and the hashes are those of the whole."""
    whole = content(sum(sizes))
    hashers = (new_hasher("sha256"), new_hasher("sha512"))
    writer = await storage.create(object_key(), hashers)
    start = 0
    for number, size in enumerate(sizes):
        await writer.write(whole[start : start + size])
        start += size
        if number in flush_after:
            await writer.flush()
    await writer.commit()

    assert await collect(storage.read(writer.key)) == whole
    assert [hasher.hexdigest() for hasher in hashers] == [
        hashlib.sha256(whole).hexdigest(),
        hashlib.sha512(whole).hexdigest(),
    ]


@pytest.mark.parametrize("size", [0, 10, CHUNK_BYTES, 2 * 1024 * 1024 + 1])
async def test_flush_brings_the_hashers_up_to_the_offset(storage: Storage, size: int) -> None:
    """After `flush` the digest of everything written is known, before anything is committed."""
    hasher = new_hasher("sha256")
    writer = await storage.create(object_key(), (hasher,))

    await writer.write(content(size))
    await writer.flush()

    assert hasher.hexdigest() == hashlib.sha256(content(size)).hexdigest()
    assert writer.offset == size
    await writer.abort()


async def test_nothing_is_visible_before_commit(storage: Storage) -> None:
    """An object in the making has no size, cannot be read and is not listed."""
    writer = await storage.create(object_key())
    await writer.write(content(2 * CHUNK_BYTES))
    await writer.flush()

    assert await storage.size(writer.key) is None
    with pytest.raises(ObjectMissing):
        await collect(storage.read(writer.key))
    assert [found async for found in storage.list_objects()] == []
    await writer.abort()


async def test_the_offset_counts_what_was_accepted(storage: Storage) -> None:
    """`offset` grows with every write, whether or not the bytes have reached the store."""
    writer = await storage.create(object_key())

    await writer.write(b"12345")
    await writer.write(b"")
    await writer.write(b"678")

    assert writer.offset == 8
    await writer.abort()


async def test_committing_twice_does_no_harm(storage: Storage) -> None:
    """The second commit of a writer succeeds and changes nothing."""
    writer = await storage.create(object_key())
    await writer.write(b"content")

    await writer.commit()
    await writer.commit()

    assert await collect(storage.read(writer.key)) == b"content"


@pytest.mark.parametrize("end", ["commit", "suspend", "abort"])
async def test_a_writer_that_has_ended_takes_nothing_more(storage: Storage, end: str) -> None:
    """Writing after commit, suspend or abort raises."""
    writer = await storage.create(object_key())
    await writer.write(b"content")
    await getattr(writer, end)()

    with pytest.raises(StorageError, match="already"):
        await writer.write(b"more")
    with pytest.raises(StorageError, match="already"):
        await writer.suspend()


async def test_aborting_after_commit_keeps_the_object(storage: Storage) -> None:
    """A committed object is no longer the writer's to throw away."""
    writer = await storage.create(object_key())
    await writer.write(b"content")
    await writer.commit()

    await writer.abort()

    assert await collect(storage.read(writer.key)) == b"content"


async def test_deleting_is_idempotent_and_touches_one_object(storage: Storage) -> None:
    """A deleted object is gone, a second delete succeeds, and others stay."""
    first, second = await store(storage, b"first"), await store(storage, b"second")

    await storage.delete(first)
    await storage.delete(first)

    assert await storage.size(first) is None
    assert await collect(storage.read(second)) == b"second"


async def test_a_storage_in_order_passes_its_check(storage: Storage) -> None:
    """`check` succeeds and leaves no object behind."""
    await storage.check()

    assert [found async for found in storage.list_objects()] == []


async def test_the_url_tells_what_kind_of_storage_this_is(storage: Storage) -> None:
    """A URL has a scheme and holds no secret."""
    scheme, _, rest = storage.url.partition("://")

    assert scheme in {"file", "memory", "s3", "azure", "gs"}
    assert "@" not in rest
