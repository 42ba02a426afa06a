# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about robots."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.grants import StoredGrant
from entrepot.features.groups import holders
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.tables import robots
from entrepot.features.tokens import AllowedAddresses
from entrepot.features.tokens import stored_allowed
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

OF_REGISTRY = ""
"""What stands in the column of the project for robots of the registry."""

_COLUMNS = (
    robots.c.name,
    robots.c.project,
    robots.c.created_at,
    robots.c.created_by,
    robots.c.disabled_at,
    robots.c.allowed_addresses,
)
_FIND = select(*_COLUMNS).where(robots.c.name == bindparam("name"))
_OF_PROJECT = robots.c.project == bindparam("of")
_EVERY_PAGE = (
    select(*_COLUMNS).where(robots.c.name > bindparam("after")).order_by(robots.c.name).limit(bindparam("limit"))
)
_PAGE = _EVERY_PAGE.where(_OF_PROJECT)
_NAMES = select(robots.c.name).where(_OF_PROJECT)
_COUNT = select(func.count()).select_from(robots).where(_OF_PROJECT)
_SWITCH = update(robots).where(robots.c.name == bindparam("of")).values(disabled_at=bindparam("at"))
_ALLOW = update(robots).where(robots.c.name == bindparam("of")).values(allowed_addresses=bindparam("addresses"))
_REMOVE = delete(robots).where(robots.c.name == bindparam("of"))
_HOLDERS = holders(bindparam("identity", type_=bytewise(320)))
_HELD = (
    select(
        grants.c.id,
        grants.c.principal,
        grants.c.path_pattern,
        grants.c.role,
        grants.c.tag_pattern,
        grants.c.expires_at,
        grants.c.created_at,
        grants.c.created_by,
    )
    .join(_HOLDERS, _HOLDERS.c.principal == grants.c.principal)
    .where(or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now")))
    .order_by(grants.c.id)
)


def find(connection: Connection, name: str) -> Robot | None:
    """Return the robot of this name, disabled or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else _robot(row)


def page(connection: Connection, project: str, after: str, limit: int) -> list[Robot]:
    """Return up to `limit` robots of a project, or of the registry, behind the name `after`, by name."""
    return [_robot(row) for row in connection.execute(_PAGE, {"of": project, "after": after, "limit": limit})]


def every_page(connection: Connection, after: str, limit: int) -> list[Robot]:
    """Return up to `limit` robots of any project behind the name `after`, by name."""
    return [_robot(row) for row in connection.execute(_EVERY_PAGE, {"after": after, "limit": limit})]


def held(connection: Connection, identity: str, now: Milliseconds) -> tuple[StoredGrant, ...]:
    """Return the grants in force that a robot has itself or in groups, oldest first."""
    return tuple(StoredGrant(*row) for row in connection.execute(_HELD, {"identity": identity, "now": now}))


def names(connection: Connection, project: str) -> list[RobotName]:
    """Return the names of a project's robots."""
    return [RobotName(name) for name in connection.execute(_NAMES, {"of": project}).scalars()]


def count(connection: Connection, project: str) -> int:
    """Return how many robots a project has."""
    found: int = connection.execute(_COUNT, {"of": project}).scalar_one()
    return found


def add(connection: Connection, robot: Robot) -> bool:
    """Store a robot unless there is one of its name; tell whether this call did."""
    row = {
        "name": robot.name,
        "project": robot.project or OF_REGISTRY,
        "created_at": robot.created_at,
        "created_by": robot.created_by,
        "disabled_at": robot.disabled_at,
        "allowed_addresses": str(robot.allowed),
    }
    return insert_if_absent(connection, robots, row)


def switch(connection: Connection, name: str, disabled_at: Milliseconds | None) -> bool:
    """Disable a robot, or enable it with None; tell whether there is one of that name."""
    return connection.execute(_SWITCH, {"of": name, "at": disabled_at}).rowcount == 1


def allow(connection: Connection, name: str, allowed: AllowedAddresses) -> None:
    """Say from where the secrets of a robot are good."""
    connection.execute(_ALLOW, {"of": name, "addresses": str(allowed)})


def remove(connection: Connection, name: str) -> bool:
    """Remove a robot; tell whether it was there."""
    return connection.execute(_REMOVE, {"of": name}).rowcount == 1


def _robot(row: Sequence[Any]) -> Robot:
    name, project, created_at, created_by, disabled_at, allowed = row
    return Robot(name, project or None, created_at, created_by, disabled_at, stored_allowed(allowed))
