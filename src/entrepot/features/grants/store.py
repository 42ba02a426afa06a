# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement that lists and changes grants."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import StoredGrant
from entrepot.features.grants.models import Terms
from entrepot.features.grants.telling import tell_given
from entrepot.features.grants.telling import tell_taken
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.registry.tables import grants


@dataclass(frozen=True, slots=True)
class About:
    """Which grants a list is about: those of a principal, those on patterns that begin with a path, or all."""

    principal: str = ""
    within: str = ""


_COLUMNS = (
    grants.c.id,
    grants.c.principal,
    grants.c.path_pattern,
    grants.c.role,
    grants.c.tag_pattern,
    grants.c.expires_at,
    grants.c.created_at,
    grants.c.created_by,
    grants.c.opening,
)
_PAGE = select(*_COLUMNS).where(grants.c.id > bindparam("after")).order_by(grants.c.id).limit(bindparam("limit"))
_FOR_EVERY_TAG = grants.c.tag_pattern == ""
_IS_ORDINARY = grants.c.opening == ""
"""What belongs to an opening of break-glass access is neither changed nor taken by itself."""

_ON_PATTERN = _PAGE.where(grants.c.path_pattern == bindparam("path_pattern"), _FOR_EVERY_TAG, _IS_ORDINARY)
_ON = (grants.c.principal == bindparam("principal"), grants.c.path_pattern == bindparam("path_pattern"))
_SAME = (
    *_ON,
    grants.c.role == bindparam("role"),
    grants.c.tag_pattern == bindparam("tag_pattern"),
    grants.c.opening == bindparam("opening"),
)
_FIND = select(*_COLUMNS).where(*_SAME)
_REMOVE = delete(grants).where(*_SAME).returning(*_COLUMNS)
_ALL = (*_ON, _FOR_EVERY_TAG, _IS_ORDINARY)
_REMOVE_OTHERS = delete(grants).where(*_ALL, grants.c.role != bindparam("role")).returning(*_COLUMNS)
_REMOVE_ALL = delete(grants).where(*_ALL).returning(*_COLUMNS)
_REMOVE_OPENED = delete(grants).where(grants.c.opening == bindparam("ended")).returning(*_COLUMNS)
_OF_PRINCIPAL = select(*_COLUMNS).where(_ON[0], _IS_ORDINARY).order_by(grants.c.id)
_REMOVE_OF = delete(grants).where(_ON[0]).returning(*_COLUMNS)
_ENDED = (
    select(grants.c.id)
    .where(grants.c.expires_at.is_not(None), grants.c.expires_at < bindparam("ended_before"))
    .order_by(grants.c.expires_at)
    .limit(bindparam("limit"))
)
_PRUNE = delete(grants).where(grants.c.id.in_(_ENDED))
_RENEW = update(grants).where(grants.c.id == bindparam("renewed")).values(expires_at=bindparam("until"))


def page(connection: Connection, about: About, after: int, limit: int) -> list[StoredGrant]:
    """Return up to `limit` of the grants that `about` is about, behind the one numbered `after`, oldest first."""
    wanted = _PAGE
    if about.principal:
        wanted = wanted.where(grants.c.principal == about.principal)
    if about.within:
        below = grants.c.path_pattern.startswith(f"{about.within}/", autoescape=True)
        wanted = wanted.where(or_(grants.c.path_pattern == about.within, below))
    return [StoredGrant(*row) for row in connection.execute(wanted, {"after": after, "limit": limit})]


def on_pattern(connection: Connection, path_pattern: str, after: int, limit: int) -> list[StoredGrant]:
    """Return up to `limit` grants on exactly this pattern, for every tag, behind the one numbered `after`."""
    values = {"path_pattern": path_pattern, "after": after, "limit": limit}
    return [StoredGrant(*row) for row in connection.execute(_ON_PATTERN, values)]


def give(
    connection: Connection,
    terms: Terms,
    expires_at: Milliseconds | None,
    now: Milliseconds,
    given_by: str,
    opening: str = "",
) -> tuple[StoredGrant, bool]:
    """Store a grant, or let the one that is there end then; return it, and whether this call made it.

    With `opening` it is one beside whatever was granted, and belongs to that opening of break-glass access.
    """
    key = _key(terms) | {"opening": opening}
    row = {**key, "expires_at": expires_at, "created_at": now, "created_by": given_by}
    is_new = insert_if_absent(connection, grants, row)
    found = StoredGrant(*connection.execute(_FIND, key).one())
    given = replace(found, expires_at=expires_at)
    if found.expires_at != expires_at:
        connection.execute(_RENEW, {"renewed": found.id, "until": expires_at})
    tell_given(connection, given, None if is_new else found, now)
    return given, is_new


def remove_others(connection: Connection, terms: Terms, now: Milliseconds) -> None:
    """Remove every other grant for every tag that the grantee has on exactly this pattern."""
    key = {key: value for key, value in _key(terms).items() if key in ("principal", "path_pattern", "role")}
    tell_taken(connection, _read(connection.execute(_REMOVE_OTHERS, key)), now)


def lasts(connection: Connection, terms: Terms, until: Milliseconds, now: Milliseconds) -> bool:
    """Tell whether there is such a grant that is in force now, and until then."""
    row = connection.execute(_FIND, _key(terms)).first()
    if row is None:
        return False
    expires_at = StoredGrant(*row).expires_at
    return expires_at is None or expires_at > max(until, now)


def take(connection: Connection, terms: Terms, now: Milliseconds) -> bool:
    """Remove a grant; tell whether it was there."""
    taken = _read(connection.execute(_REMOVE, _key(terms)))
    tell_taken(connection, taken, now)
    return bool(taken)


def take_all(connection: Connection, grantee: Grantee, path_pattern: str, now: Milliseconds) -> bool:
    """Remove every role that a principal has for every tag on a pattern; tell whether it had one."""
    key = {"principal": str(grantee), "path_pattern": path_pattern}
    taken = _read(connection.execute(_REMOVE_ALL, key))
    tell_taken(connection, taken, now)
    return bool(taken)


def of_principal(connection: Connection, principal: str) -> list[StoredGrant]:
    """Return what a principal such as `robot:team.ci` was granted, oldest first."""
    return [StoredGrant(*row) for row in connection.execute(_OF_PRINCIPAL, {"principal": principal})]


def remove_of(connection: Connection, principal: str) -> None:
    """Remove every grant of a principal that is deleted."""
    taken = _read(connection.execute(_REMOVE_OF, {"principal": principal}))
    tell_taken(connection, taken, system_clock(), f"{principal} was deleted, or made anew")


def end_opening(connection: Connection, opening: str, now: Milliseconds) -> None:
    """Remove what an opening of break-glass access gave, which has ended."""
    taken = _read(connection.execute(_REMOVE_OPENED, {"ended": opening}))
    tell_taken(connection, taken, now, "break-glass access has ended")


def remove_within(connection: Connection, project: str) -> None:
    """Remove the grants on patterns that begin with the name of a project, and so are about nothing else."""
    below = grants.c.path_pattern.startswith(f"{project}/", autoescape=True)
    within = delete(grants).where(or_(grants.c.path_pattern == project, below)).returning(*_COLUMNS)
    tell_taken(connection, _read(connection.execute(within)), system_clock(), f"the project {project} was deleted")


def prune(connection: Connection, ended_before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` grants that ended before a moment; return how many."""
    return connection.execute(_PRUNE, {"ended_before": ended_before, "limit": limit}).rowcount


def _read(rows: Iterable[Any]) -> list[StoredGrant]:
    return [StoredGrant(*row) for row in rows]


def _key(terms: Terms) -> dict[str, str]:
    return {
        "principal": str(terms.grantee),
        "path_pattern": terms.path_pattern,
        "role": terms.role,
        "tag_pattern": terms.tag_pattern,
        "opening": "",
    }
