# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on holds."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.audit.models import Hold
from entrepot.features.audit.tables import audit_holds
from entrepot.kernel.clock import Milliseconds

_ALL = select(*(audit_holds.c[each] for each in Hold.__dataclass_fields__)).order_by(audit_holds.c.id)
_ADD = insert(audit_holds)
_RELEASE = (
    update(audit_holds)
    .where(audit_holds.c.id == bindparam("of"), audit_holds.c.released_at.is_(None))
    .values(released_at=bindparam("at"), released_by=bindparam("by"))
)


def all_of(connection: Connection) -> list[Hold]:
    """Return every hold, those that were released too, oldest first."""
    return [Hold(*row) for row in connection.execute(_ALL)]


def add(connection: Connection, hold: Hold) -> None:
    """Place a hold."""
    connection.execute(_ADD, {each: getattr(hold, each) for each in Hold.__dataclass_fields__})


def release(connection: Connection, hold_id: str, now: Milliseconds, by: str) -> bool:
    """Release a hold; tell whether there is one that was not released before."""
    return connection.execute(_RELEASE, {"of": hold_id, "at": now, "by": by}).rowcount == 1
