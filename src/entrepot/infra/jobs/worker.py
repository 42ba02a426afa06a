# SPDX-License-Identifier: Apache-2.0
"""Doing the work: claims jobs, runs each as a task, renews the leases, and does the table's chores."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import Generic
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.infra.jobs import store
from entrepot.infra.jobs.queue import fire_due_schedules
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Conflict
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

P = TypeVar("P", bound=msgspec.Struct)
T = TypeVar("T")
MAX_ERROR_CHARACTERS = 500

log = structlog.get_logger(__name__)


class LeaseLost(Conflict):
    """This run of the job lost its lease: another worker may run it now."""

    code = "job_lease_lost"


class JobContext:
    """A job as its own code sees it while it runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.interrupted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def report(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the job is; costs nothing, and is stored at the next heartbeat."""
        progress = msgspec.json.encode({"done": done, "total": total, "note": note[:200]}).decode()
        self.job = replace(self.job, progress=progress)

    def guard(self, connection: Connection) -> None:
        """Call first in a transaction that writes the job's effect. Raises `LeaseLost`, which undoes it."""
        if not store.is_held(connection, self.job):
            raise LeaseLost

    def interrupt(self) -> None:
        """Ask for the run to end: the job is cancelled or lost, or the worker stops."""
        if not self.interrupted.done():
            self.interrupted.set_result(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[P]):
    """A sort of job: what runs it, what it is given, and its limits (`max_running` is per worker)."""

    name: str
    payload: type[P]
    run: Callable[[JobContext, P], Awaitable[None]]
    max_attempts: int = 5
    max_running: int = 4
    timeout_seconds: float = 600
    backoff: Backoff = Backoff()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How a worker behaves: a lease outlasts three heartbeats; a heartbeat and the grace stay below 30 s."""

    slots: int = 8
    lease_ms: int = 20_000
    heartbeat_seconds: float = 5
    cancel_grace_seconds: float = 10
    stop_grace_seconds: float = 20
    keep_finished_ms: int = 7 * DAY_MS


class Worker:
    """Runs jobs of several kinds at once, taking turns among the kinds; none may fill all slots."""

    def __init__(
        self,
        database: Database,
        kinds: Sequence[JobKind[Any]],
        doorbell: Doorbell,
        clock: Clock,
        settings: WorkerSettings,
    ) -> None:
        if len(kinds) > 1 and max(kind.max_running for kind in kinds) >= settings.slots:
            raise ValueError("one kind of job could take every slot: give the worker more slots than any max_running")
        self.name = f"{socket.gethostname()}:{os.getpid()}:{new_ulid()}"
        self._database = database
        self._kinds = {kind.name: kind for kind in kinds}
        self._turns = dict.fromkeys(self._kinds, 0)
        self._doorbell = doorbell
        self._clock = clock
        self._settings = settings
        self._runs: dict[asyncio.Task[None], JobContext] = {}
        self._is_stopping = False

    def stop(self) -> None:
        """Claim nothing more; `run` returns when its jobs have ended or, after the grace, were given back."""
        self._is_stopping = True
        self._doorbell.ring()

    async def run(self) -> None:
        """Work until `stop`."""
        heartbeats = asyncio.create_task(self._heartbeats())
        try:
            while not self._is_stopping:
                ring = self._doorbell.next_ring()
                if not await self._reach(self.turn()):
                    await wait_for_ring(ring)
        finally:
            if self._runs:
                await asyncio.wait(self._runs, timeout=self._settings.stop_grace_seconds)
            for context in self._runs.values():
                context.interrupt()
            await asyncio.gather(*self._runs)
            heartbeats.cancel()

    async def turn(self) -> bool:
        """Do the chores that are due and start the jobs that may start; tell whether there was anything to do."""
        now = self._clock()
        running = Counter(context.job.kind for context in self._runs.values())
        turns = sorted(self._kinds.values(), key=lambda kind: self._turns[kind.name])
        room = {
            kind.name: kind.max_running - running[kind.name] for kind in turns if kind.max_running > running[kind.name]
        }
        before = after(now, -self._settings.keep_finished_ms)
        has_work, has_chores = await self._database.read(store.pending, list(room), now, before)
        if has_chores:
            await self._database.write(self._do_chores, now, before)
        slots = self._settings.slots - len(self._runs)
        if not has_work or slots <= 0:
            return has_chores
        claimed = await self._database.write(store.claim, self.name, room, slots, now, self._settings.lease_ms)
        for job in claimed:
            self._turns[job.kind] = max(self._turns.values()) + 1
            context = JobContext(job)
            task = asyncio.create_task(self._supervise(context))
            task.add_done_callback(self._forget)
            self._runs[task] = context
        return bool(claimed)

    async def beat(self) -> None:
        """Renew the leases of all that runs here, and interrupt what was cancelled or lost."""
        contexts = list(self._runs.values())
        lease_until = after(self._clock(), self._settings.lease_ms)
        go_on = await self._database.write(_renew, [context.job for context in contexts], lease_until)
        for context in contexts:
            if context.job.id not in go_on:
                context.interrupt()

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat_seconds)
            if self._runs:
                await self._reach(self.beat())

    async def _supervise(self, context: JobContext) -> None:
        kind = self._kinds[context.job.kind]
        call = asyncio.create_task(_call(kind, context))
        ends = {call, context.interrupted}
        done, _ = await asyncio.wait(ends, timeout=kind.timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        if call in done:
            error = "CancelledError: the job cancelled itself" if call.cancelled() else call.result()
            await self._reach(self._database.write(self._end, context.job, error))
            return
        call.cancel()
        await asyncio.wait({call}, timeout=self._settings.cancel_grace_seconds)
        if done:
            await self._reach(self._database.write(store.settle, context.job, JobState.QUEUED, self._clock()))
        else:
            error = f"TimeoutError: it ran longer than {kind.timeout_seconds:g} seconds"
            await self._reach(self._database.write(self._end, context.job, error))

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._runs[task]
        self._doorbell.ring()

    def _do_chores(self, connection: Connection, now: Milliseconds, before: Milliseconds) -> None:
        fire_due_schedules(connection, now)
        for job in store.expired(connection, list(self._kinds), now):
            self._end(connection, job, "LeaseLost: its worker went away")
        store.prune(connection, before)

    def _end(self, connection: Connection, job: Job, error: str | None) -> None:
        kind, now, failures = self._kinds[job.kind], self._clock(), job.failures + 1
        if error is None:
            store.settle(connection, job, JobState.SUCCEEDED, now)
            return
        log.warning("job.failed", job=job.id, kind=job.kind, failures=failures, error=error)
        state = JobState.QUEUED if failures < kind.max_attempts else JobState.DEAD
        retry_at = after(now, kind.backoff.delay_ms(failures))
        store.settle(connection, job, state, now, error=error[:MAX_ERROR_CHARACTERS], retry_at=retry_at)

    async def _reach(self, work: Awaitable[T]) -> T | None:
        try:
            return await work
        except DatabaseUnavailable as error:
            log.warning("jobs.database_unavailable", error=error.message)
            return None


async def _call(kind: JobKind[Any], context: JobContext) -> str | None:
    """Run a job and return what went wrong."""
    try:
        await kind.run(context, msgspec.json.decode(context.job.payload, type=kind.payload))
    except Exception as error:  # noqa: BLE001 (the outermost edge of a job)
        return f"{type(error).__name__}: {error}"
    return None


def _renew(connection: Connection, held: list[Job], lease_until: Milliseconds) -> set[Ulid]:
    return {job.id for job in held if store.renew(connection, job, lease_until)}
