# SPDX-License-Identifier: Apache-2.0
"""Reading a file in chunks: at once what the kernel has in memory, in threads what it has not."""

import asyncio
import os
from collections.abc import AsyncIterator
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress
from io import FileIO
from pathlib import Path

from entrepot.infra.storage.cached_read import open_cached
from entrepot.infra.storage.cached_read import read_cached
from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.disk import open_file
from entrepot.infra.storage.interface import CHUNK_BYTES


class FileSource:
    """An open file, read by one task.

    `missing` is what is raised when the file, or a part of it, is not there.
    """

    def __init__(self, file: FileIO, threads: Executor, missing: Exception) -> None:
        """Take over `file`; `close` closes it."""
        self._file = file
        self._threads = threads
        self._missing = missing

    @classmethod
    async def open(cls, paths: Sequence[Path], threads: Executor, missing: Exception) -> "FileSource":
        """Open the first of `paths` that exists: a file may move to the next one meanwhile, never back.

        Raises `missing`, `StorageUnavailable`.
        """
        file: FileIO | None = None
        for path in paths:
            try:
                file = open_cached(path)
            except FileNotFoundError:
                continue
            break
        else:
            raise missing
        if file is None:
            file = await asyncio.get_running_loop().run_in_executor(threads, _open_first, paths)
        if file is None:
            raise missing
        return cls(file, threads, missing)

    @property
    def size(self) -> int:
        """How many bytes the file has now."""
        return os.fstat(self._file.fileno()).st_size

    async def chunk(self, start: int, stop: int) -> bytes:
        """Read a chunk that begins at `start` and ends at or before `stop`. Raises `StorageUnavailable`."""
        length = min(stop - start, CHUNK_BYTES)
        data = read_cached(self._file, length, start)
        if not data:
            data = await asyncio.get_running_loop().run_in_executor(self._threads, _read, self._file, length, start)
        if not data:
            raise self._missing
        return data

    async def chunks(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield exactly the bytes from `start` to `stop`, then close the file."""
        try:
            while start < stop:
                chunk = await self.chunk(start, stop)
                start += len(chunk)
                yield chunk
        finally:
            self.close()

    async def whole(self, start: int, stop: int) -> bytes:
        """Read exactly the bytes from `start` to `stop`, then close the file."""
        return b"".join([chunk async for chunk in self.chunks(start, stop)])

    def close(self) -> None:
        """Close the file, if it is open; in a thread when that frees the disk space of a large one that was deleted."""
        if self._file.closed:
            return
        status = os.fstat(self._file.fileno())
        if status.st_nlink == 0 and status.st_size > CHUNK_BYTES:
            self._threads.submit(self._file.close)
        else:
            self._file.close()


def _open_first(paths: Sequence[Path]) -> FileIO | None:
    with normalised():
        for path in paths:
            with suppress(FileNotFoundError):
                return open_file(path, os.O_RDONLY)
    return None


def _read(file: FileIO, length: int, offset: int) -> bytes:
    with normalised():
        return os.pread(file.fileno(), length, offset)
