# SPDX-License-Identifier: Apache-2.0
"""The bytes of one upload, as one writer adds to them: where they are, and how they become an object.

Used by one task at a time, which is never cancelled.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import HashState
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.hashing import snapshot
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.assembly import Assembly
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.spool import Part
from entrepot.infra.storage.s3.state import Piece
from entrepot.infra.storage.s3.state import State
from entrepot.infra.storage.s3.state import first_to_join
from entrepot.infra.storage.s3.state import piece_name
from entrepot.infra.storage.s3.state import size_of

PARTS_KEPT_FOR_FOLLOWERS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """The hashes at the end of a part that was sent."""

    offset: int
    hashes: tuple[HashState, ...]


class Filling:
    """Goes on behind what `state` tells, which has chosen the size of parts."""

    def __init__(
        self,
        bucket: Bucket,
        key: ObjectKey,
        state: State,
        hashers: Sequence[Hasher],
        expected: Expected = UNANNOUNCED,
        dropped: Sequence[Piece] = (),
    ) -> None:
        """Of a chunk the bytes are kept so that others can go on behind them. `dropped` come after those of `state`."""
        self.state = state
        """Where the bytes are, as it was told last."""
        self.size = state.size
        """How many bytes were added, in this and earlier requests, and hashed."""
        self.superseded: list[str] = []
        """What the bucket has that only states before `state` need."""
        self.is_followed = False
        self.key = key
        """Where the object will be, as `state` tells it."""
        self._bucket = bucket
        self._hashers = tuple(hashers)
        self._in_chunks = expected.is_chunk or state.comes_in_chunks
        self._outdated = [piece.name or key for piece in dropped]
        """What only `state` needs still: it is superseded together with it."""
        self._free_key = key if state == State(part_bytes=state.part_bytes) else None
        self._marks: deque[Mark] = deque()
        self._window: deque[tuple[int, Part]] = deque()
        self._go_on()

    def _go_on(self) -> None:
        self._assembly = Assembly.of(self._bucket, self.key, self.state)
        self._pieces = list(self.state.pieces)
        """What comes behind the parts that were sent, and before the one that is filled."""
        self._part = self._bucket.spool.part()
        self._part_start = self.state.size
        self._is_continued = False
        self._is_rest_kept = False

    async def append(self, data: bytes) -> None:
        """Hash and keep bytes. Raises `StorageUnavailable` and `UploadLost`; `size` then tells what was kept."""
        await self._continue()
        self._take_back_rest()
        await self._keep(memoryview(data), self._hashers, is_new=True)

    def checkpoint(self) -> Mark | None:
        """Return the end of the last part that has arrived since this was asked, and let `state` be the one there."""
        arrived, mark = self._assembly.arrived(), None
        while self._marks and self._marks[0].offset <= arrived:
            mark = self._marks.popleft()
        if mark is None or mark.offset <= self.state.size:
            return None
        self._assembly.land()
        self._tell(self._state_with())
        return mark

    async def save(self) -> State:
        """Have the bucket keep every byte; return where they are. Raises `StorageUnavailable` and `UploadLost`."""
        await self._assembly.settle()
        if self.size != self.state.size:
            self._marks.clear()
            await self._keep_rest()
        return self.state

    def go_on_behind_object(self) -> None:
        """Go on where `state` ends, whose parts have become an object."""
        self._part.close()
        self.state = self.state.as_object()
        self._go_on()

    async def make_object(self) -> None:
        """Make the bytes an object under `key`. Raises `StorageUnavailable` and `UploadLost`."""
        if self.state.is_object and self.size == self.state.size:
            self._tell(self.state)
            return
        if self.state.pieces:
            await self._continue()
            self._take_back_rest()
        await self._join(0)
        if not self._assembly.upload_id:
            self._assembly.key = await self._bucket.put_new(self._free_key, self._part)
        else:
            await self._assembly.settle()
            if self._part.size and not self._is_rest_kept:
                await self._assembly.put_last(self._part)
            await self._assembly.complete()
        self._tell(State(part_bytes=self.state.part_bytes, pieces=[Piece("", self.size)]))

    async def stop(self) -> None:
        """Stop sending and forget what the bucket does not have."""
        await self._assembly.stop()
        self._part.close()
        self._part = self._bucket.spool.part()
        self._forget_window()

    async def throw_away(self) -> None:
        """Stop, and delete what the bucket has."""
        await self.stop()
        await self._assembly.abort()
        needed = [piece.name or self.key for piece in self.state.pieces]
        await self._bucket.remove(*dict.fromkeys([*self.superseded, *self._outdated, *needed]))

    def _forget_window(self) -> None:
        """Let followers read from the bucket, once it is there, what is kept for them alone."""
        while self._window:
            self._window.popleft()[1].close()

    def part_at(self, offset: int) -> tuple[int, Part] | None:
        """Return where the part begins that has the byte at `offset`, and the part, if it is still here."""
        parts = [(self._part_start, self._part), *self._window]
        return next((found for found in parts if found[0] <= offset < found[0] + found[1].size), None)

    def _tell(self, state: State) -> None:
        """Let `state` be this one: what only the one before needed is superseded."""
        self.state, self.key = state, self._assembly.key
        self.superseded += self._outdated
        self._outdated = []

    async def _continue(self) -> None:
        """Bring here at once what cannot stay where it is when more bytes follow: it may be more than a part."""
        if self._is_continued:
            return
        if self._assembly.upload_id and not self._may_stay(self._assembly.last_bytes):
            await self._assembly.complete()
            whole = Piece("", self._assembly.size, "" if self._pieces else self._digest())
            self._pieces, self._assembly = [whole, *self._pieces], Assembly(self._bucket, self.key)
            self._in_chunks = True
        if size_of(self._pieces) > self.state.part_bytes:
            pieces, self._pieces = self._pieces, []
            self._part_start -= size_of(pieces)
            for piece in pieces:
                async for chunk, check in self._read_back(piece):
                    await self._keep(memoryview(chunk), (check,), is_new=False)
        self._is_continued = True

    def _digest(self) -> str:
        return next((each.hexdigest() for each in self._hashers if each.algorithm == "sha256"), "")

    def _may_stay(self, size: int) -> bool:
        return self._bucket.rules.may_stay(size, self.state.part_bytes)

    async def _read_back(self, piece: Piece) -> AsyncIterator[tuple[bytes, Hasher]]:
        """Yield the bytes of a piece, and what has to see each. Raises `UploadLost` and `StorageUnavailable`."""
        name, check, size = piece.name or self.key, new_hasher("sha256"), 0
        try:
            async for chunk in self._bucket.reader.chunks(name, ByteRange(0, piece.size)):
                size += len(chunk)
                yield chunk, check
        except ObjectMissing as error:
            raise UploadLost("the bytes of this upload are gone; start it again") from error
        if size != piece.size or piece.sha256 not in ("", check.hexdigest()):
            raise StorageUnavailable("the bucket gives back other bytes than it was given")
        self._outdated.append(name)

    async def _join(self, first: int) -> None:
        """Put the bytes of the pieces from `first` on before those that are filled. Where it raises nothing changed."""
        pieces = self._pieces[first:]
        if not pieces:
            return
        joined, outdated = self._bucket.spool.part(), list(self._outdated)
        try:
            await joined.make_room(size_of(pieces) + self._part.size, self.state.part_bytes)
            for piece in pieces:
                async for chunk, check in self._read_back(piece):
                    await self._spool(joined, chunk, (check,))
            async for chunk in self._part.chunks():
                await self._spool(joined, chunk, ())
        except BaseException:
            self._outdated = outdated
            joined.close()
            raise
        self._part.close()
        self._part, self._pieces = joined, self._pieces[:first]
        self._part_start -= size_of(pieces)

    async def _keep(self, data: memoryview, hashers: tuple[Hasher, ...], *, is_new: bool) -> None:
        """Add bytes to the part that is filled. It is sent when it is full and more comes, or for want of room."""
        while data:
            space = self.state.part_bytes - size_of(self._pieces) - self._part.size
            if space <= 0:
                await self._join(0)
                await self._send()
                continue
            piece, data = bytes(data[:space]), data[space:]
            if not self._part.has_room_at_once(len(piece)):
                self._forget_window()
                if not self._pieces and self._may_stay(self._part.size):
                    await self._send()
                await self._part.make_room(len(piece), self.state.part_bytes)
            await self._spool(self._part, piece, hashers)
            if is_new:
                self.size += len(piece)

    async def _spool(self, part: Part, piece: bytes, hashers: tuple[Hasher, ...]) -> None:
        """Keep, then hash: what could not be kept is not hashed."""

        def keep() -> None:
            part.append(piece)
            for hasher in hashers:
                hasher.update(piece)

        await asyncio.get_running_loop().run_in_executor(self._bucket.threads, keep)

    async def _send(self) -> None:
        """Send what is filled as a part, and begin the next one."""
        await self._assembly.make_way()
        part = self._part
        if self.is_followed:
            self._window.append((self._part_start, part.shared()))
            while len(self._window) > PARTS_KEPT_FOR_FOLLOWERS:
                self._window.popleft()[1].close()
        self._part_start += part.size
        self._part = self._bucket.spool.part()
        self._marks.append(Mark(self._part_start, snapshot(self._hashers)))
        self._assembly.send(part)

    async def _keep_rest(self) -> None:
        """Have the bucket keep what is not a full part: as the last one where no more is expected, else as pieces."""
        pieces: list[Piece] = []
        if self._part.size:
            await self._join(first_to_join(self._pieces, self._part.size))
            if self._assembly.upload_id and not self._in_chunks:
                await self._assembly.put_last(self._part)
            else:
                pieces.append(await self._put_piece())
        self._tell(self._state_with(*pieces))
        self._is_rest_kept = self._part.size > 0

    async def _put_piece(self) -> Piece:
        """Store what is filled: where nothing is before it under a key that the object may have, too."""
        part, name = self._part, ""
        if self._assembly.upload_id or self._pieces:
            name = piece_name(self._assembly.key)
            await self._bucket.client.put(name, part)
        else:
            self._assembly.key = await self._bucket.put_new(self._free_key, part)
            self._free_key = None
        return Piece(name, part.size, part.sha256)

    def _take_back_rest(self) -> None:
        """Let what `_keep_rest` kept be filled further."""
        if not self._is_rest_kept:
            return
        self._is_rest_kept = False
        if self.state.pieces:
            self._outdated.append(self.state.pieces[-1].name or self.key)
        else:
            self._assembly.drop_last()

    def _state_with(self, *rest: Piece) -> State:
        """Return where the bytes are, of which `rest` are those that are filled."""
        parts = self._assembly
        return State(
            part_bytes=self.state.part_bytes,
            upload_id=parts.upload_id,
            parts=list(parts.parts),
            parts_bytes=parts.size,
            last_part_bytes=parts.last_bytes,
            pieces=[*self._pieces, *rest],
            comes_in_chunks=self._in_chunks,
        )
