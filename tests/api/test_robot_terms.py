# SPDX-License-Identifier: Apache-2.0
"""For how long secrets of robots may be good, and the warning before they expire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.features.robots import RobotSettings
from entrepot.features.robots.jobs import WARN
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.regular import Nothing
from entrepot.infra.telemetry.settings import MetricsSettings
from entrepot.kernel.clock import system_clock
from tests.api.robots import CI
from tests.api.robots import ROBOTS
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.api.robots import secrets_of
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.databases import section

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold a registry where secrets are good for 30 days at most, for 10 by default, and expire soon 7 days before."""
    settings = Settings(
        data_dir=tmp_path,
        database=section(tmp_path),
        storage=StorageSettings(url="memory://"),
        robots=RobotSettings(longest_days=30, default_days=10, warn_days=7),
        metrics=MetricsSettings(access="open"),
    )
    application = Application(settings)
    yield application
    application.close()


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the project `team`."""
    return await an_administrator(application, "team")


async def warn(application: Application) -> None:
    """Run the daily job."""
    await application.database.write(queue.enqueue, WARN, Nothing(), system_clock())
    await application.settle()


@pytest.mark.parametrize("asked", [{"expires_in_days": 31}, {"never_expires": True}])
async def test_a_secret_that_lasts_too_long_is_refused(root: Client, asked: dict[str, object]) -> None:
    """When a robot is created, gets one more and is rotated; the answer names the rule."""
    answers = [await root.post(ROBOTS, {"name": "cd", "project": "team", "role": "read", **asked})]
    await a_robot(root)
    answers += [await root.post(f"{CI}:rotate", asked), await root.post(f"{CI}/secrets", asked)]

    for answer in answers:
        assert (answer.status, answer.json["code"]) == (400, "secret_too_lasting")
        assert "30 days at most" in answer.json["detail"]
        assert "robots.longest_days" in answer.json["hint"]


@pytest.mark.parametrize(("asked", "days"), [({}, 10), ({"expires_in_days": 30}, 30), ({"expires_in_days": 1}, 1)])
async def test_a_secret_lasts_as_the_registry_says(root: Client, asked: dict[str, object], days: int) -> None:
    """Where nothing else is asked for, and it is soon over where it lasts no longer than the warning."""
    await a_robot(root, **asked)
    [secret] = await secrets_of(root)

    assert secret["expires_at"][:10] > secret["created_at"][:10]
    assert secret["expires_soon"] == (days <= 7)
    assert (await root.get(f"{ROBOTS}?project=team")).json["items"][0]["secret"]["expires_soon"] == (days <= 7)


async def test_each_secret_that_expires_soon_is_told_once(application: Application, root: Client) -> None:
    """Not again the next day, and not one that lasts or was replaced."""
    soon = await a_robot(root, expires_in_days=3)
    await a_robot(root, name="cd", expires_in_days=20)
    await a_robot(root, name="cf", expires_in_days=2)
    await root.post(f"{ROBOTS}/team.cf:rotate", {"overlap_minutes": 60})
    for _ in range(2):
        await warn(application)
    told = [event for event in await application.events() if event.type == "robot.secret-ends"]

    assert [(event.object, event.project, event.after["id"]) for event in told] == [
        ("robot:team.ci", "team", soon["id"])
    ]
    assert told[0].principal == "internal:robots.warn"


async def test_secrets_that_expire_soon_are_measured(application: Application, root: Client) -> None:
    """How many there are, until somebody replaces them."""
    await a_robot(root, expires_in_days=3)
    await a_robot(root, name="cd", expires_in_days=20)
    await root.post("/api/v1/tokens", {"name": "laptop", "expires_in_days": 1})
    before = (await application.anonymous().get("/metrics")).body.decode()
    await root.post(f"{CI}:rotate", {})
    after = (await application.anonymous().get("/metrics")).body.decode()

    assert "entrepot_robot_secrets_ending 1.0" in before
    assert "entrepot_robot_secrets_ending 0.0" in after
