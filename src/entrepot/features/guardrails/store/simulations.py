# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about what guardrails would have refused."""

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.guardrails.models import Simulated
from entrepot.features.guardrails.tables import guardrail_simulations
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds

_COLUMNS = (
    guardrail_simulations.c.principal,
    guardrail_simulations.c.deed,
    guardrail_simulations.c.place,
    guardrail_simulations.c.count,
    guardrail_simulations.c.first_at,
    guardrail_simulations.c.last_at,
)
_KEY = ("guardrail", "principal", "deed", "place")
_OF = guardrail_simulations.c.guardrail == bindparam("of")
_IS_LISTED = guardrail_simulations.c.principal != ""
_NEWEST = (
    select(*_COLUMNS)
    .where(_OF, _IS_LISTED)
    .order_by(guardrail_simulations.c.last_at.desc(), *_COLUMNS[:3])
    .limit(bindparam("limit"))
)
_OTHERS = select(*_COLUMNS).where(_OF, guardrail_simulations.c.principal == "")
_COUNT = select(func.count()).select_from(guardrail_simulations).where(_OF, _IS_LISTED)
_IS_THERE = select(guardrail_simulations.c.count).where(
    _OF,
    guardrail_simulations.c.principal == bindparam("by"),
    guardrail_simulations.c.deed == bindparam("did"),
    guardrail_simulations.c.place == bindparam("at"),
)
_OLD = (
    select(*(guardrail_simulations.c[name] for name in _KEY))
    .where(guardrail_simulations.c.last_at < bindparam("last_before"))
    .order_by(guardrail_simulations.c.last_at)
    .limit(bindparam("limit"))
)


def newest(connection: Connection, guardrail: str, limit: int) -> list[Simulated]:
    """Return up to `limit` of what a guardrail would have refused, what happened last first."""
    return [Simulated(*row) for row in connection.execute(_NEWEST, {"of": guardrail, "limit": limit})]


def others(connection: Connection, guardrail: str) -> Simulated | None:
    """Return what is not listed by itself, added up."""
    row = connection.execute(_OTHERS, {"of": guardrail}).first()
    return None if row is None else Simulated(*row)


def count(connection: Connection, guardrail: str) -> int:
    """Return how many entries are listed."""
    return connection.execute(_COUNT, {"of": guardrail}).scalar_one()


def is_there(connection: Connection, guardrail: str, simulated: Simulated) -> bool:
    """Tell whether there is an entry of the same deed, by the same principal, at the same place."""
    key = {"of": guardrail, "by": simulated.principal, "did": simulated.deed, "at": simulated.place}
    return connection.execute(_IS_THERE, key).first() is not None


def keep(connection: Connection, guardrail: str, simulated: Simulated) -> None:
    """Add to the entry that there is, or make one."""
    insert = dialect_insert(connection, guardrail_simulations)
    added = {
        "count": guardrail_simulations.c.count + insert.excluded.count,
        "last_at": insert.excluded.last_at,
    }
    row = {
        "guardrail": guardrail,
        "principal": simulated.principal,
        "deed": simulated.deed,
        "place": simulated.place,
        "count": simulated.count,
        "first_at": simulated.first_at,
        "last_at": simulated.last_at,
    }
    connection.execute(insert.on_conflict_do_update(index_elements=list(_KEY), set_=added), row)


def prune(connection: Connection, last_before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` entries of what last happened before a moment; return how many."""
    keys = connection.execute(_OLD, {"last_before": last_before, "limit": limit}).all()
    if not keys:
        return 0
    columns = [guardrail_simulations.c[name] for name in _KEY]
    one_of = or_(*(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys))
    return connection.execute(delete(guardrail_simulations).where(one_of)).rowcount
