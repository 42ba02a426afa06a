# SPDX-License-Identifier: Apache-2.0
"""The quotas in force, in the memory of one process.

Every process asks once a second for what was changed since it last asked, so that what it knows is at most two seconds
old and no request waits for it. While the database is away, what was known goes on to count.
"""

import asyncio
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress

from entrepot.features.quotas.models import EVERY_PROJECT
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.store import limits
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable

READ_EVERY_SECONDS = 1.0
READ_ALL_EVERY = 60
"""So often, in reads of what was changed, all is read again: a user who was renamed takes a quota along."""
FRESH_SECONDS = 2.0
READ_SECONDS = 0.02


class KnownQuotas:
    """What quotas there are, as this process knows."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Read them. Blocks: for start-up, outside the event loop. Raises `DatabaseUnavailable`."""
        self._database = database
        self._monotonic = monotonic
        self._asked_at = monotonic()
        self._revision = 0
        self._quotas: dict[Subject, Quota] = {}
        self._has_accounts = False
        self._limits_bytes = False
        self._learn(database.snapshot_now(limits.changed_since, 0))

    def of_project(self, project: str) -> Quota | None:
        """Return what counts for a project: its own quota, or that of every project; None without any limit."""
        if not self._quotas:
            return None
        return _limiting(self._quotas.get(of_project(project)) or self._quotas.get(EVERY_PROJECT))

    def of_account(self, subject: Subject | None) -> Quota | None:
        """Return the quota of a user or a robot; None without any limit."""
        return _limiting(self._quotas.get(subject)) if subject and self._quotas else None

    @property
    def has_accounts(self) -> bool:
        """Whether a user or a robot has a quota."""
        return self._has_accounts

    @property
    def limits_bytes(self) -> bool:
        """Whether a quota limits bytes."""
        return self._limits_bytes

    async def current(self) -> None:
        """Read what was changed, where what is known is too old, as when the machine was asleep."""
        if self._monotonic() - self._asked_at >= FRESH_SECONDS:
            with suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(READ_SECONDS):
                    await self.refresh()

    async def refresh(self, *, is_all: bool = False) -> None:
        """Read now what was changed, so that it counts at once. Raises `DatabaseUnavailable`."""
        self._asked_at = self._monotonic()
        found = await self._database.read(limits.changed_since, 0 if is_all else self._revision)
        if is_all:
            self._quotas = {}
        self._learn(found)

    async def run(self, every_seconds: float = READ_EVERY_SECONDS) -> None:
        """Read them again and again, until cancelled."""
        count = 0
        while True:
            await asyncio.sleep(every_seconds)
            count += 1
            with suppress(DatabaseUnavailable):
                await self.refresh(is_all=count % READ_ALL_EVERY == 0)

    def _learn(self, changed: Sequence[SetQuota]) -> None:
        for each in changed:
            self._revision = max(self._revision, each.revision)
            if each.quota is None:
                self._quotas.pop(each.subject, None)
            else:
                self._quotas[each.subject] = each.quota
        if changed:
            kinds = {subject.partition(":")[0] for subject in self._quotas}
            self._has_accounts = not kinds.isdisjoint((SubjectKind.USER, SubjectKind.ROBOT))
            self._limits_bytes = any(each.limits.bytes is not None for each in self._quotas.values())


def _limiting(quota: Quota | None) -> Quota | None:
    return quota if quota is not None and quota.limits.is_limited else None
