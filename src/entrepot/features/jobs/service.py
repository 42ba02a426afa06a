# SPDX-License-Identifier: Apache-2.0
"""The use cases of administrators about background work."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.jobs.errors import JobFinished
from entrepot.features.jobs.errors import JobNotRetryable
from entrepot.features.jobs.errors import JobUnknown
from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.store import Schedule
from entrepot.infra.jobs.store import list_schedules
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of jobs, newest first; `is_more` says whether older ones follow."""

    jobs: list[Job]
    is_more: bool


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """One page of schedules by name; `is_more` says whether another follows."""

    schedules: list[Schedule]
    is_more: bool


class Jobs:
    """Looking at jobs, and stopping and repeating them. Who may is the caller's to ask."""

    def __init__(self, database: Database, doorbell: Doorbell, clock: Clock) -> None:
        self._database = database
        self._doorbell = doorbell
        self._clock = clock

    async def page(self, state: JobState | None, kind: str, before: str, limit: int) -> JobPage:
        """Return the jobs older than the one named `before`, at most `limit`; those of one state and kind if given."""
        found = await self._database.read(queue.list_jobs, limit + 1, state=state, kind=kind or None, before=before)
        return JobPage(found[:limit], len(found) > limit)

    async def show(self, job_id: Ulid) -> Job:
        """Return one job. Raises `JobUnknown`."""
        return await self._database.read(_known, job_id)

    async def cancel(self, job_id: Ulid) -> Job:
        """Stop a job: one that waits at once, one that runs at its next heartbeat. Raises `JobUnknown`, `JobFinished`.

        Asking again changes nothing.
        """
        return await self._database.write(_cancel, job_id, self._clock())

    async def retry(self, job_id: Ulid) -> Job:
        """Queue a job again that was given up or cancelled, to run now. Raises `JobUnknown` and `JobNotRetryable`."""
        job = await self._database.write(_retry, job_id, self._clock())
        self._doorbell.ring()
        return job

    async def schedules(self, after: str, limit: int) -> SchedulePage:
        """Return the schedules behind the name `after`, at most `limit`."""
        found = await self._database.read(list_schedules, after, limit + 1)
        return SchedulePage(found[:limit], len(found) > limit)


def _known(connection: Connection, job_id: Ulid) -> Job:
    job = queue.find(connection, job_id)
    if job is None:
        raise JobUnknown(f"there is no job {job_id}")
    return job


def _cancel(connection: Connection, job_id: Ulid, now: Milliseconds) -> Job:
    job = _known(connection, job_id)
    if job.cancel_requested_at is None and not queue.cancel(connection, job_id, now):
        raise JobFinished(
            f"the job {job_id} has ended already: it is {job.state}", hint="There is nothing left to cancel."
        )
    if job.cancel_requested_at is None:
        announce(connection, Change.JOB_CANCELLED, now, _told(job))
    return _known(connection, job_id)


def _retry(connection: Connection, job_id: Ulid, now: Milliseconds) -> Job:
    job = _known(connection, job_id)
    if not queue.retry(connection, job_id, now):
        raise _not_retryable(job)
    announce(connection, Change.JOB_RETRIED, now, _told(job))
    return _known(connection, job_id)


def _told(job: Job) -> Told:
    return Told(object=f"job:{job.id}", before={"kind": job.kind, "state": job.state.value})


def _not_retryable(job: Job) -> JobNotRetryable:
    if job.state in (JobState.DEAD, JobState.CANCELLED):
        message = f"another job does the work of {job.id}: it waits or runs under the same key"
        return JobNotRetryable(message, hint="Wait for that one to end; if it fails too, retry this one or that.")
    message = f"the job {job.id} is {job.state}: only one that is dead or cancelled can be queued again"
    return JobNotRetryable(message, hint="Cancel it first if it is to begin anew.")
