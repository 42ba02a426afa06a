# SPDX-License-Identifier: Apache-2.0
"""The SQL statement that looks at grants in force, to find what a guardrail would not let come about."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.roles import SYSTEM
from entrepot.features.roles import actions_of
from entrepot.features.roles import custom_actions
from entrepot.features.roles import with_custom_roles
from entrepot.kernel.access import Action
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_BATCH = 1_000
_GRANTS = (
    select(grants.c.id, grants.c.principal, grants.c.path_pattern, grants.c.role, custom_actions)
    .select_from(with_custom_roles(grants, grants.c.role))
    .where(
        grants.c.id > bindparam("after"),
        grants.c.path_pattern != SYSTEM,
        or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now")),
    )
    .order_by(grants.c.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class StandingGrant:
    """A grant in force, and what its role allows; nothing for a role that this version does not understand."""

    principal: str
    path_pattern: str
    role: str
    actions: frozenset[Action]


def grants_in_force(connection: Connection, now: Milliseconds) -> Iterator[StandingGrant]:
    """Yield every grant on repositories, oldest first, some at a time."""
    after = 0
    while True:
        rows = connection.execute(_GRANTS, {"after": after, "now": now, "limit": _BATCH}).all()
        for _, principal, path_pattern, role, custom in rows:
            yield StandingGrant(principal, path_pattern, role, _allowed(role, custom))
        if len(rows) < _BATCH:
            return
        after = rows[-1][0]


def _allowed(role: str, custom: str | None) -> frozenset[Action]:
    try:
        return actions_of(role, custom)
    except ValueError:
        return frozenset()
