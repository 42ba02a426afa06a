# SPDX-License-Identifier: Apache-2.0
"""Forgetting what is old or too much, a few rows in a transaction; and measuring what there is."""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.store import webhooks as stored
from entrepot.features.webhooks.store.results import count_attempts
from entrepot.features.webhooks.tables import webhook_deliveries as deliveries
from entrepot.features.webhooks.tables import webhook_secrets
from entrepot.features.webhooks.tables import webhooks
from entrepot.kernel.clock import Milliseconds

TOO_MUCH = "there was too much to send"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of webhooks."""

    waiting: int
    """Deliveries that have not ended."""
    oldest: Milliseconds | None
    """When the first of them was made, of webhooks that are not paused."""
    paused: int
    """Webhooks that are."""
    attempts: dict[str, int]
    """How many attempts ever came to what."""


def prune_old(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove deliveries that ended before a moment, `limit` at most; return how many."""
    old = select(deliveries.c.number).where(deliveries.c.finished_at < before)
    old = old.order_by(deliveries.c.finished_at).limit(limit)
    return connection.execute(delete(deliveries).where(deliveries.c.number.in_(old))).rowcount


def nth_newest(connection: Connection, webhook_id: str, state: DeliveryState, count: int) -> int | None:
    """Return the number of the newest delivery beyond the `count` newest in a state, None if there are no more."""
    query = select(deliveries.c.number).where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == state.value)
    found: int | None = connection.scalar(query.order_by(deliveries.c.number.desc()).offset(count).limit(1))
    return found


def prune_beyond(connection: Connection, webhook_id: str, state: DeliveryState, number: int, limit: int) -> int:
    """Remove deliveries in a state that are not newer than `number`, `limit` at most; return how many."""
    query = select(deliveries.c.number).where(
        deliveries.c.webhook_id == webhook_id, deliveries.c.state == state.value, deliveries.c.number <= number
    )
    return connection.execute(
        delete(deliveries).where(deliveries.c.number.in_(query.order_by(deliveries.c.number).limit(limit)))
    ).rowcount


def give_up_beyond(connection: Connection, webhook_id: str, number: int, limit: int, now: Milliseconds) -> int:
    """Give up what waits and is not newer than `number`, `limit` at most; return how much."""
    stored.lock_all(connection, [webhook_id])
    query = select(deliveries.c.number).where(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.state == DeliveryState.WAITING.value,
        deliveries.c.number <= number,
    )
    change = update(deliveries).where(
        deliveries.c.number.in_(query.order_by(deliveries.c.number).limit(limit)),
        deliveries.c.state == DeliveryState.WAITING.value,
    )
    values = {"state": DeliveryState.DROPPED.value, "is_first": False, "finished_at": now, "reason": TOO_MUCH}
    return connection.execute(change.values(values)).rowcount


def forget_secrets(connection: Connection, now: Milliseconds) -> int:
    """Remove secrets that have ended; return how many."""
    return connection.execute(delete(webhook_secrets).where(webhook_secrets.c.ends_at <= now)).rowcount


def figures(connection: Connection) -> Figures:
    """Return what is measured."""
    is_open = deliveries.c.finished_at.is_(None)
    waiting = connection.scalar(select(func.count()).select_from(deliveries).where(is_open)) or 0
    oldest = connection.scalar(
        select(func.min(deliveries.c.created_at))
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(is_open, webhooks.c.paused_by == "")
    )
    paused = connection.scalar(select(func.count()).select_from(webhooks).where(webhooks.c.paused_by != "")) or 0
    return Figures(waiting, oldest, paused, count_attempts(connection))
