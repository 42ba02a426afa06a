# SPDX-License-Identifier: Apache-2.0
"""Objects in a folder of this machine, or of a file server that keeps POSIX's promises."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec
from typing import TypeVar
from weakref import WeakValueDictionary

from entrepot.infra.storage.adopted import require_own
from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.file_source import FileSource
from entrepot.infra.storage.filesystem_writer import FilesystemWriter
from entrepot.infra.storage.filesystem_writer import UploadFile
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import boot_identity
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.layout import Layout
from entrepot.infra.storage.place import Place

P = ParamSpec("P")
T = TypeVar("T")

STREAMED_BYTES = 64 * 1024
"""Up to this many bytes are read before an answer begins; more is delivered as a file."""

_THREADS = 32


class FilesystemStorage(Place):
    """Objects under one folder. Waiting for the disk happens in this storage's own threads."""

    def __init__(self, layout: Layout) -> None:
        """Use a layout that was prepared; see `open`."""
        self._layout = layout
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="storage")
        self._writers: WeakValueDictionary[ObjectKey, FilesystemWriter] = WeakValueDictionary()

    @classmethod
    def open(cls, root: Path) -> "FilesystemStorage":
        """Create or open the storage under `root`. Blocks.

        Raises `UnknownLayout`, and `StorageUnavailable` when it cannot be used.
        """
        layout = Layout(root.absolute())
        with normalised():
            layout.prepare()
        return cls(layout)

    @property
    def url(self) -> str:
        """See `Storage`."""
        return self._layout.root.as_uri()

    @property
    def continuity(self) -> str:
        """See `Storage`. What was saved is in the kernel's hands."""
        return boot_identity()

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`. The file is made by the first operation that has bytes for it."""
        return self._start(key, hashers)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        writer = self._start(key, hashers)
        try:
            await writer.open(offset)
        except asyncio.CancelledError:
            await asyncio.shield(writer.suspend())
            raise
        return writer

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`."""
        self._require_idle(key)
        await self._run(self._layout.discard_upload, key)

    async def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`."""
        if stop == 0:
            return
        lost = UploadLost(f"fewer than {stop} bytes of this upload are left; start it again")
        source = await self._source(lost, self._layout.upload_path(key), self._layout.object_path(key))
        async for chunk in source.chunks(0, stop):
            yield chunk

    async def has_upload(self, key: ObjectKey, offset: int, state: bytes) -> bool:
        """See `Place`."""
        writer = self._writers.get(key)
        if writer is not None and writer.is_running:
            return True
        return not state and 0 < offset <= await self._run(self._layout.bytes_of, key)

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        source = await self._source(_missing(), self._layout.object_path(key))
        wanted = range or ByteRange(0, source.size)
        async for chunk in source.chunks(wanted.start, wanted.stop):
            yield chunk

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        try:
            source = await self._source(_missing(), self._layout.object_path(key))
        except ObjectMissing:
            return None
        try:
            return source.size
        finally:
            source.close()

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`. After power loss the object may be back; the listing finds it."""
        await self._run(self._layout.delete_object, key)

    async def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`."""
        for folder in await self._run(self._layout.object_folders):
            for found in await self._run(self._layout.objects_in, folder):
                yield found

    async def leftovers(self) -> AsyncIterator[Leftover]:
        """See `Storage`: uploads whose writer died before their key was recorded."""
        for found in await self._run(self._layout.unfinished):
            yield found

    async def remove_leftover(self, leftover: Leftover) -> None:
        """See `Storage`. What somebody writes to is left over by nobody."""
        with suppress(WriterBusy):
            await self.discard(leftover.key, b"")

    async def deliver(
        self,
        key: ObjectKey,
        range: ByteRange,
        size: int,
        client: str = "",
    ) -> Delivery:
        """See `Storage`. An object that is not `size` bytes long any more counts as missing."""
        path = self._layout.object_path(key)
        source = await self._source(_missing(), path)
        try:
            if source.size != size:
                raise _missing()
            if range.length > STREAMED_BYTES:
                return LocalFile(path, range, is_whole=range.length == size)
            return Stream(_replay(await source.whole(range.start, range.stop)))
        finally:
            source.close()

    async def check(self) -> None:
        """See `Storage`."""
        await self._run(self._layout.probe)

    def _start(self, key: ObjectKey, hashers: Sequence[Hasher]) -> FilesystemWriter:
        self._require_idle(key)
        file = UploadFile(self._layout, key, hashers)
        writer = self._writers[key] = FilesystemWriter(key, file, self._threads)
        return writer

    def _require_idle(self, key: ObjectKey) -> None:
        require_own(key)
        writer = self._writers.get(key)
        if writer is not None and writer.is_running:
            raise WriterBusy("another request is writing to this upload; wait for it to end")

    async def _source(self, missing: Exception, *paths: Path) -> FileSource:
        try:
            return await FileSource.open(paths, self._threads, missing)
        except type(missing):
            await self._run(self._layout.require_present)
            raise

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(_normalised, work, *args, **kwargs)
        )


def _normalised(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with normalised():
        return work(*args, **kwargs)


async def _replay(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _missing() -> ObjectMissing:
    return ObjectMissing("the storage has no complete object here; compare it with the database by `entrepot verify`")
