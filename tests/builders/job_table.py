# SPDX-License-Identifier: Apache-2.0
"""The job table as tests speak of it: on any database, at a time that the test sets."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.jobs import store
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import Ulid
from tests.fakes.settable_clock import SettableClock

LEASE_MS = 20_000


class Task(msgspec.Struct, frozen=True):
    """What a job of the tests is given."""

    text: str = ""


class JobTable:
    """Each method is one transaction."""

    def __init__(self, database: Database, clock: SettableClock) -> None:
        self.database = database
        self.clock = clock

    def enqueue(self, kind: str = "scan", unique_key: str | None = None, delay_ms: int = 0) -> Ulid:
        """Ask for a job."""
        now = self.clock()
        run_after = after(now, delay_ms)
        return self.database.write_now(queue.enqueue, kind, Task(), now, unique_key=unique_key, run_after=run_after)

    def claim(self, slots: int = 1, room: Mapping[str, int] | None = None, worker: str = "one") -> list[Job]:
        """Claim as a worker does, by default one job of the kind `scan`."""
        room = {"scan": slots} if room is None else room
        return self.database.write_now(store.claim, worker, room, slots, self.clock, LEASE_MS)

    def renew(self, *held: Job) -> set[Ulid]:
        """Send the heartbeat of a worker."""
        return self.database.write_now(store.renew, list(held), after(self.clock(), LEASE_MS))

    def settle(self, job: Job, state: JobState = JobState.SUCCEEDED) -> bool:
        """End a claim."""
        return self.database.write_now(store.settle, job, state, self.clock())

    def fail(self, job: Job, delay_ms: int = 0) -> bool:
        """End a claim as failed, to be tried again."""
        run_after = after(self.clock(), delay_ms)
        failed = replace(job, failures=job.failures + 1, last_error="ArithmeticError: no", run_after=run_after)
        return self.settle(failed, JobState.QUEUED)

    def sweep(self, keep_ms: int = 10**9) -> list[Job]:
        """Do the chores of a worker: expired leases count as failures. Returns whose lease was over."""
        now = self.clock()

        def chores(connection: Connection) -> list[Job]:
            expired = store.sweep(connection, now, after(now, -keep_ms))
            for job in expired:
                store.settle(connection, replace(job, failures=job.failures + 1), JobState.QUEUED, now)
            return expired

        return self.database.write_now(chores)

    def pending(self, *kinds: str) -> tuple[bool, bool]:
        """Ask whether a job is due, and whether a chore is."""
        return self.database.write_now(store.pending, list(kinds), self.clock(), Milliseconds(0))

    def cancel(self, job_id: Ulid) -> bool:
        """Ask a job to stop."""
        return self.database.write_now(queue.cancel, job_id, self.clock())

    def retry(self, job_id: Ulid) -> bool:
        """Ask for a finished job again."""
        return self.database.write_now(queue.retry, job_id, self.clock())

    def find(self, job_id: Ulid) -> Job:
        """Look at a job that must be there."""
        job = self.database.write_now(queue.find, job_id)
        assert job is not None
        return job
