# SPDX-License-Identifier: Apache-2.0
"""The background work of quotas."""

from typing import Any

from entrepot.features.quotas.checking import Checking
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.requesting import CHECK
from entrepot.features.quotas.requesting import LOOK_THROUGH
from entrepot.features.quotas.requesting import CheckPayload
from entrepot.features.quotas.requesting import LookThroughPayload
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind

EVERY_NIGHT = "10 3 * * *"
A_DAY_SECONDS = 86_400.0


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
