# SPDX-License-Identifier: Apache-2.0
"""The bytes of one upload, as one writer adds to them: where they are, and how they become an object.

Used by one task at a time, which is never cancelled.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import HashState
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.hashing import snapshot
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.assembly import Assembly
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.spool import Part
from entrepot.infra.storage.s3.state import State
from entrepot.infra.storage.s3.state import tail_name

PARTS_KEPT_FOR_FOLLOWERS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """The hashes at the end of a part that was sent."""

    offset: int
    hashes: tuple[HashState, ...]


class Filling:
    """Goes on behind what `state` tells, which has chosen the size of parts."""

    def __init__(
        self, bucket: Bucket, key: ObjectKey, state: State, hashers: Sequence[Hasher], *, in_chunks: bool
    ) -> None:
        """With `in_chunks` the bytes of this request are kept so that another node can go on behind them."""
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
        self._in_chunks = in_chunks or state.comes_in_chunks
        self._outdated: list[str] = []
        """What only `state` needs still: it is superseded together with it."""
        self._assembly = Assembly.of(bucket, key, state)
        self._free_key = key if state == State(part_bytes=state.part_bytes) else None
        self._part = bucket.spool.part()
        self._sent = 0
        self._is_continued = state.size == 0
        self._is_rest_kept = False
        self._marks: deque[Mark] = deque()
        self._window: deque[tuple[int, Part]] = deque()

    async def append(self, data: bytes) -> None:
        """Hash and keep bytes. Raises `StorageUnavailable` and `UploadLost`; `size` then tells what was kept."""
        await self._continue()
        self._take_back_rest()
        await self._keep(memoryview(data), self._hashers)

    def checkpoint(self) -> Mark | None:
        """Return the end of the last part that has arrived since this was asked, and let `state` be the one there."""
        arrived, mark = self._assembly.arrived(), None
        while self._marks and self._marks[0].offset <= arrived:
            mark = self._marks.popleft()
        if mark is None or mark.offset <= self.state.size:
            return None
        self._assembly.land()
        self._tell(self._state_of_parts())
        return mark

    async def save(self) -> State:
        """Have the bucket keep every byte; return where they are. Raises `StorageUnavailable` and `UploadLost`."""
        await self._assembly.settle()
        if self.size != self.state.size:
            self._marks.clear()
            await self._keep_rest()
        return self.state

    async def make_object(self) -> None:
        """Make the bytes an object under `key`. Raises `StorageUnavailable` and `UploadLost`."""
        if self.state.tail:
            await self._continue()
            self._take_back_rest()
        if self.size == self.state.base_bytes > 0:
            return
        if not self._assembly.upload_id:
            self._assembly.key = await self._bucket.put_new(self._free_key, self._part)
        else:
            await self._assembly.settle()
            if self._part.size and not self._is_rest_kept:
                await self._assembly.put_last(self._part)
            await self._assembly.complete()
        self._tell(State(part_bytes=self.state.part_bytes, base_bytes=self.size))

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
        is_object = self.state.base_bytes > 0
        needed = [*filter(None, [self.state.tail]), *([self.key] if is_object else [])]
        await self._bucket.remove(*dict.fromkeys([*self.superseded, *self._outdated, *needed]))

    def _forget_window(self) -> None:
        """Let followers read from the bucket, once it is there, what is kept for them alone."""
        while self._window:
            self._window.popleft()[1].close()

    def part_at(self, offset: int) -> tuple[int, Part] | None:
        """Return where the part begins that has the byte at `offset`, and the part, if it is still here."""
        if self._sent <= offset < self._sent + self._part.size and self._is_continued:
            return self._sent, self._part
        return next((found for found in self._window if found[0] <= offset < found[0] + found[1].size), None)

    def _tell(self, state: State) -> None:
        """Let `state` be this one: what only the one before needed is superseded."""
        self.state, self.key = state, self._assembly.key
        self.superseded += self._outdated
        self._outdated = []

    async def _continue(self) -> None:
        """Bring here what cannot stay where it is when more bytes follow: what is not a whole part."""
        if self._is_continued:
            return
        before, check = self.state, new_hasher("sha256")
        expected = next((each.hexdigest() for each in self._hashers if each.algorithm == "sha256"), "")
        try:
            if before.base_bytes:
                await self._absorb(self.key, before.base_bytes, check)
            elif self._bucket.rules.may_stay(before.last_part_bytes, before.part_bytes):
                self._sent, expected = before.parts_bytes, before.tail_sha256
            else:
                await self._assembly.complete()
                self._assembly = Assembly(self._bucket, self.key)
                self._in_chunks = True
                await self._absorb(self.key, before.parts_bytes, check)
            if before.tail:
                await self._absorb(before.tail, before.tail_bytes, check)
        except ObjectMissing as error:
            raise UploadLost("the bytes of this upload are gone; start it again") from error
        if self._outdated and expected not in ("", check.hexdigest()):
            raise StorageUnavailable("the bucket gives back other bytes than it was given")
        self._is_continued = True

    async def _absorb(self, key: str, size: int, check: Hasher) -> None:
        """Keep bytes of an earlier request, which were hashed then; `check` sees what came back."""
        async for chunk in self._bucket.reader.chunks(key, ByteRange(0, size)):
            await self._keep(memoryview(chunk), (check,))
        self._outdated.append(key)

    async def _keep(self, data: memoryview, hashers: tuple[Hasher, ...]) -> None:
        """Add bytes to the part that is filled. It is sent when it is full and more comes, or for want of room."""
        while data:
            space = self.state.part_bytes - self._part.size
            if space <= 0:
                await self._send()
                continue
            piece, data = bytes(data[:space]), data[space:]
            if not self._part.has_room_at_once(len(piece)):
                self._forget_window()
                if self._bucket.rules.may_stay(self._part.size, self.state.part_bytes):
                    await self._send()
                await self._part.make_room(len(piece), self.state.part_bytes)
            await asyncio.get_running_loop().run_in_executor(self._bucket.threads, self._spool, piece, hashers)
            if self._is_continued:
                self.size += len(piece)

    def _spool(self, piece: bytes, hashers: tuple[Hasher, ...]) -> None:
        """Keep, then hash: what could not be kept is not hashed."""
        self._part.append(piece)
        for hasher in hashers:
            hasher.update(piece)

    async def _send(self) -> None:
        """Send what is filled as a part, and begin the next one."""
        await self._assembly.make_way()
        part = self._part
        if self.is_followed:
            self._window.append((self._sent, part.shared()))
            while len(self._window) > PARTS_KEPT_FOR_FOLLOWERS:
                self._window.popleft()[1].close()
        self._sent += part.size
        self._part = self._bucket.spool.part()
        self._marks.append(Mark(self._sent, snapshot(self._hashers)))
        self._assembly.send(part)

    async def _keep_rest(self) -> None:
        """Have the bucket keep what is not a full part: as an object where there are no parts, else behind them."""
        part, parts = self._part, self._state_of_parts
        if not self._assembly.upload_id:
            self._assembly.key = await self._bucket.put_new(self._free_key, part)
            self._free_key = None
            whole = State(part_bytes=self.state.part_bytes, base_bytes=part.size, comes_in_chunks=self._in_chunks)
            self._tell(whole)
        elif self._in_chunks and part.size:
            tail = tail_name(self._assembly.key)
            await self._bucket.client.put(tail, part)
            self._tell(replace(parts(), tail=tail, tail_bytes=part.size, tail_sha256=part.sha256))
        else:
            if part.size:
                await self._assembly.put_last(part)
            self._tell(parts())
        self._is_rest_kept = part.size > 0

    def _take_back_rest(self) -> None:
        """Let what `_keep_rest` kept be filled further."""
        if not self._is_rest_kept:
            return
        self._is_rest_kept = False
        if self.state.tail:
            self._outdated.append(self.state.tail)
        elif self.state.upload_id:
            self._assembly.drop_last()
        else:
            self._outdated.append(self.key)

    def _state_of_parts(self) -> State:
        parts = self._assembly
        return State(
            part_bytes=self.state.part_bytes,
            upload_id=parts.upload_id,
            parts=list(parts.parts),
            parts_bytes=parts.size,
            last_part_bytes=parts.last_bytes,
            comes_in_chunks=self._in_chunks,
        )
