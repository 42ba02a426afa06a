# SPDX-License-Identifier: Apache-2.0
"""Robots in the database: how many, and what becomes of what belongs to them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.grants import of_principal
from entrepot.features.identity import Standing
from entrepot.features.projects import ProjectName
from entrepot.features.robots import RobotAccounts
from entrepot.features.robots import remove_of_project
from entrepot.features.robots import store
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.tokens import current_secrets
from entrepot.kernel.clock import Milliseconds
from tests.builders.instance import Instance
from tests.builders.instance import an_instance

TEAM, OTHER = ProjectName("team"), ProjectName("other")

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with two robots in one project and one in another, each with a grant and a secret."""
    with an_instance(tmp_path) as instance:
        for name in ("team.ci", "team.cd", "other.ci"):
            instance.add_robot(name)
            instance.grant(f"robot:{name}", "shared/**", "read")
            instance.add_secret(f"robot:{name}")
        yield instance


def belongings(connection: Connection) -> set[str]:
    """Return the robots that have a row, a grant or a secret."""
    names = ["team.ci", "team.cd", "other.ci"]
    rows = {name for name in names if store.find(connection, name) is not None}
    granted = {name for name in names if of_principal(connection, f"robot:{name}")}
    secrets = {identity.partition(":")[2] for identity in current_secrets(connection, [f"robot:{n}" for n in names])}
    assert rows == granted == secrets
    return rows


async def test_a_deleted_project_takes_all_of_its_robots_along(instance: Instance) -> None:
    """Their grants in other projects and their secrets go too; the robots of other projects stay."""
    await instance.database.write(remove_of_project, TEAM)

    assert await instance.database.read(belongings) == {"other.ci"}


@pytest.mark.parametrize(
    ("name", "disabled_at", "standing"),
    [("team.ci", None, Standing.USER), ("team.ci", 1, Standing.NONE), ("team.nil", None, Standing.NONE)],
)
async def test_a_robot_counts_while_it_is_enabled(
    instance: Instance, name: str, disabled_at: int | None, standing: Standing
) -> None:
    """A disabled robot and one that does not exist count for nothing; none administers the registry."""
    await asyncio.to_thread(instance.change_robot, "team.ci", disabled_at=disabled_at)

    assert await RobotAccounts(instance.database).standing(name) is standing


async def test_robots_are_counted_and_named_by_project(instance: Instance) -> None:
    """A project whose name begins with that of another is another."""
    teamwork = Robot(RobotName("team.work.ci"), ProjectName("team.work"), Milliseconds(0), "user:admin")
    await instance.database.write(store.add, teamwork)

    assert await instance.database.read(store.count, TEAM) == 2
    assert set(await instance.database.read(store.names, TEAM)) == {"team.ci", "team.cd"}
    assert [robot.name for robot in await instance.database.read(store.page, TEAM, "team.cd", 9)] == ["team.ci"]


async def test_a_name_is_stored_once(instance: Instance) -> None:
    """A second robot of a name changes nothing."""
    twin = Robot(RobotName("team.ci"), OTHER, Milliseconds(7), "user:mallory")

    assert not await instance.database.write(store.add, twin)
    assert (await instance.database.read(store.find, "team.ci")) != twin
