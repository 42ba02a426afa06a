# SPDX-License-Identifier: Apache-2.0
"""Checking that database and storage agree, without changing or locking anything, while pushes go on.

The database is read in pages, each as it was at one moment, so what contradicts
itself there is reported at once. Database and storage are read one after the
other, and content comes and goes meanwhile: what looks wrong between them is
looked at again after a moment, and reported if it still is.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import Protocol
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import Clock
from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import algorithm_of
from entrepot.registry import findings
from entrepot.registry.findings import Finding
from entrepot.registry.findings import Severity
from entrepot.registry.store import verify as pages
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.verify import Key
from entrepot.registry.store.verify import ObjectRow

RECHECK_AFTER_SECONDS = 1.0

MAX_LISTED = 1_000
"""How many findings a report lists; it counts them all."""

_MANIFESTS_PER_PAGE = 16
_SIZES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Options:
    """What to look at. `is_deep` reads and hashes the bytes of every object.

    `pause` waits that many seconds before something is looked at again.
    """

    is_deep: bool = False
    may_be_sparse: bool = False
    """Whether images may lack blobs by configuration: then a missing one is a warning."""
    rows_per_page: int = 500
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: how many of `what` it has looked at, and how many bytes it has hashed in all."""

    what: str
    done: int
    hashed_bytes: int


ONLINE = Options()
"""Everything but the bytes of objects."""


class Report(msgspec.Struct, frozen=True):
    """What a run found, the first `MAX_LISTED` of it in full, and how much it looked at, by kind."""

    violations: int
    warnings: int
    checked: dict[str, int]
    hashed_bytes: int
    findings: list[Finding]

    @property
    def is_clean(self) -> bool:
        """Whether no rule is broken. Warnings break none."""
        return self.violations == 0


class _Row(Protocol):
    @property
    def key(self) -> Key:
        """The primary key, in whose order pages come."""


R = TypeVar("R", bound=_Row)
T = TypeVar("T")

ShowProgress = Callable[[Progress], None]
Fetch = Callable[[Connection, Key | None, int], list[R]]
Judge = Callable[[R], Iterator[Finding]]


def _show_nothing(progress: Progress) -> None:
    pass


def verify(
    database: Database,
    storages: Mapping[StoreId, Storage],
    clock: Clock,
    options: Options = ONLINE,
    show_progress: ShowProgress = _show_nothing,
) -> AsyncIterator[Finding]:
    """Yield everything that is not as it should be.

    Raises `DatabaseUnavailable` and `StorageUnavailable`: what cannot be read cannot be judged.
    """
    return _Run(database, storages, clock, options, show_progress).findings()


async def verify_report(
    database: Database,
    storages: Mapping[StoreId, Storage],
    clock: Clock,
    options: Options = ONLINE,
    show_progress: ShowProgress = _show_nothing,
) -> Report:
    """Do what `verify` does and sum it up."""
    run = _Run(database, storages, clock, options, show_progress)
    counts = dict.fromkeys(Severity, 0)
    listed: list[Finding] = []
    async for finding in run.findings():
        counts[finding.severity] += 1
        if len(listed) < MAX_LISTED:
            listed.append(finding)
    return Report(counts[Severity.VIOLATION], counts[Severity.WARNING], run.checked, run.hashed_bytes, listed)


@dataclass(slots=True)
class _Run:
    database: Database
    storages: Mapping[StoreId, Storage]
    clock: Clock
    options: Options
    show_progress: ShowProgress
    checked: dict[str, int] = field(default_factory=dict)
    hashed_bytes: int = 0

    async def findings(self) -> AsyncIterator[Finding]:
        """Check the stores, the database, and then one against the other."""
        for store_id, url in (await self.database.read(pages.used_stores)).items():
            if store_id not in self.storages:
                yield findings.not_configured(store_id, url)
        for check in (*self._rows(), self._objects(), self._stored()):
            async for finding in check:
                yield finding

    def _rows(self) -> Iterator[AsyncIterator[Finding]]:
        """Check what the database says of itself."""
        for table in pages.referring_tables():
            judge = partial(findings.judge_reference, table.name)
            yield self._judged("references", partial(pages.orphans, table=table), judge)
        judge_manifest = partial(findings.judge_manifest, may_be_sparse=self.options.may_be_sparse)
        yield self._judged("manifests", pages.stored_manifests, judge_manifest, _MANIFESTS_PER_PAGE)
        yield self._judged("index entries", pages.index_entries, findings.judge_index_entry)
        yield self._judged("tags", pages.tag_rows, findings.judge_tag)
        yield self._judged("links", pages.links, findings.judge_link)
        yield self._judged("tombstones", pages.buried, findings.judge_tombstone)

    async def _objects(self) -> AsyncIterator[Finding]:
        """Check that the bytes of live objects are where they should be."""
        async for page in self._pages("objects", pages.live_objects):
            for finding in await asyncio.to_thread(_judge_all, findings.judge_object, page):
                yield finding
            reachable = [row for row in page if row.store_id in self.storages]
            if suspects := [row.object_key for row, _ in await self._examined(reachable)]:
                await self.options.pause(RECHECK_AFTER_SECONDS)
                for _, finding in await self._examined(await self.database.read(pages.still_live, suspects)):
                    yield finding

    async def _stored(self) -> AsyncIterator[Finding]:
        """Check that everything in the storages has a row."""
        for store_id, storage in self.storages.items():
            async for some in _batches(storage.list_objects(), self.options.rows_per_page):
                if suspects := await self._unknown(store_id, some):
                    await self.options.pause(RECHECK_AFTER_SECONDS)
                    for found in await self._unknown(store_id, suspects):
                        if await storage.size(found.key) is not None:
                            yield findings.unknown_bytes(found, self.clock())
                self._advance("stored objects", len(some))

    async def _examined(self, rows: Sequence[ObjectRow]) -> list[tuple[ObjectRow, Finding]]:
        """Compare objects with their bytes, and return those that differ."""
        at_once = 1 if self.options.is_deep else _SIZES_AT_ONCE
        found: list[tuple[ObjectRow, Finding]] = []
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            results = await asyncio.gather(*map(self._examine, some))
            found += [(row, finding) for row, finding in zip(some, results, strict=True) if finding]
        return found

    async def _examine(self, row: ObjectRow) -> Finding | None:
        storage = self.storages[row.store_id]
        size = await storage.size(row.object_key)
        if size != row.content_size:
            return findings.not_stored(row, size)
        if not self.options.is_deep:
            return None
        try:
            actual = await self._hashed(storage, row)
        except ObjectMissing:
            return findings.not_stored(row, None)
        except ObjectDamaged:
            return findings.not_to_be_opened(row)
        return None if actual == row.digest else findings.wrong_bytes(row, actual)

    async def _hashed(self, storage: Storage, row: ObjectRow) -> str:
        algorithm = algorithm_of(row.digest)
        hasher = hashlib.new(algorithm if algorithm in ALGORITHMS else "sha256")
        async for chunk in storage.read(row.object_key):
            await asyncio.to_thread(hasher.update, chunk)
            self.hashed_bytes += len(chunk)
            self._advance("objects", 0)
        return f"{hasher.name}:{hasher.hexdigest()}"

    async def _unknown(self, store_id: StoreId, some: Sequence[StoredObject]) -> list[StoredObject]:
        known = await self.database.read(pages.tracked, store_id, [found.key for found in some])
        return [found for found in some if found.key not in known]

    async def _judged(self, what: str, fetch: Fetch[R], judge: Judge[R], size: int = 0) -> AsyncIterator[Finding]:
        async for page in self._pages(what, fetch, size):
            for finding in await asyncio.to_thread(_judge_all, judge, page):
                yield finding

    async def _pages(self, what: str, fetch: Fetch[R], size: int = 0) -> AsyncIterator[list[R]]:
        after: Key | None = None
        while page := await self.database.snapshot(fetch, after, size or self.options.rows_per_page):
            yield page
            after = page[-1].key
            self._advance(what, len(page))

    def _advance(self, what: str, count: int) -> None:
        self.checked[what] = self.checked.get(what, 0) + count
        self.show_progress(Progress(what, self.checked[what], self.hashed_bytes))


def _judge_all(judge: Judge[R], page: Sequence[R]) -> list[Finding]:
    return [finding for row in page for finding in judge(row)]


async def _batches(items: AsyncIterator[T], size: int) -> AsyncIterator[list[T]]:
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
