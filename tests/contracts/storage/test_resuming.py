# SPDX-License-Identifier: Apache-2.0
"""Every storage continues an upload where it was, for one request at a time."""

import asyncio
import hashlib
from contextlib import suppress

import pytest

from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import MAX_STATE_BYTES
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.interface import object_key
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.contracts.storage.content import suspended
from tests.contracts.storage.content import write_and_commit

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("cut", [0, 1, CHUNK_BYTES, 1_500_000])
async def test_a_suspended_upload_continues_where_it_was(storage: Storage, cut: int) -> None:
    """An upload in two requests becomes one object, and its hash is that of the whole."""
    whole = content(2_000_000)
    hasher = new_hasher("sha256")
    first = await storage.create(object_key(), (hasher,))
    await first.write(whole[:cut])
    state = await first.suspend()

    second = await storage.resume(first.key, cut, state, (hasher,))
    await second.write(whole[cut:])
    await second.commit()

    assert await collect(storage.read(second.key)) == whole
    assert hasher.hexdigest() == hashlib.sha256(whole).hexdigest()
    assert len(state) <= MAX_STATE_BYTES


async def test_bytes_behind_the_offset_are_dropped(storage: Storage) -> None:
    """What was written but never acknowledged is replaced by what comes next."""
    key, state = await suspended(storage, b"acknowledged, not acknowledged")

    writer = await storage.resume(key, len(b"acknowledged"), state)
    await writer.write(b"!")
    await writer.commit()

    assert await collect(storage.read(writer.key)) == b"acknowledged!"


async def test_resuming_and_giving_up_again_loses_nothing(storage: Storage) -> None:
    """A request that resumed at too low an offset, and notices, leaves what another one had written."""
    key, state = await suspended(storage, b"acknowledged by another")

    writer = await storage.resume(key, len(b"acknowledged"), state)
    await writer.suspend()

    assert await collect(storage.read_upload(key, 23, state)) == b"acknowledged by another"


async def test_an_upload_without_bytes_can_be_resumed(storage: Storage) -> None:
    """An upload that nothing was written to resumes at 0, even if nothing of it was ever stored."""
    writer = await storage.resume(object_key(), 0, b"")
    await writer.write(b"content")
    await writer.commit()

    assert await collect(storage.read(writer.key)) == b"content"


@pytest.mark.parametrize("left", [None, 0, 5])
async def test_an_upload_with_too_few_bytes_is_lost(storage: Storage, left: int | None) -> None:
    """Resuming behind what is left raises: nothing fills the hole."""
    key = object_key() if left is None else (await suspended(storage, content(left)))[0]

    with pytest.raises(UploadLost):
        await storage.resume(key, 6, b"")


async def test_only_one_request_writes_at_a_time(storage: Storage) -> None:
    """While a writer runs, the upload can be neither resumed, nor created, nor discarded."""
    writer = await storage.create(object_key())
    await writer.write(b"content")

    with pytest.raises(WriterBusy):
        await storage.resume(writer.key, 0, b"")
    with pytest.raises(WriterBusy):
        await storage.create(writer.key)
    with pytest.raises(WriterBusy):
        await storage.discard(writer.key, b"")

    await writer.commit()
    assert await collect(storage.read(writer.key)) == b"content"


async def test_of_two_that_resume_at_once_one_wins(storage: Storage) -> None:
    """Two requests that race for an upload do not both get it."""
    key, state = await suspended(storage, b"content")

    outcomes = await asyncio.gather(
        storage.resume(key, 7, state), storage.resume(key, 7, state), return_exceptions=True
    )

    winners = [outcome for outcome in outcomes if isinstance(outcome, Writer)]
    assert len(winners) == 1
    assert [type(outcome) for outcome in outcomes if outcome not in winners] == [WriterBusy]
    await winners[0].abort()


@pytest.mark.parametrize("end", ["suspend", "abort"])
async def test_an_ended_writer_lets_go(storage: Storage, end: str) -> None:
    """After suspend or abort another request may write."""
    writer = await storage.create(object_key())
    await writer.write(b"first")
    await getattr(writer, end)()

    again = await storage.resume(writer.key, 0, b"")
    await again.write(b"second")
    await again.commit()

    assert await collect(storage.read(again.key)) == b"second"


async def test_a_commit_is_repeated_after_a_crash(storage: Storage) -> None:
    """An upload that was committed, but not noted as such, is resumed at its size and committed again."""
    key = await store(storage, b"content")

    writer = await storage.resume(key, len(b"content"), b"")
    await writer.commit()

    assert await collect(storage.read(key)) == b"content"
    assert await collect(storage.read_upload(key, 7, b"")) == b"content"


@pytest.mark.parametrize("end", ["suspend", "abort"])
async def test_a_committed_object_survives_every_other_end(storage: Storage, end: str) -> None:
    """Resuming a committed upload and giving it up leaves the object alone, and so does discarding it."""
    key = await store(storage, b"content")

    writer = await storage.resume(key, len(b"content"), b"")
    await getattr(writer, end)()
    await storage.discard(key, b"")

    assert await collect(storage.read(key)) == b"content"


async def test_a_committed_upload_takes_no_more_bytes(storage: Storage) -> None:
    """What is visible under a key never changes."""
    key = await store(storage, b"content")
    writer = await storage.resume(key, len(b"content"), b"")

    with pytest.raises(UploadLost):
        await write_and_commit(writer, b"more")

    assert await collect(storage.read(key)) == b"content"


@pytest.mark.parametrize("offset", [6, 8])
async def test_a_committed_upload_is_resumed_at_its_size_only(storage: Storage, offset: int) -> None:
    """At any other offset the acknowledged upload and the object are not the same thing."""
    key = await store(storage, b"content")

    with pytest.raises(UploadLost):
        await storage.resume(key, offset, b"")

    assert await collect(storage.read(key)) == b"content"


async def test_a_committed_upload_begins_anew_beside_its_object_or_not_at_all(storage: Storage) -> None:
    """An upload that nothing was acknowledged of does not replace what an earlier request completed."""
    key = await store(storage, b"content")

    with suppress(UploadLost):
        writer = await storage.resume(key, 0, b"")
        await write_and_commit(writer, b"other content")
        assert await collect(storage.read(writer.key)) == b"other content"

    assert await collect(storage.read(key)) == b"content"


@pytest.mark.parametrize("is_suspended", [False, True])
async def test_aborting_throws_the_bytes_away(storage: Storage, is_suspended: bool) -> None:
    """After abort nothing of the upload is left, whether or not it was suspended; aborting again is fine."""
    writer = await storage.create(object_key())
    await writer.write(content(2 * CHUNK_BYTES))
    await writer.flush()
    if is_suspended:
        await writer.suspend()

    await writer.abort()
    await writer.abort()

    with pytest.raises(UploadLost):
        await storage.resume(writer.key, 1, b"")
    assert await storage.size(writer.key) is None


async def test_discarding_is_idempotent(storage: Storage) -> None:
    """A suspended upload is thrown away; doing it again, or for one that never was, succeeds."""
    key, state = await suspended(storage, content(200_000))

    await storage.discard(key, state)
    await storage.discard(key, state)
    await storage.discard(object_key(), b"")

    await storage.delete(key)
    with pytest.raises(UploadLost):
        await collect(storage.read_upload(key, 200_000, state))


@pytest.mark.parametrize("stop", [0, 1, CHUNK_BYTES + 1, 500_000])
async def test_the_bytes_of_an_upload_can_be_read_again(storage: Storage, stop: int) -> None:
    """`read_upload` yields exactly the first bytes, for hashing them once more."""
    key, state = await suspended(storage, content(500_000))

    assert await collect(storage.read_upload(key, stop, state)) == content(stop)


@pytest.mark.parametrize("left", [None, 5])
async def test_reading_an_upload_is_never_short(storage: Storage, left: int | None) -> None:
    """Asking for more bytes than are left raises."""
    key = object_key() if left is None else (await suspended(storage, content(left)))[0]

    with pytest.raises(UploadLost):
        await collect(storage.read_upload(key, 6, b""))


@pytest.mark.parametrize("steps", range(0, 24, 3))
async def test_a_cancelled_request_keeps_what_it_had_written(storage: Storage, steps: int) -> None:
    """Wherever a request is cancelled, suspending keeps exactly `offset` bytes, and the upload goes on."""
    whole = content(3_000_000)
    writer = await storage.create(object_key())
    task = asyncio.create_task(write_in_pieces(writer, whole))
    for _ in range(steps):
        await asyncio.sleep(0)

    task.cancel()
    await asyncio.wait((task,))
    state = await writer.suspend()

    assert await collect(storage.read_upload(writer.key, writer.offset, state)) == whole[: writer.offset]
    resumed = await storage.resume(writer.key, writer.offset, state)
    await write_and_commit(resumed, whole[writer.offset :])
    assert await collect(storage.read(resumed.key)) == whole


async def write_in_pieces(writer: Writer, data: bytes) -> None:
    """Write as a server does: a piece, then whatever else is going on."""
    for start in range(0, len(data), 100_000):
        await writer.write(data[start : start + 100_000])
        await asyncio.sleep(0)


async def test_what_was_saved_is_safe_and_still_held(storage: Storage) -> None:
    """Saved bytes can be read back and were hashed, while nobody else can take the upload up; writing goes on."""
    whole, hasher = content(300_000), new_hasher("sha256")
    writer = await storage.create(object_key(), (hasher,))
    await writer.write(whole[:200_000])

    state = await writer.save()
    assert await collect(storage.read_upload(writer.key, 200_000, state)) == whole[:200_000]
    assert hasher.hexdigest() == hashlib.sha256(whole[:200_000]).hexdigest()
    with pytest.raises(WriterBusy):
        await storage.resume(writer.key, 200_000, state)

    await writer.write(whole[200_000:])
    await writer.commit()
    assert await collect(storage.read(writer.key)) == whole


@pytest.mark.parametrize("sizes", [(300_000, 700_000, 100), (1, 1, 1, 1), (900_000, 10, 10, 10), (700_000, 0, 3)])
async def test_what_came_in_chunks_can_be_read_before_it_is_committed(storage: Storage, sizes: tuple[int, ...]) -> None:
    """Whoever holds an upload may hash everything once more, and then make it an object."""
    key, state, offset = object_key(), b"", 0
    whole = content(sum(sizes))
    for size in sizes[:-1]:
        writer = await storage.resume(key, offset, state, (), Expected(None, is_chunk=True))
        await writer.write(whole[offset : offset + size])
        state = await writer.suspend()
        key, offset = writer.key, offset + size

    last = await storage.resume(key, offset, state)
    await last.write(whole[offset:])
    state = await last.save()
    assert await collect(storage.read_upload(last.key, len(whole), state)) == whole

    await last.commit()
    assert await collect(storage.read(last.key)) == whole
