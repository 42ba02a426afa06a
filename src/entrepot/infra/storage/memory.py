# SPDX-License-Identifier: Apache-2.0
"""Objects in this process's memory, gone with it: for tests and for trying things out."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.storage.adopted import is_adopted
from entrepot.infra.storage.adopted import require_own
from entrepot.infra.storage.following import Outcome
from entrepot.infra.storage.following import Progress
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.place import Place
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock


@dataclass(frozen=True, slots=True)
class Shelves:
    """What a storage and its writers share."""

    clock: Clock
    uploads: dict[ObjectKey, bytearray] = field(default_factory=dict)
    objects: dict[ObjectKey, tuple[bytes, Milliseconds]] = field(default_factory=dict)
    being_written: set[ObjectKey] = field(default_factory=set)


class MemoryWriter(Writer):
    """Appends to a buffer. Hashes in the event loop: what fits into memory is hashed soon."""

    def __init__(self, key: ObjectKey, shelves: Shelves, offset: int, hashers: Sequence[Hasher]) -> None:
        """Hold the upload; what lies behind `offset` goes with the first write or the commit."""
        self._key = key
        self._shelves = shelves
        self._hashers = hashers
        complete = shelves.objects.get(key)
        self._is_complete = complete is not None
        self._data = bytearray(complete[0]) if complete else shelves.uploads.setdefault(key, bytearray())
        self._offset = offset
        self._progress = Progress(offset)
        shelves.being_written.add(key)

    @property
    def key(self) -> ObjectKey:
        """See `Writer`."""
        return self._key

    @property
    def offset(self) -> int:
        """See `Writer`."""
        return self._offset

    async def write(self, data: bytes) -> None:
        """See `Writer`."""
        self._progress.require_running()
        if data and self._is_complete:
            raise UploadLost("this upload was completed already with fewer bytes; start it again")
        self._data[self._offset :] = data
        self._offset += len(data)
        for hasher in self._hashers:
            hasher.update(data)
        self._progress.advance(self.offset)

    async def flush(self) -> None:
        """See `Writer`."""
        self._progress.require_running()

    async def save(self) -> bytes:
        """See `Writer`."""
        self._progress.require_running()
        return b""

    async def suspend(self) -> bytes:
        """See `Writer`."""
        self._progress.require_running()
        self._end(Outcome.SUSPENDED)
        return b""

    async def commit(self) -> None:
        """See `Writer`."""
        if self._progress.outcome is Outcome.COMMITTED:
            return
        self._progress.require_running()
        if not self._is_complete:
            self._shelves.objects[self._key] = (bytes(self._data[: self._offset]), self._shelves.clock())
            self._shelves.uploads.pop(self._key, None)
        self._end(Outcome.COMMITTED)

    async def abort(self) -> None:
        """See `Writer`."""
        if self._progress.outcome is None:
            self._end(Outcome.ABORTED)
        if self._progress.outcome is not Outcome.COMMITTED:
            self._shelves.uploads.pop(self._key, None)

    async def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """See `Writer`."""
        while (stop := await self._progress.beyond(from_offset)) > from_offset:
            chunk = bytes(self._data[from_offset : min(stop, from_offset + CHUNK_BYTES)])
            from_offset += len(chunk)
            yield chunk

    def _end(self, outcome: Outcome) -> None:
        self._shelves.being_written.discard(self._key)
        self._progress.end(outcome)


class MemoryStorage(Place):
    """Objects in dictionaries. Belongs to one event loop."""

    def __init__(self, name: str = "", clock: Clock = system_clock) -> None:
        """`name` only makes the URL recognisable."""
        self._name = name
        self._shelves = Shelves(clock)

    @property
    def url(self) -> str:
        """See `Storage`."""
        return f"memory://{self._name}"

    @property
    def continuity(self) -> str:
        """See `Storage`. The bytes go with the storage, and with them whoever could ask for them."""
        return "memory"

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`."""
        self._require_idle(key)
        return MemoryWriter(key, self._shelves, 0, hashers)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        self._require_idle(key)
        stored = self._shelves.objects.get(key)
        left = len(self._shelves.uploads.get(key, b"")) if stored is None else len(stored[0])
        if left < offset or (stored is not None and left != offset):
            raise UploadLost(f"{left} bytes of this upload are left, not {offset}; start it again")
        return MemoryWriter(key, self._shelves, offset, hashers)

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`."""
        self._require_idle(key)
        self._shelves.uploads.pop(key, None)

    async def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`."""
        stored, _ = self._shelves.objects.get(key, (b"", 0))
        data = bytes(self._shelves.uploads.get(key, stored)[:stop])
        if len(data) < stop:
            raise UploadLost(f"fewer than {stop} bytes of this upload are left; start it again")
        for chunk in _chunks(data):
            yield chunk

    async def has_upload(self, key: ObjectKey, offset: int, state: bytes) -> bool:
        """See `Place`."""
        if key in self._shelves.being_written:
            return True
        stored, _ = self._shelves.objects.get(key, (b"", 0))
        return not state and 0 < offset <= max(len(self._shelves.uploads.get(key, b"")), len(stored))

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        for chunk in _chunks(self._part(key, range)):
            yield chunk

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        stored = self._shelves.objects.get(key)
        return None if stored is None else len(stored[0])

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`."""
        self._shelves.objects.pop(key, None)

    async def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`."""
        for key, (data, stored_ms) in tuple(self._shelves.objects.items()):
            if is_adopted(key):
                continue
            yield StoredObject(key, len(data), stored_ms)

    async def deliver(
        self,
        key: ObjectKey,
        range: ByteRange,
        size: int,
        client: str = "",
    ) -> Delivery:
        """See `Storage`."""
        if await self.size(key) != size:
            raise _missing()
        self._part(key, range)
        return Stream(self.read(key, range))

    async def check(self) -> None:
        """See `Storage`. Memory is always there."""

    def _part(self, key: ObjectKey, range: ByteRange | None) -> bytes:
        stored = self._shelves.objects.get(key)
        if stored is None:
            raise _missing()
        data = stored[0]
        if range is None:
            return data
        if range.stop > len(data):
            raise _missing()
        return data[range.start : range.stop]

    def _require_idle(self, key: ObjectKey) -> None:
        require_own(key)
        if key in self._shelves.being_written:
            raise WriterBusy("another request is writing to this upload; wait for it to end")


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES))


def _missing() -> ObjectMissing:
    return ObjectMissing("the storage has no complete object here; compare it with the database by `entrepot verify`")
