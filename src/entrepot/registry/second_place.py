# SPDX-License-Identifier: Apache-2.0
"""The place that bytes move away from: what is there alone, and removing what is in the first place as well."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.database.engine import Database
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import Conflict
from entrepot.registry.move_objects import Places
from entrepot.registry.store import moved_objects
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.moved_objects import Begun
from entrepot.registry.store.moved_objects import Kept
from entrepot.registry.store.repositories import StoreId

PAGE = 500
AT_ONCE = 32


class GraceNotOver(Conflict):
    """Downloads that began in the second place may still go on."""

    code = "grace_not_over"


@dataclass(slots=True)
class Standing:
    """What is where: `first` and `only_second` are what rows name, `left` is everything that the second place holds.

    `missing` are live objects that neither has. Unfinished `uploads` go on in the second place until then.
    """

    url: str = ""
    first: Amount = field(default_factory=Amount)
    only_second: Amount = field(default_factory=Amount)
    missing: int = 0
    left: Amount = field(default_factory=Amount)
    uploads: int = 0
    uploads_until: Milliseconds | None = None
    documents: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing is in the second place alone."""
        return not (self.only_second.objects or self.uploads or self.documents)


@dataclass(slots=True)
class Removed:
    """What was removed from the second place, and what stayed there because the first has nothing like it."""

    objects: Amount = field(default_factory=Amount)
    documents: int = 0
    stayed: int = 0


class SecondPlace:
    """Looks at the second place of a store, and empties it."""

    def __init__(self, database: Database, store: StoreId, places: Places, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._places = places
        self._clock = clock

    async def standing(self) -> Standing:
        """Compare the database with both places. Lists both."""
        found = Standing(url=await self._database.read(moved_objects.address, self._store))
        first = {each.key: each.size async for each in self._places.first.list_objects()}
        second: set[ObjectKey] = set()
        async for each in self._places.second.list_objects():
            second.add(each.key)
            found.left += Amount(1, each.size)
        for fetch in (moved_objects.live_behind, moved_objects.dead_behind):
            place = ""
            while page := await self._database.snapshot(fetch, self._store, place, PAGE):
                for kept in page:
                    await self._count(kept, found, first, second)
                place = page[-1].key
        await self._count_uploads(found)
        there = {name async for name in self._places.documents.names()}
        async for name in self._places.second_documents.names():
            found.documents += name not in there
        return found

    async def settle(self) -> bool:
        """Record that the store is at the first place's address, if nothing is in the second alone; tell whether."""
        uploads = Standing()
        await self._count_uploads(uploads)
        if uploads.uploads:
            return False
        await self._database.write(moved_objects.arrive, self._store, self._places.first.url, self._clock())
        return True

    async def remove(self, grace_ms: int, tell: Callable[[Removed], None]) -> Removed:
        """Remove from the second place what the first has. Raises `GraceNotOver`.

        The first place is asked about each object before. Ends early where a move begins meanwhile.
        """
        ended = await self._require_old(grace_ms)
        removed = Removed()
        async for some in _batches(self._places.second.list_objects()):
            if await self._database.read(moved_objects.ended_move, self._places.urls) != ended:
                break
            async with asyncio.TaskGroup() as group:
                for found in some:
                    group.create_task(self._remove(found, removed))
            tell(removed)
        async for name in self._places.second_documents.names():
            await self._remove_document(name, removed)
        return removed

    async def _require_old(self, grace_ms: int) -> Milliseconds:
        ended = await self._database.read(moved_objects.ended_move, self._places.urls)
        if ended is None:
            raise GraceNotOver("no move has ended yet", hint="Run entrepot storage move to its end first.")
        if (until := after(ended, grace_ms)) > self._clock():
            raise GraceNotOver(
                f"the last move ended at {rfc3339(ended)}, and downloads may go on in the second place until "
                f"{rfc3339(until)}",
                hint="Run it again then. Nothing was removed.",
            )
        return ended

    async def _remove(self, found: StoredObject, removed: Removed) -> None:
        if await self._places.first.size(found.key) != found.size:
            removed.stayed += 1
            return
        await self._places.second.delete(found.key)
        removed.objects += Amount(1, found.size)

    async def _remove_document(self, name: str, removed: Removed) -> None:
        try:
            is_there = await self._places.documents.read(name) == await self._places.second_documents.read(name)
        except DocumentMissing:
            is_there = False
        if is_there:
            await self._places.second_documents.delete(name)
            removed.documents += 1
        else:
            removed.stayed += 1

    async def _count(self, kept: Kept, found: Standing, first: dict[ObjectKey, int], second: set[ObjectKey]) -> None:
        """Count an object where it is; one that neither list has may have come meanwhile."""
        if first.get(kept.key) == kept.size or await self._places.first.size(kept.key) == kept.size:
            found.first += Amount(1, kept.size)
        elif kept.key in second or await self._places.second.size(kept.key) is not None:
            found.only_second += Amount(1, kept.size)
        elif kept.is_live and await self._database.read(moved_objects.is_kept, kept.key):
            found.missing += 1

    async def _count_uploads(self, found: Standing) -> None:
        after_id = ""
        while page := await self._database.snapshot(moved_objects.uploads_behind, self._store, after_id, PAGE):
            for begun in page:
                if await self._is_in_second(begun):
                    found.uploads += 1
                    found.uploads_until = max(begun.expires_at, found.uploads_until or begun.expires_at)
            after_id = page[-1].id

    async def _is_in_second(self, begun: Begun) -> bool:
        place = (begun.key, begun.offset, begun.state)
        if not await self._places.second.has_upload(*place):
            return False
        return not await self._places.first.has_upload(*place)


async def _batches(found: AsyncIterator[StoredObject]) -> AsyncIterator[list[StoredObject]]:
    some: list[StoredObject] = []
    async for each in found:
        some.append(each)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
