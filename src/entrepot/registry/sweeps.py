# SPDX-License-Identifier: Apache-2.0
"""Looking for what the steps of collection cannot know of: overlooked blobs, bytes without a row, damaged bytes.

The steps follow what was deleted, so that they cost as much as that. Sweeps walk
over everything, now and then, and make up for what a defect, a storage or a
restored backup left behind.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import EventType
from entrepot.registry.reclaim import COLLECTOR
from entrepot.registry.reclaim import LEASES
from entrepot.registry.store import blobs
from entrepot.registry.store import collection_marks
from entrepot.registry.store import collection_queue
from entrepot.registry.store import sweeps
from entrepot.registry.store import tombstones
from entrepot.registry.store import verify
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.collection_queue import Queued
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.sweeps import LiveObject
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason

PAGE = 500
OBJECTS_PER_PAGE = 50
UNKNOWN_FOR_MS = 48 * HOUR_MS
"""Bytes that are younger may be on their way to a row."""

KEPT_FOR_MS = 7 * DAY_MS
"""So long the bytes of an orphan stay: whoever connected the wrong database has time to notice."""

REHASHED = "rehashed"
MAX_TOLD = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rehashed:
    """What was read again, up to the object `place`, which is empty once all were, and which of it was damaged."""

    read: Amount
    damaged: list[Digest]
    place: str


class Sweeps:
    """The sweeps, in pages. Each page is done again harmlessly, by several at once too."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def look_at_leases_again(self) -> None:
        """Let `Reclaim.find_unused` begin at the first lease that ended."""
        await self._core.database.write_locked(collection_marks.remove, LEASES)

    async def requeue(self, after_digest: str) -> tuple[int, str]:
        """Queue blobs behind a digest that no repository links; return how many, and where to go on: empty at the end.

        Blobs lose their last link and are queued in one transaction, so there should be none.
        """
        page = await self._core.database.survey(sweeps.blobs_behind, after_digest, PAGE)
        lost = [Queued(collection_queue.NOWHERE, blob.digest, Reason.UNUSED) for blob in page if blob.is_overlooked]
        if lost:
            await self._core.database.write_locked(collection_queue.enqueue, "blob", lost, self._core.clock())
        return len(lost), page[-1].digest if len(page) == PAGE else ""

    async def bury_orphans(self, store_id: StoreId, found: Sequence[StoredObject]) -> Amount:
        """Let those of the stored objects `found` go that no row names and that are old enough.

        A key is chosen once, when its upload begins, and a row names it from then until its bytes are gone.
        So none comes to name these later, and they need not be looked at again before their bytes go.
        """
        old = [each for each in found if each.modified_ms <= after(self._core.clock(), -UNKNOWN_FOR_MS)]
        keys = [each.key for each in old]
        known = await self._core.database.read(verify.tracked, store_id, keys) if keys else set()
        suspects = [each for each in old if each.key not in known]
        if not suspects:
            return Amount()
        return await self._core.database.write_locked(self._bury, store_id, suspects)

    async def clear_leftovers(self, store_id: StoreId) -> int:
        """Remove what interrupted requests left in a storage that no upload in progress can need; return how much."""
        storage, cleared = self._core.stores[store_id], 0
        async for found in storage.leftovers():
            if found.modified_ms > after(self._core.clock(), -UNKNOWN_FOR_MS):
                continue
            if await self._core.database.read(verify.tracked, store_id, [found.key]):
                continue
            await storage.remove_leftover(found)
            cleared += 1
        return cleared

    async def rehash(self, budget: int) -> Rehashed:
        """Read some live objects behind the last ones again, at most about `budget` bytes, and mark damaged ones.

        Raises `StorageUnavailable` and other errors of the storage: what cannot be read cannot be judged.
        """
        place = await self._core.database.read(collection_marks.find, REHASHED, str) or ""
        page = await self._core.database.read(sweeps.live_objects_behind, place, OBJECTS_PER_PAGE)
        read, damaged = Amount(), list[Digest]()
        for found in page:
            if read.objects and read.bytes + found.stored_size > budget:
                break
            if found.store_id in self._core.stores and not await self._is_whole(found):
                damaged += await self._core.database.write_locked(self._mark_damaged, found)
            read += Amount(1, found.stored_size)
            place = found.object_key
        is_end = read.objects == len(page) < OBJECTS_PER_PAGE
        place = "" if is_end else place
        await self._core.database.write_locked(collection_marks.set_place, REHASHED, place)
        if damaged:
            self._core.wake_listeners()
            log.error("collection.damaged", digests=damaged)
        return Rehashed(read, damaged, place)

    async def _is_whole(self, found: LiveObject) -> bool:
        """Read an object, and a second time if that went wrong: what is read may be damaged on its way."""
        return await self._reads_well(found) or await self._reads_well(found)

    async def _reads_well(self, found: LiveObject) -> bool:
        storage = self._core.stores[found.store_id]
        if await storage.size(found.object_key) != found.size:
            return False
        algorithm = algorithm_of(found.digest)
        hasher = hashlib.new(algorithm if algorithm in ALGORITHMS else "sha256")
        try:
            async for chunk in storage.read(found.object_key):
                await asyncio.to_thread(hasher.update, chunk)
        except (ObjectMissing, ObjectDamaged):
            return False
        return f"{hasher.name}:{hasher.hexdigest()}" == found.digest

    def _mark_damaged(self, connection: Connection, found: LiveObject) -> list[Digest]:
        """Mark an object and tell everybody who holds it, unless its row went before its bytes did."""
        if not sweeps.mark_damaged(connection, found.object_key):
            return []
        holders = blobs.holders(connection, found.digest, found.store_id, MAX_TOLD)
        publish(
            connection,
            [
                self._core.event(EventType.BLOB_DAMAGED, COLLECTOR, name, digest=found.digest, size=found.size)
                for name in holders
            ],
        )
        return [found.digest]

    def _bury(self, connection: Connection, store_id: StoreId, suspects: Sequence[StoredObject]) -> Amount:
        known = verify.tracked(connection, store_id, [each.key for each in suspects])
        orphans = [
            DeadObject(each.key, store_id, each.size, Reason.ORPHAN) for each in suspects if each.key not in known
        ]
        tombstones.bury(connection, orphans, None, after(self._core.clock(), KEPT_FOR_MS))
        return Amount(len(orphans), sum(each.size for each in orphans))
