# SPDX-License-Identifier: Apache-2.0
"""A storage that is slow, fails or lies, exactly when a test tells it to."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import AsyncExitStack

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import Writer

Fault = StorageError | StorageUnavailable
"""What a storage may raise."""


class Faults:
    """What goes wrong, by the name of an operation of `Storage` or `Writer`.

    `errors` are raised instead of the operation. `gates` hold it until they are
    set; `reached` are set when it is asked for. `alter` falsifies what reading
    yields, chunk by chunk: return less, other bytes, or raise. `calls` counts
    every operation that was asked for.
    """

    def __init__(self) -> None:
        self.errors: dict[str, Fault] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.reached: dict[str, asyncio.Event] = {}
        self.alter: Callable[[bytes], bytes] = bytes
        self.calls: dict[str, int] = {}

    async def strike(self, operation: str) -> None:
        """Count the operation, hold it, and fail it, as was asked."""
        self.calls[operation] = self.calls.get(operation, 0) + 1
        if operation in self.reached:
            self.reached[operation].set()
        if operation in self.gates:
            await self.gates[operation].wait()
        if operation in self.errors:
            raise self.errors[operation]

    async def read(self, operation: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks, with the faults of `operation` before each."""
        async with AsyncExitStack() as stack:
            close: Callable[[], Awaitable[None]] | None = getattr(chunks, "aclose", None)
            if close is not None:
                stack.push_async_callback(close)
            await self.strike(operation)
            async for chunk in chunks:
                yield self.alter(chunk)


class FaultyWriter(Writer):
    """A writer whose operations have the faults of their storage."""

    def __init__(self, inner: Writer, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    @property
    def key(self) -> ObjectKey:
        """Tell the true key."""
        return self._inner.key

    @property
    def offset(self) -> int:
        """Tell the true offset."""
        return self._inner.offset

    def checkpoint(self) -> Checkpoint | None:
        """Tell the truth."""
        return self._inner.checkpoint()

    async def recorded(self) -> None:
        """Take note."""
        await self._inner.recorded()

    async def write(self, data: bytes) -> None:
        """Write, unless told otherwise."""
        await self._faults.strike("write")
        await self._inner.write(data)

    async def flush(self) -> None:
        """Flush, unless told otherwise."""
        await self._faults.strike("flush")
        await self._inner.flush()

    async def save(self) -> bytes:
        """Save, unless told otherwise."""
        await self._faults.strike("save")
        return await self._inner.save()

    async def suspend(self) -> bytes:
        """Suspend, unless told otherwise."""
        await self._faults.strike("suspend")
        return await self._inner.suspend()

    async def release(self) -> None:
        """Release, unless told otherwise."""
        await self._faults.strike("release")
        await self._inner.release()

    async def commit(self) -> None:
        """Commit, unless told otherwise."""
        await self._faults.strike("commit")
        await self._inner.commit()

    async def abort(self) -> None:
        """Abort, unless told otherwise."""
        await self._faults.strike("abort")
        await self._inner.abort()

    def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """Follow, unless told otherwise."""
        return self._faults.read("reader", self._inner.reader(from_offset))


class FaultyStorage(Storage):
    """Another storage, with `faults`. Keeps the contract as long as there are none."""

    def __init__(self, inner: Storage) -> None:
        self.faults = Faults()
        self._inner = inner

    @property
    def url(self) -> str:
        """Name the storage inside."""
        return self._inner.url

    @property
    def continuity(self) -> str:
        """Tell the truth."""
        return self._inner.continuity

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """Create, unless told otherwise."""
        await self.faults.strike("create")
        return FaultyWriter(await self._inner.create(key, hashers), self.faults)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """Resume, unless told otherwise."""
        await self.faults.strike("resume")
        return FaultyWriter(await self._inner.resume(key, offset, state, hashers, expected), self.faults)

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """Discard, unless told otherwise."""
        await self.faults.strike("discard")
        await self._inner.discard(key, state)

    def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """Read, unless told otherwise."""
        return self.faults.read("read_upload", self._inner.read_upload(key, stop, state))

    def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """Read, unless told otherwise."""
        return self.faults.read("read", self._inner.read(key, range))

    async def size(self, key: ObjectKey) -> int | None:
        """Tell the size, unless told otherwise."""
        await self.faults.strike("size")
        return await self._inner.size(key)

    async def delete(self, key: ObjectKey) -> None:
        """Delete, unless told otherwise."""
        await self.faults.strike("delete")
        await self._inner.delete(key)

    async def list_objects(self) -> AsyncIterator[StoredObject]:
        """List, unless told otherwise."""
        await self.faults.strike("list_objects")
        async for found in self._inner.list_objects():
            yield found

    def leftovers(self) -> AsyncIterator[Leftover]:
        """Tell the truth."""
        return self._inner.leftovers()

    async def remove_leftover(self, leftover: Leftover) -> None:
        """Remove it, unless told otherwise."""
        await self.faults.strike("remove_leftover")
        await self._inner.remove_leftover(leftover)

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """Deliver, unless told otherwise. What is delivered as a stream has the faults of `read`."""
        await self.faults.strike("deliver")
        delivery = await self._inner.deliver(key, range, size, client)
        if isinstance(delivery, Stream):
            return Stream(self.faults.read("read", delivery.chunks))
        return delivery

    async def check(self) -> None:
        """Check, unless told otherwise."""
        await self.faults.strike("check")
        await self._inner.check()
