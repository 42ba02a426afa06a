# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on saved searches."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.audit.models import SavedFilter
from entrepot.features.audit.tables import audit_filters

_COLUMNS = [audit_filters.c[each] for each in SavedFilter.__dataclass_fields__]
_SEEN = (
    select(*_COLUMNS)
    .where(or_(audit_filters.c.owner == bindparam("by"), audit_filters.c.is_shared))
    .order_by(audit_filters.c.name, audit_filters.c.owner)
    .limit(bindparam("limit"))
)
_COUNT = select(func.count()).select_from(audit_filters).where(audit_filters.c.owner == bindparam("by"))
_IS_IT = (audit_filters.c.owner == bindparam("by"), audit_filters.c.name == bindparam("called"))
_REMOVE = delete(audit_filters).where(*_IS_IT)
_ADD = insert(audit_filters)


def seen_by(connection: Connection, owner: str, limit: int) -> list[SavedFilter]:
    """Return one's own, and those that are shared, by name."""
    return [SavedFilter(*row) for row in connection.execute(_SEEN, {"by": owner, "limit": limit})]


def count(connection: Connection, owner: str) -> int:
    """Return how many somebody has."""
    found: int = connection.execute(_COUNT, {"by": owner}).scalar_one()
    return found


def put(connection: Connection, saved: SavedFilter) -> None:
    """Keep a search, in place of that of the same owner and name."""
    remove(connection, saved.owner, saved.name)
    connection.execute(_ADD, {each: getattr(saved, each) for each in SavedFilter.__dataclass_fields__})


def remove(connection: Connection, owner: str, name: str) -> bool:
    """Forget a search; tell whether it was there."""
    return connection.execute(_REMOVE, {"by": owner, "called": name}).rowcount == 1
