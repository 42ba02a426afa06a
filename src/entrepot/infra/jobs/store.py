# SPDX-License-Identifier: Apache-2.0
"""What workers do to the table: claim, renew, settle, reap, prune."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from itertools import zip_longest

import sqlalchemy as sa
from sqlalchemy import Connection

from entrepot.infra.jobs.tables import IS_FINISHED
from entrepot.infra.jobs.tables import IS_QUEUED
from entrepot.infra.jobs.tables import IS_RUNNING
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

CHORE_ROWS = 500


@dataclass(frozen=True, slots=True)
class Job:
    """A row. Whoever claims the job holds it by the number of `claims`: a higher one ends all earlier rights.

    `payload` is JSON, and so is `progress`: `{"done": 3, "total": 9, "note": "..."}`.
    """

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


_NOW = sa.bindparam("now", type_=sa.BigInteger)
_IS_KNOWN = jobs.c.kind.in_(sa.bindparam("kinds", expanding=True))
_IS_DUE = sa.and_(IS_QUEUED, jobs.c.run_after <= _NOW)
_IS_EXPIRED = sa.and_(IS_RUNNING, jobs.c.lease_until <= _NOW, _IS_KNOWN)
_IS_OLD = sa.and_(IS_FINISHED, jobs.c.finished_at < sa.bindparam("before"))
_HAS_WORK = sa.exists().where(_IS_KNOWN, _IS_DUE)
_HAS_TIME_COME = sa.exists().where(schedules.c.next_run_at <= _NOW)
_PENDING = sa.select(
    _HAS_WORK, sa.or_(_HAS_TIME_COME, sa.exists().where(_IS_EXPIRED), sa.exists().where(_IS_OLD)).label("has_chores")
)
_NEXT = (
    sa.select(jobs.c.id)
    .where(jobs.c.kind == sa.bindparam("kind"), _IS_DUE)
    .order_by(jobs.c.run_after, jobs.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_EXPIRED = sa.select(jobs).where(_IS_EXPIRED).limit(CHORE_ROWS).with_for_update(skip_locked=True)
_PRUNE = sa.delete(jobs).where(jobs.c.id.in_(sa.select(jobs.c.id).where(_IS_OLD).limit(CHORE_ROWS)))


def pending(connection: Connection, kinds: Sequence[str], now: Milliseconds, before: Milliseconds) -> tuple[bool, bool]:
    """Tell whether a job of `kinds` is due, and whether there are chores: a schedule, a lease or an old job."""
    has_work, has_chores = connection.execute(_PENDING, {"kinds": kinds, "now": now, "before": before}).one()
    return bool(has_work), bool(has_chores)


def claim(
    connection: Connection, worker: str, room: Mapping[str, int], slots: int, now: Milliseconds, lease_ms: int
) -> list[Job]:
    """Claim up to `slots` due jobs, of each kind at most its `room`: the oldest of every kind in turn, then again."""
    lanes: list[Sequence[str]] = []
    for kind, limit in room.items():
        due = connection.scalars(_NEXT, {"kind": kind, "limit": min(limit, slots), "now": now}).all()
        lanes += [due] if due else []
        if len(lanes) == slots:
            break
    chosen = [job_id for job_id in chain(*zip_longest(*lanes)) if job_id][:slots]
    claimed = (
        sa.update(jobs)
        .where(jobs.c.id.in_(chosen))
        .values(
            state="running", claims=jobs.c.claims + 1, claimed_by=worker, lease_until=now + lease_ms, started_at=now
        )
    )
    return read_jobs(connection, claimed.returning(jobs))


def renew(connection: Connection, held: Sequence[Job], lease_until: Milliseconds) -> set[Ulid]:
    """Extend leases and store the progress; return which jobs go on, neither lost nor cancelled."""
    going_on = set()
    for job in held:
        renewed = sa.update(jobs).where(_is_held(job)).values(lease_until=lease_until, progress=job.progress)
        is_cancelled = connection.execute(renewed.returning(jobs.c.cancel_requested_at.is_not(None))).scalar()
        if is_cancelled is not None and not is_cancelled:
            going_on.add(job.id)
    return going_on


def is_held(connection: Connection, job: Job) -> bool:
    """Tell whether the claim on `job` is good; it stays so until the transaction ends."""
    held = sa.select(jobs.c.id).where(_is_held(job)).with_for_update(read=True)
    return connection.execute(held).one_or_none() is not None


def settle(
    connection: Connection,
    job: Job,
    state: JobState,
    now: Milliseconds,
    *,
    error: str | None = None,
    retry_at: Milliseconds | None = None,
) -> bool:
    """End a claim in a final state or, with `QUEUED`, give the job back; an `error` counts as a failure.

    A job to be cancelled becomes so unless it succeeded. False, and nothing done, if the claim is lost.
    """
    is_cancelled = jobs.c.cancel_requested_at.is_not(None) if state != JobState.SUCCEEDED else sa.false()
    values = {
        "state": sa.case((is_cancelled, JobState.CANCELLED), else_=state),
        "finished_at": sa.case((is_cancelled, now), else_=None if state == JobState.QUEUED else now),
        "run_after": job.run_after if retry_at is None else retry_at,
        "failures": job.failures + (error is not None),
        "last_error": error or job.last_error,
        "progress": job.progress,
        "claimed_by": None,
        "lease_until": None,
    }
    return connection.execute(sa.update(jobs).where(_is_held(job)).values(values)).rowcount == 1


def expired(connection: Connection, kinds: Sequence[str], now: Milliseconds) -> list[Job]:
    """Return jobs of `kinds` whose lease has ended, for the caller to settle in the same transaction."""
    return read_jobs(connection, _EXPIRED.params(kinds=kinds, now=now))


def prune(connection: Connection, before: Milliseconds) -> None:
    """Delete some of the jobs that finished before `before`."""
    connection.execute(_PRUNE, {"before": before})


def read_jobs(connection: Connection, statement: sa.Executable) -> list[Job]:
    """Return the jobs of a statement whose rows are whole rows of the table."""
    return [Job(**{**row, "state": JobState(row["state"])}) for row in connection.execute(statement).mappings()]


def _is_held(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(jobs.c.id == job.id, jobs.c.claims == job.claims, IS_RUNNING)
