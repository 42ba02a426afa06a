# SPDX-License-Identifier: Apache-2.0
"""The filesystem's writer: what its threads do, and that no work of theirs is abandoned."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec
from typing import TypeVar

import pytest

from entrepot.infra.storage.disk import open_file
from entrepot.infra.storage.disk import write_all
from entrepot.infra.storage.filesystem_writer import LARGE_PIECE_BYTES
from entrepot.infra.storage.filesystem_writer import FilesystemWriter
from entrepot.infra.storage.filesystem_writer import UploadFile
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.layout import Layout
from tests.contracts.storage.content import content

pytestmark = pytest.mark.anyio

P = ParamSpec("P")
T = TypeVar("T")


class GatedThreads(ThreadPoolExecutor):
    """One thread that works only while its gate is open. `hops` counts what it was given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.gate = threading.Event()
        self.hops = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue the work behind the gate."""
        self.hops += 1

        def pass_the_gate() -> T:
            self.gate.wait()
            return fn(*args, **kwargs)

        return super().submit(pass_the_gate)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A prepared folder."""
    layout = Layout(tmp_path)
    layout.prepare()
    return layout


@pytest.fixture
def threads() -> GatedThreads:
    """Threads whose gate is closed."""
    return GatedThreads()


def writer_on(layout: Layout, threads: GatedThreads, *hashers: Hasher) -> FilesystemWriter:
    """Make a writer of a new object."""
    key = object_key()
    return FilesystemWriter(key, UploadFile(layout, key, hashers), threads)


async def test_a_small_object_takes_one_hop(layout: Layout, threads: GatedThreads) -> None:
    """Creating, writing, hashing, syncing and publishing 64 KiB is handed to a thread once."""
    threads.gate.set()
    hasher = new_hasher("sha256")
    writer = writer_on(layout, threads, hasher)

    await writer.write(content(64 * 1024))
    await writer.flush()
    hasher.hexdigest()
    await writer.commit()

    assert threads.hops == 1


async def test_small_chunks_are_gathered(layout: Layout, threads: GatedThreads) -> None:
    """While a thread is busy, a thousand network chunks become one more write; then the commit."""
    writer = writer_on(layout, threads)
    await writer.write(content(300_000))
    for _ in range(1000):
        await writer.write(content(1000))

    threads.gate.set()
    await writer.commit()

    assert threads.hops == 3
    assert layout.object_path(writer.key).stat().st_size == 1_300_000


async def test_a_writer_waits_when_the_disk_is_slow(layout: Layout, threads: GatedThreads) -> None:
    """No more than one piece is gathered while another is being written."""
    writer = writer_on(layout, threads)
    await writer.write(content(LARGE_PIECE_BYTES))
    waiting = asyncio.create_task(writer.write(content(LARGE_PIECE_BYTES)))
    done, _ = await asyncio.wait((waiting,), timeout=0.02)

    assert not done
    threads.gate.set()
    await waiting
    await writer.abort()


@pytest.mark.parametrize("end", ["suspend", "abort", "commit"])
async def test_work_in_flight_is_awaited_after_a_cancellation(layout: Layout, threads: GatedThreads, end: str) -> None:
    """A cancelled request leaves its write to the thread, and what comes next waits for it."""
    writer = writer_on(layout, threads)
    await writer.write(content(LARGE_PIECE_BYTES))
    waiting = asyncio.create_task(writer.write(content(LARGE_PIECE_BYTES)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,))

    ending = asyncio.create_task(getattr(writer, end)())
    done, _ = await asyncio.wait((ending,), timeout=0.02)
    threads.gate.set()
    await ending

    assert not done
    assert writer.offset == 2 * LARGE_PIECE_BYTES or end == "abort"
    assert not writer.is_running


async def test_a_cancelled_commit_is_carried_out(layout: Layout, threads: GatedThreads) -> None:
    """A commit whose caller was cancelled goes on in its thread; aborting afterwards waits and changes nothing."""
    writer = writer_on(layout, threads)
    await writer.write(b"content")
    committing = asyncio.create_task(writer.commit())
    await asyncio.sleep(0)
    committing.cancel()
    await asyncio.wait((committing,))

    threads.gate.set()
    await writer.abort()

    assert await asyncio.to_thread(layout.object_path(writer.key).read_bytes) == b"content"


async def test_a_hash_that_ran_ahead_of_the_disk_is_not_kept(layout: Layout, threads: GatedThreads) -> None:
    """What `flush` hashed and the disk then refused makes `suspend` raise: offset and hash would not agree."""
    threads.gate.set()
    writer = writer_on(layout, threads, new_hasher("sha256"))
    await writer.write(b"hashed, not yet written")
    await writer.flush()
    await asyncio.to_thread(layout.uploads.rmdir)

    await writer.write(content(LARGE_PIECE_BYTES))
    with pytest.raises(StorageUnavailable):
        await writer.flush()
    with pytest.raises(StorageUnavailable):
        await writer.suspend()

    assert writer.offset == 0
    assert not writer.is_running


async def test_a_forgotten_writer_holds_nothing(layout: Layout, threads: GatedThreads) -> None:
    """The file of a writer that nobody ended is closed with it, which releases the lock.

    The thread's next work makes sure that it has let go of this one's.
    """
    threads.gate.set()
    writer = writer_on(layout, threads)
    await writer.write(content(300_000))
    await writer.flush()
    await asyncio.wrap_future(threads.submit(threading.get_ident))
    key = writer.key
    with pytest.warns(ResourceWarning):
        del writer

    again = await asyncio.to_thread(layout.open_upload, key, 300_000)

    assert again is not None
    again.close()


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_short_writes_are_continued(tmp_path: Path, most: int) -> None:
    """However little the kernel takes at a time, all bytes arrive where they belong."""
    path = tmp_path / "file"
    path.touch()

    def write_a_little(_descriptor: int, data: memoryview, offset: int) -> int:
        with path.open("r+b") as other:
            other.seek(offset)
            return other.write(data[:most])

    with open_file(path, 0) as file:
        write_all(file, content(100), 5, write_a_little)

    assert path.read_bytes() == bytes(5) + content(100)
