# SPDX-License-Identifier: Apache-2.0
"""The background work of the audit log."""

import msgspec

from entrepot.features.audit.checkpoints import Checkpoints
from entrepot.features.audit.delivering import Delivering
from entrepot.features.audit.tidying import Tidying
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.registry.even_clock import EvenClock

CHECKPOINT = "audit.checkpoint"
TIDY = "audit.tidy"
DELIVER = "audit.deliver"
DELIVER_SECONDS = 3_600.0
EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "7 * * * *"


class AuditPayload(msgspec.Struct, frozen=True):
    """What these jobs are given: nothing."""


class DeliverPayload(msgspec.Struct, frozen=True):
    """Which destination is sent what is new."""

    destination: str


def checkpoint_kind(checkpoints: Checkpoints, tidying: Tidying) -> JobKind[AuditPayload]:
    """Return the kind that records the uses of hours that are over, and signs the chain."""

    async def run(_context: JobContext, _payload: AuditPayload) -> None:
        """Sign last, so that what was recorded just now is in it."""
        await tidying.record_uses()
        await checkpoints.sign()

    times = (Schedule(CHECKPOINT, EVERY_MINUTE, AuditPayload()),)
    return JobKind(name=CHECKPOINT, payload=AuditPayload, run=run, schedules=times, max_running=1)


def deliver_kind(delivering: Delivering) -> JobKind[DeliverPayload]:
    """Return the kind that sends a destination what is new."""

    async def run(context: JobContext, payload: DeliverPayload) -> None:
        """Go on until there is nothing new."""
        await delivering.deliver(payload.destination, context.guard)

    return JobKind(
        name=DELIVER,
        payload=DeliverPayload,
        run=run,
        schedules=tuple(
            Schedule(DELIVER, EVERY_MINUTE, DeliverPayload(name), f"{DELIVER} {name}") for name in delivering.names
        ),
        max_attempts=1,
        timeout_seconds=DELIVER_SECONDS,
    )


def tidy_kind(tidying: Tidying, even_clock: EvenClock) -> JobKind[AuditPayload]:
    """Return the kind that drops months whose time is over, unless the clock was set: then everything looks old."""

    async def run(_context: JobContext, _payload: AuditPayload) -> None:
        """Drop them, the oldest first."""
        if await even_clock.uneven_until() is not None:
            return
        await tidying.drop_old()
        await tidying.forget_witnessed()

    times = (Schedule(TIDY, EVERY_HOUR, AuditPayload()),)
    return JobKind(name=TIDY, payload=AuditPayload, run=run, schedules=times, max_running=1)
