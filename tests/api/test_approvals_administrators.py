# SPDX-License-Identifier: Apache-2.0
"""Every way to administer the registry, while it takes a second person."""

from collections.abc import Awaitable
from collections.abc import Callable

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.approvals import approved
from tests.builders.approvals import let_take_two
from tests.builders.break_glass import make_eligible

A = "/api/v1"
TOMORROW = rfc3339(after(system_clock(), DAY_MS))
ROLE = {"path_pattern": "SYSTEM", "role": "administrator"}
OPS = {**ROLE, "principal": "group:ops"}
ROBOT = {"name": "bot", "grants": [ROLE]}

Way = Callable[[Client], Awaitable[Answer]]

pytestmark = pytest.mark.anyio

WAYS: dict[str, tuple[Way, str]] = {
    "a grant to a user": (lambda root: root.post(f"{A}/grants", {**ROLE, "principal": "bob"}), "user:bob"),
    "a grant to a robot": (lambda root: root.post(f"{A}/grants", {**ROLE, "principal": "robot:_.ci"}), "robot:_.ci"),
    "a grant to a workload": (
        lambda root: root.post(f"{A}/grants", {**ROLE, "principal": "workload:w"}),
        "workload:w",
    ),
    "a grant to a group": (lambda root: root.post(f"{A}/grants", {**ROLE, "principal": "group:crowd"}), "group:crowd"),
    "a new user": (lambda root: root.post(f"{A}/users", {"name": "new", "administrator": True}), "user:new"),
    "a changed user": (
        lambda root: root.send_json("PATCH", f"{A}/users/bob", {"administrator": True}),
        "user:bob",
    ),
    "an enabled user": (lambda root: root.send_json("PATCH", f"{A}/users/old", {"disabled": False}), "user:old"),
    "a user in a group": (
        lambda root: root.send("PUT", f"{A}/groups/ops/members/user:bob"),
        "user:bob in group:ops",
    ),
    "a group in a group": (
        lambda root: root.send("PUT", f"{A}/groups/ops/members/group:crowd"),
        "group:crowd in group:ops",
    ),
    "a user in a group of a group": (
        lambda root: root.send("PUT", f"{A}/groups/inner/members/user:bob"),
        "user:bob in group:inner",
    ),
    "a user in a group for emergencies": (
        lambda root: root.send("PUT", f"{A}/groups/below/members/user:bob"),
        "user:bob in group:below",
    ),
    "a user who is merged into one for emergencies": (
        lambda root: root.post(f"{A}/users/bob:merge", {"into": "fay"}),
        "user:bob into user:fay",
    ),
    "a merged user": (
        lambda root: root.post(f"{A}/users/bob:merge", {"into": "spare"}),
        "user:bob into user:spare",
    ),
    "a merged administrator": (
        lambda root: root.post(f"{A}/users/spare:merge", {"into": "bob"}),
        "user:spare into user:bob",
    ),
    "somebody in an emergency": (
        lambda root: root.post(f"{A}/break-glass/eligibilities", {**ROLE, "principal": "bob"}),
        "user:bob in an emergency",
    ),
    "a new robot": (lambda root: root.post(f"{A}/robots", ROBOT), "robot:_.bot"),
    "another's password": (lambda root: root.post(f"{A}/users/spare/password", {}), "password of user:spare"),
    "another's second factors": (
        lambda root: root.send("DELETE", f"{A}/users/spare/second-factors"),
        "second factors of user:spare",
    ),
    "a member's password": (lambda root: root.post(f"{A}/users/op/password", {}), "password of user:op"),
}
"""What lets somebody administer who did not, and how the refusal calls it."""


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, and whoever could become one; it takes two people from now on."""
    root = await application.user("root", is_admin=True)
    for name in ("spare", "old"):
        await application.user(name, is_admin=True)
    for name in ("bob", "op", "fay"):
        await application.user(name)
    await root.post(f"{A}/robots", {"name": "ci", "grants": [{"path_pattern": "team/**", "role": "read"}]})
    for group in ("ops", "inner", "crowd", "on-call", "below"):
        await root.post(f"{A}/groups", {"name": group})
    await root.send("PUT", f"{A}/groups/ops/members/group:inner")
    await root.send("PUT", f"{A}/groups/inner/members/user:op")
    assert (await root.post(f"{A}/grants", OPS)).status == 201
    await root.send("PUT", f"{A}/groups/on-call/members/group:below")
    for somebody in ("group:on-call", "user:fay"):
        await make_eligible(root, somebody, "SYSTEM", "administrator")
    await root.send_json("PATCH", f"{A}/users/old", {"disabled": True})
    await let_take_two(root, "administrator.add")
    return root


@pytest.fixture
async def second(application: Application, root: Client) -> Client:
    """A second person."""
    return await application.user("second", is_admin=True)


@pytest.mark.parametrize("way", WAYS)
async def test_nobody_lets_somebody_administer_alone(way: str, root: Client, second: Client) -> None:
    """Each way is refused, changes nothing, and is open once after a second person approved just that."""
    go, target = WAYS[way]
    before = [(await root.get(f"{A}/{each}")).body for each in ("users", "grants", "groups/ops/members", "robots")]
    refused = await go(root)
    after_it = [(await root.get(f"{A}/{each}")).body for each in ("users", "grants", "groups/ops/members", "robots")]
    await approved(root, refused, second)

    assert before == after_it
    assert refused.json["about"] == {"act": "administrator.add", "target": target, "hours": None}
    assert (await go(root)).status in (200, 201, 204)


async def test_whoever_administers_for_a_while_is_not_made_to_for_good_alone(root: Client, second: Client) -> None:
    """What was approved for a day is for a day, whichever way leads to more."""
    for_a_day = {**ROLE, "principal": "bob", "expires_at": TOMORROW}
    await approved(root, await root.post(f"{A}/grants", for_a_day), second)
    assert (await root.post(f"{A}/grants", for_a_day)).status == 201

    refused = await root.send_json("PATCH", f"{A}/users/bob", {"administrator": True})

    assert refused.json["about"] == {"act": "administrator.add", "target": "user:bob", "hours": None}


HARMLESS: dict[str, Way] = {
    "a role in a project": lambda root: root.post(
        f"{A}/grants", {"principal": "bob", "path_pattern": "**", "role": "admin"}
    ),
    "another system role": lambda root: root.post(f"{A}/grants", {**ROLE, "principal": "bob", "role": "auditor"}),
    "the same grant again": lambda root: root.post(f"{A}/grants", OPS),
    "the same grant, to end": lambda root: root.post(f"{A}/grants", {**OPS, "expires_at": TOMORROW}),
    "a member who is there": lambda root: root.send("PUT", f"{A}/groups/ops/members/group:inner"),
    "an administrator who is one": lambda root: root.send_json("PATCH", f"{A}/users/spare", {"administrator": True}),
    "a new user": lambda root: root.post(f"{A}/users", {"name": "new"}),
    "a password": lambda root: root.post(f"{A}/users/bob/password", {}),
    "an administrator no more": lambda root: root.send_json("PATCH", f"{A}/users/spare", {"administrator": False}),
    "a merged user": lambda root: root.post(f"{A}/users/bob:merge", {"into": "free"}),
}


@pytest.mark.parametrize("way", HARMLESS)
async def test_what_makes_no_administrator_is_done_alone(way: str, application: Application, root: Client) -> None:
    """Nor does what takes something away."""
    await application.user("free")

    assert (await HARMLESS[way](root)).status in (200, 201)


async def test_an_administrator_for_a_day_stays_one_for_a_day(root: Client, second: Client) -> None:
    """What was approved for a while is neither for good nor for longer; a shorter while will do."""
    for_a_day = {**ROLE, "principal": "bob", "expires_at": TOMORROW}
    refused = await root.post(f"{A}/grants", for_a_day)
    await approved(root, refused, second)
    later = rfc3339(after(system_clock(), 2 * DAY_MS))

    assert refused.json["about"]["hours"] == 24
    assert (await root.post(f"{A}/grants", {**for_a_day, "expires_at": None})).status == 403
    assert (await root.post(f"{A}/grants", {**for_a_day, "expires_at": later})).status == 403
    sooner = rfc3339(after(system_clock(), DAY_MS // 2))
    assert (await root.post(f"{A}/grants", {**for_a_day, "expires_at": sooner})).status == 201
    assert (await root.post(f"{A}/grants", for_a_day)).status == 403


@pytest.mark.parametrize("way", ["a grant to a group", "a group in a group"])
async def test_a_group_is_approved_with_who_is_in_it(way: str, root: Client, second: Client) -> None:
    """Whoever comes into it, or into a group in it, after that was asked for takes another approval."""
    go, _ = WAYS[way]
    await root.post(f"{A}/groups", {"name": "small"})
    await root.send("PUT", f"{A}/groups/crowd/members/group:small")
    await approved(root, await go(root), second)
    assert (await root.send("PUT", f"{A}/groups/small/members/user:bob")).status == 201

    refused = await go(root)

    assert (refused.json["code"], "came into the group" in refused.json["detail"]) == ("approval_needed", True)
    await approved(root, refused, second)
    assert (await go(root)).status == 201


async def test_an_invitation_lets_nobody_administer(application: Application, root: Client, second: Client) -> None:
    """Neither one that is sent now, nor one that was sent before the group could."""
    wanted = {"label": "eve", "user_name": "eve", "groups": ["ops"]}
    for group in ("ops", "below"):
        refused = await root.post(f"{A}/invitations", {**wanted, "groups": [group]})
        assert refused.json["code"] == "invitation_invalid"
    sent = (await root.post(f"{A}/invitations", {**wanted, "groups": ["crowd"]})).json
    crowd = {**ROLE, "principal": "group:crowd"}
    await approved(root, await root.post(f"{A}/grants", crowd), second)
    assert (await root.post(f"{A}/grants", crowd)).status == 201
    secret = sent["link"].rpartition("=")[2]
    answer = await application.anonymous().post(
        f"{A}/invitations:accept", {"secret": secret, "password": "a long enough phrase"}
    )

    assert answer.status in (200, 201), answer.body
    assert (await root.get(f"{A}/groups/crowd/members")).json["items"] == []


async def test_a_robot_that_administers_is_not_enabled_alone(root: Client, second: Client) -> None:
    """To disable it takes nobody else."""
    await approved(root, await root.post(f"{A}/robots", ROBOT), second)
    await root.post(f"{A}/robots", ROBOT)
    assert (await root.send("POST", f"{A}/robots/_.bot:disable")).status == 200

    assert (await root.send("POST", f"{A}/robots/_.bot:enable")).json["code"] == "approval_needed"
