# SPDX-License-Identifier: Apache-2.0
"""Bytes move from one place to another while everything goes on, each compared with its digest, and nothing is lost."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.keys.key_file import Key
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.clock import DAY_MS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.sweeps import Sweeps
from tests.builders.buckets import PART_BYTES
from tests.builders.buckets import bucket_of
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.manifests import an_image_manifest
from tests.builders.moving import TwoNodes
from tests.builders.moving import two_nodes
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.fakes.faulty_storage import Faults
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import share
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import UNCONDITIONAL
from tests.unit.infra.storage.s3.nodes import hurried
from tests.unit.registry.collecting import Collecting

pytestmark = pytest.mark.anyio

BLOBS = [b"", b"small", content(200_000), content(3 * PART_BYTES)]
KEY = StoreKeys(Key(b"k" * 32, "a test"))


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    """A registry whose bytes are to move from a folder to memory."""
    folder = FilesystemStorage.open(tmp_path / "blobs")
    assert folder.continuity  # asked for the first time by code that may block
    with two_nodes(tmp_path, MemoryStorage("first"), folder) as nodes:
        yield nodes


@pytest.fixture(params=[StoreKeys(None), KEY], ids=["plain", "sealed"])
def in_memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TwoNodes]:
    """A registry whose bytes are to move within memory, encrypted or not."""
    with two_nodes(tmp_path, MemoryStorage("first"), MemoryStorage("second"), request.param) as nodes:
        yield nodes


@pytest.fixture
def to_bucket(tmp_path: Path) -> Iterator[TwoNodes]:
    """A registry whose bytes are to move to a bucket that fails every other request."""
    with S3Server(UNCONDITIONAL).running() as server:
        bucket = hurried(bucket_of(server, tmp_path, attempts=20))
        server.faults.add(Fail("SlowDown"), when=share(0.5))
        with two_nodes(tmp_path, bucket, MemoryStorage("second")) as nodes:
            yield nodes


async def pushed(node: RunningCore, *blobs: bytes) -> dict[Digest, ObjectKey]:
    """Push blobs; return where they are."""
    found = {}
    for blob in blobs:
        digest = await node.put_blob(blob)
        found[digest] = await key_of(node, digest)
    return found


async def key_of(node: RunningCore, digest: Digest) -> ObjectKey:
    """Return where the bytes of a blob are."""
    blob = await node.pull.blob(EVERYBODY, REPOSITORY, digest)
    assert blob.linked is not None
    return blob.linked.object_key


async def falsified(nodes: TwoNodes, key: ObjectKey, data: bytes) -> None:
    """Let the second place have other bytes of an object."""
    await nodes.second.delete(key)
    writer = await nodes.second.create(key)
    await writer.write(data)
    await writer.commit()


async def test_everything_comes_under_its_key_and_only_once(nodes: TwoNodes) -> None:
    """What is there is not copied again; nodes read the same bytes before and after, and nothing is removed."""
    keys = await pushed(nodes.old, *BLOBS)
    await nodes.second_documents.write("meta/manifests/one", b"a manifest")

    moved, again = await nodes.move(), await nodes.move()

    assert (moved.copied, moved.documents, moved.is_complete) == (Amount(4, sum(map(len, BLOBS))), 1, True)
    assert (again.copied, again.present, again.documents) == (Amount(), moved.copied, 0)
    for blob in BLOBS:
        digest = digest_of(blob)
        assert await collect(nodes.first.read(keys[digest])) == blob
        assert await nodes.new.get_blob(digest) == await nodes.old.get_blob(digest) == blob


@pytest.mark.parametrize("damage", ["other", "short", "gone"])
async def test_damage_is_named_and_stops_nothing_else(in_memory: TwoNodes, damage: str) -> None:
    """Other bytes than the digest says are not copied; who holds them is told."""
    found = await pushed(in_memory.old, *BLOBS)
    digest = digest_of(BLOBS[2])
    stored = bytearray(await collect(in_memory.second.read(found[digest])))
    stored[70_000] ^= 1
    await falsified(in_memory, found[digest], bytes(stored if damage == "other" else stored[:65_536]))
    if damage == "gone":
        await in_memory.second.delete(found[digest])

    moved = await in_memory.move()

    [unmoved] = moved.unmoved
    assert (unmoved.key, unmoved.digest, unmoved.repositories) == (found[digest], digest, [REPOSITORY])
    assert (moved.damaged, moved.failed, moved.copied.objects) == (1, 0, 3)
    assert await in_memory.first.size(found[digest]) is None
    assert await in_memory.new.get_blob(digest_of(BLOBS[3])) == BLOBS[3]


async def test_what_is_sealed_is_moved_as_it_is_stored(in_memory: TwoNodes) -> None:
    """It opens as before, and is copied without its keys."""
    found = await pushed(in_memory.old, *BLOBS)
    moved = await in_memory.move()
    for key in found.values():
        await in_memory.second.delete(key)

    assert moved.is_complete
    assert [await in_memory.new.get_blob(digest) for digest in found] == BLOBS
    stored = await collect(in_memory.first.read(found[digest_of(BLOBS[2])]))
    assert (BLOBS[2] in stored) != bool(in_memory.keys.by_id)


async def test_what_failed_is_tried_again_and_told_if_that_was_not_enough(nodes: TwoNodes) -> None:
    """One object that cannot be written does not stop the others."""
    await pushed(nodes.old, *BLOBS)
    nodes.first.faults.errors["put"] = StorageUnavailable("full")

    failed = await nodes.move()
    del nodes.first.faults.errors["put"]
    moved = await nodes.move()

    assert (failed.failed, failed.copied, failed.is_complete) == (4, Amount(), False)
    assert {each.reason for each in failed.unmoved} == {"full"}
    assert nodes.first.faults.calls["put"] == 4 * 3 + 4
    assert moved.copied.objects == 4


async def test_a_place_that_stays_away_ends_the_move(nodes: TwoNodes) -> None:
    """When everything fails it is not the objects."""
    await pushed(nodes.old, *(bytes([number]) for number in range(30)))
    nodes.second.faults.errors["size"] = StorageUnavailable("not mounted")

    with pytest.raises(StorageUnavailable, match="not mounted"):
        await nodes.move()


class HalfOfTheTime(Faults):
    """One operation fails half of the time."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation
        self._chance = random.Random(operation)

    async def strike(self, operation: str) -> None:
        """Fail, or not."""
        if operation == self._operation and self._chance.random() < 0.5:
            raise StorageUnavailable("it is not your day")
        await super().strike(operation)


@pytest.mark.parametrize("operation", ["size", "read", "put", "after put"])
async def test_places_that_fail_half_of_the_time_are_moved_between(nodes: TwoNodes, operation: str) -> None:
    """Whatever fails, done again it comes to the end, and nothing is half."""
    keys = await pushed(nodes.old, *BLOBS)
    for place in (nodes.first, nodes.second):
        place.faults = HalfOfTheTime(operation)
    for _ in range(20):
        if (await nodes.move()).is_complete:
            break

    for digest, key in keys.items():
        assert digest_of(await collect(nodes.first.place.read(key))) == digest


async def test_what_is_deleted_while_it_is_copied_does_not_come_back(nodes: TwoNodes) -> None:
    """The collector deletes in both places; what is finished only then is deleted at once, and is no error."""
    keys = await pushed(nodes.old, b"deleted meanwhile")
    gate, reached = asyncio.Event(), asyncio.Event()
    nodes.first.faults.gates["after put"] = gate
    nodes.first.faults.reached["after put"] = reached
    moving = asyncio.create_task(nodes.move())
    await reached.wait()
    await Collecting(nodes.old).collect_at_last()

    gate.set()
    moved = await moving

    assert (moved.gone, moved.copied.objects, moved.is_complete) == (1, 0, True)
    assert [await place.size(key) for key in keys.values() for place in (nodes.first, nodes.second)] == [None, None]


async def test_bytes_that_came_back_all_the_same_are_found_and_go(nodes: TwoNodes) -> None:
    """A move that was killed right after the collector came leaves an orphan, which the sweep buries."""
    [key] = (await pushed(nodes.old, b"copied by a move that died")).values()
    await Collecting(nodes.new).collect_at_last()
    writer = await nodes.first.place.create(key)
    await writer.write(b"copied by a move that died")
    await writer.commit()
    nodes.new.clock.advance(3 * DAY_MS)

    found = [each async for each in nodes.new.storage.list_objects()]
    buried = await Sweeps(nodes.new.core).bury_orphans(nodes.new.core.default_store, found)
    await Collecting(nodes.new).collect_after(8 * DAY_MS)

    assert buried.objects == 1
    assert await nodes.new.storage.size(key) is None


async def test_what_only_a_backup_may_name_moves_too(nodes: TwoNodes) -> None:
    """The bytes of a deleted image stay for a while: a database that is restored meanwhile finds them."""
    keys = await pushed(nodes.old, b"dead soon")
    await Collecting(nodes.old, grace_ms=DAY_MS).collect_at_last()
    tables = await nodes.old.tables()

    moved = await nodes.move()

    assert (len(tables["objects"]), len(tables["tombstones"])) == (0, 1)
    assert (moved.copied, moved.is_complete) == (Amount(1, 9), True)
    assert [await nodes.first.size(key) for key in keys.values()] == [9]


async def test_an_image_is_pushed_and_pulled_on_both_nodes_while_it_moves(nodes: TwoNodes) -> None:
    """Pulls yield the same bytes at every moment, and what is pushed meanwhile is kept."""
    await nodes.old.put_image(an_image_manifest(), "latest")
    keys = await pushed(nodes.old, *(content(20_000 + number) for number in range(12)))
    moving = asyncio.create_task(nodes.move(workers=2))
    late: list[Digest] = []

    for number in range(10):
        node = (nodes.old, nodes.new)[number % 2]
        late.append(await node.put_blob(b"pushed meanwhile %d" % number))
        for digest in keys:
            assert digest_of(await (nodes.new, nodes.old)[number % 2].get_blob(digest)) == digest
    await moving
    await nodes.move()

    for digest in (*keys, *late):
        assert digest_of(await collect(nodes.first.read(await key_of(nodes.new, digest)))) == digest


async def test_a_bucket_takes_objects_of_many_parts_under_their_keys(to_bucket: TwoNodes) -> None:
    """Although every object that is pushed gets a new key there, and half of the requests fail."""
    keys = await pushed(to_bucket.old, *BLOBS)

    moved = await to_bucket.move()

    assert moved.copied.objects == 4
    assert [digest_of(await collect(to_bucket.first.read(key))) for key in keys.values()] == list(keys)
    await to_bucket.first.place.close()
