# SPDX-License-Identifier: Apache-2.0
"""What an encrypted storage does beyond the contract that every storage keeps."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import PIECE_BYTES
from entrepot.infra.storage.sealing import stored_size
from entrepot.infra.storage.store_keys import StoreKeyMissing
from entrepot.infra.storage.store_keys import StoreKeys
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.contracts.storage.content import suspended
from tests.contracts.storage.content import write_and_commit
from tests.fakes.recorded_storage import KEY
from tests.fakes.recorded_storage import OTHER_KEY
from tests.fakes.recorded_storage import KeysOfWriters
from tests.fakes.recorded_storage import RecordedStorage

pytestmark = pytest.mark.anyio

SIZE = 3 * PIECE_BYTES + 5
WHOLE = content(SIZE)


@pytest.fixture
def inner() -> MemoryStorage:
    """Where the ciphertext is."""
    return MemoryStorage()


@pytest.fixture
def storage(inner: MemoryStorage) -> RecordedStorage:
    """What encrypts it."""
    return RecordedStorage(inner)


async def overwrite(inner: MemoryStorage, key: ObjectKey, data: bytes) -> None:
    """Put other bytes under a key, as somebody does who holds the store."""
    await inner.delete(key)
    await write_and_commit(await inner.create(key), data)


async def test_the_store_sees_no_content(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """What is stored holds nothing of what was written, and is as long as it has to be."""
    key = await store(storage, b"secret" * 20_000)

    stored = await collect(inner.read(key))

    assert b"secret" not in stored
    assert len(stored) == stored_size(120_000) == await inner.size(key)


async def read_into(read: bytearray, chunks: AsyncIterator[bytes]) -> None:
    """Note what comes until an error does."""
    async for data in chunks:
        read += data


@given(start=st.integers(0, SIZE), length=st.integers(0, SIZE))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_range_is_delivered_as_a_stream(storage: RecordedStorage, start: int, length: int) -> None:
    """Ranges at and across the edges of chunks are exact, and never a file or an address of ciphertext."""
    key = await store(storage, WHOLE)
    wanted = ByteRange(start, min(start + length, SIZE))

    delivery = await storage.deliver(key, wanted, SIZE)

    assert isinstance(delivery, Stream)
    assert await collect(delivery.chunks) == WHOLE[wanted.start : wanted.stop]


@given(bit=st.integers(0, 8 * stored_size(SIZE) - 1))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_bit_can_be_turned(inner: MemoryStorage, storage: RecordedStorage, bit: int) -> None:
    """An object with any bit changed is damaged, and what was read until then is right."""
    key = await store(storage, WHOLE)
    changed = bytearray(await collect(inner.read(key)))
    changed[bit // 8] ^= 1 << bit % 8
    await overwrite(inner, key, bytes(changed))

    read = bytearray()
    with pytest.raises(ObjectDamaged):
        await read_into(read, storage.read(key))

    assert WHOLE.startswith(read)


@pytest.mark.parametrize(
    "stop", [CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 28, stored_size(SIZE) - 1]
)
async def test_an_object_that_was_cut_short_is_damaged(
    inner: MemoryStorage, storage: RecordedStorage, stop: int
) -> None:
    """Wherever it is cut, between chunks too, it does not pass for a shorter one."""
    key = await store(storage, WHOLE)
    await overwrite(inner, key, (await collect(inner.read(key)))[:stop])

    with pytest.raises(ObjectDamaged):
        await collect(storage.read(key))
    assert await storage.size(key) != SIZE


async def test_chunks_can_be_neither_swapped_nor_taken_from_others(
    inner: MemoryStorage, storage: RecordedStorage
) -> None:
    """The order of chunks is sealed in, and each object has a key of its own."""
    key, other = await store(storage, WHOLE), await store(storage, WHOLE)
    stored, foreign = await collect(inner.read(key)), await collect(inner.read(other))
    swapped = stored[CHUNK_BYTES : 2 * CHUNK_BYTES] + stored[:CHUNK_BYTES] + stored[2 * CHUNK_BYTES :]

    for forged in (swapped, foreign[:CHUNK_BYTES] + stored[CHUNK_BYTES:], foreign):
        await overwrite(inner, key, forged)
        with pytest.raises(ObjectDamaged):
            await collect(storage.read(key))


async def test_what_was_stored_before_stays_readable(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """Objects and uploads from before encryption was switched on are read, and go on, as they are."""
    plain, begun = await store(inner, WHOLE), await inner.create(object_key())
    await begun.write(WHOLE[:100])
    state = await begun.suspend()

    writer = await storage.resume(begun.key, 100, state)
    await write_and_commit(writer, WHOLE[100:])

    assert writer.sealed_key is None
    assert await collect(inner.read(begun.key)) == await collect(storage.read(plain)) == WHOLE
    assert await storage.size(plain) == SIZE


async def test_encryption_can_be_switched_off(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """Without an active key new objects are plain, and what is encrypted, or was begun so, is read and goes on."""
    key, (begun, state) = await store(storage, WHOLE), await suspended(storage, WHOLE[:100])
    off = RecordedStorage(inner, StoreKeys(None, [KEY]), storage.recorded)

    await write_and_commit(await off.resume(begun, 100, state), WHOLE[100:])
    plain = await store(off, WHOLE)

    assert off.first_state() == b""
    assert await collect(inner.read(plain)) == WHOLE
    assert await collect(off.read(key)) == await collect(off.read(begun)) == WHOLE


async def test_an_upload_goes_on_under_the_active_key(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """A resumed upload is recorded under the key that is active then, and the former one is not needed for it."""
    begun, state = await suspended(storage, WHOLE[:100_000])
    rotated = RecordedStorage(inner, StoreKeys(OTHER_KEY, [KEY]), storage.recorded)

    writer = await rotated.resume(begun, 100_000, state)
    await write_and_commit(writer, WHOLE[100_000:])

    assert writer.sealed_key is not None
    assert writer.sealed_key.key_id == OTHER_KEY.id
    assert await collect(RecordedStorage(inner, StoreKeys(OTHER_KEY), rotated.recorded).read(begun)) == WHOLE


async def test_a_key_that_is_not_here_is_told(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """A process without the key says so: it takes no object for damaged, and gives out no ciphertext."""
    key = await store(storage, WHOLE)
    elsewhere = RecordedStorage(inner, StoreKeys(OTHER_KEY), storage.recorded)

    with pytest.raises(StoreKeyMissing, match=KEY.id):
        await elsewhere.deliver(key, ByteRange(0, SIZE), SIZE)


async def test_what_is_pulled_often_is_looked_up_once(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """The key of an object is remembered: nothing about it ever changes."""
    key = await store(storage, WHOLE)
    recorded = KeysOfWriters()
    recorded.writers = storage.recorded.writers
    fresh = RecordedStorage(inner, recorded=recorded)

    for _ in range(10):
        await fresh.deliver(key, ByteRange(0, 10), SIZE)

    assert recorded.asked == 1


@pytest.mark.parametrize("offset", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, SIZE])
async def test_an_upload_is_resumed_anywhere(storage: RecordedStorage, offset: int) -> None:
    """Fewer bytes than the state knows of can be taken up, in the middle of a sealed chunk too."""
    key, state = await suspended(storage, WHOLE)

    await write_and_commit(await storage.resume(key, offset, state), b"!" * 10)

    assert await collect(storage.read(key)) == WHOLE[:offset] + b"!" * 10


async def test_a_damaged_upload_is_lost(inner: MemoryStorage, storage: RecordedStorage) -> None:
    """Bytes of an upload that do not open any more, as after power loss, are sent again."""
    key, state = await suspended(storage, WHOLE)
    await inner.discard(key, b"")
    writer = await inner.create(key)
    await writer.write(bytes(3 * CHUNK_BYTES))
    await writer.suspend()

    with pytest.raises(UploadLost):
        await collect(storage.read_upload(key, SIZE, state))


async def test_a_state_is_no_content(storage: RecordedStorage) -> None:
    """What waits for its piece to be full is sealed in the state."""
    _, state = await suspended(storage, b"secret" * 1000)

    assert b"secretsecret" not in state
