# SPDX-License-Identifier: Apache-2.0
"""A core whose garbage is collected when a test says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest

from entrepot.features.garbage.journal import Journal
from entrepot.features.garbage.models import Pause
from entrepot.features.garbage.models import Report
from entrepot.features.garbage.pace import Pace
from entrepot.features.garbage.run import PAUSED
from entrepot.features.garbage.run import Collection
from entrepot.features.garbage.run import Standstill
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.registry.collecting import Collecting
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.store import collection_marks
from entrepot.registry.store import collection_runs
from entrepot.registry.store.collection_runs import NEWEST
from entrepot.registry.store.collection_runs import Run
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.fakes.faulty_storage import FaultyStorage

DAYS_LATER_MS = 8 * 24 * HOUR_MS + SETTLED_MS
IMAGE = an_image_manifest()


@dataclass(slots=True)
class Collector:
    """Runs of the collector on a running core, without any grace."""

    running: RunningCore
    storage: FaultyStorage
    collecting: Collecting
    told: list[tuple[int, str]] = field(default_factory=list)

    @property
    def standstill(self) -> Standstill:
        """Ask whether collection may go on."""
        return Standstill(self.running.database, self.running.core.modes, self.collecting.even_clock)

    async def delete_image(self) -> Digest:
        """Push an image and delete it, so long ago that it can no longer be restored."""
        digest = await self.running.put_image(IMAGE, "1.0")
        await self.running.delete.manifest(EVERYBODY, REPOSITORY, digest)
        self.running.clock.advance(DAYS_LATER_MS)
        return digest

    async def run(self, cause: str = "user:admin") -> Report:
        """Collect, and return what came of it."""
        async with self.journal(cause) as journal:
            await self.collection().run(journal)
        return journal.report

    async def fail(self) -> AppError:
        """Collect, which fails, and return why."""
        with pytest.raises(AppError) as caught:
            await self.run()
        return caught.value

    def journal(self, cause: str = "user:admin") -> Journal:
        """Begin a run."""
        return Journal(self.running.database, self.running.clock, cause, lambda *told: self.told.append(told))

    def collection(self) -> Collection:
        """Make a collector that takes no time."""
        collecting = self.collecting
        return Collection(collecting.steps, collecting.housekeeping, self.standstill, Pace(0), Pace(0))

    async def pause(self) -> None:
        """Make collection stand still."""
        pause = Pause("user:admin", self.running.clock())
        await self.running.database.write(collection_marks.set_place, PAUSED, pause)

    async def runs(self) -> list[Run]:
        """Return the recorded runs, newest first."""
        return await self.running.database.read(collection_runs.page, NEWEST, 100)

    async def keys(self) -> set[str]:
        """Return what the storage lists."""
        return {found.key async for found in self.storage.list_objects()}


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    """A collector of an empty core, on a clock that tests set."""
    storage = FaultyStorage(MemoryStorage())
    with a_core(tmp_path, storage) as running:
        yield Collector(running, storage, Collecting.of(running.core, lambda: 0, running.clock.monotonic))
