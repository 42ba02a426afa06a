# SPDX-License-Identifier: Apache-2.0
"""The room for bytes on their way: given in turn, never lost, and never waited for in vain."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3 import spool
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.spool import Room
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.buckets import opened_bucket
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import AWS
from tests.unit.infra.storage.s3.nodes import is_free

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node with room for ten parts of a MiB, which have to be whole."""
    async with S3Server(replace(AWS, least_part=MIB)).serving() as server:
        around = Surroundings(spool_dir=tmp_path, spool_mib=10)
        storage = opened_bucket(server, around, MIB, access_key_id=OWNER.key_id, secret_access_key=OWNER.secret)
        yield storage
        assert is_free(storage, 10 * MIB)
        await storage.close()


async def test_room_is_given_in_turn() -> None:
    """A small wish does not overtake a large one that waits."""
    room, order = Room(10), []

    async def take(size: int) -> None:
        await room.take(size)
        order.append(size)

    await room.take(8)
    waiting = [asyncio.create_task(take(size)) for size in (9, 1, 2)]
    await asyncio.sleep(0)
    assert not room.take_at_once(1)
    room.give_back(8)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert order == [9, 1]
    room.give_back(10)
    await asyncio.gather(*waiting)
    room.give_back(2)
    assert room.take_at_once(10)


@pytest.mark.parametrize("is_given", [False, True])
async def test_who_is_cancelled_leaves_nothing_taken(is_given: bool) -> None:
    """Also where the turn had come already; who is behind gets it."""
    room = Room(10)
    await room.take(10)
    first, second = (asyncio.create_task(room.take(size)) for size in (10, 3))
    await asyncio.sleep(0)
    if is_given:
        room.give_back(10)
    first.cancel()
    await asyncio.wait((first,))
    if not is_given:
        room.give_back(10)

    await second
    room.give_back(3)
    assert room.take_at_once(10)


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets no room is told so, and has taken none."""
    monkeypatch.setattr(spool, "WAIT_SECONDS", 0.01)
    room = Room(10)
    await room.take(10)

    with pytest.raises(StorageUnavailable, match="on their way"):
        await room.take(1)

    room.give_back(10)
    assert room.take_at_once(10)


async def test_many_that_have_begun_a_part_do_not_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads whose first parts take up all room, and have to be whole, end well one after another."""
    monkeypatch.setattr(spool, "OVERDRAW_SECONDS", 0.05)
    monkeypatch.setattr(spool, "WAIT_SECONDS", 20.0)
    whole, begun = content(4 * MIB), asyncio.Barrier(10)

    async def push(writer: Writer) -> ObjectKey:
        await writer.write(whole[:MIB])
        await writer.flush()
        await begun.wait()
        for start in range(MIB, len(whole), 200_000):
            await writer.write(whole[start : start + 200_000])
        await writer.commit()
        return writer.key

    async with S3Server(replace(AWS, least_part=3 * MIB)).serving() as server:
        around = Surroundings(spool_dir=tmp_path, spool_mib=10)
        node = opened_bucket(server, around, 3 * MIB, access_key_id=OWNER.key_id, secret_access_key=OWNER.secret)
        keys = await asyncio.gather(*[push(await node.create(object_key())) for _ in range(10)])

        assert [await collect(node.read(key)) for key in keys] == [whole] * 10
        assert is_free(node, 10 * MIB)
        await node.close()


async def test_two_that_are_followed_do_not_wait_for_each_other(
    node: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for followers gives way to what has to be sent, and they get every byte nevertheless."""
    monkeypatch.setattr(spool, "WAIT_SECONDS", 5.0)
    whole = content(12 * MIB)

    async def push(writer: Writer) -> None:
        for start in range(0, len(whole), 200_000):
            await writer.write(whole[start : start + 200_000])
        await writer.commit()

    writers = [await node.create(object_key()) for _ in range(3)]
    found = await asyncio.gather(*(collect(each.reader()) for each in writers), *map(push, writers))

    assert found[:3] == [whole] * 3


async def test_many_small_uploads_at_once_take_no_room(node: S3Storage) -> None:
    """What fits into a chunk stays in memory, and no file is opened."""
    keys = await asyncio.gather(*(store(node, b"content %d" % number) for number in range(1_000)))

    assert len(set(keys)) == 1_000
    assert await collect(node.read(keys[999])) == b"content 999"
