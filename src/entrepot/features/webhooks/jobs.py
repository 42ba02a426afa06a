# SPDX-License-Identifier: Apache-2.0
"""The background work of webhooks: forgetting what is old, or too much."""

import msgspec

from entrepot.features.webhooks.models import KEPT_DAYS
from entrepot.features.webhooks.models import KEPT_DELIVERIES
from entrepot.features.webhooks.models import WAITING_DELIVERIES
from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.store import tidying
from entrepot.features.webhooks.store import webhooks
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after

TIDY = "webhooks.tidy"
EVERY_HOUR = "23 * * * *"
ROWS_AT_ONCE = 500
_ENDED = (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.DROPPED)


class TidyPayload(msgspec.Struct, frozen=True):
    """What the job is given: nothing."""


class Tidying:
    """Stopped anywhere and done again, it comes to the same."""

    def __init__(
        self, database: Database, clock: Clock, kept: int = KEPT_DELIVERIES, waiting: int = WAITING_DELIVERIES
    ) -> None:
        """Keep so many deliveries of each webhook that have ended in each way, and so many that wait."""
        self._database = database
        self._clock = clock
        self._kept = kept
        self._waiting = waiting

    async def run(self) -> int:
        """Forget what is due, a few rows in a transaction; return how many deliveries."""
        now, done = self._clock(), 0
        before = after(now, -KEPT_DAYS * DAY_MS)
        await self._database.write_locked(tidying.forget_secrets, now)
        while found := await self._database.write_locked(tidying.prune_old, before, ROWS_AT_ONCE):
            done += found
        for webhook_id in await self._database.read(webhooks.known_ids):
            for state in _ENDED:
                done += await self._prune(webhook_id, state)
            done += await self._give_up(webhook_id)
        return done

    async def _prune(self, webhook_id: str, state: DeliveryState) -> int:
        done, last = 0, await self._database.read(tidying.nth_newest, webhook_id, state, self._kept)
        while last is not None and (
            found := await self._database.write_locked(tidying.prune_beyond, webhook_id, state, last, ROWS_AT_ONCE)
        ):
            done += found
        return done

    async def _give_up(self, webhook_id: str) -> int:
        waiting, now, done = DeliveryState.WAITING, self._clock(), 0
        last = await self._database.read(tidying.nth_newest, webhook_id, waiting, self._waiting)
        while last is not None and (
            found := await self._database.write_locked(tidying.give_up_beyond, webhook_id, last, ROWS_AT_ONCE, now)
        ):
            done += found
        return done


def tidy_kind(work: Tidying) -> JobKind[TidyPayload]:
    """Return the kind."""

    async def run(context: JobContext, _payload: TidyPayload) -> None:
        """Forget what is due."""
        context.report(await work.run())

    times = (Schedule(TIDY, EVERY_HOUR, TidyPayload()),)
    return JobKind(name=TIDY, payload=TidyPayload, run=run, schedules=times, max_running=1)
