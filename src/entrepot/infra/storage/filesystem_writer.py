# SPDX-License-Identifier: Apache-2.0
"""Writing one object to the filesystem.

`UploadFile` does the blocking work and runs in threads, one operation at a time.
`FilesystemWriter` gathers network chunks into large pieces and keeps one
operation in flight while the next piece arrives.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from io import FileIO
from pathlib import Path

from entrepot.infra.storage.disk import SyncFailed
from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.disk import write_all
from entrepot.infra.storage.file_source import FileSource
from entrepot.infra.storage.following import Outcome
from entrepot.infra.storage.following import Progress
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterAborted
from entrepot.infra.storage.layout import Layout
from entrepot.kernel.errors import AppError

SMALL_PIECE_BYTES = 256 * 1024
"""An idle thread is given work from this much on."""

LARGE_PIECE_BYTES = 1024 * 1024
"""The client waits when this much is gathered and a thread is still busy."""

INLINE_HASH_BYTES = 64 * 1024
"""Up to this many bytes are hashed in the event loop (about 40 µs)."""

WRITE_BACK_BYTES = 8 * 1024 * 1024
"""The kernel is told to start writing to the disk every so often, so that the sync at the end is short."""


class UploadFile:
    """The file of one upload: the blocking half of a writer."""

    def __init__(self, layout: Layout, key: ObjectKey, hashers: Sequence[Hasher]) -> None:
        """Create no file yet: the first operation does, in its own thread."""
        self.size = 0
        self.hashed = 0
        self._layout = layout
        self._key = key
        self._hashers = hashers
        self._file: FileIO | None = None
        self._is_complete = False
        self._is_trimmed = True
        self._written_back = 0

    def open(self, offset: int) -> None:
        """Continue at `offset`. Raises `WriterBusy`, `UploadLost`, `StorageUnavailable`."""
        with normalised():
            self._file = self._layout.open_upload(self._key, offset)
        self._is_complete = self._file is None
        self._is_trimmed = False
        self.size = self.hashed = self._written_back = offset

    def append(self, pieces: list[bytes]) -> None:
        """Write, then hash: what could not be written is not hashed."""
        if not pieces:
            return
        if self._is_complete:
            raise UploadLost("this upload was completed already with fewer bytes; start it again")
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        with normalised():
            write_all(self._trimmed(), data, self.size)
        self.hash(data)
        self.size += len(data)
        self._start_write_back()

    def hash(self, data: bytes) -> None:
        """Hash what follows on `size`, but for what was hashed before."""
        fresh = data[self.hashed - self.size :]
        for hasher in self._hashers:
            hasher.update(fresh)
        self.hashed += len(fresh)

    def suspend(self, pieces: list[bytes]) -> None:
        """Append the last pieces and let go of the file, also when that fails."""
        try:
            self.append(pieces)
        finally:
            self._close()

    def commit(self, pieces: list[bytes]) -> None:
        """Append the last pieces and publish, and let go of the file, also when that fails."""
        try:
            self.append(pieces)
            with normalised():
                if self._is_complete:
                    self._layout.sync_object(self._key)
                else:
                    self._layout.publish(self._key, self._trimmed())
        finally:
            self._close()

    def abort(self) -> None:
        """Unlink the file and let go of it, if it was ever opened here. A complete object stays."""
        if self._file is None:
            return
        try:
            with normalised():
                self._layout.discard_upload(self._key, self._file)
        finally:
            self._close()

    def paths(self) -> tuple[Path, Path]:
        """Name the file before and after it is complete."""
        return self._layout.upload_path(self._key), self._layout.object_path(self._key)

    def _trimmed(self) -> FileIO:
        """Return the open file, made if there is none, without anything behind `size`."""
        if self._file is None:
            self._file = self._layout.start_upload(self._key)
        if not self._is_trimmed:
            os.ftruncate(self._file.fileno(), self.size)
            self._is_trimmed = True
        return self._file

    def _start_write_back(self) -> None:
        length = self.size - self._written_back
        if length >= WRITE_BACK_BYTES and self._file is not None:
            os.posix_fadvise(self._file.fileno(), self._written_back, length, os.POSIX_FADV_DONTNEED)
            self._written_back = self.size

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


class FilesystemWriter(Writer):
    """Gathers chunks and has them written and hashed in threads, in order.

    A thread's work is never abandoned: whatever happens to the task that awaits
    it, the next operation waits for it first, and its outcome is noted.
    """

    def __init__(self, key: ObjectKey, file: UploadFile, threads: Executor) -> None:
        """Write to `file`, from its beginning unless `open` says otherwise."""
        self._key = key
        self._file = file
        self._threads = threads
        self._offset = 0
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._flight: asyncio.Future[None] | None = None
        self._flight_ends: Outcome | None = None
        self._failure: BaseException | None = None
        self._progress = Progress(0)

    @property
    def is_running(self) -> bool:
        """Tell whether this still holds the upload."""
        return self._progress.outcome is None

    @property
    def key(self) -> ObjectKey:
        """See `Writer`."""
        return self._key

    @property
    def offset(self) -> int:
        """See `Writer`."""
        return self._offset

    async def open(self, offset: int) -> None:
        """Continue an upload at `offset`. Raises `WriterBusy`, `UploadLost`, `StorageUnavailable`."""
        try:
            await self._do(partial(self._file.open, offset))
        except AppError:
            self._progress.end(Outcome.ABORTED)
            raise
        self._offset = offset

    async def write(self, data: bytes) -> None:
        """See `Writer`."""
        self._require_writable()
        if data:
            self._pending.append(data)
            self._pending_bytes += len(data)
            self._offset += len(data)
        if self._flight is not None and self._pending_bytes >= LARGE_PIECE_BYTES:
            await self._settle()
            self._require_writable()
        self._keep_busy()

    async def flush(self) -> None:
        """See `Writer`. Little is hashed at once: that takes less time than handing it to a thread."""
        await self._settle()
        self._require_writable()
        if self._pending_bytes > INLINE_HASH_BYTES:
            await self._do(partial(self._file.append, self._take()))
        elif self._pending:
            self._pending = [b"".join(self._pending)]
            self._file.hash(self._pending[0])

    async def save(self) -> bytes:
        """See `Writer`."""
        await self._settle()
        self._progress.require_running()
        if self._pending:
            await self._do(partial(self._file.append, self._take()))
        return self._state()

    async def suspend(self) -> bytes:
        """See `Writer`."""
        await self._settle()
        self._progress.require_running()
        await self._do(partial(self._file.suspend, self._take()), Outcome.SUSPENDED)
        return self._state()

    def _state(self) -> bytes:
        """Return nothing, which is what `resume` needs, unless the hashers have seen what was not written."""
        if self._failure is not None and self._file.hashed > self._file.size:
            raise self._failure
        return b""

    async def commit(self) -> None:
        """See `Writer`."""
        await self._settle()
        if self._progress.outcome is Outcome.COMMITTED:
            return
        self._require_writable()
        await self._do(partial(self._file.commit, self._take()), Outcome.COMMITTED)

    async def abort(self) -> None:
        """See `Writer`."""
        await self._settle()
        self._take()
        if self._progress.outcome in (None, Outcome.SUSPENDED):
            await self._do(self._file.abort, Outcome.ABORTED)

    async def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """See `Writer`."""
        source: FileSource | None = None
        gone = WriterAborted("the upload that was being followed is gone; ask for the object again")
        self._progress.is_followed = True
        self._keep_busy()
        try:
            while (stop := await self._progress.beyond(from_offset)) > from_offset:
                source = source or await FileSource.open(self._file.paths(), self._threads, gone)
                chunk = await source.chunk(from_offset, stop)
                from_offset += len(chunk)
                yield chunk
        finally:
            if source is not None:
                source.close()

    def _require_writable(self) -> None:
        self._progress.require_running()
        if self._failure is not None:
            raise self._failure

    def _take(self) -> list[bytes]:
        pieces, self._pending, self._pending_bytes = self._pending, [], 0
        return pieces

    def _keep_busy(self) -> None:
        """Hand over what was gathered, once it is enough and no operation is in flight."""
        enough = 1 if self._progress.is_followed else SMALL_PIECE_BYTES
        if self._flight is None and self._pending_bytes >= enough:
            self._launch(partial(self._file.append, self._take()))

    def _launch(self, work: Callable[[], None], ends: Outcome | None = None) -> asyncio.Future[None]:
        self._flight_ends = ends
        self._flight = asyncio.get_running_loop().run_in_executor(self._threads, work)
        self._flight.add_done_callback(self._landed)
        return self._flight

    async def _do(self, work: Callable[[], None], ends: Outcome | None = None) -> None:
        """Launch an operation while none is in flight, wait for it and raise what it raised."""
        flight = self._launch(work, ends)
        await self._settle()
        flight.result()

    async def _settle(self) -> None:
        """Wait until no operation is in flight; what they raised, if anything, has been noted."""
        while (flight := self._flight) is not None:
            if not flight.done():
                await asyncio.wait((flight,))
            self._landed(flight)

    def _landed(self, flight: asyncio.Future[None]) -> None:
        """Note how an operation went, once, whether or not anybody awaits it."""
        if flight is not self._flight:
            return
        self._flight = None
        error = flight.exception()
        if error is not None and self._file.size != self._offset:
            self._failure = error
            self._offset = self._file.size
            self._take()
        self._progress.advance(self._file.size)
        if isinstance(error, SyncFailed):
            self._progress.end(Outcome.ABORTED)
        elif self._flight_ends is not None:
            has_failed = error is not None and self._flight_ends is Outcome.COMMITTED
            self._progress.end(Outcome.SUSPENDED if has_failed else self._flight_ends)
        else:
            self._keep_busy()
