# SPDX-License-Identifier: Apache-2.0
"""Keeping counts small: old ones go, and of a day that is over the names with the least become one."""

from collections.abc import Callable

from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import KEPT_HOURS
from entrepot.features.usage.models import KEPT_NAME_DAYS
from entrepot.features.usage.models import NAMED
from entrepot.features.usage.models import Kind
from entrepot.features.usage.models import day_of
from entrepot.features.usage.models import hour_of
from entrepot.features.usage.store import counts
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock

ROWS_AT_ONCE = 500
LATE_DAYS = 7
"""So many days back is looked for days with too many names: pulls that waited in a file may be told late."""


class Tidying:
    """Stopped anywhere and done again, it comes to the same."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, report: Callable[[int], None] = lambda _done: None) -> None:
        """Remove and gather, a few rows in a transaction."""
        now = self._clock()
        today, done = day_of(now), 0
        befores = dict.fromkeys(NAMED, today - KEPT_NAME_DAYS + 1)
        befores |= {Kind.DAY: today - KEPT_DAYS + 1, Kind.HOUR: hour_of(now) - KEPT_HOURS + 1}
        for kind, before in befores.items():
            while found := await self._database.write_locked(counts.prune, kind, before, ROWS_AT_ONCE):
                done += found
                report(done)
        for kind in NAMED:
            for day in range(today - LATE_DAYS, today):
                done += await self._gather(kind, day)
                report(done)

    async def _gather(self, kind: Kind, day: int) -> int:
        done = 0
        for repo_id in await self._database.survey(counts.crowded, kind, day):
            while found := await self._database.write_locked(counts.gather, kind, day, repo_id, ROWS_AT_ONCE):
                done += found
        return done
