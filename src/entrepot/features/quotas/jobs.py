# SPDX-License-Identifier: Apache-2.0
"""The background work of quotas."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from entrepot.features.quotas.checking import Checking
from entrepot.features.quotas.models import Subject
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.identifiers import Ulid

CHECK = "quotas.check"
LOOK_THROUGH = "quotas.look-through"
EVERY_NIGHT = "10 3 * * *"
A_DAY_SECONDS = 86_400.0


class CheckPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `CHECK` is given: nothing."""


class LookThroughPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `LOOK_THROUGH` is given."""

    subject: str
    """Whose blobs are looked through, as `project:team`."""


class Requests:
    """Asks for background work in the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def check(self, connection: Connection) -> Ulid:
        """Have everything counted anew; return the job, that which is on its way if there is one."""
        return queue.enqueue(connection, CHECK, CheckPayload(), self._clock(), unique_key=f"schedule:{CHECK}")

    def look_through(self, connection: Connection, subject: Subject) -> None:
        """Have all blobs of somebody looked at."""
        payload = LookThroughPayload(subject)
        queue.enqueue(connection, LOOK_THROUGH, payload, self._clock())


def job_kinds(checking: Checking) -> tuple[JobKind[Any], ...]:
    """Return the kinds."""

    async def check(context: JobContext, _payload: CheckPayload) -> None:
        """Count everything anew."""
        done = await checking.run(context.report)
        context.report(done.looked_at, note=f"{done.repaired} counted wrong, {done.drift_bytes} bytes")

    async def look_through(_context: JobContext, payload: LookThroughPayload) -> None:
        """Look at all blobs of somebody."""
        await checking.look_through(Subject(payload.subject))

    nightly = (Schedule(CHECK, EVERY_NIGHT, CheckPayload()),)
    return (
        JobKind(
            name=CHECK,
            payload=CheckPayload,
            run=check,
            schedules=nightly,
            max_running=1,
            timeout_seconds=A_DAY_SECONDS,
        ),
        JobKind(name=LOOK_THROUGH, payload=LookThroughPayload, run=look_through, max_running=1),
    )
