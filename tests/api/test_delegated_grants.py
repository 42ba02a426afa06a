# SPDX-License-Identifier: Apache-2.0
"""Giving rights away: where one manages members, nothing beyond one's own, for no longer, to nobody in between."""

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from entrepot.kernel.access import Action
from tests.builders.access_rows import add_grant
from tests.builders.access_rows import add_group
from tests.builders.access_rows import add_role
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

GRANTS = "/api/v1/grants"
ROBOTS = "/api/v1/robots"
SOON, LATER = "2998-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
SOON_MS = 32_440_608_000_000

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made a project."""
    await application.user("bob")
    root = await application.user("root", is_admin=True)
    await root.post("/api/v1/projects", {"name": "team"})
    return root


@pytest.fixture
async def manager(application: Application, root: Client) -> Client:
    """Somebody who may read, push and say who may what below `team/a`, and nothing else."""
    await application.database.write(add_role, "lead", Action.PULL, Action.PUSH, Action.MANAGE_MEMBERS)
    return await application.user("manager", ("team/a/**", "lead"))


async def give(client: Client, path_pattern: str, role: str = "read", **terms: str) -> Answer:
    """Give a grant, to bob unless the terms say otherwise."""
    return await client.post(GRANTS, {"principal": "bob", "path_pattern": path_pattern, "role": role, **terms})


async def take(client: Client, principal: str, path_pattern: str, role: str) -> Answer:
    """Take a grant away."""
    terms = {"principal": principal, "path_pattern": path_pattern, "role": role}
    return await client.send("DELETE", f"{GRANTS}?{urlencode(terms)}")


async def given_to(root: Client, principal: str) -> list[Any]:
    """Return the grants of somebody."""
    return list((await root.get(f"{GRANTS}?principal={principal}")).json["items"])


@pytest.mark.parametrize("pattern", ["team/a", "team/a/**", "team/a/b", "team/a/b/**", "team/a/*", "team/a/*/c/**"])
async def test_a_manager_gives_and_takes_there(manager: Client, root: Client, pattern: str) -> None:
    """On the path that they manage, and below it."""
    given, taken = await give(manager, pattern), await take(manager, "bob", pattern, "read")

    assert (given.status, given.json["created_by"], taken.status) == (201, "user:manager", 204)
    assert await given_to(root, "bob") == []


BEYOND = ["team", "team/**", "team/b", "team/a*", "team/a*/**", "team/*", "team/*/**", "*/a", "*/a/**", "t*m/a/**"]


@pytest.mark.parametrize("pattern", [*BEYOND, "**", "*", "*/**", "other/**", "team/ab/**", "te*/**"])
async def test_nowhere_else(manager: Client, root: Client, pattern: str) -> None:
    """However the pattern is written: a single name beyond is too much."""
    await give(root, pattern)
    answers = [await give(manager, pattern), await take(manager, "bob", pattern, "read")]

    assert [answer.status for answer in answers] == [403, 403]
    assert pattern in answers[0].json["detail"]
    assert len(await given_to(root, "bob")) == 1


@pytest.mark.parametrize("role", ["write", "maintain", "admin", "steward", "destroyer"])
async def test_nothing_beyond_ones_own(application: Application, manager: Client, root: Client, role: str) -> None:
    """Neither given, to whomever, nor taken away from those who have more."""
    await application.database.write(add_role, "steward", Action.ADMIN)
    await application.database.write(add_role, "destroyer", Action.PULL, Action.DELETE)
    await give(root, "team/a/**", role)
    gives = [await give(manager, "team/a/x", role, principal=each) for each in ("bob", "manager", "robot:team.x")]

    answers = [*gives, await take(manager, "bob", "team/a/**", role), await give(manager, "team/a/**", role)]

    assert [answer.status for answer in answers] == [403] * 5
    assert [grant["path_pattern"] for grant in await given_to(root, "bob")] == ["team/a/**"]
    assert len(await given_to(root, "manager")) == 1


async def test_a_manager_may_make_others_managers(application: Application, manager: Client, root: Client) -> None:
    """With what they have themselves, which is then passed on in the same way."""
    carol = await application.user("carol")

    assert (await give(manager, "team/a/b/**", "lead", principal="carol")).status == 201
    assert (await give(carol, "team/a/b/c", "read")).status == 201
    assert (await give(carol, "team/a/c", "read")).status == 403


@pytest.mark.parametrize("role", ["auditor", "operator", "witness", "administrator"])
async def test_system_roles_are_given_by_administrators(application: Application, root: Client, role: str) -> None:
    """Not by who has every right in every repository, nor by who has another system role."""
    owner = await application.user("owner", ("**", "admin"))
    operator = await application.user("operator", ("SYSTEM", "operator"), ("SYSTEM", "auditor"))
    await give(root, "SYSTEM", role)

    for client in (owner, operator):
        answers = [
            await give(client, "SYSTEM", role, principal="owner"),
            await give(client, "SYSTEM", role, principal="operator"),
            await take(client, "bob", "SYSTEM", role),
        ]
        assert [answer.status for answer in answers] == [403] * 3
    assert [grant["role"] for grant in await given_to(root, "bob")] == [role]


@pytest.mark.parametrize("principal", ["everyone", "anonymous"])
async def test_opening_takes_who_administers(
    application: Application, manager: Client, root: Client, principal: str
) -> None:
    """As a change of visibility does: managing members is not enough."""
    owner = await application.user("owner", ("team/a/**", "admin"))

    assert (await give(manager, "team/a/x", "view", principal=principal)).status == 403
    assert (await give(owner, "team/a/x", "view", principal=principal)).status == 201
    assert (await take(manager, principal, "team/a/x", "view")).status == 403


async def test_a_token_that_narrows_gives_nothing(manager: Client, root: Client) -> None:
    """Whatever it covers: who may what is decided with a whole login."""
    scope = "repository:team/a:pull,push&scope=repository:team/a/x:*"
    token = (await manager.get(f"/auth/token?service=entrepot&scope={scope}")).json["token"]
    narrowed = Client(manager.server, (("authorization", f"Bearer {token}"),))

    answers = [await give(narrowed, "team/a/x"), await take(narrowed, "bob", "team/a/x", "read")]
    answers.append(await narrowed.get(f"{GRANTS}?within=team/a"))

    assert [answer.status for answer in answers] == [401] * 3
    assert await given_to(root, "bob") == []


@pytest.mark.parametrize(("ends", "status"), [(SOON, 201), (LATER, 403), ("", 403)])
async def test_for_no_longer_than_oneself(application: Application, root: Client, ends: str, status: int) -> None:
    """What was given for a time is not made permanent by passing it on, not even to oneself."""
    owner = await application.user("owner")
    await application.database.write(add_grant, "user:owner", "team/**", "admin", "", SOON_MS)
    terms = {"expires_at": ends} if ends else {}

    answers = [await give(owner, "team/**", "admin", principal=each, **terms) for each in ("bob", "owner")]
    member = await owner.send_json("PUT", "/api/v1/projects/team/members/bob", {"role": "write", **terms})

    assert [answer.status for answer in answers] == [status, 200 if status == 201 else status]
    assert member.status == (200 if status == 201 else 403)
    assert [grant["expires_at"] for grant in await given_to(root, "owner")] == [SOON]


async def test_taking_away_needs_no_more_time_than_now(application: Application, root: Client) -> None:
    """Who administers for a time removes those who are there for good."""
    owner = await application.user("owner")
    await application.database.write(add_grant, "user:owner", "team/**", "admin", "", SOON_MS)
    await give(root, "team/**", "write")
    await give(root, "team/app", "write")

    taken = await take(owner, "bob", "team/app", "write")
    removed = await owner.send("DELETE", "/api/v1/projects/team/members/bob")

    assert (taken.status, removed.status) == (204, 204)


async def test_only_the_tags_that_one_has(application: Application, root: Client) -> None:
    """Who may set some tags lets others set no more."""
    owner = await application.user("owner")
    await application.database.write(add_role, "lead", Action.PULL, Action.TAG, Action.MANAGE_MEMBERS)
    await application.database.write(add_grant, "user:owner", "team/**", "lead", "dev-*")
    wanted = [("dev-*", 201), ("dev-1", 201), ("dev-*-x", 201), ("dev*", 403), ("*", 403), ("", 403)]

    answers = [await give(owner, "team/app", "lead", tag_pattern=tags) for tags, _ in wanted]

    assert [answer.status for answer in answers] == [status for _, status in wanted]


async def test_what_can_be_managed_can_be_listed(manager: Client, root: Client) -> None:
    """And nothing around it: not what somebody was granted elsewhere."""
    for pattern in ("team/a", "team/a/x", "team/ab", "team/**", "other/**"):
        await give(root, pattern)

    listed = await manager.get(f"{GRANTS}?within=team/a&principal=bob")
    others = [await manager.get(f"{GRANTS}{query}") for query in ("", "?within=team", "?principal=bob", "?within=te")]

    assert [grant["path_pattern"] for grant in listed.json["items"]] == ["team/a", "team/a/x"]
    assert [answer.status for answer in others] == [403] * 4


async def test_groups_are_granted_what_one_has(application: Application, manager: Client, root: Client) -> None:
    """Who is in a group gets it; a group that is not there gets nothing, nor does one made later."""
    await application.database.write(add_group, "people", "user:bob")

    assert (await give(manager, "team/a/x", principal="group:people")).status == 201
    assert (await give(manager, "team/a/x", principal="group:others")).status == 404
    await application.database.write(add_group, "others", "user:bob")
    assert await given_to(root, "group:others") == []


async def test_managing_members_makes_no_robots(application: Application, root: Client) -> None:
    """That takes who administers the project."""
    await application.database.write(add_role, "lead", Action.PULL, Action.PUSH, Action.MANAGE_MEMBERS)
    manager = await application.user("lead", ("team/**", "lead"))

    answer = await manager.post(ROBOTS, {"project": "team", "name": "ci", "role": "admin"})

    assert answer.status == 403


async def test_a_robot_of_a_former_name_inherits_nothing(application: Application, root: Client) -> None:
    """Neither grants nor membership in groups."""
    await root.post(ROBOTS, {"project": "team", "name": "ci", "role": "write"})
    await application.database.write(add_group, "people", "robot:team.ci")
    await give(root, "other/**", "admin", principal="robot:team.ci")
    await root.send("DELETE", f"{ROBOTS}/team.ci")

    await root.post(ROBOTS, {"project": "team", "name": "ci", "role": "read"})

    assert [grant["path_pattern"] for grant in await given_to(root, "robot:team.ci")] == ["team/**"]
    await give(root, "third/**", "read", principal="group:people")
    asked = await root.get("/api/v1/access?action=pull&repository=third/app&principal=robot:team.ci")
    assert asked.json["allowed"] is False


async def test_a_robot_gives_no_more_than_it_has(application: Application, root: Client) -> None:
    """It is held to the same as people."""
    secret = (await root.post(ROBOTS, {"project": "team", "name": "ci", "role": "admin"})).json["secret"]
    await root.post(ROBOTS, {"project": "team", "name": "other", "role": "read"})
    robot = Client(root.server, (("authorization", f"Basic {b64encode(f'team.ci:{secret}'.encode()).decode()}"),))

    beyond = [await give(robot, each, "read", principal="robot:team.ci") for each in ("**", "other/**", "SYSTEM")]

    assert [answer.status for answer in beyond] == [403, 403, 400]
    assert (await give(robot, "team/app", "admin", principal="robot:team.other")).status == 201
