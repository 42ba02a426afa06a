# SPDX-License-Identifier: Apache-2.0
"""Writing one object of a bucket, in one request after the other, on whichever node each arrives.

What fits into a part is stored by one request. More goes as parts, of which several are on their way while the next
is filled. Whatever is stored gets a key that no other writer ever uses, so that two of them never meet.
See docs/adr/0025-s3.md.
"""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import MutableMapping

from entrepot.infra.storage.following import Outcome
from entrepot.infra.storage.following import Progress
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterAborted
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.filling import Filling
from entrepot.infra.storage.s3.state import encoded

PIECE_BYTES = 1024 * 1024


Running = MutableMapping[ObjectKey, "S3Writer"]
"""The writers of this process by the keys that their uploads are known by."""


class S3Writer(Writer):
    """Gathers chunks and has them kept while it gathers more.

    What runs is never abandoned: whatever happens to the task that awaits it, the next operation waits for it first.
    """

    def __init__(self, bucket: Bucket, filling: Filling, running: Running, *, is_object: bool = False) -> None:
        """Go on with `filling`. What `is_object` already takes no more bytes."""
        self._running = running
        running[filling.key] = self
        self._bucket = bucket
        self._filling = filling
        self._is_object = is_object
        self._offset = filling.size
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._work: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._is_failure_told = False
        self._progress = Progress(filling.size)

    @property
    def is_running(self) -> bool:
        """Tell whether this still holds the upload."""
        return self._progress.outcome is None

    @property
    def key(self) -> ObjectKey:
        """See `Writer`."""
        return self._filling.key

    @property
    def offset(self) -> int:
        """See `Writer`."""
        return self._offset

    async def write(self, data: bytes) -> None:
        """See `Writer`."""
        self._require_writable()
        if not data:
            return
        if self._is_object:
            raise UploadLost("this upload was completed already with fewer bytes; start it again")
        self._pending.append(data)
        self._pending_bytes += len(data)
        self._offset += len(data)
        if self._pending_bytes >= PIECE_BYTES:
            await self._settle()
            self._require_writable()
        self._keep_busy()

    async def flush(self) -> None:
        """See `Writer`."""
        await self._drain()

    def checkpoint(self) -> Checkpoint | None:
        """See `Writer`."""
        mark = self._filling.checkpoint()
        if mark is None:
            return None
        return Checkpoint(self.key, mark.offset, encoded(self._filling.state), mark.hashes)

    async def recorded(self) -> None:
        """See `Writer`."""
        superseded, self._filling.superseded = self._filling.superseded, []
        await self._bucket.remove(*superseded)

    async def save(self) -> bytes:
        """See `Writer`. After a failure that was told what was kept before it is saved."""
        self._progress.require_running()
        await self._settle()
        if not self._is_failure_told:
            await self._drain()
        state = await self._filling.save()
        self._running[self.key] = self
        return encoded(state)

    def go_on_behind_object(self) -> None:
        """Go on where the state ends that was saved last: its parts have been made an object, to be read."""
        self._filling.go_on_behind_object()

    async def suspend(self) -> bytes:
        """See `Writer`."""
        try:
            return await self.save()
        finally:
            await self.release()

    async def release(self) -> None:
        """See `Writer`."""
        await self._end(Outcome.SUSPENDED)

    async def commit(self) -> None:
        """See `Writer`."""
        if self._progress.outcome is Outcome.COMMITTED:
            return
        try:
            await self._drain()
            await self._filling.make_object()
        except BaseException:
            await self.release()
            raise
        await self._end(Outcome.COMMITTED)

    async def abort(self) -> None:
        """See `Writer`."""
        if self._is_object or self._progress.outcome in (Outcome.COMMITTED, Outcome.ABORTED):
            self._progress.end(Outcome.ABORTED)
            return
        await self._settle()
        self._progress.end(Outcome.ABORTED)
        await self._filling.throw_away()

    async def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """See `Writer`. What is not here any more is read from the bucket, once it is an object."""
        self._progress.is_followed = self._filling.is_followed = True
        self._keep_busy()
        while (stop := await self._progress.beyond(from_offset)) > from_offset:
            found = self._filling.part_at(from_offset)
            if found is None:
                await self._progress.ended()
                chunks = self._from_bucket(from_offset)
            else:
                start, part = found
                chunks = part.chunks(from_offset - start, min(stop - start, part.size))
            async for chunk in chunks:
                from_offset += len(chunk)
                yield chunk

    async def _from_bucket(self, start: int) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._bucket.reader.chunks(self.key, ByteRange(start, self._offset)):
                yield chunk
        except ObjectMissing as error:
            raise WriterAborted("what was being followed is gone; ask for the object again") from error

    def _require_writable(self) -> None:
        self._progress.require_running()
        if self._failure is not None:
            self._is_failure_told = True
            raise self._failure

    def _keep_busy(self) -> None:
        """Have what was gathered kept, once it is enough and nothing runs."""
        enough = 1 if self._progress.is_followed else CHUNK_BYTES
        if self._work is None and self._failure is None and self._pending_bytes >= enough:
            self._launch()

    def _launch(self) -> None:
        pieces, self._pending, self._pending_bytes = self._pending, [], 0
        self._work = asyncio.create_task(self._filling.append(pieces[0] if len(pieces) == 1 else b"".join(pieces)))
        self._work.add_done_callback(self._note)

    def _note(self, work: "asyncio.Task[None]") -> None:
        """Note how it went, once, whether or not anybody awaits it."""
        if work is not self._work:
            return
        self._work = None
        error = StorageUnavailable("the server stops") if work.cancelled() else work.exception()
        if error is not None:
            self._failure = error
            self._pending, self._pending_bytes = [], 0
            self._offset = self._filling.size
        self._progress.advance(self._filling.size)
        self._keep_busy()

    async def _settle(self) -> None:
        """Wait until nothing runs; what it raised, if anything, has been noted."""
        while (work := self._work) is not None:
            if not work.done():
                await asyncio.wait({work})
            self._note(work)

    async def _drain(self) -> None:
        """Have everything kept and hashed. Raises what went wrong."""
        await self._settle()
        self._require_writable()
        if self._pending:
            self._launch()
            await self._settle()
            self._require_writable()

    async def _end(self, outcome: Outcome) -> None:
        await self._settle()
        self._progress.end(outcome)
        await self._filling.stop()
