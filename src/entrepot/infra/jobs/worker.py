# SPDX-License-Identifier: Apache-2.0
"""Doing the work: claims jobs, runs each as a task, renews the leases, and does the table's chores."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import Generic
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events.outbox import MAX_ERROR_CHARACTERS
from entrepot.infra.events.pacing import POLL_SECONDS
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.infra.jobs import store
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.queue import fire_due_schedules
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.access import internal
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Conflict
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts

P = TypeVar("P", bound=msgspec.Struct)

log = structlog.get_logger(__name__)


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
        """Call first in a transaction that writes the job's effect: raises `Conflict` if another run took over."""
        if not store.is_held(connection, self.job):
            raise Conflict("this run of the job lost its lease: another worker may be running it")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[P]):
    """A sort of job: what runs it, what it is given, when by itself, and its limits (`max_running` is per worker)."""

    name: str
    payload: type[P]
    run: Callable[[JobContext, P], Awaitable[None]]
    schedules: tuple[Schedule, ...] = ()
    max_attempts: int = 5
    max_running: int = 4
    timeout_seconds: float = 600
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How a worker behaves: a lease outlasts three heartbeats; a heartbeat and the grace stay below 30 s."""

    slots: int = 8
    lease_ms: int = 20_000
    heartbeat_ms: int = 5_000
    cancel_grace_seconds: float = 10
    stop_grace_ms: int = 20_000
    keep_finished_ms: int = 7 * DAY_MS
    poll_seconds: float = POLL_SECONDS


class Worker:
    """Runs jobs of several kinds at once, taking turns among the kinds; none can fill every slot."""

    def __init__(
        self, database: Database, kinds: list[JobKind[Any]], doorbell: Doorbell, clock: Clock, settings: WorkerSettings
    ) -> None:
        if len(kinds) > 1 and max(kind.max_running for kind in kinds) >= settings.slots:
            raise ValueError("one kind of job could take every slot: give the worker more slots than any max_running")
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._database = database
        self._kinds = {kind.name: kind for kind in kinds}
        self._turns = list(self._kinds)
        self._doorbell = doorbell
        self._clock = clock
        self._settings = settings
        self._runs: dict[JobContext, asyncio.Task[None]] = {}
        self._next_beat = clock()
        self._stop_by: Milliseconds | None = None

    def stop(self) -> None:
        """Claim nothing more; `run` returns when its jobs have ended or, after the grace, were given back."""
        self._stop_by = after(self._clock(), self._settings.stop_grace_ms)
        self._doorbell.ring()

    async def run(self) -> None:
        """Work until `stop`. Whoever cancels this instead leaves its jobs to the end of their leases."""
        while self._stop_by is None or self._runs:
            ring = self._doorbell.next_ring()
            if not await self._attempt(self.turn()):
                await wait_for_ring(ring, self._settings.poll_seconds)

    async def turn(self) -> bool:
        """Renew leases, do chores and start jobs, whatever is due; tell whether to look again at once."""
        now = self._clock()
        if self._stop_by is not None and now >= self._stop_by:
            for context in self._runs:
                context.interrupted.cancel()
        if self._runs and now >= self._next_beat:
            await self._beat(now)
        if self._stop_by is not None:
            return False
        before = after(now, -self._settings.keep_finished_ms)
        has_work, has_chores = await self._database.read(store.pending, list(self._kinds), now, before)
        if has_chores:
            await self._database.write_locked(self._do_chores, now, before)
        return has_chores or (has_work and len(self._runs) < self._settings.slots and await self._start())

    async def _start(self) -> bool:
        running = Counter(context.job.kind for context in self._runs)
        room = {name: self._kinds[name].max_running - running[name] for name in self._turns}
        slots, lease_ms = self._settings.slots - len(self._runs), self._settings.lease_ms
        claimed = await self._database.write_locked(store.claim, self.name, room, slots, self._clock, lease_ms)
        for job in claimed:
            self._turns.remove(job.kind)
            self._turns.append(job.kind)
            context = JobContext(job)
            self._runs[context] = asyncio.create_task(self._supervise(context))
        return bool(claimed)

    async def _beat(self, now: Milliseconds) -> None:
        held = list(self._runs)
        lease_until = after(now, self._settings.lease_ms)
        going_on = await self._database.write_locked(store.renew, [context.job for context in held], lease_until)
        self._next_beat = after(now, self._settings.heartbeat_ms)
        for context in held:
            if context.job.id not in going_on:
                context.interrupted.cancel()

    async def _supervise(self, context: JobContext) -> None:
        kind = self._kinds[context.job.kind]
        call = asyncio.create_task(_call(kind, context))
        ends: list[asyncio.Future[Any]] = [call, context.interrupted]
        done, _ = await asyncio.wait(ends, timeout=kind.timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        if call not in done:
            call.cancel()
            await asyncio.wait([call], timeout=self._settings.cancel_grace_seconds)
        if done == {context.interrupted}:
            await self._attempt(self._database.write_locked(store.settle, context.job, JobState.QUEUED, self._clock()))
        else:
            error = call.result() if done else f"TimeoutError: it ran longer than {kind.timeout_seconds:g} seconds"
            await self._attempt(self._database.write_locked(self._end, context.job, error))
        del self._runs[context]
        self._doorbell.ring()

    async def _attempt(self, work: Awaitable[bool]) -> bool:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - the outermost edge: the next turn, or another worker, tries again
            log.warning("jobs.not_done", error=f"{type(error).__name__}: {error}")
            return False

    def _do_chores(self, connection: Connection, now: Milliseconds, before: Milliseconds) -> None:
        fire_due_schedules(connection, now)
        for job in store.sweep(connection, now, before):
            if job.kind in self._kinds:
                self._end(connection, job, "LeaseLost: its worker went away")
            else:
                store.settle(connection, job, JobState.QUEUED, now)

    def _end(self, connection: Connection, job: Job, error: str | None) -> bool:
        kind, now, failures = self._kinds[job.kind], self._clock(), job.failures + 1
        if error is None:
            return store.settle(connection, job, JobState.SUCCEEDED, now)
        log.warning("job.failed", job=job.id, kind=job.kind, failures=failures, error=error)
        run_after = after(now, kind.backoff.delay_ms(failures))
        failed = replace(job, failures=failures, last_error=error[:MAX_ERROR_CHARACTERS], run_after=run_after)
        is_last = failures >= kind.max_attempts
        return store.settle(connection, failed, JobState.DEAD if is_last else JobState.QUEUED, now)


async def _call(kind: JobKind[Any], context: JobContext) -> str | None:
    """Run a job and return what went wrong. Whoever cancels this task knows why.

    What it changes is its own doing, and its id stands where that of a request would.
    """
    facts = RequestFacts()
    facts.request_id, facts.principal = context.job.id, internal(kind.name)
    current_facts.set(facts)
    try:
        await kind.run(context, msgspec.json.decode(context.job.payload, type=kind.payload))
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the outermost edge of a job
        return f"{type(error).__name__}: {error}"
    return None
