# SPDX-License-Identifier: Apache-2.0
"""The background work of grants: forgetting those that ended by themselves long ago."""

import msgspec

from entrepot.features.grants import store
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "grants.tidy"
EVERY_HOUR = "29 * * * *"

KEPT_ENDED_MS = 30 * DAY_MS
"""How long grants that have ended are listed."""

BATCH = 1_000


class TidyPayload(msgspec.Struct):
    """The payload of a job that needs none."""


async def forget_ended(database: Database, now: Milliseconds) -> None:
    """Remove grants that ended long ago, in batches."""
    while await database.write_locked(store.prune, after(now, -KEPT_ENDED_MS), BATCH) == BATCH:
        pass


def tidy_kind(database: Database, clock: Clock) -> JobKind[TidyPayload]:
    """Return the kind of job that forgets."""

    async def tidy(_context: JobContext, _payload: TidyPayload) -> None:
        """Do it once."""
        await forget_ended(database, clock())

    return JobKind(name=TIDY, payload=TidyPayload, run=tidy, max_running=1)
