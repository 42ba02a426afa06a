# SPDX-License-Identifier: Apache-2.0
"""What the filesystem storage promises beyond the contract."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.layout import UnknownLayout
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.contracts.storage.content import suspended

pytestmark = pytest.mark.anyio

REPOSITORY = Path(__file__).parents[4]
MIB = 1024 * 1024


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the storage is."""
    return tmp_path / "srv" / "entrepot"


@pytest.fixture
def storage(root: Path) -> FilesystemStorage:
    """An empty storage."""
    return FilesystemStorage.open(root)


def other_process(what: str, root: Path, key: ObjectKey) -> "subprocess.Popen[str]":
    """Start a second process on the same folder."""
    command = (sys.executable, "-m", "tests.unit.infra.storage.other_process", what, str(root), key)
    return subprocess.Popen(command, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def first_line(process: "subprocess.Popen[str]") -> str:
    """Wait for the process to say something."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def walk(root: Path) -> tuple[set[str], set[int]]:
    """Name all files, and what group and others may do with anything."""
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return files, {path.stat().st_mode & 0o077 for path in (root, *root.rglob("*"))}


async def test_objects_and_uploads_lie_where_the_key_says(storage: FilesystemStorage, root: Path) -> None:
    """A complete object is at its key, an unfinished upload in `uploads`, and nobody else may read them."""
    key = await store(storage, b"content")
    unfinished, _ = await suspended(storage, b"more")

    files, modes = walk(root)

    assert files == {"layout", key, f"uploads/{unfinished.rpartition('/')[2]}"}
    assert modes == {0}


def test_opening_again_finds_the_same_layout(root: Path) -> None:
    """A folder is marked with the version of its layout and may be opened any number of times."""
    for _ in range(3):
        FilesystemStorage.open(root)

    assert (root / "layout").read_text() == "1\n"
    assert sorted(path.name for path in root.iterdir()) == ["layout", "objects", "uploads"]


def test_a_layout_from_the_future_is_refused(root: Path) -> None:
    """A folder of another version is left alone, and the message says what to do."""
    root.mkdir(parents=True)
    (root / "layout").write_text("2\n")

    with pytest.raises(UnknownLayout, match=r"layout '2'.*name another folder"):
        FilesystemStorage.open(root)

    assert [path.name for path in root.iterdir()] == ["layout"]


def test_a_root_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """A file where the folder should be makes the storage unavailable, with the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageUnavailable, match="a file is where a folder should be"):
        FilesystemStorage.open(tmp_path / "file" / "root")


async def test_another_process_cannot_write_to_the_same_upload(storage: FilesystemStorage, root: Path) -> None:
    """A lock keeps two processes apart, and the death of its holder releases it."""
    key = object_key()
    with other_process("hold", root, key) as holder:
        assert await asyncio.to_thread(first_line, holder) == "holding"
        with pytest.raises(WriterBusy):
            await storage.resume(key, 0, b"")
        with pytest.raises(WriterBusy):
            await storage.discard(key, b"")
        holder.send_signal(signal.SIGKILL)
        await asyncio.to_thread(holder.wait)

    writer = await storage.resume(key, 300_000, b"")
    await writer.commit()

    assert await collect(storage.read(key)) == bytes(300_000)


async def test_creating_what_another_process_writes_is_refused(storage: FilesystemStorage, root: Path) -> None:
    """A key that another process has taken meanwhile is noticed at the latest by `commit`, and left to it."""
    key = object_key()
    with other_process("hold", root, key) as holder:
        assert await asyncio.to_thread(first_line, holder) == "holding"
        writer = await storage.create(key)
        await writer.write(b"mine")
        with pytest.raises(WriterBusy):
            await writer.commit()
        await writer.abort()
        holder.kill()

    assert await collect(storage.read_upload(key, 300_000, b"")) == bytes(300_000)


async def test_a_full_disk_keeps_what_was_written(storage: FilesystemStorage, root: Path) -> None:
    """When the disk takes a part of a piece only, `offset`, bytes and hash agree afterwards."""
    key = object_key()
    whole = b"".join(bytes((number,)) * 50_001 for number in range(40))
    with other_process("overflow", root, key) as process:
        output, _ = await asyncio.to_thread(process.communicate)

    message, offset, digest = output.splitlines()
    kept = await collect(storage.read_upload(key, int(offset), b""))

    assert "the storage folder cannot be used" in message
    assert 0 < int(offset) < 1_000_000
    assert kept == whole[: int(offset)]
    assert digest == hashlib.sha256(kept).hexdigest()


async def test_a_large_object_takes_little_memory(storage: FilesystemStorage) -> None:
    """Writing and reading 256 MiB holds a few pieces at a time (16 MiB at most)."""
    piece = content(MIB)
    writer = await storage.create(object_key(), (new_hasher("sha256"),))
    tracemalloc.start()
    for _ in range(256):
        await writer.write(piece)
    await writer.commit()
    read = sum([len(chunk) async for chunk in storage.read(writer.key)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == 256 * MIB
    assert peak < 16 * MIB
    await storage.delete(writer.key)


@pytest.mark.parametrize("left", [0, 100, CHUNK_BYTES])
async def test_a_truncated_object_is_an_error(storage: FilesystemStorage, root: Path, left: int) -> None:
    """A file that became shorter is noticed while reading, and before a delivery begins."""
    size = 2 * CHUNK_BYTES
    key = await store(storage, content(size))
    os.truncate(root / key, left)

    with pytest.raises(ObjectMissing):
        await collect(storage.read(key, ByteRange(0, size)))
    with pytest.raises(ObjectMissing):
        await storage.deliver(key, ByteRange(0, size), size)


async def test_an_object_deleted_while_read_is_read_to_its_end(storage: FilesystemStorage) -> None:
    """A reader that has begun keeps the bytes, as the file is open."""
    key = await store(storage, content(3 * CHUNK_BYTES))
    chunks = storage.read(key)
    first = await anext(chunks)

    await storage.delete(key)

    assert first + await collect(chunks) == content(3 * CHUNK_BYTES)


@pytest.mark.parametrize(("length", "kind"), [(64 * 1024, Stream), (64 * 1024 + 1, LocalFile)])
async def test_what_is_large_is_delivered_as_a_file(
    storage: FilesystemStorage, root: Path, length: int, kind: type
) -> None:
    """Up to 64 KiB are read at once; more is left to a server that can send files."""
    key = await store(storage, content(100_000))

    delivery = await storage.deliver(key, ByteRange(1, 1 + length), 100_000)

    assert isinstance(delivery, kind)
    if isinstance(delivery, LocalFile):
        assert delivery == LocalFile(root / key, ByteRange(1, 1 + length), is_whole=False)


async def test_foreign_files_are_neither_listed_nor_touched(storage: FilesystemStorage, root: Path) -> None:
    """The listing names only what this storage could have written."""
    key = await store(storage, b"content")
    (root / key).with_name("notes.txt").write_text("mine")
    (root / "objects" / "file").write_text("mine")
    (root / "objects" / "00").mkdir(exist_ok=True)
    (root / "objects" / "00" / key.rpartition("/")[2]).symlink_to(root / key)

    assert [found.key async for found in storage.list_objects()] == [key]


@pytest.mark.parametrize(
    "text", ["", "objects/..", "../layout", "objects/aa/../../layout", "layout", "objects/ZZ/01ZZ"]
)
async def test_a_text_that_is_no_key_names_nothing(storage: FilesystemStorage, text: str) -> None:
    """Only keys that `object_key` could have made become paths."""
    with pytest.raises(StorageError, match="is not a key"):
        await storage.size(ObjectKey(text))


async def test_a_symbolic_link_is_not_followed(storage: FilesystemStorage, root: Path) -> None:
    """Whoever plants a link in the folder cannot make the storage write elsewhere."""
    key = object_key()
    (root / "uploads" / key.rpartition("/")[2]).symlink_to(root / "layout")

    with pytest.raises(StorageUnavailable):
        await storage.resume(key, 0, b"")

    assert (root / "layout").read_text() == "1\n"


async def test_a_folder_that_is_away_is_not_an_empty_one(storage: FilesystemStorage, root: Path) -> None:
    """While the disk is not mounted nothing counts as missing, deleted or lost."""
    key = await store(storage, b"content")
    await asyncio.to_thread(root.rename, root.with_name("unmounted"))

    attempts = {
        "size": storage.size(key),
        "read": collect(storage.read(key)),
        "deliver": storage.deliver(key, ByteRange(0, 7), 7),
        "delete": storage.delete(key),
        "discard": storage.discard(key, b""),
        "resume": storage.resume(key, 0, b""),
        "read_upload": collect(storage.read_upload(key, 7, b"")),
        "store": store(storage, b"more"),
        "check": storage.check(),
    }
    outcomes = dict(zip(attempts, await asyncio.gather(*attempts.values(), return_exceptions=True), strict=True))

    assert {name: type(outcome) for name, outcome in outcomes.items()} == dict.fromkeys(attempts, StorageUnavailable)


async def test_a_key_is_never_used_twice(storage: FilesystemStorage) -> None:
    """An upload under the key of an object fails to commit, and the object stays."""
    key = await store(storage, b"content")
    writer = await storage.create(key)
    await writer.write(b"other")

    with pytest.raises(StorageError, match="used only once"):
        await writer.commit()
    await writer.abort()

    assert await collect(storage.read(key)) == b"content"


async def test_an_upload_emptied_by_power_loss_does_not_shadow_its_object(
    storage: FilesystemStorage, root: Path
) -> None:
    """An empty file left in `uploads` beside the complete object is removed, and the object counts."""
    key = await store(storage, b"content")
    leftover = root / "uploads" / key.rpartition("/")[2]
    leftover.touch()

    with pytest.raises(UploadLost):
        await storage.resume(key, 0, b"")

    assert not leftover.exists()
    assert await collect(storage.read(key)) == b"content"
