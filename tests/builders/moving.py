# SPDX-License-Identifier: Apache-2.0
"""A registry with two places: an old node that asks and fills the second, a new one that does so with the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.infra.storage.place import Place
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.infra.storage.two_places import TwoPlaces
from entrepot.kernel.clock import system_clock
from entrepot.registry.move_objects import Manner
from entrepot.registry.move_objects import Move
from entrepot.registry.move_objects import Moved
from entrepot.registry.move_objects import Places
from entrepot.registry.object_keys import RecordedKeys
from entrepot.registry.second_place import SecondPlace
from entrepot.registry.store import moved_objects
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.fakes.faulty_place import FaultyPlace
from tests.fakes.settable_clock import SettableClock

NO_KEYS = StoreKeys(None)


async def no_pause(_seconds: float) -> None:
    """Wait for nothing."""


async def no_limit(_count: int) -> None:
    """Let everything through."""


def quiet(_moved: Moved) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class TwoNodes:
    """Two nodes on one database, and what a move of theirs works with."""

    first: FaultyPlace
    second: FaultyPlace
    documents: Documents
    second_documents: Documents
    old: RunningCore
    new: RunningCore
    keys: StoreKeys

    @property
    def places(self) -> Places:
        """The places."""
        return Places(self.first, self.second, self.documents, self.second_documents)

    @property
    def second_place(self) -> SecondPlace:
        """What looks at the second place."""
        return SecondPlace(self.new.database, self.new.core.default_store, self.places, self.new.clock)

    async def move(self, workers: int = 4) -> Moved:
        """Move everything, and note that."""
        manner = Manner(workers, quiet, no_limit, no_pause)
        moved = await Move(self.new.database, self.new.core.default_store, self.places, self.keys, manner).run()
        await self.new.database.write(moved_objects.end_move, self.places.urls, self.new.clock())
        return moved


@contextmanager
def two_nodes(folder: Path, first: Place, second: Place, keys: StoreKeys = NO_KEYS) -> Iterator[TwoNodes]:
    """Hold a registry in `folder` whose bytes are to move from `second` to `first`; its clock begins with ours."""
    here, there = FaultyPlace(first), FaultyPlace(second)
    with a_core(folder, there, clock=SettableClock(system_clock()), manifest_cache_mib=0) as running:

        def node(one: Place, two: Place) -> RunningCore:
            storage: Storage = TwoPlaces(one, two)
            if keys.by_id:
                storage = EncryptedStorage(storage, keys, RecordedKeys(running.database))
            return RunningCore(replace(running.core, stores={running.core.default_store: storage}), running.clock)

        old, new = node(there, here), node(here, there)
        yield TwoNodes(here, there, MemoryDocuments(), MemoryDocuments(), old, new, keys)
