# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on uses of an hour that is not over."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Executable
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.audit.tables import audit_uses
from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds


class CountedUse(NamedTuple):
    """Uses of one kind in an hour (hours since 1970) that were not recorded yet."""

    hour: int
    id: str
    use: str
    times: int
    last_at: Milliseconds


_COLUMNS = [audit_uses.c[name] for name in CountedUse._fields]
_IS_IT = (audit_uses.c.hour == bindparam("of_hour"), audit_uses.c.id == bindparam("of_id"))
_COUNT = update(audit_uses).where(*_IS_IT).values(times=audit_uses.c.times + bindparam("more"), last_at=bindparam("at"))
_OVER = (
    select(*_COLUMNS)
    .where(audit_uses.c.hour < bindparam("hour"))
    .order_by(audit_uses.c.hour, audit_uses.c.id)
    .limit(bindparam("limit"))
)
_ABOUT = (
    select(*_COLUMNS)
    .where(Contains(audit_uses.c.use, bindparam("pattern")))
    .order_by(audit_uses.c.hour, audit_uses.c.id)
    .limit(bindparam("limit"))
)
_REMOVE = delete(audit_uses).where(*_IS_IT)


def count(connection: Connection, use: CountedUse) -> bool:
    """Count more uses of an hour; tell whether they are the first of their kind, which are recorded at once."""
    if insert_if_absent(connection, audit_uses, {**use._asdict(), "times": 0}):
        return True
    given = {"of_hour": use.hour, "of_id": use.id, "more": use.times, "at": use.last_at}
    connection.execute(_COUNT, given)
    return False


def take_over(connection: Connection, hour: int, limit: int) -> list[CountedUse]:
    """Remove and return up to `limit` kinds of use of the hours before this one."""
    return _taken(connection, _OVER, {"hour": hour, "limit": limit})


def take_about(connection: Connection, text: str, limit: int) -> list[CountedUse]:
    """Remove and return up to `limit` kinds of use, of this hour too, that are about whom `text` names."""
    pattern = containing(msgspec.json.encode(text).decode())
    return _taken(connection, _ABOUT, {"pattern": pattern, "limit": limit})


def _taken(connection: Connection, which: Executable, given: Mapping[str, str | int]) -> list[CountedUse]:
    taken = [CountedUse(*row) for row in connection.execute(which, given)]
    if taken:
        connection.execute(_REMOVE, [{"of_hour": use.hour, "of_id": use.id} for use in taken])
    return taken
