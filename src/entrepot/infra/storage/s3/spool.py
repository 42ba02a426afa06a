# SPDX-License-Identifier: Apache-2.0
"""Bytes on their way to a bucket: in memory as long as they are few, then in a file without a name, within a budget.

The file has no name, so that nothing is left of it when the process dies.
"""

import asyncio
import base64
import hashlib
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from time import monotonic

from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.disk import write_all
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

STEP_BYTES = 1024 * 1024
WAIT_SECONDS = 30.0
OVERDRAW_SECONDS = 2.0


USED = Metric("entrepot_spool_bytes", "Bytes on their way to the bucket, in memory and in files.", Kind.GAUGE)
LIMIT = Metric("entrepot_spool_limit_bytes", "How many there may be, by server.spool_mib.", Kind.GAUGE)
WAITING = Metric("entrepot_spool_waiting", "Requests that wait for room for more.", Kind.GAUGE)
WAITS = Metric(
    "entrepot_spool_wait_seconds",
    "Time that requests waited for room, whether or not they got it; those that found some did not wait.",
    Kind.HISTOGRAM,
    (),
    (0.01, 0.1, 0.5, 2.5, 10.0, 30.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """So many bytes, and what is set when they are there."""

    size: int
    turn: "asyncio.Future[None]"


class Room:
    """How many bytes one process may have on their way at once. Who wants more waits in turn."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._free = limit_bytes
        self._waits = Histogram(WAITS.bounds)
        self._waiting: deque[_Wish] = deque()
        self._overdrawn_at = float("-inf")

    def take_at_once(self, size: int) -> bool:
        """Take `size` bytes if they are free and nobody waits; tell whether they were."""
        if self._waiting or size > self._free:
            return False
        self._free -= size
        return True

    async def take(self, size: int, most: int = 0) -> int:
        """Take `size` bytes, if need be once others gave some back; return how many were taken.

        Where everybody waits who has begun a part, nobody would ever end one. So whoever has waited longest may now
        and then take `most`, what its part lacks in all, although nothing is free. Raises `StorageUnavailable` after
        a while.
        """
        if self.take_at_once(size):
            return size
        begun = monotonic()
        try:
            return await self._wait_for(size, most)
        finally:
            self._waits.observe(monotonic() - begun)

    def measure(self) -> Iterator[Measurement]:
        """Yield how much is on its way, and how long some waited for room."""
        yield Measurement(USED, [self._limit - self._free])
        yield Measurement(LIMIT, [self._limit])
        yield Measurement(WAITING, [len(self._waiting)])
        yield Measurement(WAITS, self._waits.values)

    async def _wait_for(self, size: int, most: int) -> int:
        loop = asyncio.get_running_loop()
        wish, ends_at = _Wish(size, loop.create_future()), loop.time() + WAIT_SECONDS
        self._waiting.append(wish)
        try:
            while not wish.turn.done() and (left := ends_at - loop.time()) > 0:
                await asyncio.wait({wish.turn}, timeout=min(left, OVERDRAW_SECONDS))
                if most and not wish.turn.done() and self._may_overdraw(wish, loop.time()):
                    self._waiting.popleft()
                    self._free -= most
                    return most
        except BaseException:
            self._withdraw(wish)
            raise
        if wish.turn.done():
            return size
        self._withdraw(wish)
        raise StorageUnavailable("too many bytes are on their way to the bucket; send these later")

    def give_back(self, size: int) -> None:
        """Let others have these bytes."""
        self._free += size
        self._wake()

    def _may_overdraw(self, wish: "_Wish", now: float) -> bool:
        """Tell whether it is this one's turn to, and time for somebody to do so."""
        if self._waiting[0] is not wish or now - self._overdrawn_at < OVERDRAW_SECONDS:
            return False
        self._overdrawn_at = now
        return True

    def _withdraw(self, wish: "_Wish") -> None:
        """Wait no more; give back what was given meanwhile."""
        if wish.turn.done():
            self.give_back(wish.size)
        else:
            self._waiting.remove(wish)
            self._wake()

    def _wake(self) -> None:
        while self._waiting and self._waiting[0].size <= self._free:
            wish = self._waiting.popleft()
            self._free -= wish.size
            wish.turn.set_result(None)


class Spool:
    """Where parts are kept, by this process, until the bucket has them."""

    def __init__(self, folder: Path | None, limit_bytes: int, threads: Executor, *, has_md5: bool = False) -> None:
        """`folder` is made when it is first used; None is the system's for temporary files."""
        self.room = Room(limit_bytes)
        self._folder = folder
        self._threads = threads
        self._has_md5 = has_md5

    def part(self) -> "Part":
        """Begin a part. It has no room yet."""
        return Part(self.room, self._open, self._threads, has_md5=self._has_md5)

    def _open(self) -> FileIO:
        with normalised():
            if self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(buffering=0, dir=self._folder)


class Part:
    """Bytes that will be sent together. Appended to by one thread at a time, then sent any number of times."""

    def __init__(
        self, room: Room, open_file: Callable[[], FileIO], threads: Executor, *, has_md5: bool = False
    ) -> None:
        self.size = 0
        self._room = room
        self._taken = 0
        self._open_file = open_file
        self._threads = threads
        self._memory = bytearray()
        self._file: FileIO | None = None
        self._hash = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False) if has_md5 else None
        self._holders = 1

    def shared(self) -> "Part":
        """Let one more hold it: `close` takes as many calls."""
        self._holders += 1
        return self

    @property
    def sha256(self) -> str:
        """The digest of the bytes, in hex."""
        return self._hash.hexdigest()

    @property
    def md5(self) -> str:
        """The MD5 of the bytes, in base64; only where the spool has them computed."""
        assert self._md5 is not None, "the spool was told"  # noqa: S101 - a mistake of ours
        return base64.b64encode(self._md5.digest()).decode()

    def has_room_at_once(self, size: int) -> bool:
        """Take room for `size` more bytes unless somebody waits for some; tell whether there is enough."""
        missing = self._missing(size)
        if missing and not self._room.take_at_once(missing):
            return False
        self._taken += missing
        return True

    async def make_room(self, size: int, most: int) -> None:
        """Wait for room for `size` more bytes, of `most` that the part may have in all. Raises `StorageUnavailable`."""
        missing = self._missing(size)
        if missing:
            self._taken += await self._room.take(missing, max(missing, most - self._taken))

    def append(self, data: bytes) -> None:
        """Add bytes that there is room for. Blocks. Raises `StorageUnavailable` when the disk is full."""
        if self._file is None and len(self._memory) + len(data) <= CHUNK_BYTES:
            self._memory += data
        else:
            file = self._file or self._open_file()
            if self._file is None:
                _write(file, bytes(self._memory), 0)
                self._file, self._memory = file, bytearray()
            _write(file, data, self.size)
        self._hash.update(data)
        if self._md5 is not None:
            self._md5.update(data)
        self.size += len(data)

    async def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to `stop`, the latter excluded. They are held meanwhile."""
        end = self.size if stop is None else stop
        self._holders += 1
        try:
            async for chunk in self._read(start, end):
                yield chunk
        finally:
            self.close()

    async def _read(self, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            length = min(STEP_BYTES, end - start)
            memory, file = self._memory, self._file
            if file is None:
                chunk = bytes(memory[start : start + length])
            else:
                loop = asyncio.get_running_loop()
                chunk = await loop.run_in_executor(self._threads, os.pread, file.fileno(), length, start)
            if not chunk:
                raise StorageUnavailable("the folder for bytes on their way has lost some")
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Forget the bytes and give their room back, once nobody holds it. Closing it again does no harm."""
        self._holders -= 1
        if self._holders > 0:
            return
        if self._file is not None:
            self._file.close()
        self._memory = bytearray()
        taken, self._taken = self._taken, 0
        if taken:
            self._room.give_back(taken)

    def _missing(self, size: int) -> int:
        """Return how much more room it takes, in steps."""
        needed = self.size + size
        return max(0, -(-needed // STEP_BYTES) * STEP_BYTES - self._taken) if needed > CHUNK_BYTES else 0


def _write(file: FileIO, data: bytes, at: int) -> None:
    with normalised():
        write_all(file, data, at)
