# SPDX-License-Identifier: Apache-2.0
"""A writer whose bytes and operations are counted."""

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from typing import Protocol
from typing import TypeVar

from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import Writer

T = TypeVar("T")


class WriterMeter(Protocol):
    """Counts what writers do."""

    written: int

    async def timed(self, operation: str, work: Awaitable[T]) -> T:
        """Do what is to be done, and count it."""


class MeasuredWriter(Writer):
    """Does what `inner` does, and counts it."""

    def __init__(self, inner: Writer, meter: WriterMeter) -> None:
        self._inner = inner
        self._meter = meter

    @property
    def key(self) -> ObjectKey:
        """See `Writer`."""
        return self._inner.key

    @property
    def offset(self) -> int:
        """See `Writer`."""
        return self._inner.offset

    @property
    def stored_size(self) -> int:
        """See `Writer`."""
        return self._inner.stored_size

    @property
    def sealed_key(self) -> SealedKey | None:
        """See `Writer`."""
        return self._inner.sealed_key

    async def write(self, data: bytes) -> None:
        """See `Writer`."""
        await self._inner.write(data)
        self._meter.written += len(data)

    async def flush(self) -> None:
        """See `Writer`."""
        await self._inner.flush()

    def checkpoint(self) -> Checkpoint | None:
        """See `Writer`."""
        return self._inner.checkpoint()

    async def recorded(self) -> None:
        """See `Writer`."""
        await self._inner.recorded()

    async def save(self) -> bytes:
        """See `Writer`."""
        return await self._meter.timed("save", self._inner.save())

    async def suspend(self) -> bytes:
        """See `Writer`."""
        return await self._meter.timed("suspend", self._inner.suspend())

    async def release(self) -> None:
        """See `Writer`."""
        await self._inner.release()

    async def commit(self) -> None:
        """See `Writer`."""
        await self._meter.timed("commit", self._inner.commit())

    async def abort(self) -> None:
        """See `Writer`."""
        await self._meter.timed("abort", self._inner.abort())

    def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """See `Writer`."""
        return self._inner.reader(from_offset)
