# SPDX-License-Identifier: Apache-2.0
"""A storage whose operations are counted and timed: plain numbers, less than a microsecond for a chunk."""

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Iterator
from collections.abc import Sequence
from time import perf_counter
from typing import TypeVar

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.measured_writer import MeasuredWriter
from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measured
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.errors import AppError

OPERATIONS = Metric(
    "entrepot_storage_operations",
    "What was asked of the storage; the outcome is ok, the code of an error, or aborted where nobody waited any more.",
    Kind.COUNTER,
    ("operation", "outcome"),
)
SECONDS = Metric(
    "entrepot_storage_operation_seconds",
    "Time that operations of the storage took; of those that read or list, until the first came.",
    Kind.HISTOGRAM,
    ("operation",),
    (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0),
)
WRITTEN = Metric("entrepot_storage_written_bytes", "Bytes of content given to the storage.", Kind.COUNTER)
READ = Metric(
    "entrepot_storage_read_bytes",
    "Bytes of content that the storage gave; where the system sends a file, those that were asked for.",
    Kind.COUNTER,
)
DELIVERIES = Metric(
    "entrepot_storage_deliveries",
    "How content reached clients: as a file that the system sends, as a stream, or by a redirect to the storage.",
    Kind.COUNTER,
    ("way",),
)

OK, ABORTED = "ok", "aborted"

T = TypeVar("T")


class StorageMeter:
    """What one process asked of its storage."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, str], int] = {}
        self._seconds: dict[str, Histogram] = {}
        self._ways = dict.fromkeys(("file", "stream", "redirect"), 0)
        self.written = 0
        self.read = 0

    async def timed(self, operation: str, work: Awaitable[T]) -> T:
        """Do what is to be done, and count it."""
        begin, outcome = perf_counter(), ABORTED
        try:
            result = await work
            outcome = OK
        except AppError as error:
            outcome = error.code
            raise
        finally:
            self._note(operation, perf_counter() - begin)
            self._count(operation, outcome)
        return result

    async def listed(self, operation: str, items: AsyncIterator[T]) -> AsyncIterator[T]:
        """Yield what there is, and count it as one operation."""
        begin, outcome, is_first = perf_counter(), ABORTED, True
        try:
            async for item in items:
                if is_first:
                    self._note(operation, perf_counter() - begin)
                    is_first = False
                yield item
            outcome = OK
        except AppError as error:
            outcome = error.code
            raise
        finally:
            if is_first:
                self._note(operation, perf_counter() - begin)
            self._count(operation, outcome)

    async def counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield content, and count its bytes."""
        async for chunk in chunks:
            self.read += len(chunk)
            yield chunk

    def delivered(self, delivery: Delivery) -> Delivery:
        """Count a delivery; return it with its bytes counted too, unless the storage sends them itself."""
        if isinstance(delivery, LocalFile):
            self._ways["file"] += 1
            self.read += delivery.range.length
            return delivery
        if isinstance(delivery, Redirect):
            self._ways["redirect"] += 1
            return delivery
        self._ways["stream"] += 1
        return Stream(self.counted(delivery.chunks))

    def measure(self) -> Iterator[Measurement]:
        """Yield what was counted."""
        for labels, count in tuple(self._outcomes.items()):
            yield Measurement(OPERATIONS, [count], labels)
        for operation, seconds in tuple(self._seconds.items()):
            yield Measurement(SECONDS, seconds.values, (operation,))
        yield Measurement(WRITTEN, [self.written])
        yield Measurement(READ, [self.read])
        for way, count in self._ways.items():
            yield Measurement(DELIVERIES, [count], (way,))

    def _note(self, operation: str, seconds: float) -> None:
        histogram = self._seconds.get(operation)
        if histogram is None:
            histogram = self._seconds[operation] = Histogram(SECONDS.bounds)
        histogram.observe(seconds)

    def _count(self, operation: str, outcome: str) -> None:
        self._outcomes[operation, outcome] = self._outcomes.get((operation, outcome), 0) + 1


class MeasuredStorage(Storage):
    """Does what `inner` does, and counts it."""

    def __init__(self, inner: Storage, parts: Sequence[Measured] = ()) -> None:
        """`parts` of it count something themselves."""
        self._inner = inner
        self._parts = parts
        self._meter = StorageMeter()

    def measure(self) -> Iterator[Measurement]:
        """Yield what was counted, also by its parts."""
        yield from self._meter.measure()
        for part in self._parts:
            yield from part.measure()

    @property
    def url(self) -> str:
        """See `Storage`."""
        return self._inner.url

    @property
    def continuity(self) -> str:
        """See `Storage`."""
        return self._inner.continuity

    def first_state(self) -> bytes:
        """See `Storage`."""
        return self._inner.first_state()

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`."""
        return MeasuredWriter(await self._meter.timed("create", self._inner.create(key, hashers)), self._meter)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        work = self._inner.resume(key, offset, state, hashers, expected)
        return MeasuredWriter(await self._meter.timed("resume", work), self._meter)

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`."""
        await self._meter.timed("discard", self._inner.discard(key, state))

    def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`."""
        return self._reading("read_upload", self._inner.read_upload(key, stop, state))

    def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        return self._reading("read", self._inner.read(key, range))

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        return await self._meter.timed("size", self._inner.size(key))

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`."""
        await self._meter.timed("delete", self._inner.delete(key))

    def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`."""
        return self._meter.listed("list", self._inner.list_objects())

    def leftovers(self) -> AsyncIterator[Leftover]:
        """See `Storage`."""
        return self._meter.listed("list_leftovers", self._inner.leftovers())

    async def remove_leftover(self, leftover: Leftover) -> None:
        """See `Storage`."""
        await self._meter.timed("remove_leftover", self._inner.remove_leftover(leftover))

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """See `Storage`."""
        delivery = await self._meter.timed("deliver", self._inner.deliver(key, range, size, client))
        return self._meter.delivered(delivery)

    async def check(self) -> None:
        """See `Storage`."""
        await self._meter.timed("check", self._inner.check())

    async def close(self) -> None:
        """See `Storage`."""
        await self._inner.close()

    def _reading(self, operation: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return self._meter.listed(operation, self._meter.counted(chunks))
