# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on the checkpoints of other registries."""

from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.audit.models import Witnessed
from entrepot.features.audit.tables import audit_witnessed as table
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

_NAMES = ("origin", "seq", "hash", "token", "received_at")
_COLUMNS = [table.c[name] for name in _NAMES]
_OF_ORIGIN = select(*_COLUMNS).where(table.c.origin == bindparam("of"))
_PAGE = _OF_ORIGIN.where(table.c.seq > bindparam("after")).order_by(table.c.seq).limit(bindparam("limit"))
_AT = _OF_ORIGIN.where(table.c.seq == bindparam("at_seq"))
_NEWEST = _OF_ORIGIN.order_by(table.c.seq.desc()).limit(1)
_CONTRADICT = (
    update(table)
    .where(table.c.origin == bindparam("of"), table.c.seq == bindparam("at_seq"), table.c.contradicted_at.is_(None))
    .values(contradicted_at=bindparam("at"), contradiction=bindparam("by"))
)
_CONTRADICTED = select(func.count()).select_from(table).where(table.c.contradicted_at.is_not(None))
_ORIGINS = (
    select(
        table.c.origin,
        func.count(),
        func.max(table.c.seq),
        func.max(table.c.received_at),
        func.min(table.c.contradicted_at),
    )
    .group_by(table.c.origin)
    .order_by(table.c.origin)
    .limit(bindparam("limit"))
)
_later = table.alias("later")
_REMOVE = delete(table).where(
    table.c.received_at < bindparam("before"),
    table.c.contradicted_at.is_(None),
    select(_later.c.seq).where(_later.c.origin == table.c.origin, _later.c.seq > table.c.seq).exists(),
)


class Origin(NamedTuple):
    """Who left checkpoints here, how many, and how they stand."""

    origin: str
    checkpoints: int
    seq: int
    received_at: Milliseconds
    contradicted_at: Milliseconds | None


def page(connection: Connection, origin: str, after: int, limit: int) -> list[Witnessed]:
    """Return up to `limit` of an origin behind record `after`, oldest first."""
    return [Witnessed(*row) for row in connection.execute(_PAGE, {"of": origin, "after": after, "limit": limit})]


def at(connection: Connection, origin: str, seq: int) -> Witnessed | None:
    """Return the one of a record."""
    row = connection.execute(_AT, {"of": origin, "at_seq": seq}).first()
    return None if row is None else Witnessed(*row)


def newest(connection: Connection, origin: str) -> Witnessed | None:
    """Return the last of an origin."""
    row = connection.execute(_NEWEST, {"of": origin}).first()
    return None if row is None else Witnessed(*row)


def add(connection: Connection, witnessed: Witnessed) -> None:
    """Store one, unless it is there."""
    insert_if_absent(connection, table, {name: getattr(witnessed, name) for name in _NAMES})


def contradict(connection: Connection, witnessed: Witnessed, token: str, now: Milliseconds) -> bool:
    """Note the first checkpoint that contradicts one; tell whether this is it."""
    values = {"of": witnessed.origin, "at_seq": witnessed.seq, "at": now, "by": token}
    return connection.execute(_CONTRADICT, values).rowcount == 1


def contradictions(connection: Connection) -> int:
    """Count checkpoints that others contradict."""
    found: int = connection.execute(_CONTRADICTED).scalar_one()
    return found


def origins(connection: Connection, limit: int) -> list[Origin]:
    """Return who left checkpoints here."""
    return [Origin(*row) for row in connection.execute(_ORIGINS, {"limit": limit})]


def remove_before(connection: Connection, moment: Milliseconds) -> int:
    """Remove those received before then, but the last of each origin and those that others contradict."""
    return connection.execute(_REMOVE, {"before": moment}).rowcount
