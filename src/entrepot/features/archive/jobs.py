# SPDX-License-Identifier: Apache-2.0
"""The background work of the archive."""

import msgspec

from entrepot.features.archive.bases import Bases
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind

BASE = "archive.base"
EVERY_MINUTE = "* * * * *"
BASE_SECONDS = 6 * 60 * 60.0
"""How long it takes at most to write everything down: a million artifacts take minutes."""


class ArchivePayload(msgspec.Struct, frozen=True):
    """What a job of the kind `BASE` is given: nothing."""


def base_kind(bases: Bases) -> JobKind[ArchivePayload]:
    """Return the kind that writes a base when it is time for one."""

    async def run(context: JobContext, _payload: ArchivePayload) -> None:
        """Look whether it is."""
        await bases.write_if_due(context.guard)

    times = (Schedule(BASE, EVERY_MINUTE, ArchivePayload()),)
    return JobKind(
        name=BASE, payload=ArchivePayload, run=run, schedules=times, max_running=1, timeout_seconds=BASE_SECONDS
    )
