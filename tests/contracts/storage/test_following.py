# SPDX-License-Identifier: Apache-2.0
"""Every storage lets readers follow a running writer, to the end or to an error."""

import asyncio

import pytest

from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterAborted
from entrepot.infra.storage.interface import object_key
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content

pytestmark = pytest.mark.anyio

SIZE = 3 * CHUNK_BYTES + 11
STEP = 90_000
PATIENCE_SECONDS = 30


async def write_slowly(writer: Writer, data: bytes) -> None:
    """Write step by step and let others run in between."""
    for start in range(0, len(data), STEP):
        await writer.write(data[start : start + STEP])
        await asyncio.sleep(0)


@pytest.mark.parametrize("from_offset", [0, 1, STEP, SIZE])
async def test_followers_get_everything(storage: Storage, from_offset: int) -> None:
    """Readers that join at any time get all bytes from their offset on, and end when the writer commits."""
    writer = await storage.create(object_key())
    early = asyncio.create_task(collect(writer.reader(from_offset)))
    await write_slowly(writer, content(SIZE)[: SIZE // 2])
    late = asyncio.create_task(collect(writer.reader(from_offset)))
    await write_slowly(writer, content(SIZE)[SIZE // 2 :])
    await writer.commit()

    assert await early == content(SIZE)[from_offset:]
    assert await late == content(SIZE)[from_offset:]


async def test_a_follower_need_not_wait_for_the_next_write(storage: Storage) -> None:
    """Bytes that were written reach a follower while the writer waits for its source."""
    writer = await storage.create(object_key())
    follower = writer.reader()

    await writer.write(b"one")
    one = await asyncio.wait_for(anext(follower), PATIENCE_SECONDS)
    await writer.write(b"two")
    two = await asyncio.wait_for(anext(follower), PATIENCE_SECONDS)

    assert (one, two) == (b"one", b"two")
    await writer.abort()


async def test_a_follower_may_come_after_the_end(storage: Storage) -> None:
    """The reader of a writer that has committed yields the object."""
    writer = await storage.create(object_key())
    await writer.write(content(SIZE))
    await writer.commit()

    assert await collect(writer.reader()) == content(SIZE)


async def test_an_empty_object_can_be_followed(storage: Storage) -> None:
    """A follower of nothing ends when the writer commits."""
    writer = await storage.create(object_key())
    follower = asyncio.create_task(collect(writer.reader()))
    await asyncio.sleep(0)

    await writer.commit()

    assert await follower == b""


@pytest.mark.parametrize("end", ["suspend", "abort"])
@pytest.mark.parametrize("size", [0, 10, SIZE])
async def test_a_follower_never_takes_a_part_for_the_whole(storage: Storage, end: str, size: int) -> None:
    """A follower gets an error when its writer suspends or aborts, though it had every byte so far."""
    writer = await storage.create(object_key())
    follower = asyncio.create_task(collect(writer.reader()))
    await write_slowly(writer, content(size))

    await getattr(writer, end)()

    with pytest.raises(WriterAborted):
        await follower


async def test_a_resumed_upload_is_followed_from_its_beginning(storage: Storage) -> None:
    """A follower of a resumed writer gets the bytes of earlier requests too."""
    first = await storage.create(object_key())
    await first.write(content(SIZE)[:STEP])
    state = await first.suspend()
    writer = await storage.resume(first.key, STEP, state)
    follower = asyncio.create_task(collect(writer.reader()))

    await write_slowly(writer, content(SIZE)[STEP:])
    await writer.commit()

    assert await follower == content(SIZE)


async def test_a_follower_may_leave(storage: Storage) -> None:
    """A writer does not depend on those who follow it."""
    writer = await storage.create(object_key())
    follower = writer.reader()
    await writer.write(content(STEP))
    await anext(follower)

    await follower.aclose()  # type: ignore[attr-defined]
    await writer.write(content(STEP))
    await writer.commit()

    assert await storage.size(writer.key) == 2 * STEP
