# SPDX-License-Identifier: Apache-2.0
"""The background work of collection, one of each kind at a time."""

from typing import Any

from entrepot.features.garbage.journal import Journal
from entrepot.features.garbage.journal import StandsStill
from entrepot.features.garbage.models import Task
from entrepot.features.garbage.models import Wish
from entrepot.features.garbage.run import Collection
from entrepot.features.garbage.settings import GarbageSettings
from entrepot.features.garbage.sweeping import Sweeping
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import Clock
from entrepot.registry.housekeeping import Housekeeping
from entrepot.registry.reclaim import COLLECTOR

MIB = 1024 * 1024
TIDY = "registry.tidy"
EVERY_TEN_MINUTES = "*/10 * * * *"
ON_SUNDAYS = "30 3 * * 0"
EVERY_NIGHT = "30 2 * * *"
A_DAY_SECONDS = 86_400.0


def tidy_kind(housekeeping: Housekeeping) -> JobKind[Wish]:
    """Return the kind that forgets events that everybody has read."""

    async def tidy(_context: JobContext, _wish: Wish) -> None:
        """Forget them."""
        await housekeeping.drop_old_events()

    return JobKind(name=TIDY, payload=Wish, run=tidy, schedules=_at(EVERY_TEN_MINUTES, TIDY), max_running=1)


def _at(cron: str, name: str) -> tuple[Schedule]:
    return (Schedule(name, cron, Wish()),)


def job_kinds(
    database: Database, clock: Clock, collection: Collection, sweeping: Sweeping, settings: GarbageSettings
) -> tuple[JobKind[Any], ...]:
    """Return the kinds."""

    async def collect(context: JobContext, wish: Wish) -> None:
        """Collect, unless collection stands still."""
        cause = wish.by or COLLECTOR.principal.identity
        async with Journal(database, clock, cause, lambda done, note: context.report(done, note=note)) as journal:
            await collection.run(journal)

    async def sweep(context: JobContext, _wish: Wish) -> None:
        """Look for what was overlooked."""
        try:
            found = await sweeping.sweep(lambda done, note: context.report(done, note=note), clock)
        except StandsStill as why:
            context.report(0, note=why.message)
        else:
            orphans = found.orphans.objects
            context.report(0, note=f"{found.requeued} blobs overlooked, {orphans} objects without a row")

    async def rehash(context: JobContext, _wish: Wish) -> None:
        """Look for damage."""
        budget = settings.rehash_mib_per_day * MIB
        try:
            await sweeping.read_again(budget, lambda done, note: context.report(done, note=note), clock)
        except StandsStill as why:
            context.report(0, note=why.message)

    runs = (
        (Task.COLLECT, collect, settings.schedule),
        (Task.SWEEP, sweep, ON_SUNDAYS),
        (Task.REHASH, rehash, EVERY_NIGHT),
    )
    return tuple(
        JobKind(
            name=task, payload=Wish, run=run, schedules=_at(cron, task), max_running=1, timeout_seconds=A_DAY_SECONDS
        )
        for task, run, cron in runs
    )
