# SPDX-License-Identifier: Apache-2.0
"""Jobs that do as they are told, and what drives them."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.infra.events.pacing import Backoff
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.infra.jobs.worker import Worker
from entrepot.kernel.identifiers import Ulid
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task

HANGS_AFTER_SECONDS = 30
Run = Callable[[JobContext, Task], Coroutine[Any, Any, None]]


class Stage:
    """Jobs that wait on it until they are released, and count what happens to them."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.release = asyncio.Event()
        self.has_started = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def work(self, context: JobContext, task: Task) -> None:
        """Wait for the release, and give way when interrupted."""
        self.started.append(task.text or context.job.kind)
        self.has_started.set()
        await self.release.wait()
        self.ended.append(task.text or context.job.kind)
        self.has_ended.set()

    async def ignore_cancellation(self, context: JobContext, task: Task) -> None:
        """Wait for the release, whatever anybody says."""
        self.started.append(context.job.kind)
        while not self.release.is_set():
            with suppress(asyncio.CancelledError):
                await self.release.wait()
        self.ended.append(context.job.kind)


async def fail(_context: JobContext, _task: Task) -> None:
    """Do nothing but fail."""
    raise ArithmeticError("no " * 500)


def a_kind(run: Run, name: str = "scan", **limits: Any) -> JobKind[Task]:
    """Make a kind with a short pause between attempts."""
    return JobKind(name=name, payload=Task, run=run, **{"backoff": Backoff(1_000, 1_000)} | limits)


async def turn(worker: Worker) -> None:
    """Let a worker turn until nothing is to be done at once, and let its jobs begin."""
    while await worker.turn():
        pass
    await asyncio.sleep(0.001)


async def run_out(worker: Worker) -> None:
    """Let a worker turn until it has nothing more to run."""
    is_busy = True
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while is_busy:
            is_idle = not worker._runs
            is_busy = await worker.turn() or not is_idle
            if worker._runs:
                await asyncio.wait(worker._runs.values())


async def ask(table: JobTable, kind: str = "scan", payload: Task | None = None) -> Ulid:
    """Enqueue a job."""
    return await table.database.write(queue.enqueue, kind, payload or Task(), table.clock())


async def look(table: JobTable, job_id: Ulid) -> Job:
    """Find a job that must be there."""
    job = await table.database.read(queue.find, job_id)
    assert job is not None
    return job


def claim_for_nobody(connection: Connection, table: JobTable) -> None:
    """Let a process that does not live claim every job."""
    connection.execute(
        text("UPDATE jobs SET state = 'running', claims = claims + 1, lease_until = :until"),
        {"until": table.clock() + LEASE_MS},
    )
