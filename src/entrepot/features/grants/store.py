# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement that lists and changes grants."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import StoredGrant
from entrepot.features.grants.models import Terms
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_COLUMNS = (
    grants.c.id,
    grants.c.principal,
    grants.c.path_pattern,
    grants.c.role,
    grants.c.created_at,
    grants.c.created_by,
)
_PAGE = select(*_COLUMNS).where(grants.c.id > bindparam("after")).order_by(grants.c.id).limit(bindparam("limit"))
_ON_PATTERN = _PAGE.where(grants.c.path_pattern == bindparam("path_pattern"))
_SAME = (grants.c.principal == bindparam("principal"), grants.c.path_pattern == bindparam("path_pattern"))
_FIND = select(*_COLUMNS).where(*_SAME, grants.c.role == bindparam("role"))
_REMOVE = delete(grants).where(*_SAME, grants.c.role == bindparam("role"))
_REMOVE_OTHERS = delete(grants).where(*_SAME, grants.c.role != bindparam("role"))
_REMOVE_ALL = delete(grants).where(*_SAME)
_OF_PRINCIPAL = select(*_COLUMNS).where(_SAME[0]).order_by(grants.c.id)
_REMOVE_OF = delete(grants).where(_SAME[0])


def page(connection: Connection, after: int, limit: int) -> list[StoredGrant]:
    """Return up to `limit` grants behind the one numbered `after`, oldest first."""
    return [StoredGrant(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def on_pattern(connection: Connection, path_pattern: str, after: int, limit: int) -> list[StoredGrant]:
    """Return up to `limit` grants on exactly this pattern behind the one numbered `after`, oldest first."""
    values = {"path_pattern": path_pattern, "after": after, "limit": limit}
    return [StoredGrant(*row) for row in connection.execute(_ON_PATTERN, values)]


def give(connection: Connection, terms: Terms, now: Milliseconds, given_by: str) -> tuple[StoredGrant, bool]:
    """Store a grant unless it is there; return it, and whether this call made it."""
    key = _key(terms.grantee, terms.path_pattern, terms.role)
    is_new = insert_if_absent(connection, grants, {**key, "created_at": now, "created_by": given_by})
    return StoredGrant(*connection.execute(_FIND, key).one()), is_new


def give_only(connection: Connection, terms: Terms, now: Milliseconds, given_by: str) -> tuple[StoredGrant, bool]:
    """Do the same, and remove every other role that the principal has on the pattern."""
    connection.execute(_REMOVE_OTHERS, _key(terms.grantee, terms.path_pattern, terms.role))
    return give(connection, terms, now, given_by)


def take(connection: Connection, terms: Terms) -> bool:
    """Remove a grant; tell whether it was there."""
    return connection.execute(_REMOVE, _key(terms.grantee, terms.path_pattern, terms.role)).rowcount > 0


def take_all(connection: Connection, grantee: Grantee, path_pattern: str) -> bool:
    """Remove every role that a principal has on a pattern; tell whether it had one."""
    key = {"principal": str(grantee), "path_pattern": path_pattern}
    return connection.execute(_REMOVE_ALL, key).rowcount > 0


def of_principal(connection: Connection, principal: str) -> list[StoredGrant]:
    """Return what a principal such as `robot:team.ci` was granted, oldest first."""
    return [StoredGrant(*row) for row in connection.execute(_OF_PRINCIPAL, {"principal": principal})]


def remove_of(connection: Connection, principal: str) -> None:
    """Remove every grant of a principal."""
    connection.execute(_REMOVE_OF, {"principal": principal})


def remove_within(connection: Connection, project: str) -> None:
    """Remove the grants on patterns that begin with the name of a project, and so are about nothing else."""
    below = grants.c.path_pattern.startswith(f"{project}/", autoescape=True)
    connection.execute(delete(grants).where(or_(grants.c.path_pattern == project, below)))


def _key(grantee: Grantee, path_pattern: str, role: str) -> dict[str, str]:
    return {"principal": str(grantee), "path_pattern": path_pattern, "role": str(role)}
