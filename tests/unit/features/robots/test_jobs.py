# SPDX-License-Identifier: Apache-2.0
"""Telling of secrets that expire soon."""

from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.robots.jobs import BATCH
from entrepot.features.robots.jobs import warn_of_ends
from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from tests.builders.databases import until_final
from tests.builders.instance import Instance
from tests.builders.instance import an_instance

WARN_MS = 14 * DAY_MS

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with two robots."""
    with an_instance(tmp_path) as instance:
        for name in ("team.ci", "team.cd"):
            instance.add_robot(name)
        yield instance


async def told(instance: Instance) -> list[Event]:
    """Run the job, and return everything that was ever told of."""
    await warn_of_ends(instance.database, WARN_MS, instance.clock())
    await until_final(instance.database)
    rows = await instance.database.read(outbox.read_after, outbox.BEGINNING, 1_000)
    return [decode(row) for row in rows]


async def test_what_expires_soon_is_told_of_once(instance: Instance) -> None:
    """Of robots only; personal tokens, endless secrets and those that last are not told of."""
    await issue(instance, "robot:team.ci", 3 * DAY_MS)
    await issue(instance, "robot:team.cd", 15 * DAY_MS)
    await issue(instance, "user:alice", DAY_MS)
    first = await told(instance)
    again = await told(instance)
    instance.clock.advance(2 * DAY_MS)
    later = await told(instance)

    assert [event.object for event in first] == ["robot:team.ci"]
    assert again == first
    assert [event.object for event in later] == ["robot:team.ci", "robot:team.cd"]
    assert {event.type for event in later} == {"robot.secret-ends"}


async def test_many_are_told_of_in_one_run(instance: Instance) -> None:
    """More than a batch too."""
    for number in range(BATCH + 1):
        await issue(instance, "robot:team.ci", DAY_MS, f"number-{number}")

    assert len(await told(instance)) == BATCH + 1


async def test_a_secret_whose_robot_is_gone_stops_nothing(instance: Instance) -> None:
    """It is not told of, and neither are those after it held up."""
    await issue(instance, "robot:team.nil", DAY_MS)
    await issue(instance, "robot:team.ci", 2 * DAY_MS)

    assert [event.object for event in await told(instance)] == ["robot:team.ci"]


async def issue(instance: Instance, principal: str, expires_in_ms: int, name: str = "secret") -> None:
    """Make a secret that expires after a while."""
    await to_thread(instance.add_secret, principal, name, expires_in_ms=expires_in_ms)
