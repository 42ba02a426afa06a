# SPDX-License-Identifier: Apache-2.0
"""The background work of sessions: forgetting those that have run out."""

import msgspec

from entrepot.features.sessions import store
from entrepot.features.sessions.models import Limits
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

TIDY = "sessions.tidy"
EVERY_HOUR = "23 * * * *"

BATCH = 1_000


class TidyPayload(msgspec.Struct):
    """The payload of a job that needs none."""


async def forget_ended(database: Database, limits: Limits, now: Milliseconds) -> None:
    """Remove the sessions that have run out, in batches."""
    while await database.write(store.prune, limits, now, BATCH) >= BATCH:
        pass


def tidy_kind(database: Database, limits: Limits, clock: Clock) -> JobKind[TidyPayload]:
    """Return the kind of job that forgets."""

    async def tidy(_context: JobContext, _payload: TidyPayload) -> None:
        """Do it once."""
        await forget_ended(database, limits, clock())

    return JobKind(name=TIDY, payload=TidyPayload, run=tidy, max_running=1)
