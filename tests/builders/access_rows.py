# SPDX-License-Identifier: Apache-2.0
"""Groups, their members, custom roles and grants, put into the tables as they are."""

from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.features.roles.tables import roles
from entrepot.kernel.access import Action
from entrepot.registry.tables import grants

_BY = {"created_at": 0, "created_by": "user:admin"}


def add_group(connection: Connection, name: str, *members: str) -> None:
    """Store a group of members such as `user:alice` or `group:developers`."""
    connection.execute(insert(groups).values(name=name, description="", **_BY))
    for member in members:
        connection.execute(insert(group_members).values(group_name=name, member=member, **_BY))


def add_role(connection: Connection, name: str, *actions: Action) -> None:
    """Store a custom role."""
    connection.execute(insert(roles).values(name=name, description="", actions=",".join(actions), **_BY))


def add_grant(
    connection: Connection,
    principal: str,
    path_pattern: str,
    role: str,
    tag_pattern: str = "",
    expires_at: int | None = None,
) -> None:
    """Store a grant to `kind:name`."""
    row = {"principal": principal, "path_pattern": path_pattern, "role": role, "tag_pattern": tag_pattern}
    connection.execute(insert(grants).values(**row, expires_at=expires_at, **_BY))
