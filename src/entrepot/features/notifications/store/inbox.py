# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about what people hear of: adding to it, reading it, and taking it into mails."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update

from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notification
from entrepot.features.notifications.models import Severity
from entrepot.features.notifications.tables import notifications
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

NEWEST = 2**62
"""A number that no notification has."""

_FACTS = msgspec.json.Decoder(dict[str, str | int])


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest of those that something may be counted with."""

    number: int
    first_at: Milliseconds
    read_at: Milliseconds | None
    source: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Which notifications to list, the newest first."""

    before: int
    limit: int
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Unread notifications that take the same right."""

    need: Need
    project: str
    repository: str
    count: int


def latest(connection: Connection, person: str, fold_key: str) -> Earlier | None:
    """Return the newest notification of somebody with a key."""
    query = (
        select(notifications.c.number, notifications.c.first_at, notifications.c.read_at, notifications.c.source)
        .where(notifications.c.person == person, notifications.c.fold_key == fold_key)
        .order_by(notifications.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Earlier(*row)


def count_again(connection: Connection, number: int, facts: Facts, now: Milliseconds) -> None:
    """Count that something happened once more, and keep what was said of it last."""
    change = update(notifications).where(notifications.c.number == number)
    connection.execute(change.values(count=notifications.c.count + 1, last_at=now, facts=encoded(facts)))


def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Add a notification unless the person heard of the same source; tell whether this call did."""
    return insert_if_absent(connection, notifications, row)


def page(connection: Connection, person: str, wish: Wish) -> list[Notification]:
    """Return what is in somebody's list, the newest first."""
    query = select(notifications).where(
        notifications.c.person == person, notifications.c.in_console == true(), notifications.c.number < wish.before
    )
    if wish.is_unread:
        query = query.where(notifications.c.read_at.is_(None))
    return _all(connection.execute(query.order_by(notifications.c.number.desc()).limit(wish.limit)))


def unread(connection: Connection, person: str) -> list[Group]:
    """Count what somebody has not read, by the right that it takes to see it."""
    columns = (notifications.c.need, notifications.c.project, notifications.c.repository)
    query = (
        select(*columns, func.count())
        .where(
            notifications.c.person == person,
            notifications.c.in_console == true(),
            notifications.c.read_at.is_(None),
        )
        .group_by(*columns)
    )
    return [Group(Need(need), *rest) for need, *rest in connection.execute(query)]


def find_number(connection: Connection, person: str, notification_id: str) -> int | None:
    """Return the number of one of somebody's notifications."""
    query = select(notifications.c.number).where(
        notifications.c.person == person, notifications.c.id == notification_id
    )
    found: int | None = connection.scalar(query)
    return found


def mark_read(connection: Connection, person: str, ids: Collection[str], now: Milliseconds) -> None:
    """Note that somebody has read these."""
    change = update(notifications).where(notifications.c.person == person, notifications.c.id.in_(ids))
    connection.execute(change.where(notifications.c.read_at.is_(None)).values(read_at=now))


def mark_read_until(connection: Connection, person: str, number: int, now: Milliseconds) -> None:
    """Note that somebody has read everything up to this one, and it."""
    change = update(notifications).where(notifications.c.person == person, notifications.c.number <= number)
    connection.execute(change.where(notifications.c.read_at.is_(None)).values(read_at=now))


def due(connection: Connection, person: str, now: Milliseconds, limit: int) -> list[Notification]:
    """Return what is to go into a mail to somebody by now, the oldest first."""
    query = select(notifications).where(notifications.c.person == person, notifications.c.mail_due_at <= now)
    return _all(connection.execute(query.order_by(notifications.c.number).limit(limit)))


def count_due(connection: Connection, person: str, now: Milliseconds) -> int:
    """Return how much is to go into a mail by now."""
    query = (
        select(func.count())
        .select_from(notifications)
        .where(notifications.c.person == person, notifications.c.mail_due_at <= now)
    )
    return int(connection.execute(query).scalar_one())


def put_into_mail(connection: Connection, person: str, mail_id: str, now: Milliseconds) -> int:
    """Let everything that is due by now belong to a mail; return how much that is."""
    change = update(notifications).where(notifications.c.person == person, notifications.c.mail_due_at <= now)
    return connection.execute(change.values(mail_due_at=None, mail_id=mail_id)).rowcount


def put_off(connection: Connection, person: str, now: Milliseconds, until: Milliseconds) -> None:
    """Let what is due by now be due later."""
    change = update(notifications).where(notifications.c.person == person, notifications.c.mail_due_at <= now)
    connection.execute(change.values(mail_due_at=until))


def reschedule(connection: Connection, person: str, due_at: Milliseconds | None) -> int:
    """Let everything that waits for a mail be due then, or go into none; return how much that is."""
    change = update(notifications).where(notifications.c.person == person, notifications.c.mail_due_at.is_not(None))
    return connection.execute(change.values(mail_due_at=due_at)).rowcount


def of_mail(connection: Connection, mail_id: str, limit: int) -> list[Notification]:
    """Return what a mail is about, the oldest first."""
    query = select(notifications).where(notifications.c.mail_id == mail_id).order_by(notifications.c.number)
    return _all(connection.execute(query.limit(limit)))


def prune_old(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove what happened last before a moment, `limit` at most; return how much."""
    old = select(notifications.c.number).where(notifications.c.last_at < before)
    old = old.order_by(notifications.c.last_at).limit(limit)
    return connection.execute(delete(notifications).where(notifications.c.number.in_(old))).rowcount


def crowded(connection: Connection, kept: int) -> Sequence[str]:
    """Return who has more notifications than are kept."""
    query = select(notifications.c.person).group_by(notifications.c.person).having(func.count() > kept)
    return list(connection.execute(query).scalars())


def prune_beyond(connection: Connection, person: str, kept: int, limit: int) -> int:
    """Remove somebody's notifications beyond the newest, `limit` at most; return how many."""
    of_person = select(notifications.c.number).where(notifications.c.person == person)
    last = connection.scalar(of_person.order_by(notifications.c.number.desc()).offset(kept).limit(1))
    if last is None:
        return 0
    old = of_person.where(notifications.c.number <= last).order_by(notifications.c.number).limit(limit)
    return connection.execute(delete(notifications).where(notifications.c.number.in_(old))).rowcount


def encoded(facts: Facts) -> str:
    """Return facts as they are stored."""
    return msgspec.json.encode(dict(facts)).decode()


def _all(rows: Any) -> list[Notification]:
    return [
        Notification(
            number=row.number,
            id=Ulid(row.id),
            person=row.person,
            kind=row.kind,
            severity=Severity(row.severity),
            need=Need(row.need),
            project=row.project,
            repository=row.repository,
            facts=_FACTS.decode(row.facts),
            count=row.count,
            first_at=row.first_at,
            last_at=row.last_at,
            read_at=row.read_at,
        )
        for row in rows
    ]
