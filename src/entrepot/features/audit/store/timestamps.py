# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on time stamps of checkpoints."""

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.audit.models import Stamped
from entrepot.features.audit.tables import audit_checkpoints
from entrepot.features.audit.tables import audit_timestamps as table
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

_IS_BEHIND = or_(
    table.c.seq > bindparam("after"),
    and_(table.c.seq == bindparam("after"), table.c.stamped_at > bindparam("after_at")),
)
_PAGE = (
    select(table.c.seq, table.c.stamped_at, table.c.token, audit_checkpoints.c.token)
    .select_from(table.outerjoin(audit_checkpoints, audit_checkpoints.c.seq == table.c.seq))
    .where(_IS_BEHIND)
    .order_by(table.c.seq, table.c.stamped_at)
    .limit(bindparam("limit"))
)
_REMOVE = delete(table).where(table.c.seq < bindparam("before"))


def add(connection: Connection, stamped: Stamped) -> None:
    """Store one."""
    values = {"seq": stamped.seq, "stamped_at": stamped.stamped_at, "token": stamped.token}
    insert_if_absent(connection, table, values)


def page(connection: Connection, after: int, after_at: Milliseconds, limit: int) -> list[Stamped]:
    """Return up to `limit` behind the one of record `after` and that moment, oldest first."""
    rows = connection.execute(_PAGE, {"after": after, "after_at": after_at, "limit": limit})
    return [Stamped(*row) for row in rows]


def remove_before(connection: Connection, seq: int) -> None:
    """Remove those of checkpoints that were removed."""
    connection.execute(_REMOVE, {"before": seq})
