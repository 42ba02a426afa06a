# SPDX-License-Identifier: Apache-2.0
"""Two places are one storage, whichever of them a node asks first, before, while and after objects move."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.place import Place
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.infra.storage.two_places import TwoPlaces
from tests.builders.buckets import PART_BYTES
from tests.builders.buckets import bucket_of
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import delivered
from tests.contracts.storage.content import store
from tests.fakes.faulty_place import FaultyPlace
from tests.fakes.s3.server import S3Server

pytestmark = pytest.mark.anyio

CLIENT = "192.0.2.7"
EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0"]})
LARGE = 3 * PART_BYTES + 17


@pytest.fixture
def server() -> Iterator[S3Server]:
    """An S3."""
    with S3Server().running() as server:
        yield server


@pytest.fixture
async def bucket(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A bucket that sends everybody to itself."""
    bucket = bucket_of(server, tmp_path, redirects=EVERYBODY)
    yield bucket
    await bucket.close()


@pytest.fixture
def folder(tmp_path: Path) -> FilesystemStorage:
    """A folder."""
    folder = FilesystemStorage.open(tmp_path / "blobs")
    assert folder.continuity  # asked for the first time by code that may block
    return folder


async def copied(key: ObjectKey, source: Place, target: Place) -> None:
    """Copy an object as a move does."""
    await target.put(key, await source.size(key) or 0, source.read(key))


async def one(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield what is to be stored."""
    for chunk in chunks:
        yield chunk


async def test_nodes_that_disagree_on_the_order_find_what_the_other_wrote(
    folder: FilesystemStorage, bucket: S3Storage
) -> None:
    """What one writes the other reads, delivers, lists once and deletes, wherever it lies, or in both."""
    old, new = TwoPlaces(folder, bucket), TwoPlaces(bucket, folder)
    by_old, by_new = await store(old, content(LARGE)), await store(new, content(LARGE))
    await copied(by_old, folder, bucket)
    await copied(by_new, bucket, folder)

    for node in (old, new):
        for key in (by_old, by_new):
            assert await collect(node.read(key)) == content(LARGE)
            assert await delivered(await node.deliver(key, ByteRange(5, LARGE), LARGE)) == content(LARGE)[5:]
        assert sorted([found.key async for found in node.list_objects()]) == sorted([by_old, by_new])
    await old.delete(by_old)
    assert await new.size(by_old) is None


async def test_clients_are_sent_only_to_where_an_object_is(folder: FilesystemStorage, bucket: S3Storage) -> None:
    """A bucket signs the address of what it has not: it is asked first, whichever place it is."""
    new = TwoPlaces(bucket, folder)
    key = await store(folder, content(LARGE))
    whole = ByteRange(0, LARGE)

    before = await new.deliver(key, whole, LARGE, CLIENT)
    await copied(key, folder, bucket)
    after = await new.deliver(key, whole, LARGE, CLIENT)

    assert await delivered(before) == content(LARGE)
    assert isinstance(after, Redirect)
    assert isinstance(await TwoPlaces(folder, bucket).deliver(key, whole, LARGE, CLIENT), type(before))


async def test_the_first_place_is_asked_once_about_what_is_pulled_often(folder: FilesystemStorage) -> None:
    """What is known to be there is delivered without a question; what was deleted there is found to be gone."""
    first = FaultyPlace(MemoryStorage())
    new = TwoPlaces(first, folder)
    key = await store(new, b"content")

    for _ in range(3):
        assert await delivered(await new.deliver(key, ByteRange(0, 7), 7)) == b"content"
    assert first.faults.calls["size"] == 1
    await first.delete(key)
    with pytest.raises(ObjectMissing):
        await new.deliver(key, ByteRange(0, 7), 7)


class Moving(MemoryStorage):
    """A place that moves an object away at the very moment when somebody asks for it."""

    target: Place | None = None

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        await self._move(key)
        async for chunk in super().read(key, range):
            yield chunk

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        await self._move(key)
        return await super().size(key)

    async def _move(self, key: ObjectKey) -> None:
        if self.target is not None:
            target, self.target = self.target, None
            await target.put(key, await super().size(key) or 0, super().read(key))
            await self.delete(key)


@pytest.mark.parametrize("asked", ["read", "size", "deliver"])
async def test_what_moves_while_it_is_asked_for_is_found(asked: str) -> None:
    """The first place is asked once more about what is in neither."""
    first, second = MemoryStorage(), Moving()
    key = await store(second, b"content")
    second.target = first
    new = TwoPlaces(first, second)

    if asked == "read":
        assert await collect(new.read(key)) == b"content"
    elif asked == "size":
        assert await new.size(key) == 7
    else:
        assert await delivered(await new.deliver(key, ByteRange(0, 7), 7)) == b"content"


SIZES = [1_000, PART_BYTES + 5, LARGE]


async def begun(storage: Storage, size: int) -> tuple[Writer, bytes]:
    """Send the first half of an upload, as a request that ends."""
    writer = await storage.resume(object_key(), 0, storage.first_state())
    await writer.write(content(size)[: size // 2])
    return writer, await writer.suspend()


async def ended(storage: Storage, writer: Writer, state: bytes, size: int) -> ObjectKey:
    """Send the rest in another request."""
    again = await storage.resume(writer.key, size // 2, state)
    await again.write(content(size)[size // 2 :])
    await again.commit()
    return again.key


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["folder", "bucket", "memory"])
async def test_an_upload_outlives_each_step_of_the_roll(
    kind: str, size: int, folder: FilesystemStorage, bucket: S3Storage
) -> None:
    """One that began in one place goes on where there are two, and one that began in the first when that is alone."""
    places: dict[str, Place] = {"folder": folder, "bucket": bucket, "memory": MemoryStorage()}
    place = places.pop(kind)
    for other in places.values():
        keys = []
        for before, after in [
            (place, TwoPlaces(place, other)),
            (place, TwoPlaces(other, place)),
            (TwoPlaces(place, other), TwoPlaces(other, place)),
            (TwoPlaces(place, other), place),
        ]:
            writer, state = await begun(before, size)
            assert await collect(after.read_upload(writer.key, size // 2, state)) == content(size)[: size // 2]
            keys.append(await ended(after, writer, state, size))

        assert [await collect(place.read(key)) for key in keys] == [content(size)] * 4
        assert [await other.size(key) for key in keys] == [None] * 4


@pytest.mark.parametrize("size", SIZES)
async def test_of_two_buckets_each_goes_on_with_its_own_uploads(size: int, server: S3Server, tmp_path: Path) -> None:
    """The states of both look alike: the buckets are asked."""
    with S3Server().running() as other_server:
        one, two = bucket_of(server, tmp_path), bucket_of(other_server, tmp_path)
        writer, state = await begun(two, size)

        key = await ended(TwoPlaces(one, two), writer, state, size)

        assert await collect(two.read(key)) == content(size)
        assert (await one.size(key), len(server.uploads), len(other_server.uploads)) == (None, 0, 0)
        await one.close()
        await two.close()


async def test_two_nodes_that_begin_one_upload_never_meet(folder: FilesystemStorage, bucket: S3Storage) -> None:
    """Each writes in another place: so each takes a key of its own, and whose is recorded is the one that counts."""
    row = object_key()
    by_old = await TwoPlaces(folder, bucket).resume(row, 0, b"")
    by_new = await TwoPlaces(bucket, folder).resume(row, 0, b"")
    await asyncio.gather(by_old.write(b"of the one"), by_new.write(b"other"))
    await by_old.commit()
    await by_new.commit()

    node = TwoPlaces(bucket, folder)
    assert len({row, by_old.key, by_new.key}) == 3
    assert await collect(node.read(by_old.key)) == b"of the one"
    assert await collect(node.read(by_new.key)) == b"other"


async def test_an_upload_that_is_in_neither_place_is_lost(folder: FilesystemStorage, bucket: S3Storage) -> None:
    """Nobody begins anew at an offset."""
    writer, state = await begun(bucket, LARGE)
    await bucket.discard(writer.key, state)
    node = TwoPlaces(folder, bucket)

    for lost in (state, b"", b"what is this?"):
        with pytest.raises(UploadLost):
            await node.resume(writer.key, 5, lost)
        with pytest.raises(UploadLost):
            await collect(node.read_upload(writer.key, 5, lost))


async def test_what_was_left_behind_in_either_place_goes(folder: FilesystemStorage, bucket: S3Storage) -> None:
    """Leftovers of both are listed, each removed where it is; one that is written to stays."""
    node = TwoPlaces(bucket, folder)
    await begun(folder, LARGE)
    await begun(bucket, LARGE)
    writing = await folder.create(object_key())
    await writing.write(content(LARGE))
    await writing.flush()

    found = [each async for each in node.leftovers()]
    for each in found:
        await node.remove_leftover(each)

    assert len(found) == 3
    assert [each.key async for each in node.leftovers()] == [writing.key]
    await writing.commit()


@pytest.mark.parametrize("size", [0, 1, PART_BYTES + 1, LARGE])
async def test_an_object_arrives_in_a_bucket_under_its_key(size: int, bucket: S3Storage, server: S3Server) -> None:
    """However many parts it takes, and whatever an interrupted attempt has left."""
    key = object_key()
    await bucket._bucket.client.begin(key)
    await bucket.put(key, size, one(content(size)[:7], content(size)[7:]))

    assert await collect(bucket.read(key)) == content(size)
    assert len(server.uploads) == (size < LARGE)


@pytest.mark.parametrize("size", [5, LARGE])
@pytest.mark.parametrize("kind", ["folder", "bucket"])
async def test_an_object_of_another_size_does_not_arrive(
    kind: str, size: int, folder: FilesystemStorage, bucket: S3Storage, server: S3Server
) -> None:
    """Nothing is seen of what is shorter, longer or breaks off."""
    place: Place = folder if kind == "folder" else bucket
    key = object_key()

    async def broken() -> AsyncIterator[bytes]:
        """Break off at the very end."""
        yield content(size)
        raise ObjectMissing

    for chunks in (one(content(size - 1)), one(content(size), b"!"), broken()):
        with pytest.raises(Exception, match=r"bytes where|no complete object"):
            await place.put(key, size, chunks)

    assert await place.size(key) is None
    assert (len(server.uploads), [each async for each in folder.leftovers()]) == (0, [])
    await place.put(key, size, one(content(size)))
    assert await place.size(key) == size
