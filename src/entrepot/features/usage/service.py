# SPDX-License-Identifier: Apache-2.0
"""What others ask about usage, and the work behind it."""

import time
from collections.abc import Callable
from collections.abc import Collection
from functools import partial

from sqlalchemy import Connection

from entrepot.features.projects import count_projects
from entrepot.features.usage.fold import fold
from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import BusyRepository
from entrepot.features.usage.models import DayUsage
from entrepot.features.usage.models import Measurement
from entrepot.features.usage.models import Order
from entrepot.features.usage.models import ProjectUsage
from entrepot.features.usage.models import RepositoryUsage
from entrepot.features.usage.models import Totals
from entrepot.features.usage.models import day_of
from entrepot.features.usage.store import totals
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import usage
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.usage import Holdings

BATCH = 500
"""How many deltas are added up in one transaction: some milliseconds, for which every push waits."""
SPARE = 100
"""So many more are looked at than are asked for, because some may be gone."""
QUICK_MS = 20
"""What is counted this fast is counted whenever it is asked for."""
FRESH_MS = 2 * SECOND_MS
SHARE = 200
"""The registry is counted no more often than takes the 200th part of the time."""


class Usage:
    """Figures that each cost a few indexed reads, however large the registry is."""

    def __init__(self, database: Database, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._measured: Measurement | None = None

    async def totals(self) -> Totals:
        """Return what the whole registry holds: now if it is quickly counted, else as it was some minutes ago."""
        known = await self._database.read(totals.measured)
        mine = self._measured
        if mine is not None and (known is None or mine.totals.measured_at > known.totals.measured_at):
            known = mine
        age = 0 if known is None else self._clock() - known.totals.measured_at
        if known is None or (known.took_ms <= QUICK_MS and not 0 <= age < FRESH_MS):
            known = self._measured = await self._measure()
        return known.totals

    async def of_project(self, name: str) -> ProjectUsage:
        """Return what a project holds."""
        return await self._database.read(totals.of_project, name)

    async def days_of(self, repository: RepositoryName, days: int) -> list[DayUsage]:
        """Return what happened in a repository in the last `days` days, today among them; only days with something."""
        first = day_of(self._clock()) - days + 1
        return await self._database.snapshot(_days_of, repository, first)

    async def top_repositories(self, by: Order = Order.PULLS, *, limit: int) -> list[BusyRepository]:
        """Return the repositories with the most recent pulls, or bytes, at most `limit`; fewer if many are gone."""
        return (await self._database.snapshot(_top, by, limit + SPARE))[:limit]

    async def top_among(self, names: Collection[str], *, limit: int) -> list[BusyRepository]:
        """Return those of `names` with the most recent pulls, at most `limit`."""
        return await self._database.snapshot(_top_among, names, limit)

    def fold(self, connection: Connection) -> int:
        """Add up one batch of what happened; return how many deltas that were."""
        return fold(connection, BATCH, self._clock())

    async def catch_up(self, note: Callable[[int], None] = lambda _done: None) -> None:
        """Add up everything that waits, forget what is old, and count the registry if it is time to.

        Stopped anywhere and done again, or done by several at once, it comes to the same.
        """
        today = day_of(self._clock())
        done = 0
        for step in (
            self.fold,
            partial(totals.age, today=today, limit=BATCH),
            partial(totals.prune, before_day=today - KEPT_DAYS + 1, limit=BATCH),
        ):
            while found := await self._database.write_locked(step):
                done += found
                note(done)
        known = await self._database.read(totals.measured)
        if known is None or self._clock() - known.totals.measured_at >= SHARE * known.took_ms:
            measurement = await self._measure()
            await self._database.write(totals.note_measurement, measurement)

    async def _measure(self) -> Measurement:
        now: Milliseconds = self._clock()
        began = self._monotonic()
        held, projects = await self._database.survey(_counted)
        took_ms = int((self._monotonic() - began) * 1_000)
        return Measurement(Totals(held.stored_bytes, held.artifacts, held.repositories, projects, now), took_ms)


def _counted(connection: Connection) -> tuple[Holdings, int]:
    return usage.holdings(connection), count_projects(connection)


def _days_of(connection: Connection, repository: RepositoryName, first: int) -> list[DayUsage]:
    return [
        day for repo_id in usage.ids_of(connection, [repository]) for day in totals.days_of(connection, repo_id, first)
    ]


def _top(connection: Connection, by: Order, limit: int) -> list[BusyRepository]:
    found = totals.top(connection, by, limit)
    return _named(found, usage.names_of(connection, [each.repo_id for each in found]))


def _top_among(connection: Connection, names: Collection[str], limit: int) -> list[BusyRepository]:
    ids = usage.ids_of(connection, names)
    pulled = [each for each in totals.among(connection, ids) if each.recent_pulls > 0]
    return _named(sorted(pulled, key=lambda each: each.recent_pulls, reverse=True)[:limit], ids)


def _named(found: list[RepositoryUsage], names: dict[RepositoryId, RepositoryName]) -> list[BusyRepository]:
    return [
        BusyRepository(names[each.repo_id], each.recent_pulls, max(0, each.bytes))
        for each in found
        if each.repo_id in names
    ]
