# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on how far each destination has been sent everything."""

from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.audit.tables import audit_deliveries
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

MAX_ERROR_CHARACTERS = 500


class Delivery(NamedTuple):
    """Up to which record a destination was sent everything, and since when it takes nothing."""

    destination: str
    seq: int
    delivered_at: Milliseconds | None
    failing_since: Milliseconds | None
    last_error: str | None
    retry_at: Milliseconds | None
    """Before then it is left alone."""


_COLUMNS = [audit_deliveries.c[name] for name in Delivery._fields]
_ALL = select(*_COLUMNS).order_by(audit_deliveries.c.destination)
_IS_IT = audit_deliveries.c.destination == bindparam("to")
_ONE = select(*_COLUMNS).where(_IS_IT)
_ADVANCE = (
    update(audit_deliveries)
    .where(_IS_IT)
    .values(
        seq=bindparam("up_to"),
        delivered_at=bindparam("at"),
        failing_since=None,
        last_error=bindparam("error"),
        retry_at=None,
    )
)
_FAILED = (
    update(audit_deliveries)
    .where(_IS_IT)
    .values(
        failing_since=func.coalesce(audit_deliveries.c.failing_since, bindparam("at")),
        last_error=bindparam("error"),
        retry_at=bindparam("again_at"),
    )
)


def all_of(connection: Connection) -> list[Delivery]:
    """Return every destination that was ever sent something."""
    return [Delivery(*row) for row in connection.execute(_ALL)]


def standing(connection: Connection, destination: str) -> Delivery:
    """Return how far a destination is; a new one begins with the first record."""
    insert_if_absent(connection, audit_deliveries, {"destination": destination, "seq": 0})
    return Delivery(*connection.execute(_ONE, {"to": destination}).one())


def advance(connection: Connection, destination: str, seq: int, now: Milliseconds, rejected: str = "") -> None:
    """Note that it has everything up to this record, but for what it rejected at the end, if it did."""
    values = {"to": destination, "up_to": seq, "at": now, "error": rejected[:MAX_ERROR_CHARACTERS] or None}
    connection.execute(_ADVANCE, values)


def failed(connection: Connection, destination: str, now: Milliseconds, retry_at: Milliseconds, error: str) -> None:
    """Note that it takes nothing, since when (kept from the first failure), why, and when it is tried again."""
    values = {"to": destination, "at": now, "again_at": retry_at, "error": error[:MAX_ERROR_CHARACTERS]}
    connection.execute(_FAILED, values)
