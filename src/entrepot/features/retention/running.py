# SPDX-License-Identifier: Apache-2.0
"""The background work of retention: plans are made and carried out, those of schedules too, and old ones forgotten."""

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.retention.carrying_out import CarryingOut
from entrepot.features.retention.expiring import Expiring
from entrepot.features.retention.making import Making
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.queueing import MAKE
from entrepot.features.retention.queueing import RUN
from entrepot.features.retention.queueing import PlanWish
from entrepot.features.retention.queueing import enqueue_making
from entrepot.features.retention.queueing import enqueue_running
from entrepot.features.retention.queueing import note_failures
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies as policy_store
from entrepot.features.retention.telling import tell_started
from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import next_time
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

BEGIN, EXPIRE = "retention.begin", "retention.expire"
EVERY_MINUTE, EVERY_TEN_MINUTES = "* * * * *", "*/10 * * * *"
HOURS_SECONDS = 6 * 3_600
KEPT_DAYS = 90
FORGOTTEN_AT_ONCE = 20
LOOKED_AT = 20
"""So many plans of a scope are looked at for one under way."""

SCHEDULE = "internal:retention"
"""Who makes the plans of schedules."""

log = structlog.get_logger(__name__)


class Nothing(msgspec.Struct, frozen=True):
    """What a job is given that needs nothing."""


class Running:
    """Makes plans and carries them out as jobs ask for it."""

    def __init__(
        self, database: Database, making: Making, carrying_out: CarryingOut, expiring: Expiring, clock: Clock
    ) -> None:
        self._database = database
        self._expiring = expiring
        self._making = making
        self._carrying_out = carrying_out
        self._clock = clock

    def kinds(self) -> tuple[JobKind[Any], ...]:
        """Return the kinds of its jobs."""
        begin = JobKind(
            name=BEGIN,
            payload=Nothing,
            run=self._begin,
            schedules=(Schedule(BEGIN, EVERY_MINUTE, Nothing()),),
            max_running=1,
        )
        expire = JobKind(
            name=EXPIRE,
            payload=Nothing,
            run=self._expire,
            schedules=(Schedule(EXPIRE, EVERY_TEN_MINUTES, Nothing()),),
            max_running=1,
            timeout_seconds=HOURS_SECONDS,
        )
        return _long(MAKE, self._make), _long(RUN, self._run), begin, expire

    async def _make(self, context: JobContext, wish: PlanWish) -> None:
        made = await self._making.make(Ulid(wish.plan), lambda judged: context.report(judged, note="repositories"))
        if made is None or not wish.at_once:
            return
        if made.reason:
            log.warning("retention.needs_confirmation", scope=str(made.scope), plan=made.id, reason=made.reason)
        else:
            await self._database.write(_start_by_itself, made, self._clock())

    async def _run(self, context: JobContext, wish: PlanWish) -> None:
        await self._carrying_out.carry_out(Ulid(wish.plan), lambda done: context.report(done, note="deletions"))

    async def _begin(self, _context: JobContext, _nothing: Nothing) -> None:
        """Begin the plans of schedules that are due this minute; tell of those that failed, and forget old ones."""
        now = self._clock()
        await self._database.write(note_failures, now)
        for policy in await self._database.snapshot(policy_store.scheduled):
            if next_time(policy.terms.cron, max(policy.changed_at, policy.begun_at or policy.changed_at)) <= now:
                await self._database.write(_begin_by_itself, policy, now)
        await self._database.write(plans.forget, Milliseconds(now - KEPT_DAYS * DAY_MS), FORGOTTEN_AT_ONCE)

    async def _expire(self, _context: JobContext, _nothing: Nothing) -> None:
        await self._expiring.look()


def _long(name: str, run: Callable[[JobContext, PlanWish], Awaitable[None]]) -> JobKind[PlanWish]:
    return JobKind(name=name, payload=PlanWish, run=run, max_running=1, timeout_seconds=HOURS_SECONDS)


def _begin_by_itself(connection: Connection, policy: Policy, now: Milliseconds) -> None:
    """Begin a plan, once for all the times at which it was due, and none beside one that is not at its end."""
    scope, brake = policy.scope, policy.terms.brake_percent
    recent = plans.page(connection, scope, plans.NEWEST, LOOKED_AT)
    if any(plan.made_by == SCHEDULE and plan.state in _UNDER_WAY for plan in recent):
        return
    if policy_store.note_begun(connection, policy, now):
        plan = PlanRecord(new_ulid(), scope, PlanState.PLANNING, None, "", brake, SCHEDULE, now)
        enqueue_making(connection, plan, PlanWish(plan.id, at_once=True))


_UNDER_WAY = (PlanState.PLANNING, PlanState.RUNNING)


def _start_by_itself(connection: Connection, plan: PlanRecord, now: Milliseconds) -> None:
    found = plans.find(connection, plan.id, to_change=True)
    if found is not None and found.state is PlanState.PLANNED:
        plans.change(connection, plan.id, state=PlanState.RUNNING.value)
        tell_started(connection, found, SCHEDULE, now)
        enqueue_running(connection, PlanWish(plan.id), now)
