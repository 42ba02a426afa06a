# SPDX-License-Identifier: Apache-2.0
"""Whether backups are taken when they are due."""

from sqlalchemy import Connection

from entrepot.features.backup.errors import BackupLate
from entrepot.features.backup.models import TAKE
from entrepot.features.backup.models import Failing
from entrepot.features.backup.models import Figures
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.store import find_schedule
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import rfc3339
from entrepot.registry.store import backups

IS_OPEN = (JobState.QUEUED, JobState.RUNNING)


def newest_job(connection: Connection) -> Job | None:
    """Return the newest job that takes, or took, a backup; one that ended is known for a week."""
    return next(iter(queue.list_jobs(connection, 1, kind=TAKE)), None)


def failing(connection: Connection) -> Failing | None:
    """Return what is wrong if the schedule asked for a backup, and none was taken and none is being taken."""
    schedule, newest = find_schedule(connection, TAKE), backups.newest_taken_at(connection)
    due = None if schedule is None else schedule.last_run_at
    if due is None or (newest is not None and newest >= due):
        return None
    job = newest_job(connection)
    if job is None:
        return Failing(due, "", None)
    is_well = job.state is JobState.SUCCEEDED or (job.state in IS_OPEN and not job.failures)
    return None if is_well else Failing(due, job.last_error or "", job.id)


def backup_figures(connection: Connection) -> Figures:
    """Return how backups are. Adds up what they hold back: a survey."""
    return Figures(
        last_taken_at=backups.newest_taken_at(connection),
        kept=backups.count_kept(connection),
        held_back_bytes=backups.held_bytes(connection),
        failing=failing(connection),
    )


async def require_in_time(database: Database) -> None:
    """Raise `BackupLate` if a backup was due, and was not taken. Where no schedule is set, none ever is."""
    found = await database.snapshot(failing)
    if found is not None:
        why = f": {found.error}" if found.error else ""
        raise BackupLate(f"the backup that was due at {rfc3339(found.since)} was not taken{why}")
