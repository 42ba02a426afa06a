# SPDX-License-Identifier: Apache-2.0
"""What the tables hold of a user, and what was announced of users."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.features.identity.tables import former_users
from entrepot.features.tokens.tables import credentials
from entrepot.features.users.following import FOLLOWING
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.events import outbox
from entrepot.registry.events import decode
from entrepot.registry.tables import grants
from tests.builders.databases import until_final


def rows_naming(connection: Connection, name: str) -> list[str]:
    """Return the columns that follow in which a user is named."""
    found = []
    for each in FOLLOWING:
        column = metadata.tables[each.table].c[each.column]
        if connection.execute(select(column).where(column == each.spelled(name))).first() is not None:
            found.append(f"{each.table}.{each.column}")
    return found


def held_by(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    """Return the grants of a user: pattern, role and end."""
    columns = (grants.c.path_pattern, grants.c.role, grants.c.expires_at)
    rows = connection.execute(select(*columns).where(grants.c.principal == f"user:{name}").order_by(*columns[:2]))
    return [tuple(row) for row in rows]


def joined_by(connection: Connection, name: str) -> list[str]:
    """Return the groups that a user is in."""
    found = select(group_members.c.group_name).where(group_members.c.member == f"user:{name}")
    return sorted(connection.execute(found).scalars())


def tokens_of(connection: Connection, name: str) -> list[str]:
    """Return the names of a user's tokens."""
    found = select(credentials.c.name).where(credentials.c.principal == f"user:{name}")
    return sorted(connection.execute(found).scalars())


def give_to_provider(connection: Connection, group: str) -> None:
    """Let an identity provider decide who is in a group."""
    connection.execute(update(groups).where(groups.c.name == group).values(provider="company"))


def add_former(connection: Connection, name: str) -> None:
    """Store that somebody was called so, and was deleted."""
    connection.execute(insert(former_users).values(name=name, deleted_at=0))


async def told(database: Database, kind: str) -> list[tuple[str, Any, Any]]:
    """Return what was announced of a kind: object, before and after."""
    await until_final(database)
    rows = await database.read(outbox.read_after, outbox.BEGINNING, 1_000)
    return [(event.object, event.before, event.after) for event in map(decode, rows) if event.type == kind]
