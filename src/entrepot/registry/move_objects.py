# SPDX-License-Identifier: Apache-2.0
"""Moving the bytes of a store from one place to another while everybody pushes, pulls, deletes and collects.

Objects are copied as they are stored, under their keys, and compared with their digests on the way. What another
registry wrote gets a key of our own: under its keys nobody writes but that registry. What the collector deletes
meanwhile is deleted in the place it was copied to as well. Nothing is removed from where it was before downloads that
began there can have ended.
"""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.database.engine import Database
from entrepot.infra.storage.adopted import is_adopted
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.place import Place
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import blobs
from entrepot.registry.store import moved_objects
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.moved_objects import Kept
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.verified import verified

PAGE = 500
TRIES = 3
PAUSE_SECONDS = 1.0
FAILURES_IN_A_ROW = 20
"""When so many objects fail one after the other, a place is away."""

MAX_TOLD = 1_000
"""How many objects are named that cannot be moved; all are counted."""

MAX_REPOSITORIES = 20

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where objects come to, where they come from, and the same of documents."""

    first: Place
    second: Place
    documents: Documents
    second_documents: Documents

    @property
    def urls(self) -> tuple[str, str]:
        """Where they are."""
        return self.first.url, self.second.url


@dataclass(frozen=True, slots=True)
class Unmoved:
    """An object that is not in the first place after all, why, and who holds it: empty if only a backup may."""

    key: ObjectKey
    digest: Digest | None
    reason: str
    repositories: list[RepositoryName]


@dataclass(slots=True)
class Moved:
    """What was done so far: `present` were there, `copied` are now, `gone` were deleted by the collector meanwhile.

    `damaged` have other bytes than were recorded, or none; `failed` could not be read or written.
    """

    total: Amount = field(default_factory=Amount)
    present: Amount = field(default_factory=Amount)
    copied: Amount = field(default_factory=Amount)
    gone: int = 0
    documents: int = 0
    damaged: int = 0
    failed: int = 0
    unmoved: list[Unmoved] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether everything is in the first place."""
        return not self.damaged and not self.failed


@dataclass(frozen=True, slots=True)
class Manner:
    """How objects are moved: so many at once, telling how far it is, and no faster than `spend` lets bytes through."""

    workers: int
    tell: Callable[[Moved], None]
    spend: Callable[[int], Awaitable[None]]
    pause: Pause = asyncio.sleep


class Move:
    """Copies what is kept from the second place to the first. Done again, it goes on where it was interrupted."""

    def __init__(self, database: Database, store: StoreId, places: Places, keys: StoreKeys, manner: Manner) -> None:
        self._database = database
        self._store = store
        self._places = places
        self._keys = keys
        self._manner = manner
        self._there: dict[ObjectKey, int] = {}
        self._moved = Moved()
        self._failures_in_a_row = 0
        self._has_begun = False

    async def run(self) -> Moved:
        """Copy everything that is not there; tell what came of it. Raises what a place raises that stays away."""
        self._there = {found.key: found.size async for found in self._places.first.list_objects()}
        self._moved.total = await self._database.survey(moved_objects.amount, self._store)
        some = self._kept()
        turn = asyncio.Lock()

        async def work() -> None:
            """Take one object after the other."""
            while True:
                async with turn:
                    each = await anext(some, None)
                if each is None:
                    return
                await self._move(each)
                self._manner.tell(self._moved)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._manner.workers):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        await self._move_documents()
        return self._moved

    async def _kept(self) -> AsyncIterator[Kept]:
        """Yield what has to be in the first place and is not, or not in this size; count what is."""
        for fetch in (moved_objects.live_behind, moved_objects.dead_behind):
            after = ""
            while page := await self._database.snapshot(fetch, self._store, after, PAGE):
                for each in page:
                    if self._there.get(each.key) == each.size:
                        self._moved.present += Amount(1, each.size)
                    else:
                        yield each
                after = page[-1].key
                self._manner.tell(self._moved)

    async def _move(self, each: Kept) -> None:
        """Copy one object, trying again what may do better; count what came of it."""
        for attempt in range(1, TRIES + 1):
            try:
                await self._copy(each)
            except ObjectDamaged as error:
                if attempt > 1:  # what is read may be damaged on its way, once
                    await self._give_up(each, error.message, is_damaged=True)
                    return
            except (StorageError, StorageUnavailable) as error:
                if attempt == TRIES:
                    await self._fail(each, error)
                    return
                await self._manner.pause(PAUSE_SECONDS * attempt)
            else:
                self._failures_in_a_row = 0
                return

    async def _copy(self, each: Kept) -> None:
        first, second = self._places.first, self._places.second
        there = await first.size(each.key)
        if there == each.size:
            self._moved.present += Amount(1, each.size)
            return
        here = await second.size(each.key)
        if here != each.size:
            await self._miss(each, here)
            return
        await self._begin()
        if there is not None:
            await first.delete(each.key)
        key = object_key() if is_adopted(each.key) else each.key
        try:
            await first.put(key, each.size, self._bytes_of(each))
        except ObjectMissing:
            await self._miss(each, None)
            return
        if not await self._is_named(each, key):
            await first.delete(key)
            self._moved.gone += 1
            return
        self._moved.copied += Amount(1, each.size)

    async def _is_named(self, each: Kept, key: ObjectKey) -> bool:
        """Tell whether a row names what was copied, which takes note of the key if it is another than before."""
        if key == each.key:
            return await self._database.read(moved_objects.is_kept, key)
        return await self._database.write(moved_objects.rename, each.key, key)

    async def _miss(self, each: Kept, here: int | None) -> None:
        """Take note of an object that is not in the second place, or not whole. Raises `ObjectDamaged`."""
        if not each.is_live or not await self._database.read(moved_objects.is_kept, each.key):
            self._moved.gone += 1
            return
        found = "there are no bytes of it in either place" if here is None else f"it has {here} bytes"
        raise ObjectDamaged(f"{found}, and {each.size} were recorded")

    async def _bytes_of(self, each: Kept) -> AsyncIterator[bytes]:
        """Yield the bytes as they are stored; raise `ObjectDamaged` at their end if they are not those recorded."""
        stored = self._places.second.read(each.key)
        if each.digest is not None:
            sealed = each.sealed_key
            stored = verified(stored, each.digest, None if sealed is None else self._keys.sealer(sealed))
        async for chunk in stored:
            await self._manner.spend(len(chunk))
            yield chunk

    async def _begin(self) -> None:
        """Let nothing be removed from the second place until this has ended."""
        if not self._has_begun:
            self._has_begun = True
            await self._database.write(moved_objects.begin_move)

    async def _fail(self, each: Kept, error: AppError) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise error
        await self._give_up(each, error.message, is_damaged=False)

    async def _give_up(self, each: Kept, reason: str, *, is_damaged: bool) -> None:
        if not await self._database.read(moved_objects.is_kept, each.key):
            self._moved.gone += 1
            return
        if is_damaged:
            self._moved.damaged += 1
        else:
            self._moved.failed += 1
        if len(self._moved.unmoved) >= MAX_TOLD:
            return
        holders: list[RepositoryName] = []
        if each.digest is not None:
            holders = await self._database.read(blobs.holders, each.digest, self._store, MAX_REPOSITORIES)
        self._moved.unmoved.append(Unmoved(each.key, each.digest, reason, holders))

    async def _move_documents(self) -> None:
        """Copy documents whose names the first place does not have: one of a name never changes."""
        there = {name async for name in self._places.documents.names()}
        async for name in self._places.second_documents.names():
            if name in there:
                continue
            try:
                data = await self._places.second_documents.read(name)
            except DocumentMissing:
                continue
            await self._places.documents.write(name, data)
            self._moved.documents += 1
            self._manner.tell(self._moved)
