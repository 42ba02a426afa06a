# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about robots."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.tables import robots
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

_COLUMNS = (robots.c.name, robots.c.project, robots.c.created_at, robots.c.created_by, robots.c.disabled_at)
_FIND = select(*_COLUMNS).where(robots.c.name == bindparam("name"))
_OF_PROJECT = robots.c.project == bindparam("of")
_PAGE = (
    select(*_COLUMNS)
    .where(_OF_PROJECT, robots.c.name > bindparam("after"))
    .order_by(robots.c.name)
    .limit(bindparam("limit"))
)
_NAMES = select(robots.c.name).where(_OF_PROJECT)
_COUNT = select(func.count()).select_from(robots).where(_OF_PROJECT)
_SWITCH = update(robots).where(robots.c.name == bindparam("of")).values(disabled_at=bindparam("at"))
_REMOVE = delete(robots).where(robots.c.name == bindparam("of"))


def find(connection: Connection, name: str) -> Robot | None:
    """Return the robot of this name, disabled or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else Robot(*row)


def page(connection: Connection, project: str, after: str, limit: int) -> list[Robot]:
    """Return up to `limit` robots of a project behind the name `after`, by name."""
    return [Robot(*row) for row in connection.execute(_PAGE, {"of": project, "after": after, "limit": limit})]


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
        "project": robot.project,
        "created_at": robot.created_at,
        "created_by": robot.created_by,
        "disabled_at": robot.disabled_at,
    }
    return insert_if_absent(connection, robots, row)


def switch(connection: Connection, name: str, disabled_at: Milliseconds | None) -> bool:
    """Disable a robot, or enable it with None; tell whether there is one of that name."""
    return connection.execute(_SWITCH, {"of": name, "at": disabled_at}).rowcount == 1


def remove(connection: Connection, name: str) -> bool:
    """Remove a robot; tell whether it was there."""
    return connection.execute(_REMOVE, {"of": name}).rowcount == 1
