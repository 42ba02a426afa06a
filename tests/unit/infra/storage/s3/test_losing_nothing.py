# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged stays, whatever happens to the requests after it."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.storage import S3Storage
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import WrongBytes
from tests.fakes.s3.server import S3Server
from tests.unit.infra.storage.s3.nodes import PART
from tests.unit.infra.storage.s3.nodes import PREFIX
from tests.unit.infra.storage.s3.nodes import Upload
from tests.unit.infra.storage.s3.nodes import a_node
from tests.unit.infra.storage.s3.nodes import full_disk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    """An S3 with small parts."""
    async with S3Server().serving() as server:
        yield server


@pytest.fixture
async def node(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node on its bucket."""
    async with a_node(server, tmp_path) as node:
        yield node


@pytest.mark.parametrize("before", [100, PART - 1, PART, PART + 100, 3 * PART])
@pytest.mark.parametrize("is_chunk", [False, True])
async def test_a_request_that_keeps_nothing_takes_nothing_away(
    server: S3Server, node: S3Storage, tmp_path: Path, before: int, is_chunk: bool
) -> None:
    """Where the spool's disk is full, what earlier requests brought is there for the next one on another node."""
    upload = Upload()
    await upload.patch(node, before, is_chunk=is_chunk)

    async with a_node(server, tmp_path / "full") as full:
        full_disk(full)
        writer = await upload.resumed(full, Expected(None, is_chunk))
        with pytest.raises(StorageUnavailable):
            await _written(writer, content(before + 2 * PART)[before:])
        upload.state, upload.key, upload.offset = await writer.save(), writer.key, writer.offset
        await writer.recorded()
        await writer.release()

    key = await upload.put(node, 5)
    assert await collect(node.read(key)) == content(upload.offset + 5)


async def test_an_upload_that_nobody_can_read_can_be_thrown_away(node: S3Storage) -> None:
    """A session that another version of the server left ends like others."""
    await node.discard(object_key(), b"another version")


async def test_what_fails_last_is_told(node: S3Storage) -> None:
    """A request whose few bytes could not be kept is not told that they were."""
    full_disk(node)
    writer = await node.create(object_key())
    await writer.write(content(300_000))

    with pytest.raises(StorageUnavailable):
        await writer.suspend()


@pytest.mark.parametrize("before", [100, PART, PART + 100])
async def test_a_request_whose_parts_are_refused_takes_nothing_away(
    server: S3Server, node: S3Storage, before: int
) -> None:
    """An upload that could not become one in parts is still what it was."""
    upload = Upload()
    await upload.patch(node, before)

    server.faults.add(Fail("AccessDenied"), "UploadPart")
    writer = await upload.resumed(node)
    with suppress(StorageUnavailable):
        await writer.write(content(5 * PART))
    with pytest.raises(StorageUnavailable):
        await writer.suspend()
    server.faults.clear()

    key = await upload.put(node, 5)
    assert await collect(node.read(key)) == content(before + 5)


async def test_a_commit_removes_nothing_before_it_is_recorded(server: S3Server, node: S3Storage) -> None:
    """A closing request that dies before the database knows of it can be repeated as it was."""
    upload = Upload()
    await upload.patch(node, 100)

    first = await upload.resumed(node)
    await first.write(content(105)[100:])
    await first.commit()

    key = await upload.put(node, 5)
    assert await collect(node.read(key)) == content(105)


@pytest.mark.parametrize(("before", "is_chunk"), [(100, False), (PART + 5, False), (PART + 100, True)])
async def test_bytes_that_come_back_otherwise_are_not_kept(
    server: S3Server, node: S3Storage, before: int, is_chunk: bool
) -> None:
    """What a bucket falsifies on its way back never becomes part of an object."""
    upload = Upload((new_hasher("sha256"),))
    await upload.patch(node, before, is_chunk=is_chunk)
    server.faults.add(WrongBytes(), "GetObject")

    with pytest.raises(StorageUnavailable):
        await upload.put(node, 5)


@pytest.mark.parametrize("before", [(100, 50), (PART + 100, 50), (1000, 100, 10, 1)])
async def test_pieces_that_come_back_otherwise_are_not_kept(
    server: S3Server, node: S3Storage, before: tuple[int, ...]
) -> None:
    """Each is known by its digest; nothing is lost by that the bucket gave back others once."""
    upload = Upload()
    for size in before:
        await upload.patch(node, size, is_chunk=True)
    server.faults.add(WrongBytes(), "GetObject")
    with pytest.raises(StorageUnavailable):
        await upload.put(node, 5)
    server.faults.clear()

    key = await upload.put(node, 5)
    assert await collect(node.read(key)) == content(sum(before) + 5)


async def test_pieces_that_cannot_be_read_back_stay(server: S3Server, node: S3Storage) -> None:
    """A chunk that fills the part fails when what is before it cannot be had; the bytes that came are kept with it."""
    upload = Upload()
    for size in (1000, 100, 10):
        await upload.patch(node, size, is_chunk=True)
    server.faults.add(Fail("AccessDenied"), "GetObject")
    writer = await upload.resumed(node, Expected(None, is_chunk=True))
    with pytest.raises(StorageUnavailable):
        await _written(writer, content(1110 + 2 * PART)[1110:])
    server.faults.clear()
    upload.state, upload.key, upload.offset = await writer.save(), writer.key, writer.offset
    await writer.recorded()
    await writer.release()

    key = await upload.put(node, 5)
    assert upload.offset == PART
    assert await collect(node.read(key)) == content(PART + 5)
    assert set(server.objects) == {f"{PREFIX}{key}", f"{PREFIX}probe"}


@pytest.mark.parametrize("cut", [0, 1, 50, 100, 149, 150, 151, 159])
async def test_what_was_not_acknowledged_is_cut_from_the_pieces(node: S3Storage, cut: int) -> None:
    """Also where the next request brings nothing more."""
    upload = Upload()
    for size in (100, 50, 10):
        await upload.patch(node, size, is_chunk=True)

    upload.offset = cut
    key = await upload.put(node)
    assert await collect(node.read(key)) == content(cut)


async def _written(writer: Writer, data: bytes) -> None:
    await writer.write(data)
    await writer.flush()
