# SPDX-License-Identifier: Apache-2.0
"""A registry whose events are counted for quotas when a test says so."""

from entrepot.features.quotas.checking import Checking
from entrepot.features.quotas.handlers import CountedEvents
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.requesting import Requests
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.store.checks import Check
from entrepot.infra.events import outbox
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.reading import OutboxReading
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.registry.events import decode
from tests.builders.core import RunningCore
from tests.builders.databases import until_final


async def no_pause(_seconds: float) -> None:
    """Go on at once."""


class CountingCore:
    """Counts what happens to a running core."""

    def __init__(self, running: RunningCore) -> None:
        self.running = running
        self.database = running.database
        self.checking = Checking(running.database, running.clock, no_pause)
        listener = CountedEvents(running.clock, Requests(running.clock).look_through)
        reading = OutboxReading(running.database, Doorbell())
        self.consumer = Consumer(reading, listener, decode, running.clock)
        running.database.write_now(outbox.register, listener.name, running.clock())

    async def step(self) -> bool:
        """Count some of what happened; tell whether there may be more."""
        await until_final(self.database)
        return await self.consumer.step()

    async def settle(self) -> None:
        """Count everything that happened."""
        while await self.step():
            pass
        for job in await self.database.read(queue.list_jobs, limit=1_000):
            if job.state is JobState.QUEUED:
                await self.checking.look_through(Subject(job.payload.split('"')[3]))
                await self.database.write(queue.cancel, job.id, self.running.clock())

    async def check(self) -> Check:
        """Count everything anew."""

        def report(_done: int) -> None:
            """Tell nobody."""

        return await self.checking.run(report)

    async def set_quota(self, subject: str, **of: int) -> None:
        """Give somebody a quota."""
        now = self.running.clock()
        await self.database.write(
            limits.replace, SetQuota(Subject(subject), Quota(Limits(**of)), changed_at=now, changed_by="user:root")
        )
