# SPDX-License-Identifier: Apache-2.0
"""Writing one encrypted object: full pieces are hashed and sealed in a thread, one lot at a time, and handed on."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from entrepot.infra.storage.following import Outcome
from entrepot.infra.storage.following import Progress
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import HashState
from entrepot.infra.storage.hashing import snapshot
from entrepot.infra.storage.interface import CHUNK_BYTES as READ_BYTES
from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.opening import opened
from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import PIECE_BYTES
from entrepot.infra.storage.sealing import SealedUpload
from entrepot.infra.storage.sealing import Sealer
from entrepot.infra.storage.sealing import pieces_of
from entrepot.infra.storage.sealing import stored_size
from entrepot.infra.storage.sealing import upload_state

SMALL_LOT_BYTES = 256 * 1024
"""An idle thread is given work from this much on."""

LARGE_LOT_BYTES = 1024 * 1024
"""The client waits when this much is gathered and a thread is still busy."""

CHUNKS_PER_MARK = 16
"""At each MiB in the store it is noted how an upload would be resumed there."""

MAX_MARKS = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an upload: full chunks before it, content behind those, and the hashes of all content up to it."""

    chunks: int
    rest: bytes
    hashes: tuple[HashState, ...]

    @property
    def offset(self) -> int:
        """How much content lies before it."""
        return self.chunks * PIECE_BYTES + len(self.rest)


class EncryptedWriter(Writer):
    """Hands chunks to the writer of another storage; less than a piece waits in memory, or sealed in the state."""

    def __init__(
        self,
        inner: Writer,
        sealed_key: SealedKey,
        sealer: Sealer,
        hashers: Sequence[Hasher],
        start: Place,
        *,
        is_complete: bool = False,
    ) -> None:
        """Go on at `start`; where the object `is_complete` already, it may be committed and no more."""
        self._inner = inner
        self._sealed_key = sealed_key
        self._sealer = sealer
        self._hashers = hashers
        self._is_complete = is_complete
        self._chunks = start.chunks
        self._held = start.rest
        self._pending = bytearray()
        self._offset = self._hashed = start.offset
        self._flight: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._marks: deque[Place] = deque(maxlen=MAX_MARKS)
        self._base = start
        self._progress = Progress(self._offset)

    @property
    def key(self) -> ObjectKey:
        """See `Writer`."""
        return self._inner.key

    @property
    def offset(self) -> int:
        """See `Writer`."""
        return self._offset

    @property
    def stored_size(self) -> int:
        """See `Writer`."""
        return stored_size(self._offset)

    @property
    def sealed_key(self) -> SealedKey:
        """See `Writer`."""
        return self._sealed_key

    @property
    def is_committed(self) -> bool:
        """Tell whether the object is complete, by this writer's doing."""
        return self._progress.outcome is Outcome.COMMITTED

    async def write(self, data: bytes) -> None:
        """See `Writer`."""
        self._require_writable()
        if data and self._is_complete:
            raise UploadLost("this upload was completed already with fewer bytes; start it again")
        self._pending += data
        self._offset += len(data)
        self._progress.advance(self._offset)
        if self._flight is not None and len(self._pending) >= LARGE_LOT_BYTES:
            await self._settle()
            self._require_writable()
        self._keep_busy()

    async def flush(self) -> None:
        """See `Writer`."""
        await self._hash_all()
        await self._inner.flush()

    def checkpoint(self) -> Checkpoint | None:
        """See `Writer`. The place is the last mark up to which the bytes are safe in the store."""
        safe = self._inner.checkpoint()
        if safe is None:
            return None
        while self._marks and self._marks[0].chunks * CHUNK_BYTES <= safe.offset:
            self._base = self._marks.popleft()
        place = self._base
        return Checkpoint(safe.key, place.offset, self._state(place.chunks, place.rest, safe.state), place.hashes)

    async def recorded(self) -> None:
        """See `Writer`."""
        await self._inner.recorded()

    async def save(self) -> bytes:
        """See `Writer`."""
        await self._hash_all()
        return self._state(self._chunks, self._rest(), await self._inner.save())

    async def suspend(self) -> bytes:
        """See `Writer`."""
        await self._settle()
        self._progress.require_running()
        try:
            await self._hash_all()
        except BaseException:
            await self._let_go()
            raise
        try:
            return self._state(self._chunks, self._rest(), await self._inner.suspend())
        finally:
            self._progress.end(Outcome.SUSPENDED)

    async def release(self) -> None:
        """See `Writer`."""
        await self._settle()
        self._progress.require_running()
        await self._let_go()

    async def commit(self) -> None:
        """See `Writer`."""
        await self._settle()
        if self.is_committed:
            return
        self._require_writable()
        try:
            if not self._is_complete:
                await self._hash_all()
                await self._launch(self._write_last)
        except BaseException:
            await self._let_go()
            raise
        try:
            await self._inner.commit()
        except BaseException:
            self._progress.end(Outcome.SUSPENDED)
            raise
        self._progress.end(Outcome.COMMITTED)

    async def abort(self) -> None:
        """See `Writer`."""
        await self._settle()
        if self.is_committed:
            return
        try:
            await self._inner.abort()
        finally:
            self._progress.end(Outcome.ABORTED)

    async def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """See `Writer`. What is not in the store as a chunk yet comes from memory."""
        while await self._progress.beyond(from_offset) > from_offset:
            number, skipped = divmod(from_offset, PIECE_BYTES)
            if number >= self._chunks:
                start = from_offset - self._chunks * PIECE_BYTES
                data = (self._held + self._pending)[start : start + READ_BYTES]
                from_offset += len(data)
                yield data
                continue
            stop = self._chunks
            async with aclosing(self._chunks_from(number, stop)) as chunks:
                async for data in opened(chunks, self._sealer, number):
                    fresh, skipped = data[skipped:], max(skipped - len(data), 0)
                    from_offset += len(fresh)
                    if fresh:
                        yield fresh

    async def _chunks_from(self, number: int, stop: int) -> AsyncGenerator[bytes]:
        """Follow the inner writer over the chunks `number` to `stop`, the latter excluded."""
        left = (stop - number) * CHUNK_BYTES
        async for data in self._inner.reader(number * CHUNK_BYTES):
            yield data[:left]
            left -= len(data[:left])
            if not left:
                return

    def _require_writable(self) -> None:
        self._progress.require_running()
        if self._failure is not None:
            raise self._failure

    def _rest(self) -> bytes:
        return self._held + bytes(self._pending)

    def _state(self, chunks: int, rest: bytes, state: bytes) -> bytes:
        sealed = self._sealer.seal_rest(rest, chunks) if rest else b""
        return upload_state(SealedUpload(self._sealed_key, chunks, sealed, state))

    async def _let_go(self) -> None:
        try:
            await self._inner.release()
        finally:
            self._progress.end(Outcome.SUSPENDED)

    async def _hash_all(self) -> None:
        """Hand every full piece on, and hash what is left, which is little."""
        await self._settle()
        self._require_writable()
        if len(self._held) + len(self._pending) >= PIECE_BYTES:
            await self._launch(self._write_full)
        self._hash(self._rest(), self._chunks * PIECE_BYTES)

    def _keep_busy(self) -> None:
        if self._flight is None and len(self._pending) >= SMALL_LOT_BYTES:
            self._start(self._write_full)

    async def _write_full(self) -> None:
        """Seal the full pieces that are there now, and write them."""
        self._held, self._pending = self._rest(), bytearray()
        count = len(self._held) // PIECE_BYTES
        full = self._held[: count * PIECE_BYTES]
        sealed, marks = await asyncio.to_thread(self._seal, full)
        await self._inner.write(sealed)
        self._held = self._held[len(full) :]
        self._chunks += count
        self._marks.extend(marks)

    async def _write_last(self) -> None:
        """Write what is left as the last chunk, and keep it for those who follow."""
        await self._inner.write(self._sealer.seal_chunk(self._rest(), self._chunks))

    def _seal(self, full: bytes) -> tuple[bytes, list[Place]]:
        chunks: list[bytes] = []
        marks: list[Place] = []
        for number, piece in enumerate(list(pieces_of(full))[:-1], self._chunks):
            self._hash(piece, number * PIECE_BYTES)
            chunks.append(self._sealer.seal_chunk(piece, number))
            if (number + 1) % CHUNKS_PER_MARK == 0:
                marks.append(Place(number + 1, b"", snapshot(self._hashers)))
        return b"".join(chunks), marks

    def _hash(self, data: bytes, offset: int) -> None:
        """Hash what begins at `offset`, but for what was hashed before."""
        fresh = data[max(self._hashed - offset, 0) :]
        for hasher in self._hashers:
            hasher.update(fresh)
        self._hashed += len(fresh)

    def _start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        self._flight = asyncio.get_running_loop().create_task(_run(work))
        self._flight.add_done_callback(self._landed)
        return self._flight

    async def _launch(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do work that is not cancelled with whoever waits for it, and raise what it raised."""
        flight = self._start(work)
        await self._settle()
        flight.result()

    async def _settle(self) -> None:
        """Wait until no work is in flight; what it raised, if anything, has been noted."""
        while (flight := self._flight) is not None:
            if not flight.done():
                await asyncio.wait((flight,))
            self._landed(flight)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        """Note how work went, once, whether or not anybody awaits it."""
        if flight is not self._flight:
            return
        self._flight = None
        self._failure = self._failure or (asyncio.CancelledError() if flight.cancelled() else flight.exception())
        if self._failure is None and self._progress.outcome is None:
            self._keep_busy()


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()
