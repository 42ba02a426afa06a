# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about the log of deliveries: reading it, and having something sent again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.webhooks.models import Attempt
from entrepot.features.webhooks.models import Delivery
from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.models import Exchange
from entrepot.features.webhooks.tables import webhook_attempts
from entrepot.features.webhooks.tables import webhook_deliveries as deliveries
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

NEWEST = 2**62
"""A number that no delivery has."""

_ANEW = {
    "state": DeliveryState.DUE.value,
    "claim": None,
    "failures": 0,
    "began_at": None,
    "finished_at": None,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which deliveries to list, newest first."""

    state: DeliveryState | None
    before: int
    limit: int


def page(connection: Connection, webhook_id: str, wish: Wish) -> list[Delivery]:
    """Return deliveries of a webhook, the newest first."""
    query = select(deliveries).where(deliveries.c.webhook_id == webhook_id, deliveries.c.number < wish.before)
    if wish.state is not None:
        query = query.where(deliveries.c.state == wish.state.value)
    return [_delivery(row) for row in connection.execute(query.order_by(deliveries.c.number.desc()).limit(wish.limit))]


def find(connection: Connection, webhook_id: str, delivery_id: str) -> Delivery | None:
    """Return a delivery of a webhook."""
    query = select(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.webhook_id == webhook_id)
    row = connection.execute(query).first()
    return None if row is None else _delivery(row)


def attempts(connection: Connection, number: int) -> list[Attempt]:
    """Return the attempts at a delivery, the newest first."""
    made = webhook_attempts
    query = select(made).where(made.c.delivery == number).order_by(made.c.number.desc())
    return [
        Attempt(
            row.number,
            row.at,
            row.duration_ms,
            row.error,
            Exchange(row.request_headers, row.request_body, row.status, row.response_headers, row.response_body),
        )
        for row in connection.execute(query)
    ]


def send_again(connection: Connection, delivery: Delivery, now: Milliseconds) -> bool:
    """Have a delivery sent again now, and for a day from then on; False while it is being sent or waits its turn."""
    change = update(deliveries).where(
        deliveries.c.number == delivery.number,
        deliveries.c.claim.is_(None),
        deliveries.c.state != DeliveryState.WAITING.value,
    )
    return connection.execute(change.values(**_ANEW, due_at=now)).rowcount == 1


def send_failed_again(connection: Connection, webhook_id: str, since: Milliseconds, now: Milliseconds) -> int:
    """Have everything sent again that happened since then and was given up; return how much."""
    change = update(deliveries).where(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.state.in_([DeliveryState.FAILED.value, DeliveryState.DROPPED.value]),
        deliveries.c.occurred_at >= since,
    )
    return connection.execute(change.values(**_ANEW, due_at=now)).rowcount


def _delivery(row: Any) -> Delivery:
    return Delivery(
        number=row.number,
        id=Ulid(row.id),
        webhook_id=Ulid(row.webhook_id),
        name=row.name,
        subject=row.subject,
        event=row.event,
        occurred_at=row.occurred_at,
        created_at=row.created_at,
        state=DeliveryState(row.state),
        due_at=row.due_at,
        attempts=row.attempts,
        finished_at=row.finished_at,
        status=row.status,
        reason=row.reason,
    )
