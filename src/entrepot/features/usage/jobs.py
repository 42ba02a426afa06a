# SPDX-License-Identifier: Apache-2.0
"""The background work of usage."""

import msgspec

from entrepot.features.usage.service import Usage
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind

FOLD = "usage.fold"
EVERY_FIVE_MINUTES = "*/5 * * * *"


class FoldPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `FOLD` is given: nothing."""


def fold_kind(usage: Usage) -> JobKind[FoldPayload]:
    """Return the kind that adds up whatever waits."""

    async def run(context: JobContext, _payload: FoldPayload) -> None:
        """Add up, reporting how much is done."""
        await usage.catch_up(context.report)

    times = (Schedule(FOLD, EVERY_FIVE_MINUTES, FoldPayload()),)
    return JobKind(name=FOLD, payload=FoldPayload, run=run, schedules=times, max_running=1)
