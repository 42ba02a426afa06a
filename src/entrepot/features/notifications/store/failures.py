# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about failed logins of late, and about background work that goes wrong."""

from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.notifications.tables import notification_failures as failures
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.kernel.clock import Milliseconds

_COUNT = InsertOrUpdate(
    failures,
    ("who", "minute", "count"),
    ("who", "minute"),
    lambda new: {"count": failures.c.count + new["count"]},
)


def count(connection: Connection, counted: Mapping[tuple[str, int], int]) -> None:
    """Add to what failed, by who and the minute since the epoch."""
    if counted:
        _COUNT.run_all(connection, [(who, minute, many) for (who, minute), many in sorted(counted.items())])


def many(connection: Connection, prefix: str, since_minute: int, least: int, limit: int) -> list[tuple[str, int]]:
    """Return who failed often since a minute: those whose name begins so, at least so often, the most often first."""
    total = func.sum(failures.c.count)
    query = (
        select(failures.c.who, total)
        .where(failures.c.minute >= since_minute, failures.c.who.startswith(prefix, autoescape=True))
        .group_by(failures.c.who)
        .having(total >= least)
        .order_by(total.desc(), failures.c.who)
        .limit(limit)
    )
    return [(row[0], int(row[1])) for row in connection.execute(query)]


def forget(connection: Connection, before_minute: int) -> int:
    """Forget what failed before a minute; return how many rows."""
    return connection.execute(delete(failures).where(failures.c.minute < before_minute)).rowcount


def given_up(connection: Connection, since: Milliseconds) -> list[tuple[str, int]]:
    """Return how many jobs were given up since a moment, by kind."""
    query = (
        select(jobs.c.kind, func.count())
        .where(jobs.c.state == JobState.DEAD.value, jobs.c.finished_at >= since)
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    return [(row[0], int(row[1])) for row in connection.execute(query)]
