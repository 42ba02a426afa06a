# SPDX-License-Identifier: Apache-2.0
"""The background work of usage."""

from typing import Any

import msgspec

from entrepot.features.usage.recorder import Recorder
from entrepot.features.usage.service import Usage
from entrepot.features.usage.tidying import Tidying
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind

FOLD = "usage.fold"
FORGET = "usage.forget"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_NIGHT = "40 2 * * *"


class FoldPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `FOLD` is given: nothing."""


class ForgetPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `FORGET` is given: nothing."""


def job_kinds(usage: Usage, recorder: Recorder, tidying: Tidying) -> tuple[JobKind[Any], ...]:
    """Return the kinds: adding up whatever waits, and forgetting what is gone or old."""

    async def fold(context: JobContext, _payload: FoldPayload) -> None:
        """Add up, reporting how much is done."""
        await usage.catch_up(context.report)

    async def forget(context: JobContext, _payload: ForgetPayload) -> None:
        """Look through what is known of uses and counts, reporting how much was looked at."""
        await recorder.forget_gone(context.report)
        await tidying.run(context.report)

    often = (Schedule(FOLD, EVERY_FIVE_MINUTES, FoldPayload()),)
    nightly = (Schedule(FORGET, EVERY_NIGHT, ForgetPayload()),)
    return (
        JobKind(name=FOLD, payload=FoldPayload, run=fold, schedules=often, max_running=1),
        JobKind(name=FORGET, payload=ForgetPayload, run=forget, schedules=nightly, max_running=1),
    )
