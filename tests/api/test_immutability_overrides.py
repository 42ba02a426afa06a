# SPDX-License-Identifier: Apache-2.0
"""Overrides: changing a tag although a rule keeps it."""

import pytest

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import IMAGES
from tests.builders.immutability import a_rule
from tests.builders.immutability import put
from tests.builders.immutability import remove
from tests.builders.immutability import set_rules

APP = "team/app"
OLD, NEW, *_ = IMAGES
OVERRIDE = f"/api/v1/repositories/{APP}/-/tags/1.0/immutability/override"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(alice: Client) -> Client:
    """The administrator of a project whose tags are immutable."""
    await alice.push_image(APP, OLD, "1.0", "2.0")
    await alice.push_image(APP, NEW)
    await set_rules(alice, a_rule("immutable"))
    return alice


async def override(client: Client, hours: int = 1, reason: str = "built from the wrong branch") -> Answer:
    """Give an override for a tag."""
    ends = rfc3339(after(system_clock(), hours * HOUR_MS))
    return await client.send_json("PUT", OVERRIDE, {"reason": reason, "expires_at": ends})


async def test_an_overridden_tag_moves(application: Application, owner: Client) -> None:
    """By whoever may push, with a warning; others stay as they are."""
    writer = await application.user("writer", ("team/**", "write"))
    assert (await override(owner)).status == 200

    moved = await put(writer, "1.0", NEW)
    assert moved.status == 201
    assert "rule 1 of team is overridden for 1.0 by user:alice" in moved.header("warning")
    assert (await put(writer, "2.0", NEW)).status == 403
    assert (await remove(owner, "1.0")).status == 202


async def test_it_is_shown_and_taken_back(owner: Client) -> None:
    """Then the rule counts again."""
    await override(owner)
    shown = (await owner.get(OVERRIDE.removesuffix("/override"))).json["override"]

    assert (shown["tag"], shown["created_by"]) == ("1.0", "user:alice")
    assert (await owner.send("DELETE", OVERRIDE)).status == 204
    assert (await put(owner, "1.0", NEW)).status == 403
    assert (await owner.send("DELETE", OVERRIDE)).status == 404


async def test_it_takes_the_right_to(application: Application, owner: Client) -> None:
    """Who maintains a project may set its rules, and not override them."""
    maintainer = await application.user("maintainer", ("team/**", "maintain"))
    root = await application.user("root", is_admin=True)

    assert [(await override(client)).status for client in (maintainer, root)] == [403, 200]


@pytest.mark.parametrize(("hours", "reason"), [(-1, "late"), (25, "long"), (1, ""), (1, "\t")])
async def test_it_has_a_reason_and_ends_within_a_day(owner: Client, hours: int, reason: str) -> None:
    """Otherwise it is refused."""
    assert (await override(owner, hours, reason)).status in (400, 422)
    assert (await put(owner, "1.0", NEW)).status == 403


async def test_each_is_recorded_with_its_reason(application: Application, owner: Client) -> None:
    """When it is given, and when it is taken back."""
    await override(owner)
    await owner.send("DELETE", OVERRIDE)
    given, taken = [each for each in await application.events() if each.type.startswith("immutability.override")]

    assert (given.type, taken.type) == ("immutability.override-given", "immutability.override-taken")
    assert (given.principal, given.repository, given.reason) == ("user:alice", APP, "built from the wrong branch")
    assert given.after["tag"] == "1.0"
