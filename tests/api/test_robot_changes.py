# SPDX-License-Identifier: Apache-2.0
"""What is told of changes of robots and tokens: who did what to which, before and after, and never a secret."""

from collections.abc import Iterable

import pytest

from entrepot.registry.events import Event
from entrepot.registry.events import event_data
from tests.api.robots import CI
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.builders.application import Application
from tests.builders.application import Client

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the project `team`."""
    return await an_administrator(application, "team")


async def changes(application: Application, begin: str) -> list[Event]:
    """Return what was told of robots or tokens."""
    return [event for event in await application.events() if event.type.startswith(begin)]


def kinds(events: Iterable[Event]) -> list[str]:
    """Return what happened."""
    return [event.type for event in events]


async def test_the_life_of_a_robot_is_told(application: Application, root: Client) -> None:
    """Each step once, by whoever did it, from where; what changed nothing is not told."""
    made = await a_robot(root)
    await root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"], "alias": "robot$team+ci"})
    await root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]})
    for verb in ("disable", "disable", "enable"):
        await root.send("POST", f"{CI}:{verb}")
    await root.send("DELETE", CI)
    told = await changes(application, "robot.")

    steps = ["created", "changed", "disabled", "enabled", "deleted"]
    assert kinds(told) == [f"robot.{step}" for step in steps]
    assert {(each.object, each.project, each.principal, each.address) for each in told} == {
        ("robot:team.ci", "team", "user:root", "192.0.2.1")
    }
    assert made["secret"] not in str([event_data(each) for each in told])


async def test_before_and_after_are_told(application: Application, root: Client) -> None:
    """What it may do, where it may be, its other name, and whether it is enabled."""
    await a_robot(root)
    await root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"], "alias": "robot$team+ci"})
    created, changed = await changes(application, "robot.")

    grant = {"path_pattern": "team/**", "role": "write", "tag_pattern": "", "expires_at": None}
    first = {"is_enabled": True, "alias": None, "allowed_addresses": [], "grants": [grant]}
    second = first | {"alias": "robot$team+ci", "allowed_addresses": ["10.0.0.0/8"]}
    assert (created.before, created.after) == (None, first)
    assert (changed.before, changed.after) == (first, second)


async def test_the_secrets_of_a_robot_are_told_by_id(application: Application, root: Client) -> None:
    """Added, revoked and rotated; what a refused request would have done is not."""
    first = await a_robot(root)
    second = (await root.post(f"{CI}/secrets", {})).json
    await root.post(f"{CI}/secrets", {})
    await root.send("DELETE", f"{CI}/secrets/{second['id']}")
    third = (await root.post(f"{CI}:rotate", {})).json
    _, added, revoked, rotated = await changes(application, "robot.")

    assert kinds([added, revoked, rotated]) == ["robot.secret-added", "robot.secret-revoked", "robot.rotated"]
    assert (added.before, added.after["id"], revoked.before["id"]) == (None, second["id"], second["id"])
    assert revoked.after["expires_at"] < revoked.before["expires_at"]
    assert (rotated.before["id"], rotated.after["id"]) == (first["id"], third["id"])


async def test_a_project_that_ends_ends_its_robots(application: Application, root: Client) -> None:
    """That is told of each of them."""
    await a_robot(root)
    await a_robot(root, name="cd")
    await root.send("DELETE", "/api/v1/projects/team")
    deleted = await changes(application, "robot.deleted")

    assert {each.object for each in deleted} == {"robot:team.ci", "robot:team.cd"}


async def test_personal_tokens_are_told(application: Application) -> None:
    """Created and revoked, once each."""
    bob = await application.user("bob")
    made = (await bob.post("/api/v1/tokens", {"name": "laptop", "allowed_addresses": ["10.0.0.0/8"]})).json
    for _ in range(2):
        await bob.send("DELETE", f"/api/v1/tokens/{made['id']}")
    created, revoked = await changes(application, "token.")

    assert kinds([created, revoked]) == ["token.created", "token.revoked"]
    assert {created.object, revoked.object} == {f"token:{made['id']}"}
    assert (created.after["user"], created.after["name"]) == ("bob", "laptop")
    assert created.after["allowed_addresses"] == ["10.0.0.0/8"]
    assert (revoked.before["state"], revoked.after["state"]) == ("live", "revoked")
