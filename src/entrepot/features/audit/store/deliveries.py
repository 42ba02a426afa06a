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


_COLUMNS = [audit_deliveries.c[name] for name in Delivery._fields]
_ALL = select(*_COLUMNS).order_by(audit_deliveries.c.destination)
_PLACE = select(audit_deliveries.c.seq).where(audit_deliveries.c.destination == bindparam("to"))
_IS_IT = audit_deliveries.c.destination == bindparam("to")
_ADVANCE = (
    update(audit_deliveries)
    .where(_IS_IT)
    .values(seq=bindparam("up_to"), delivered_at=bindparam("at"), failing_since=None, last_error=None)
)
_FAILED = (
    update(audit_deliveries)
    .where(_IS_IT)
    .values(
        failing_since=func.coalesce(audit_deliveries.c.failing_since, bindparam("at")), last_error=bindparam("error")
    )
)


def all_of(connection: Connection) -> list[Delivery]:
    """Return every destination that was ever sent something."""
    return [Delivery(*row) for row in connection.execute(_ALL)]


def place(connection: Connection, destination: str) -> int:
    """Return up to which record a destination was sent everything; a new one begins with the first."""
    insert_if_absent(connection, audit_deliveries, {"destination": destination, "seq": 0})
    found: int = connection.execute(_PLACE, {"to": destination}).scalar_one()
    return found


def advance(connection: Connection, destination: str, seq: int, now: Milliseconds) -> None:
    """Note that it has everything up to this record."""
    connection.execute(_ADVANCE, {"to": destination, "up_to": seq, "at": now})


def failed(connection: Connection, destination: str, now: Milliseconds, error: str) -> None:
    """Note that it takes nothing, since when (kept from the first failure) and why."""
    connection.execute(_FAILED, {"to": destination, "at": now, "error": error[:MAX_ERROR_CHARACTERS]})
