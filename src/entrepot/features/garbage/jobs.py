# SPDX-License-Identifier: Apache-2.0
"""The background work of collection, one of each kind at a time."""

from typing import Any

from sqlalchemy import Connection

from entrepot.features.garbage.journal import Journal
from entrepot.features.garbage.journal import StandsStill
from entrepot.features.garbage.models import Task
from entrepot.features.garbage.models import Wish
from entrepot.features.garbage.run import Collection
from entrepot.features.garbage.settings import GarbageSettings
from entrepot.features.garbage.sweeping import Sweeping
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.housekeeping import Housekeeping
from entrepot.registry.reclaim import COLLECTOR

MIB = 1024 * 1024
TIDY = "registry.tidy"
EVERY_TEN_MINUTES = "*/10 * * * *"
ON_SUNDAYS = "30 3 * * 0"
EVERY_NIGHT = "30 2 * * *"
A_DAY_SECONDS = 86_400.0


def declare(connection: Connection, settings: GarbageSettings, now: Milliseconds) -> None:
    """Have everything done at its times."""
    times: dict[str, str] = {
        TIDY: EVERY_TEN_MINUTES,
        Task.COLLECT: settings.schedule,
        Task.SWEEP: ON_SUNDAYS,
        Task.REHASH: EVERY_NIGHT,
    }
    for name, cron in times.items():
        queue.declare_schedule(connection, name, cron, name, Wish(), now)


def tidy_kind(housekeeping: Housekeeping) -> JobKind[Wish]:
    """Return the kind that forgets events that everybody has read."""

    async def tidy(_context: JobContext, _wish: Wish) -> None:
        """Forget them."""
        await housekeeping.drop_old_events()

    return JobKind(name=TIDY, payload=Wish, run=tidy, max_running=1)


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

    runs = {Task.COLLECT: collect, Task.SWEEP: sweep, Task.REHASH: rehash}
    return tuple(
        JobKind(name=task, payload=Wish, run=run, max_running=1, timeout_seconds=A_DAY_SECONDS)
        for task, run in runs.items()
    )
