# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of a decision."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import null
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all

from entrepot.features.access.match import InvalidPattern
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import ANONYMOUS
from entrepot.features.access.models import EVERYONE
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Holder
from entrepot.features.groups import everybody_in
from entrepot.features.groups import holders
from entrepot.features.projects import Visibility
from entrepot.features.projects import visibility_of
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import actions_of
from entrepot.features.roles import custom_actions
from entrepot.features.roles import with_custom_roles
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_TEXT = bytewise(320)
_HOLDERS = holders(
    bindparam("principal", type_=_TEXT), bindparam("everyone", type_=_TEXT), literal_column(f"'{ANONYMOUS}'", _TEXT)
)
_COLUMNS = (
    grants.c.path_pattern,
    grants.c.role,
    grants.c.tag_pattern,
    custom_actions,
    grants.c.expires_at,
    grants.c.principal,
    grants.c.opening,
)
_IN_FORCE = or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now"))
_HELD = (
    select(*_COLUMNS)
    .select_from(with_custom_roles(_HOLDERS.join(grants, grants.c.principal == _HOLDERS.c.principal), grants.c.role))
    .where(_IN_FORCE)
)
_GLOBS = select(grants.c.path_pattern).where(func.replace(grants.c.path_pattern, "/**", "").contains("*")).distinct()
_ON_PATTERNS = (
    select(*_COLUMNS)
    .select_from(with_custom_roles(grants, grants.c.role))
    .where(grants.c.path_pattern.in_(bindparam("patterns", expanding=True)), _IN_FORCE)
    .order_by(grants.c.id)
)
_HELD_AND_VISIBILITY = Prepared(
    union_all(_HELD, visibility_of(bindparam("project")).add_columns(*(null() for _ in _COLUMNS[1:]))),
    "principal",
    "everyone",
    "now",
    "project",
)


_HELD_ALONE = Prepared(_HELD, "principal", "everyone", "now")


@dataclass(frozen=True, slots=True)
class Held:
    """The grants of a principal that have not expired, and the visibility of a project (None if it is not stored)."""

    grants: list[Grant]
    visibility: Visibility | None


def held(connection: Connection, principal: str, project: str, now: Milliseconds) -> Held:
    """Return what a principal such as `user:alice` was granted, itself or in groups, and everyone. One statement."""
    kind, _, _ = principal.partition(":")
    everyone = ANONYMOUS if kind == PrincipalKind.ANONYMOUS else EVERYONE
    rows = _HELD_AND_VISIBILITY.all(connection, principal, everyone, now, project)
    found = [Grant._make(row) for row in rows if row[1] is not None]
    return Held(found, next((Visibility(row[0]) for row in rows if row[1] is None), None))


def held_roles(connection: Connection, principal: str, now: Milliseconds) -> dict[str, frozenset[Action]]:
    """Return the roles that a principal has anywhere, and what each allows; none that this version does not know."""
    found: dict[str, frozenset[Action]] = {}
    for _, role, _, custom, *_ in _HELD_ALONE.all(connection, principal, EVERYONE, now):
        with suppress(ValueError):
            found[role] = actions_of(role, custom)
    return found


def matching(connection: Connection, repository: str, now: Milliseconds) -> list[Grant]:
    """Return everybody's grants in force on patterns that match a repository, and those of system roles.

    Looks at every pattern with a `*` inside: not for a request that many wait for.
    """
    segments = repository.split("/")
    above = ("/".join(segments[:count]) for count in range(1, len(segments) + 1))
    globs = (pattern for pattern in connection.execute(_GLOBS).scalars() if _matches(pattern, repository))
    patterns = {repository, "**", SYSTEM, *(f"{path}/**" for path in above), *globs}
    rows = connection.execute(_ON_PATTERNS, {"patterns": sorted(patterns), "now": now})
    return [Grant(*row) for row in rows]


def named(connection: Connection, granting: Sequence[Grant], limit: int) -> list[Holder]:
    """Return up to `limit` of those who hold the grants: of a group, its members and those of groups in it."""
    found: list[Holder] = []
    for grant in granting:
        kind, _, name = grant.held_by.partition(":")
        members = everybody_in(connection, name, limit - len(found)) if kind == "group" else [grant.held_by]
        found += [Holder(member, grant) for member in members]
        if len(found) >= limit:
            break
    return found[:limit]


def _matches(pattern: str, repository: str) -> bool:
    with suppress(InvalidPattern):
        return parse_pattern(pattern).matches(repository)
    return False
