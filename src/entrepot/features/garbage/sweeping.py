# SPDX-License-Identifier: Apache-2.0
"""The sweeps, each from its beginning to its end."""

from collections.abc import Callable
from collections.abc import Mapping

from entrepot.features.garbage.models import MAX_LISTED
from entrepot.features.garbage.models import ReadAgain
from entrepot.features.garbage.models import Swept
from entrepot.features.garbage.pace import Pace
from entrepot.features.garbage.run import Standstill
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import Clock
from entrepot.oci.digest import Digest
from entrepot.registry.store import collection_marks
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.sweeps import PAGE
from entrepot.registry.sweeps import Sweeps

SWEPT = "swept"
READ_AGAIN = "read-again"
"""The marks that keep what each of them found last."""

MAX_DAMAGED = 100
"""When so much is damaged it is the storage: another folder, or one that is not mounted."""


class TooMuchDamage(StorageError):
    """So much is damaged that it is not single objects."""

    code = "too_much_damage"
    default_hint = "See whether this is the right storage, and all of it."


Tell = Callable[[int, str], None]
"""Takes how many things were looked at, and which."""


class Sweeping:
    """Walks over everything. Standing still and cancellation end a walk; another begins where it can."""

    def __init__(
        self, sweeps: Sweeps, database: Database, stores: Mapping[StoreId, Storage], standstill: Standstill, rows: Pace
    ) -> None:
        self._sweeps = sweeps
        self._database = database
        self._stores = stores
        self._standstill = standstill
        self._rows = rows

    async def sweep(self, tell: Tell, clock: Clock) -> Swept:
        """Look for what the collector overlooked, and for bytes that no row names. Raises `StandsStill`.

        Begins anew when it was interrupted: a storage lists its objects in no particular order.
        """
        await self._standstill.require_going()
        await self._sweeps.look_at_leases_again()
        requeued = await self._requeue(tell)
        orphans = Amount()
        looked_at = 0
        for store_id, storage in self._stores.items():
            page: list[StoredObject] = []
            async for found in storage.list_objects():
                page.append(found)
                if len(page) == PAGE:
                    orphans += await self._bury(store_id, page)
                    looked_at += len(page)
                    tell(looked_at, "stored objects")
                    page = []
            orphans += await self._bury(store_id, page)
            tell(await self._sweeps.clear_leftovers(store_id), "uploads that nobody ended, cleared away")
        swept = Swept(clock(), requeued, orphans)
        await self._database.write(collection_marks.set_place, SWEPT, swept)
        return swept

    async def read_again(self, budget: int, tell: Tell, clock: Clock) -> ReadAgain:
        """Read so many bytes of what is stored, going on where the last one ended.

        Raises `StandsStill`, and `TooMuchDamage`.
        """
        read, damaged = Amount(), list[Digest]()
        while read.bytes < budget:
            await self._standstill.require_going()
            some = await self._sweeps.rehash(budget - read.bytes)
            read += some.read
            damaged += some.damaged
            tell(read.objects, f"objects read again, {len(damaged)} damaged")
            if len(damaged) >= MAX_DAMAGED:
                raise TooMuchDamage(f"{len(damaged)} of {read.objects} objects are damaged or missing")
            if not some.place:
                break
        found = ReadAgain(clock(), read, damaged[:MAX_LISTED])
        await self._database.write(collection_marks.set_place, READ_AGAIN, found)
        return found

    async def _requeue(self, tell: Tell) -> int:
        requeued, looked_at, place = 0, 0, ""
        while True:
            await self._standstill.require_going()
            some, place = await self._sweeps.requeue(place)
            requeued += some
            if not place:
                return requeued
            looked_at += PAGE
            tell(looked_at, "blobs")
            await self._rows.spend(PAGE)

    async def _bury(self, store_id: StoreId, page: list[StoredObject]) -> Amount:
        await self._standstill.require_going()
        await self._rows.spend(len(page))
        return await self._sweeps.bury_orphans(store_id, page)
