# SPDX-License-Identifier: Apache-2.0
"""Background work that is done at its times, and needs to be told nothing but what time it is."""

from collections.abc import Awaitable
from collections.abc import Callable

import msgspec

from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds


class Nothing(msgspec.Struct, frozen=True):
    """The payload of a job that needs none."""


def regular_kind(
    clock: Clock, name: str, cron: str, work: Callable[[Milliseconds], Awaitable[None]]
) -> JobKind[Nothing]:
    """Return the kind of job that does `work` whenever `cron` says, never twice at once."""

    async def run(_context: JobContext, _payload: Nothing) -> None:
        """Do it once."""
        await work(clock())

    times = (Schedule(name, cron, Nothing()),)
    return JobKind(name=name, payload=Nothing, run=run, schedules=times, max_running=1)
