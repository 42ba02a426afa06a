# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on saved queries."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.features.search.models import SavedQuery
from entrepot.features.search.tables import search_saved

_COLUMNS = [search_saved.c[each] for each in SavedQuery.__dataclass_fields__]
_OWN = select(*_COLUMNS).where(search_saved.c.owner == bindparam("by")).order_by(search_saved.c.name)
_BY_OTHERS = search_saved.c.project.is_not(None), search_saved.c.owner != bindparam("by")
_SHARING = (
    select(search_saved.c.project)
    .distinct()
    .where(*_BY_OTHERS, search_saved.c.project > bindparam("behind"))
    .order_by(search_saved.c.project)
    .limit(bindparam("limit"))
)
_SHARED = (
    select(*_COLUMNS)
    .where(*_BY_OTHERS, search_saved.c.project.in_(bindparam("projects", expanding=True)))
    .order_by(search_saved.c.project, search_saved.c.name)
    .limit(bindparam("limit"))
)
_REMOVE = delete(search_saved).where(
    search_saved.c.owner == bindparam("by"), search_saved.c.name == bindparam("called")
)
_ADD = insert(search_saved)


def of_owner(connection: Connection, owner: str) -> list[SavedQuery]:
    """Return somebody's queries, by name."""
    return [SavedQuery(*row) for row in connection.execute(_OWN, {"by": owner})]


def sharing(connection: Connection, owner: str, behind: str, limit: int) -> list[str]:
    """Return projects with which others share queries, behind a name, at most `limit`."""
    return list(connection.execute(_SHARING, {"by": owner, "behind": behind, "limit": limit}).scalars())


def shared_by_others(connection: Connection, owner: str, projects: Sequence[str], limit: int) -> list[SavedQuery]:
    """Return queries that others share with one of `projects`, by project and name, at most `limit`."""
    values = {"by": owner, "projects": projects, "limit": limit}
    return [SavedQuery(*row) for row in connection.execute(_SHARED, values)]


def put(connection: Connection, saved: SavedQuery) -> None:
    """Keep a query, in place of that of the same owner and name."""
    remove(connection, saved.owner, saved.name)
    connection.execute(_ADD, {each: getattr(saved, each) for each in SavedQuery.__dataclass_fields__})


def remove(connection: Connection, owner: str, name: str) -> bool:
    """Forget a query; tell whether it was there."""
    return connection.execute(_REMOVE, {"by": owner, "called": name}).rowcount == 1
