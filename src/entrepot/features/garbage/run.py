# SPDX-License-Identifier: Apache-2.0
"""One run of the collector: the steps in their order, each until nothing is left for it."""

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass

from entrepot.features.garbage.journal import Journal
from entrepot.features.garbage.journal import StandsStill
from entrepot.features.garbage.models import Pause
from entrepot.features.garbage.pace import Pace
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.kernel.clock import rfc3339
from entrepot.registry.even_clock import EvenClock
from entrepot.registry.housekeeping import Housekeeping
from entrepot.registry.modes import Modes
from entrepot.registry.reclaim import Kept
from entrepot.registry.reclaim import Outcome
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import collection_marks

REST = 1.0
"""The collector rests as long as it works, so that at least half of the database is left to those who push."""

PAUSED = "paused"
"""The mark that is there while collection is paused."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Asks whether collection may go on."""

    database: Database
    modes: Modes
    even_clock: EvenClock

    async def require_going(self) -> None:
        """Do nothing while it may go on. Raises `StandsStill`."""
        pause = await self.database.read(collection_marks.find, PAUSED, Pause)
        if pause is not None:
            raise StandsStill(f"collection was paused by {pause.by}", hint="entrepot garbage resume lets it go on.")
        if not await self.modes.allows_collection():
            raise StandsStill("the mode of the registry forbids collection", hint="It goes on when the mode ends.")

    async def require_ending(self) -> None:
        """Do nothing while it may go on, and things may end by their time. Raises `StandsStill`."""
        until = await self.even_clock.uneven_until()
        await self.require_going()
        if until is not None:
            raise StandsStill("the clock was set, or nothing ran for long", hint=f"It goes on at {rfc3339(until)}.")


class Collection:
    """Runs the steps. Whatever decides that something may go comes before the first byte goes.

    So an error on the way there means that nothing is deleted. Every step takes up where the last run was.
    """

    def __init__(
        self, steps: Reclaim, housekeeping: Housekeeping, standstill: Standstill, rows: Pace, deletes: Pace
    ) -> None:
        self._steps = steps
        self._housekeeping = housekeeping
        self._standstill = standstill
        self._rows = rows
        self._deletes = deletes

    async def run(self, journal: Journal) -> None:
        """Do all steps. Raises `StandsStill`, and whatever keeps it from deciding."""
        await self._purge(journal)
        while await self._counted(journal, "ended leases", self._steps.find_unused):
            pass
        await self._until_done(journal, "links", self._steps.unlink)
        await self._until_done(journal, "blobs", self._steps.remove_blobs)
        while dropped := await self._counted(journal, "holds", self._steps.drop_ended_holds):
            journal.report.holds += dropped
        await self._end_uploads(journal)
        while await self._counted(journal, "bytes that stayed for backups", self._steps.release):
            pass
        await self._delete(journal)

    async def _purge(self, journal: Journal) -> None:
        """Purge in passes, because an index has to go before its children; what the last one kept is what stays."""
        purged = 1
        while purged:
            purged, place, kept = 0, None, list[Kept]()
            while True:
                await self._standstill.require_ending()
                began = self._rows.begin()
                step, place = await self._steps.purge(place)
                kept, step.kept = kept + step.kept, []
                purged += step.manifests
                journal.report.add(step)
                await journal.advance("manifests")
                if place is None:
                    break
                await self._rows.spend(step.looked_at, began)
        journal.report.add(Outcome(kept=kept))

    async def _until_done(self, journal: Journal, note: str, step: Callable[[], Awaitable[Outcome]]) -> None:
        while True:
            await self._standstill.require_ending()
            began = self._rows.begin()
            outcome = await step()
            journal.report.add(outcome)
            await journal.advance(note)
            if not outcome.looked_at:
                return
            await self._rows.spend(outcome.looked_at, began)

    async def _counted(self, journal: Journal, note: str, step: Callable[[], Awaitable[int]]) -> int:
        await self._standstill.require_ending()
        began = self._rows.begin()
        count = await step()
        await journal.advance(note)
        await self._rows.spend(count, began)
        return count

    async def _end_uploads(self, journal: Journal) -> None:
        await self._standstill.require_ending()
        try:
            journal.report.uploads += await self._housekeeping.end_idle_uploads()
        except (StorageError, StorageUnavailable) as error:
            journal.report.fail(str(error))

    async def _delete(self, journal: Journal) -> None:
        """Delete bytes until none are due, or none can be deleted."""
        while True:
            await self._standstill.require_ending()
            deleted = await self._steps.delete_objects()
            journal.report.add_deleted(deleted)
            await journal.advance("bytes")
            if not deleted.objects:
                return
            await self._deletes.spend(len(deleted.objects) + deleted.failures)
