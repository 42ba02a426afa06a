# SPDX-License-Identifier: Apache-2.0
"""The background work of approvals: forgetting those whose time was over long ago."""

import msgspec

from entrepot.features.approvals import store
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "approvals.tidy"
EVERY_HOUR = "47 * * * *"

KEPT_MS = 90 * DAY_MS
"""How long an approval whose time is over is listed; the audit log keeps what was said of it."""

BATCH = 1_000


class TidyPayload(msgspec.Struct):
    """The payload of a job that needs none."""


async def forget_old(database: Database, now: Milliseconds) -> None:
    """Remove approvals whose time was over long ago, in batches."""
    while await database.write_locked(store.prune, after(now, -KEPT_MS), BATCH) == BATCH:
        pass


def tidy_kind(database: Database, clock: Clock) -> JobKind[TidyPayload]:
    """Return the kind of job that forgets."""

    async def tidy(_context: JobContext, _payload: TidyPayload) -> None:
        """Do it once."""
        await forget_old(database, clock())

    return JobKind(name=TIDY, payload=TidyPayload, run=tidy, max_running=1)
