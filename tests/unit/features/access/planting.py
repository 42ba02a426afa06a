# SPDX-License-Identifier: Apache-2.0
"""Putting a world into a database, in place of the one that is there."""

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert

from entrepot.features.access import GrantAuthorizer
from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.features.identity.tables import users
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects.tables import projects
from entrepot.features.robots.tables import robots
from entrepot.features.roles.tables import roles
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.registry.tables import grants
from tests.builders.access_rows import add_grant
from tests.builders.access_rows import add_group
from tests.builders.access_rows import add_role
from tests.builders.instance import Instance
from tests.unit.features.access.naive import World
from tests.unit.features.access.worlds import NOW
from tests.unit.features.access.worlds import ROBOTS
from tests.unit.features.access.worlds import USERS

_BY = {"created_at": 0, "created_by": "user:admin"}


async def authorizer_of(instance: Instance, world: World) -> GrantAuthorizer:
    """Make the instance's database that world, at `NOW`; return an authorizer that remembers nothing yet."""
    instance.clock.now = NOW
    await instance.database.write(_plant, world)
    visibility = ProjectVisibility(instance.database, instance.clock)
    return GrantAuthorizer(instance.database, instance.standings, visibility, instance.clock)


def principal_of(identity: str) -> Principal:
    """Return whom an identity such as `user:u` names."""
    kind, _, name = identity.partition(":")
    return ANONYMOUS if kind == ANONYMOUS.kind else Principal(PrincipalKind(kind), name)


def _plant(connection: Connection, world: World) -> None:
    for table in (grants, group_members, groups, roles, projects, robots, users):
        connection.execute(delete(table))
    for identity in (*USERS, *ROBOTS):
        _add_account(connection, identity, None if identity in world.accounts else 1)
    for project, visibility in world.visibility.items():
        connection.execute(insert(projects).values(name=project, visibility=visibility, cause="request", **_BY))
    for name, actions in world.roles.items():
        add_role(connection, name, *map(Action, actions.split()))
    for name, members in world.groups.items():
        add_group(connection, name, *sorted(members))
    for given in world.given:
        add_grant(connection, *given)


def _add_account(connection: Connection, identity: str, disabled_at: int | None) -> None:
    kind, _, name = identity.partition(":")
    if kind == PrincipalKind.USER:
        row = {"name": name, "password_hash": "", "created_at": 0, "password_changed_at": 0}
        connection.execute(insert(users).values(**row, disabled_at=disabled_at))
    else:
        connection.execute(insert(robots).values(name=name, project="a", disabled_at=disabled_at, **_BY))
