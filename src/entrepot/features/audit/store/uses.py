# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on uses of an hour that is not over."""

from collections.abc import Iterable
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
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds

Kind = tuple[int, str]
"""An hour, and what is the same for all uses that are counted together, hashed."""


class CountedUse(NamedTuple):
    """Uses of one kind in an hour (hours since 1970) that were not recorded yet."""

    hour: int
    id: str
    use: str
    times: int
    last_at: Milliseconds

    @property
    def kind(self) -> Kind:
        """What it is counted under."""
        return self.hour, self.id


_COLUMNS = [audit_uses.c[name] for name in CountedUse._fields]
_IS_IT = (audit_uses.c.hour == bindparam("of_hour"), audit_uses.c.id == bindparam("of_id"))
_COUNT = Prepared(
    update(audit_uses).where(*_IS_IT).values(times=audit_uses.c.times + bindparam("more"), last_at=bindparam("at")),
    "of_hour",
    "of_id",
    "more",
    "at",
)
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
_REMOVE = Prepared(delete(audit_uses).where(*_IS_IT), "of_hour", "of_id")


def add(connection: Connection, found: Iterable[CountedUse]) -> set[Kind]:
    """Make room for counting uses, of which none are counted by that; return the kinds for which there was none."""
    rows = [{**use._asdict(), "times": 0} for use in found]
    if not rows:
        return set()
    insert = dialect_insert(connection, audit_uses).on_conflict_do_nothing()
    added = connection.execute(insert.returning(audit_uses.c.hour, audit_uses.c.id), rows)
    return {(row.hour, row.id) for row in added}


def count(connection: Connection, found: Iterable[CountedUse]) -> None:
    """Count uses, for which there is room."""
    _COUNT.run_all(connection, [(*use.kind, use.times, use.last_at) for use in found])


def take_over(connection: Connection, hour: int, limit: int) -> list[CountedUse]:
    """Remove and return up to `limit` kinds of use of the hours before this one."""
    return _taken(connection, _OVER, {"hour": hour, "limit": limit})


def take_about(connection: Connection, text: str, limit: int) -> list[CountedUse]:
    """Remove and return up to `limit` kinds of use, of this hour too, that are about whom `text` names."""
    pattern = containing(msgspec.json.encode(text).decode())
    return _taken(connection, _ABOUT, {"pattern": pattern, "limit": limit})


def _taken(connection: Connection, which: Executable, given: Mapping[str, str | int]) -> list[CountedUse]:
    taken = [CountedUse(*row) for row in connection.execute(which, given)]
    _REMOVE.run_all(connection, [use.kind for use in taken])
    return taken
