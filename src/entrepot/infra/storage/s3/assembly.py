# SPDX-License-Identifier: Apache-2.0
"""An upload in parts: those that the bucket has, and those on their way to it."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.requests import NoSuchPart
from entrepot.infra.storage.s3.spool import Part
from entrepot.infra.storage.s3.state import MAX_PARTS
from entrepot.infra.storage.s3.state import State

PARTS_ON_THEIR_WAY = 3


@dataclass(frozen=True, slots=True)
class _Flight:
    part: Part
    task: "asyncio.Task[StoredPart]"

    @property
    def has_arrived(self) -> bool:
        """Tell whether the bucket has the part."""
        return self.task.done() and not self.task.cancelled() and self.task.exception() is None


@dataclass(slots=True)
class Assembly:
    """The parts of one upload, in order. `upload_id` is empty as long as there are none."""

    bucket: Bucket
    key: ObjectKey
    upload_id: str = ""
    parts: list[StoredPart] = field(default_factory=list)
    size: int = 0
    """How many bytes the parts in `parts` have."""
    last_bytes: int = 0
    """How many of them the last one has."""
    _flights: deque[_Flight] = field(default_factory=deque)

    @classmethod
    def of(cls, bucket: Bucket, key: ObjectKey, state: State) -> "Assembly":
        """Go on with what a state tells."""
        return cls(bucket, key, state.upload_id, list(state.parts), state.parts_bytes, state.last_part_bytes)

    async def make_way(self) -> None:
        """Wait until another part may be sent. Raises what became of those before, and `StorageUnavailable`."""
        if not self.upload_id:
            key = object_key()
            self.upload_id, self.key = await self.bucket.client.begin(key), key
        while len(self._flights) >= PARTS_ON_THEIR_WAY:
            await asyncio.wait({self._flights[0].task})
            self.land()
        if len(self.parts) + len(self._flights) >= MAX_PARTS:
            raise StorageError("this upload has too many parts; start it again and announce its length")

    def send(self, part: Part) -> None:
        """Have a part sent, after `make_way`."""
        number = len(self.parts) + len(self._flights) + 1
        self._flights.append(_Flight(part, asyncio.create_task(self._fly(number, part))))

    def arrived(self) -> int:
        """Return how many bytes the parts have that have arrived without a gap."""
        size = self.size
        for flight in self._flights:
            if not flight.has_arrived:
                break
            size += flight.part.size
        return size

    def land(self) -> int:
        """Count the parts that have arrived; return how many bytes. Raises what became of the first that did not."""
        while self._flights and self._flights[0].task.done():
            flight = self._flights[0]
            self.parts.append(flight.task.result())
            self._flights.popleft()
            self.size += flight.part.size
            self.last_bytes = flight.part.size
        return self.size

    async def settle(self) -> None:
        """Wait for every part, and send once more what did not arrive. Raises `StorageUnavailable`, `UploadLost`."""
        while self._flights:
            flight = self._flights[0]
            await asyncio.wait({flight.task})
            if not flight.has_arrived:
                task = asyncio.create_task(self._fly(len(self.parts) + 1, flight.part))
                self._flights[0] = _Flight(flight.part, task)
                await asyncio.wait({task})
            self.land()

    async def put_last(self, part: Part) -> None:
        """Send what is, for now, the last part, and keep it. Raises `StorageUnavailable`, `UploadLost`."""
        await self.settle()
        self.parts.append(await self._put(len(self.parts) + 1, part))
        self.size += part.size
        self.last_bytes = part.size

    def drop_last(self) -> None:
        """Forget the last part: it is sent again with more behind it."""
        self.parts.pop()
        self.size -= self.last_bytes
        self.last_bytes = 0

    async def complete(self) -> None:
        """Make the parts an object. Raises `UploadLost` when they are gone and no object of them is there."""
        try:
            await self.bucket.client.complete(self.key, self.upload_id, self.parts)
        except NoSuchPart as error:
            found = await self.bucket.reader.find(self.key)
            if found is None or found.size != self.size or found.etag != combined_etag(self.parts):
                raise UploadLost("the parts of this upload are gone") from error

    async def abort(self) -> None:
        """Stop sending and throw the parts away."""
        await self.stop()
        if self.upload_id:
            await self.bucket.client.abort(self.key, self.upload_id)

    async def stop(self) -> None:
        """Stop sending."""
        flights = list(self._flights)
        self._flights.clear()
        for flight in flights:
            flight.task.cancel()
        if flights:
            await asyncio.wait({flight.task for flight in flights})
        for flight in flights:
            if not flight.has_arrived:
                flight.part.close()

    async def _fly(self, number: int, part: Part) -> StoredPart:
        """Have a part sent, and give its room to others at once: who needs it may wait for nothing else."""
        stored = await self._put(number, part)
        part.close()
        return stored

    async def _put(self, number: int, part: Part) -> StoredPart:
        try:
            return await self.bucket.client.put_part(self.key, self.upload_id, number, part)
        except NoSuchPart as error:
            raise UploadLost("the parts of this upload are gone") from error


def combined_etag(parts: Sequence[StoredPart]) -> str:
    """Return the entity tag that an object of these parts has, as S3 makes it; empty where theirs are not digests."""
    try:
        digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
