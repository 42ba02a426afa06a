# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about who may hold a right: candidates, whom somebody looks at more closely."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.access import parse_pattern
from entrepot.features.groups import everybody_in
from entrepot.features.roles import SYSTEM
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.registry.tables import grants

MAX_MEMBERS = 1_000
_GROUP = "group:"
_USER = "user:"


def of_system(connection: Connection, now: Milliseconds) -> list[str]:
    """Return the users who were granted something on the registry, themselves or in groups, in order."""
    query = select(grants.c.principal).where(grants.c.path_pattern == SYSTEM, _in_force(now)).distinct()
    return _users(connection, connection.execute(query).scalars())


def of_project(connection: Connection, project: str, now: Milliseconds) -> list[str]:
    """Return the users who were granted something on all of a project, but not on everything there is, in order."""
    whole = f"{project}/**"
    has_glob = func.replace(grants.c.path_pattern, "/**", "").contains("*")
    query = select(grants.c.principal, grants.c.path_pattern).where(
        or_(grants.c.path_pattern == whole, has_glob), grants.c.path_pattern != "**", _in_force(now)
    )
    rows = connection.execute(query.distinct()).all()
    return _users(connection, (row.principal for row in rows if _includes(row.path_pattern, whole)))


def _in_force(now: Milliseconds) -> ColumnElement[bool]:
    return or_(grants.c.expires_at.is_(None), grants.c.expires_at > now)


def _includes(pattern: str, whole: str) -> bool:
    with suppress(InvalidRequest):
        return parse_pattern(pattern).includes(parse_pattern(whole))
    return False


def _users(connection: Connection, principals: Iterable[str]) -> list[str]:
    found: set[str] = set()
    for each in set(principals):
        is_group = each.startswith(_GROUP)
        found.update(everybody_in(connection, each.removeprefix(_GROUP), MAX_MEMBERS) if is_group else [each])
    return sorted(each for each in found if each.startswith(_USER))
