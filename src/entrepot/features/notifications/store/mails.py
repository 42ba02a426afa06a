# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about mails: what was and is to be sent, without what it says."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.notifications.models import Mail
from entrepot.features.notifications.models import MailState
from entrepot.features.notifications.tables import notification_mails as mails
from entrepot.features.notifications.tables import notification_outcomes as outcomes
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

NEWEST = "~"
"""Behind every id there is: where a list begins, read backwards."""
HELD_BACK = "held-back"

_COUNT = InsertOrUpdate(
    outcomes, ("outcome", "count"), ("outcome",), lambda new: {"count": outcomes.c.count + new["count"]}
)


@dataclass(frozen=True, slots=True)
class MailFigures:
    """What is measured of mails."""

    waiting: int
    outcomes: dict[str, int]
    """How many ever came to what; `held-back` counts notifications that waited because of the limit of an hour."""


def add(connection: Connection, mail: Mail) -> None:
    """Store a mail that is to be sent."""
    row = {
        "id": mail.id,
        "person": mail.person,
        "address": mail.address,
        "subject": mail.subject,
        "state": mail.state.value,
        "notifications": mail.notifications,
        "held_back": mail.held_back,
        "attempts": mail.attempts,
        "error": mail.error,
        "created_at": mail.created_at,
        "finished_at": mail.finished_at,
    }
    insert_if_absent(connection, mails, row)


def find(connection: Connection, mail_id: str) -> Mail | None:
    """Return a mail."""
    row = connection.execute(select(mails).where(mails.c.id == mail_id)).first()
    return None if row is None else _mail(row)


def page(connection: Connection, before: str, limit: int) -> list[Mail]:
    """Return mails that are older than the one with this id, the newest first."""
    query = select(mails).where(mails.c.id < before).order_by(mails.c.id.desc()).limit(limit)
    return [_mail(row) for row in connection.execute(query)]


def count_since(connection: Connection, person: str, since: Milliseconds) -> int:
    """Return how many mails to somebody were made after a moment."""
    query = select(func.count()).select_from(mails).where(mails.c.person == person, mails.c.created_at > since)
    return int(connection.execute(query).scalar_one())


def settle(connection: Connection, mail_id: str, state: MailState, error: str, now: Milliseconds) -> None:
    """Note what came of an attempt; a mail that waits on is tried again."""
    finished = None if state is MailState.WAITING else now
    attempted = 0 if state is MailState.DROPPED else 1
    values = {"state": state.value, "error": error, "finished_at": finished, "attempts": mails.c.attempts + attempted}
    change = update(mails).where(mails.c.id == mail_id, mails.c.state == MailState.WAITING.value)
    if connection.execute(change.values(values)).rowcount and finished is not None:
        count(connection, state.value, 1)


def rename(connection: Connection, mail_id: str, subject: str) -> None:
    """Note what a mail is called."""
    connection.execute(update(mails).where(mails.c.id == mail_id).values(subject=subject))


def count(connection: Connection, outcome: str, by: int) -> None:
    """Add to what is counted."""
    _COUNT.run_all(connection, [(outcome, by)])


def prune(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove mails that were made before a moment, `limit` at most; return how many."""
    old = select(mails.c.id).where(mails.c.created_at < before).order_by(mails.c.created_at).limit(limit)
    return connection.execute(delete(mails).where(mails.c.id.in_(old))).rowcount


def figures(connection: Connection) -> MailFigures:
    """Return what is measured."""
    query = select(func.count()).select_from(mails).where(mails.c.state == MailState.WAITING.value)
    waiting = int(connection.execute(query).scalar_one())
    counted = connection.execute(select(outcomes.c.outcome, outcomes.c.count)).all()
    return MailFigures(waiting, {row[0]: row[1] for row in counted})


def _mail(row: Any) -> Mail:
    return Mail(
        id=Ulid(row.id),
        person=row.person,
        address=row.address,
        subject=row.subject,
        state=MailState(row.state),
        notifications=row.notifications,
        held_back=row.held_back,
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
