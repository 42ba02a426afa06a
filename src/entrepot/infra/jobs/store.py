# SPDX-License-Identifier: Apache-2.0
"""What workers do to the table: claim, renew, settle, reap, prune."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from itertools import zip_longest

import sqlalchemy as sa

from entrepot.infra.jobs.tables import IS_QUEUED
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

CHORE_ROWS = 500


@dataclass(frozen=True, slots=True)
class Backlog:
    """The jobs of one kind in one state: how many, and when the first was due and had started."""

    kind: str
    state: JobState
    count: int
    run_after: Milliseconds
    started_at: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Job:
    """A row. `claims` is its newest claim's number, which fences earlier ones; `payload` and `progress` are JSON."""

    id: Ulid
    kind: str
    payload: str
    unique_key: str | None
    state: JobState
    run_after: Milliseconds
    claims: int
    failures: int
    claimed_by: str | None
    lease_until: Milliseconds | None
    cancel_requested_at: Milliseconds | None
    progress: str | None
    last_error: str | None
    created_at: Milliseconds
    started_at: Milliseconds | None
    finished_at: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of job that is enqueued whenever `cron` says, in UTC."""

    name: str
    cron: str
    kind: str
    next_run_at: Milliseconds
    last_run_at: Milliseconds | None


_NOW = sa.bindparam("now", type_=sa.BigInteger)
_BACKLOG = (
    sa.select(jobs.c.kind, jobs.c.state, sa.func.count(), sa.func.min(jobs.c.run_after), sa.func.min(jobs.c.started_at))
    .where(jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING, JobState.DEAD]))
    .group_by(jobs.c.kind, jobs.c.state)
)
_IS_EXPIRED = jobs.c.lease_until <= _NOW
_IS_OLD = jobs.c.finished_at < sa.bindparam("before")
_IS_SCHEDULED = sa.exists().where(schedules.c.next_run_at <= _NOW)
_HAS_CHORES = sa.select(sa.or_(_IS_SCHEDULED, sa.exists().where(_IS_EXPIRED), sa.exists().where(_IS_OLD)))
_NEXT = (
    sa.select(jobs.c.id)
    .where(jobs.c.kind == sa.bindparam("kind"), IS_QUEUED, jobs.c.run_after <= _NOW)
    .order_by(jobs.c.run_after, jobs.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_TAKE = _NEXT.with_for_update(skip_locked=True)
_EXPIRED = sa.select(jobs).where(_IS_EXPIRED).limit(CHORE_ROWS).with_for_update(skip_locked=True)
_ANY_SCHEDULE = sa.select(*(schedules.c[name] for name in ("name", "cron", "kind", "next_run_at", "last_run_at")))
_SCHEDULES = (
    _ANY_SCHEDULE.where(schedules.c.name > sa.bindparam("after"))
    .order_by(schedules.c.name)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_SCHEDULE = _ANY_SCHEDULE.where(schedules.c.name == sa.bindparam("name"))
_PRUNE = sa.delete(jobs).where(jobs.c.id.in_(sa.select(jobs.c.id).where(_IS_OLD).limit(CHORE_ROWS)))


def pending(connection: sa.Connection, kinds: list[str], now: Milliseconds, before: Milliseconds) -> tuple[bool, bool]:
    """Tell whether a job of `kinds` is due, and whether there are chores: a schedule, a lease or an old job."""
    has_work = any(connection.scalar(_NEXT, {"kind": kind, "limit": 1, "now": now}) for kind in kinds)
    return has_work, bool(connection.scalar(_HAS_CHORES, {"now": now, "before": before}))


def claim(
    connection: sa.Connection, worker: str, room: Mapping[str, int], slots: int, clock: Clock, lease_ms: int
) -> list[Job]:
    """Claim up to `slots` due jobs, of each kind at most its `room`: the oldest of every kind in turn, then again.

    The lease begins in here, because waiting for the database may have taken longer than it lasts.
    """
    now = clock()
    lanes = [connection.scalars(_TAKE, {"kind": kind, "limit": min(n, slots), "now": now}) for kind, n in room.items()]
    chosen = [job_id for job_id in chain(*zip_longest(*lanes)) if job_id][:slots]
    claimed = {"state": JobState.RUNNING, "claimed_by": worker, "lease_until": now + lease_ms, "started_at": now}
    claim = sa.update(jobs).where(jobs.c.id.in_(chosen)).values(claimed | {"claims": jobs.c.claims + 1})
    places = {job_id: place for place, job_id in enumerate(chosen)}
    return sorted(read_jobs(connection, claim.returning(jobs)), key=lambda job: places[job.id])


def renew(connection: sa.Connection, held: list[Job], lease_until: Milliseconds) -> set[Ulid]:
    """Extend leases and store the progress; return which jobs go on, neither lost nor cancelled."""
    going_on = set()
    for job in held:
        renewed = sa.update(jobs).where(_is_held(job)).values(lease_until=lease_until, progress=job.progress)
        row = connection.execute(renewed.returning(jobs.c.cancel_requested_at)).one_or_none()
        if row is not None and row.cancel_requested_at is None:
            going_on.add(job.id)
    return going_on


def is_held(connection: sa.Connection, job: Job) -> bool:
    """Tell whether the claim on `job` is good; it stays so until the transaction ends."""
    held = sa.select(jobs.c.id).where(_is_held(job)).with_for_update(read=True)
    return connection.execute(held).one_or_none() is not None


def settle(connection: sa.Connection, job: Job, state: JobState, now: Milliseconds) -> bool:
    """End a claim in `state`: `QUEUED` gives it back; a job to be cancelled is, unless it succeeded. False if lost."""
    is_cancelled = jobs.c.cancel_requested_at.is_not(None) if state != JobState.SUCCEEDED else sa.false()
    values = {
        "state": sa.case((is_cancelled, JobState.CANCELLED), else_=state),
        "finished_at": sa.case((is_cancelled, now), else_=None if state == JobState.QUEUED else now),
        "claimed_by": None,
        "lease_until": None,
    } | {name: getattr(job, name) for name in ("run_after", "failures", "last_error", "progress")}
    return connection.execute(sa.update(jobs).where(_is_held(job)).values(values)).rowcount == 1


def sweep(connection: sa.Connection, now: Milliseconds, before: Milliseconds) -> list[Job]:
    """Delete some jobs that finished before `before`; return those whose lease has ended, for the caller to settle."""
    connection.execute(_PRUNE, {"before": before})
    return read_jobs(connection, _EXPIRED.params(now=now))


def backlog(connection: sa.Connection) -> list[Backlog]:
    """Count the jobs that have not ended, and those that were given up, by kind and state."""
    return [Backlog(kind, JobState(state), *rest) for kind, state, *rest in connection.execute(_BACKLOG)]


def list_schedules(connection: sa.Connection, after: str, limit: int) -> list[Schedule]:
    """Return up to `limit` schedules behind the name `after`."""
    return [Schedule(*row) for row in connection.execute(_SCHEDULES, {"after": after, "limit": limit})]


def find_schedule(connection: sa.Connection, name: str) -> Schedule | None:
    """Return the schedule of that name."""
    found = connection.execute(_SCHEDULE, {"name": name}).one_or_none()
    return None if found is None else Schedule(*found)


def read_jobs(connection: sa.Connection, statement: sa.Executable) -> list[Job]:
    """Return the jobs of a statement whose rows are whole rows of the table."""
    return [Job(**{**row, "state": JobState(row["state"])}) for row in connection.execute(statement).mappings()]


def _is_held(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(jobs.c.id == job.id, jobs.c.claims == job.claims, jobs.c.state == JobState.RUNNING)
