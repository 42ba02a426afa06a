# SPDX-License-Identifier: Apache-2.0
"""Asking for work. Every function belongs in the caller's transaction; ring the jobs' doorbell after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

import msgspec
import sqlalchemy as sa

from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.infra.events.pacing import next_time
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.store import read_jobs
from entrepot.infra.jobs.tables import IS_OPEN
from entrepot.infra.jobs.tables import IS_QUEUED
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job of a kind, whenever `cron` says; it has the name of the kind, unless that has several."""

    kind: str
    cron: str
    payload: msgspec.Struct
    name: str = ""


def enqueue(
    connection: sa.Connection,
    kind: str,
    payload: msgspec.Struct | msgspec.Raw,
    now: Milliseconds,
    *,
    unique_key: str | None = None,
    run_after: Milliseconds | None = None,
) -> Ulid:
    """Add a job and return its id. Jobs of a kind start in the order of `run_after`: 0 puts one before the others.

    While one with the same `unique_key` is unfinished, nothing is added and its id is returned. The payload is
    stored as JSON and shown to administrators: put the name of a secret into it, never a secret.
    """
    job_id = new_ulid()
    values = {
        "id": job_id,
        "kind": kind,
        "payload": msgspec.json.encode(payload).decode(),
        "unique_key": unique_key,
        "state": JobState.QUEUED,
        "run_after": now if run_after is None else run_after,
        "created_at": now,
    }
    twin = sa.select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.unique_key == unique_key, IS_OPEN)
    while not insert_if_absent(connection, jobs, values):
        existing = connection.scalar(twin)
        if existing is not None:  # else it finished between the two statements
            return Ulid(existing)
    return job_id


def cancel(connection: sa.Connection, job_id: Ulid, now: Milliseconds) -> bool:
    """Stop a job: at once if it waits, else from its next heartbeat on. False if it is finished or unknown."""
    values = {
        "cancel_requested_at": now,
        "state": sa.case((IS_QUEUED, JobState.CANCELLED), else_=jobs.c.state),
        "finished_at": sa.case((IS_QUEUED, now)),
    }
    return connection.execute(sa.update(jobs).where(jobs.c.id == job_id, IS_OPEN).values(values)).rowcount == 1


def retry(connection: sa.Connection, job_id: Ulid, now: Milliseconds) -> bool:
    """Queue a dead or cancelled job again with all its attempts; False if it is neither or its key is taken."""
    other = jobs.alias()
    is_twin = other.c.kind == jobs.c.kind, other.c.unique_key == jobs.c.unique_key, other.c.finished_at.is_(None)
    may_run = jobs.c.state.in_([JobState.DEAD, JobState.CANCELLED]), ~sa.exists().where(*is_twin)
    values = {"state": "queued", "run_after": now, "failures": 0, "finished_at": None, "cancel_requested_at": None}
    return connection.execute(sa.update(jobs).where(jobs.c.id == job_id, *may_run).values(values)).rowcount == 1


def is_open(connection: sa.Connection, kind: str, unique_key: str) -> bool:
    """Tell whether a job of that key waits or runs."""
    return find_open(connection, kind, unique_key) is not None


def find_open(connection: sa.Connection, kind: str, unique_key: str) -> Ulid | None:
    """Return the job of that key that waits or runs."""
    twin = sa.select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.unique_key == unique_key, IS_OPEN)
    return connection.execute(twin).scalars().first()


def find(connection: sa.Connection, job_id: Ulid) -> Job | None:
    """Return one job."""
    return next(iter(read_jobs(connection, sa.select(jobs).where(jobs.c.id == job_id))), None)


def list_jobs(
    connection: sa.Connection, limit: int, *, state: JobState | None = None, kind: str | None = None, before: str = ""
) -> list[Job]:
    """Return jobs, newest first, those older than the job `before`."""
    given = (state, jobs.c.state == state), (kind, jobs.c.kind == kind), (before, jobs.c.id < before)
    wanted = [condition for value, condition in given if value]
    return read_jobs(connection, sa.select(jobs).where(*wanted).order_by(jobs.c.id.desc()).limit(limit))


def declare_schedules(connection: sa.Connection, wanted: Iterable[Schedule], now: Milliseconds) -> None:
    """Enqueue such jobs at their times; only another `cron` changes the next time of one. Raises `InvalidSchedule`."""
    rows = [
        {
            "name": each.name or each.kind,
            "cron": each.cron,
            "kind": each.kind,
            "payload": msgspec.json.encode(each.payload).decode(),
            "next_run_at": next_time(each.cron, now),
        }
        for each in wanted
    ]
    rows.sort(key=itemgetter("name"))
    insert = dialect_insert(connection, schedules)
    new = insert.excluded
    next_due = sa.case((schedules.c.cron == new.cron, schedules.c.next_run_at), else_=new.next_run_at)
    content = {"cron": new.cron, "kind": new.kind, "payload": new.payload, "next_run_at": next_due}
    if rows:
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=content), rows)


def remove_schedule(connection: sa.Connection, name: str) -> None:
    """Forget a schedule; jobs it already enqueued stay."""
    connection.execute(sa.delete(schedules).where(schedules.c.name == name))


def fire_due_schedules(connection: sa.Connection, now: Milliseconds) -> None:
    """Enqueue a job for each due schedule: missed times count as one, and none is added beside an unfinished one."""
    due = sa.select(schedules).where(schedules.c.next_run_at <= now).with_for_update(skip_locked=True)
    for row in connection.execute(due).all():
        enqueue(connection, row.kind, msgspec.Raw(row.payload.encode()), now, unique_key=f"schedule:{row.name}")
        times = {"next_run_at": next_time(row.cron, now), "last_run_at": now}
        connection.execute(sa.update(schedules).where(schedules.c.name == row.name).values(times))
