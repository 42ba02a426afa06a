# SPDX-License-Identifier: Apache-2.0
"""What one process serves with, and what runs beside its requests."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI

from entrepot.entry.configuration import Settings
from entrepot.features.audit import Refusals
from entrepot.features.identity import PasswordChecks
from entrepot.features.rate_limits import RateLimits
from entrepot.features.system import Presence
from entrepot.features.tokens import LastUses
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.reading import OutboxReading
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.telemetry.health import Health
from entrepot.registry.core import Core
from entrepot.registry.events import decode
from entrepot.registry.hooks import Listener

Task = Callable[[], Coroutine[None, None, None]]
"""Runs until it is cancelled."""

PAUSE_SECONDS = 1.0
"""How long what runs beside the requests waits before it begins anew."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Instance:
    """Everything one process serves with."""

    settings: Settings
    core: Core
    registry: AsgiApplication
    tokens: AsgiApplication
    api: FastAPI
    listeners: tuple[Listener, ...]
    jobs: Worker
    news: Doorbell
    """Rings when there are new events."""
    work: Doorbell
    """Rings when there are new jobs, or one has ended."""
    passwords: PasswordChecks
    uses: LastUses
    limits: RateLimits
    presence: Presence
    tasks: tuple[Task, ...]
    """What features run beside the requests."""
    refusals: Refusals
    """Told of each request that was answered with 403."""
    health: Health
    """Looks at nothing until it is told what to `watch`."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run what runs beside the requests; on leaving, finish it and close the database."""
        reading = OutboxReading(self.core.database, self.news)
        consumers = [Consumer(reading, listener, decode, self.core.clock) for listener in self.listeners]
        for consumer in consumers:
            await consumer.register()
        tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
        tasks.append(asyncio.create_task(self.core.facts.run(_facts_failed)))
        beside = (self.presence.run, self.limits.run, self.uses.run, *self.tasks)
        tasks += [asyncio.create_task(going_on(run)) for run in beside]
        worker = asyncio.create_task(self.jobs.run())
        try:
            yield
        finally:
            self.jobs.stop()
            await asyncio.wait({worker})
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self.core.facts.flush()
            await self.uses.flush()
            await self.presence.leave()
            await asyncio.to_thread(self.passwords.close)
            await asyncio.to_thread(self.core.database.close)
            for store in self.core.stores.values():
                await store.close()


async def going_on(run: Task, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Run what runs beside the requests; where it fails, say so, and begin anew unless it was to end."""
    task = asyncio.current_task()
    while True:
        try:
            return await run()
        except Exception:
            log.exception("task.failed", task=getattr(run, "__qualname__", repr(run)))
            if task is not None and task.cancelling():
                raise
        await asyncio.sleep(pause_seconds)


def _facts_failed(error: Exception) -> None:
    log.warning("pull_facts.not_stored", error=str(error))
