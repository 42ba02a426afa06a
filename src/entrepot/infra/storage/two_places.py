# SPDX-License-Identifier: Apache-2.0
"""Two places as one storage, while objects move from the second to the first, or where nodes disagree on their order.

An object has one key, the same in both, so it may lie in either or in both; what reads asks the first, then the
second. Whatever is begun here gets a key that was never used, so that two nodes which begin one upload in different
places never meet. An upload goes on where its bytes are, which the places are asked: its state is what the place
itself made of it, so that it goes on without this too.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from entrepot.infra.storage.adopted import require_own
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.place import Place
from entrepot.infra.telemetry.metrics import Measured
from entrepot.infra.telemetry.metrics import Measurement

KNOWN_KEYS = 65_536
"""So many objects are remembered to be in the first place, so that it is asked once about what is pulled often."""

_OF_SECOND = "second: "


class TwoPlaces(Storage):
    """New objects go to `first`; what is in `second` alone is found there. Belongs to one event loop."""

    def __init__(self, first: Place, second: Place) -> None:
        self._first = first
        self._second = second
        self._known: OrderedDict[ObjectKey, None] = OrderedDict()
        self._begun: WeakValueDictionary[ObjectKey, Writer] = WeakValueDictionary()
        self._beginning: set[ObjectKey] = set()

    @property
    def url(self) -> str:
        """See `Storage`."""
        return self._first.url

    @property
    def continuity(self) -> str:
        """See `Storage`. An upload may be in either place; nodes with another order say the same."""
        return "+".join(sorted({self._first.continuity, self._second.continuity}))

    def first_state(self) -> bytes:
        """See `Storage`."""
        return self._first.first_state()

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`. Under another key than that, unless it is being written."""
        require_own(key)
        running = await self._place_of(key, 0, b"")
        if running is not None:
            return await running.create(key, hashers)
        return await self._begin(key, hashers, UNANNOUNCED)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        require_own(key)
        place = await self._place_of(key, offset, state)
        if place is not None:
            return await place.resume(key, offset, state, hashers, expected)
        if offset:
            raise _lost(offset)
        return await self._begin(key, hashers, expected)

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`."""
        await self._first.discard(key, state)
        await self._second.discard(key, state)

    async def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`."""
        if stop == 0:
            return
        place = await self._place_of(key, stop, state)
        if place is None:
            raise _lost(stop)
        async for chunk in place.read_upload(key, stop, state):
            yield chunk

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        for place in self._turns:
            has_begun = False
            try:
                async for chunk in place.read(key, range):
                    has_begun = True
                    yield chunk
            except ObjectMissing:
                if has_begun:
                    raise
            else:
                return
        raise _missing()

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        for place in self._turns:
            if (found := await place.size(key)) is not None:
                return found
        return None

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`."""
        self._known.pop(key, None)
        await self._first.delete(key)
        await self._second.delete(key)

    async def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`. Remembers the keys of the first place meanwhile."""
        seen: set[ObjectKey] = set()
        async for found in self._first.list_objects():
            seen.add(found.key)
            yield found
        async for found in self._second.list_objects():
            if found.key not in seen:
                yield found

    async def leftovers(self) -> AsyncIterator[Leftover]:
        """See `Storage`."""
        async for found in self._first.leftovers():
            yield found
        async for found in self._second.leftovers():
            yield replace(found, name=f"{_OF_SECOND}{found.name}")

    async def remove_leftover(self, leftover: Leftover) -> None:
        """See `Storage`."""
        if leftover.name.startswith(_OF_SECOND):
            await self._second.remove_leftover(replace(leftover, name=leftover.name.removeprefix(_OF_SECOND)))
        else:
            await self._first.remove_leftover(leftover)

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """See `Storage`. A bucket may send a client to an object without looking: so it is looked for before."""
        if await self._is_in_first(key):
            try:
                return await self._first.deliver(key, range, size, client)
            except ObjectMissing:
                self._known.pop(key, None)
        try:
            return await self._second.deliver(key, range, size, client)
        except ObjectMissing:
            return await self._first.deliver(key, range, size, client)

    def measure(self) -> Iterator[Measurement]:
        """Yield what the first place measures that measures anything: two would say it in the same words."""
        measured = next((place for place in (self._first, self._second) if isinstance(place, Measured)), None)
        return iter(()) if measured is None else measured.measure()

    async def check(self) -> None:
        """See `Storage`."""
        await self._first.check()
        await self._second.check()

    async def close(self) -> None:
        """See `Storage`."""
        await self._first.close()
        await self._second.close()

    @property
    def _turns(self) -> tuple[Place, ...]:
        """Where to look, one after the other: what is in neither may have moved meanwhile."""
        return self._first, self._second, self._first

    async def _begin(self, key: ObjectKey, hashers: Sequence[Hasher], expected: Expected) -> Writer:
        """Begin an upload in the first place, known as `key` until its own is recorded: one at a time."""
        if key in self._beginning:
            raise _busy()
        self._beginning.add(key)
        try:
            before = self._begun.get(key)
            if before is not None and await self._place_of(before.key, 0, b"") is not None:
                raise _busy()
            begun = await self._first.resume(object_key(), 0, self._first.first_state(), hashers, expected)
            self._begun[key] = begun
            return begun
        finally:
            self._beginning.discard(key)

    async def _place_of(self, key: ObjectKey, offset: int, state: bytes) -> Place | None:
        """Return where so many bytes of an upload are; with an offset of 0, where a request writes to it now."""
        for place in (self._first, self._second):
            if await place.has_upload(key, offset, state):
                return place
        return None

    async def _is_in_first(self, key: ObjectKey) -> bool:
        if key in self._known:
            self._known.move_to_end(key)
            return True
        if await self._first.size(key) is None:
            return False
        self._known[key] = None
        if len(self._known) > KNOWN_KEYS:
            self._known.popitem(last=False)
        return True


def _busy() -> WriterBusy:
    return WriterBusy("another request is writing to this upload; wait for it to end")


def _lost(size: int) -> UploadLost:
    return UploadLost(f"fewer than {size} bytes of this upload are left in either place; start it again")


def _missing() -> ObjectMissing:
    return ObjectMissing(
        "neither place has a complete object here; compare them with the database by `entrepot verify`"
    )
