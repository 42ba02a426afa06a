# SPDX-License-Identifier: Apache-2.0
"""The queue: who is next, and what came of it.

First attempts are made in order within a lane (a repository, of one webhook): only the first delivery of a lane is
due, the others wait until it was tried once. Whoever changes a queue locks its webhook before: so nobody looks for the
next of a lane while somebody else adds to it. `due_at` is when a delivery may be claimed; to claim one is to put that
off by a lease. A process that dies lets it run out.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update

from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.queue import NewDelivery
from entrepot.features.webhooks.queue import Sender
from entrepot.features.webhooks.store import webhooks as stored
from entrepot.features.webhooks.tables import webhook_deliveries as deliveries
from entrepot.features.webhooks.tables import webhooks
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook with something to send."""

    webhook_id: Ulid
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a webhook may be claimed."""

    webhook_id: Ulid
    count: int


def enqueue(connection: Connection, new: Sequence[NewDelivery], now: Milliseconds) -> None:
    """Add deliveries, in the order in which things happened."""
    there = stored.lock_all(connection, {each.webhook_id for each in new})
    begun: set[tuple[str, str]] = set()
    rows = []
    for each in new:
        if each.webhook_id not in there:
            continue
        key = (each.webhook_id, each.lane)
        is_behind = key in begun or _first_of(connection, *key) is not None
        begun.add(key)
        rows.append(_row(each, now, None if is_behind else now))
    if rows:
        connection.execute(insert(deliveries), rows)


def add_claimed(
    connection: Connection, sender: Sender, new: NewDelivery, now: Milliseconds, lease_until: Milliseconds
) -> Claimed:
    """Add a delivery that is attempted at once, in no order, by whoever adds it."""
    row = {**_row(new, now, lease_until), "is_first": False, "claim": new_ulid()}
    connection.execute(insert(deliveries).values(row))
    number = int(connection.execute(select(deliveries.c.number).where(deliveries.c.id == row["id"])).scalar_one())
    return Claimed(number, row["id"], new.lane, new.name, new.event, 0, 0, None, False, row["claim"], sender)


def due(connection: Connection, now: Milliseconds) -> list[Due]:
    """Return the webhooks that have something to send."""
    ready = [
        exists().where(
            deliveries.c.webhook_id == webhooks.c.id, deliveries.c.is_first == which, deliveries.c.due_at <= now
        )
        for which in (true(), false())
    ]
    query = select(webhooks.c.id, webhooks.c.failing_since).where(webhooks.c.paused_by == "", or_(*ready))
    return [Due(Ulid(row.id), row.failing_since is not None) for row in connection.execute(query)]


def claim(connection: Connection, rooms: Iterable[Room], now: Milliseconds, lease_until: Milliseconds) -> list[Claimed]:
    """Claim as much as there is room for. What somebody else works at in this moment is left for the next time."""
    found: list[Claimed] = []
    for room in sorted(rooms, key=lambda each: each.webhook_id):
        query = select(webhooks.c.id).where(webhooks.c.id == room.webhook_id, webhooks.c.paused_by == "")
        if connection.execute(query.with_for_update(skip_locked=True)).first() is None:
            continue
        found += _claim(connection, room, now, lease_until)
    return found


def sender_of(connection: Connection, webhook_id: Ulid, now: Milliseconds) -> Sender | None:
    """Return a webhook with what it takes to send."""
    webhook = stored.find(connection, webhook_id)
    if webhook is None:
        return None
    secrets = [(secret.id, sealed) for secret, sealed in stored.secrets(connection, webhook_id, now)]
    return Sender(webhook, secrets, stored.headers_of(connection, webhook_id))


def promote(connection: Connection, webhook_id: str, lane: str, now: Milliseconds) -> None:
    """Let the first of a lane be due, as the one before it was tried."""
    number = _first_of(connection, webhook_id, lane)
    if number is not None:
        change = update(deliveries).where(deliveries.c.number == number, deliveries.c.due_at.is_(None))
        connection.execute(change.values(state=DeliveryState.DUE.value, due_at=now))


def begin_anew(connection: Connection, webhook_id: str, now: Milliseconds) -> None:
    """Let everything that waits to be tried again be tried now, and for a day from then on."""
    change = update(deliveries).where(
        deliveries.c.webhook_id == webhook_id, deliveries.c.due_at.is_not(None), deliveries.c.claim.is_(None)
    )
    connection.execute(change.values(due_at=now, failures=0, began_at=None))


def _claim(connection: Connection, room: Room, now: Milliseconds, lease_until: Milliseconds) -> list[Claimed]:
    """Claim first attempts before others, but never nothing of the others where there is room for two."""
    again = _ready(connection, room.webhook_id, room.count, now, is_first=False)
    reserved = 1 if again and room.count > 1 else 0
    first = _ready(connection, room.webhook_id, room.count - reserved, now, is_first=True)
    chosen = [*first, *again][: room.count]
    sender = sender_of(connection, room.webhook_id, now) if chosen else None
    if sender is None:
        return []
    mark = new_ulid()
    change = update(deliveries).where(deliveries.c.number.in_([row.number for row in chosen]))
    connection.execute(change.values(due_at=lease_until, claim=mark))
    return [
        Claimed(
            number=row.number,
            id=Ulid(row.id),
            lane=row.lane,
            name=row.name,
            event=row.event,
            attempts=row.attempts,
            failures=row.failures,
            began_at=row.began_at,
            is_first=row.is_first,
            claim=mark,
            sender=sender,
        )
        for row in chosen
    ]


def _ready(connection: Connection, webhook_id: str, limit: int, now: Milliseconds, *, is_first: bool) -> list[Any]:
    which = true() if is_first else false()
    query = select(deliveries).where(
        deliveries.c.webhook_id == webhook_id, deliveries.c.is_first == which, deliveries.c.due_at <= now
    )
    return list(connection.execute(query.order_by(deliveries.c.due_at, deliveries.c.number).limit(limit)))


def _first_of(connection: Connection, webhook_id: str, lane: str) -> int | None:
    """Return the first delivery of a lane that was not tried yet."""
    query = select(func.min(deliveries.c.number)).where(
        and_(deliveries.c.webhook_id == webhook_id, deliveries.c.lane == lane, deliveries.c.is_first == true())
    )
    found: int | None = connection.scalar(query)
    return found


def _row(new: NewDelivery, now: Milliseconds, due_at: Milliseconds | None) -> dict[str, Any]:
    state = DeliveryState.WAITING if due_at is None else DeliveryState.DUE
    return {
        "id": new_ulid(),
        "webhook_id": new.webhook_id,
        "lane": new.lane,
        "name": new.name,
        "subject": new.subject,
        "event": new.event,
        "occurred_at": new.occurred_at,
        "created_at": now,
        "state": state.value,
        "is_first": True,
        "due_at": due_at,
        "claim": None,
        "attempts": 0,
        "failures": 0,
        "began_at": None,
        "finished_at": None,
        "status": None,
        "reason": "",
    }
