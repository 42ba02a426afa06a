# SPDX-License-Identifier: Apache-2.0
"""Ways to more rights through a robot: making it do more, getting at its secret, and taking a name."""

import hashlib

import pytest

from tests.api.robots import CI
from tests.api.robots import ROBOTS
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic

SALT = "s" * 32
HARBOR = {
    "scheme": "harbor",
    "salt": SALT,
    "hash": hashlib.pbkdf2_hmac("sha256", b"Imported1", SALT.encode(), 4096, 16).hex(),
}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the projects `team` and `other`."""
    return await an_administrator(application, "team", "other")


@pytest.fixture
async def mallory(root: Client, application: Application) -> Client:
    """An administrator of the project `team`, who would like more."""
    return await application.user("mallory", ("team/**", "admin"))


async def grant(root: Client, principal: str, path_pattern: str, role: str, **more: str) -> None:
    """Grant a role."""
    wanted = {"principal": principal, "path_pattern": path_pattern, "role": role, **more}
    answer = await root.post("/api/v1/grants", wanted)
    assert answer.status == 201, answer.body


@pytest.mark.parametrize(
    "wanted",
    [
        {"path_pattern": "other/**", "role": "read"},
        {"path_pattern": "**", "role": "view"},
        {"path_pattern": "team*/**", "role": "read"},
        {"path_pattern": "SYSTEM", "role": "auditor"},
        {"path_pattern": "SYSTEM", "role": "administrator"},
    ],
)
async def test_a_robot_is_given_no_more_than_its_maker_has(mallory: Client, wanted: dict[str, str]) -> None:
    """Not beside something that may be given, nor later by a grant; and no robot is left behind."""
    grants = [{"path_pattern": "team/**", "role": "read"}, wanted]
    refused = await mallory.post(ROBOTS, {"name": "ci", "project": "team", "grants": grants})
    await a_robot(mallory)
    later = await mallory.post("/api/v1/grants", {"principal": "robot:team.ci", **wanted})

    assert (refused.status, later.status) == (403, 403)
    assert [item["path_pattern"] for item in (await mallory.get(CI)).json["grants"]] == ["team/**"]


@pytest.mark.parametrize(
    ("path_pattern", "role"), [("other/**", "read"), ("SYSTEM", "operator"), ("SYSTEM", "administrator")]
)
async def test_nobody_becomes_a_robot_that_may_more(
    root: Client, mallory: Client, path_pattern: str, role: str
) -> None:
    """Who administers its project still disables and deletes it, and gets no secret of it in any way."""
    await a_robot(mallory)
    await grant(root, "robot:team.ci", path_pattern, role)
    refused = [await mallory.post(f"{CI}:rotate", {}), await mallory.post(f"{CI}/secrets", {})]
    by_root = await root.post(f"{CI}:rotate", {})

    assert [answer.status for answer in refused] == [403, 403]
    assert by_root.status == 200
    assert (await mallory.send("POST", f"{CI}:disable")).status == 200
    assert (await mallory.send("DELETE", CI)).status == 204


async def test_what_a_robot_has_in_groups_counts(root: Client, mallory: Client) -> None:
    """Directly, or through groups within groups; where that is, is not told to whoever may not see it."""
    await a_robot(mallory)
    for name in ("inner", "outer"):
        await root.post("/api/v1/groups", {"name": name})
    await root.send("PUT", "/api/v1/groups/inner/members/robot:team.ci")
    before = await mallory.post(f"{CI}:rotate", {})
    await root.send("PUT", "/api/v1/groups/outer/members/group:inner")
    await grant(root, "group:outer", "other/**", "write")
    after = await mallory.post(f"{CI}:rotate", {})

    assert (before.status, after.status) == (200, 403)
    assert "a group of the robot" in after.json["detail"]
    assert "other" not in after.body.decode()


async def test_who_may_the_same_gets_a_secret(application: Application, root: Client, mallory: Client) -> None:
    """It is enough to be able to do what the robot may, without being able to grant it."""
    await a_robot(mallory)
    await grant(root, "robot:team.ci", "other/app", "read")
    await grant(root, "user:mallory", "other/**", "read")

    assert (await mallory.post(f"{CI}:rotate", {})).status == 200


async def test_a_secret_lasts_no_longer_than_the_rights_of_who_makes_it(application: Application, root: Client) -> None:
    """Who administers the project for a month gets secrets for less than that, while the robot stays for good."""
    await a_robot(root)
    ann = await application.user("ann")
    await grant(root, "user:ann", "team/**", "admin", expires_at="2999-01-01T00:00:00Z")
    refused = await ann.post(f"{CI}:rotate", {"never_expires": True})
    made = await ann.post(f"{CI}:rotate", {"expires_in_days": 1})

    assert (refused.status, made.status) == (403, 200)
    assert "for as long as the robot" in refused.json["detail"]


async def test_a_robot_makes_no_robot_that_may_more(application: Application, root: Client) -> None:
    """One that administers a project may make others there, within its own rights."""
    robot = basic(application, "team.ci", (await a_robot(root, role="admin"))["secret"])
    wider = await robot.post(ROBOTS, {"name": "x", "grants": [{"path_pattern": "team/**", "role": "read"}]})
    other = await robot.post(ROBOTS, {"name": "x", "project": "other", "role": "read"})
    within = await robot.post(ROBOTS, {"name": "x", "project": "team", "role": "read"})

    assert [answer.status for answer in (wider, other, within)] == [403, 403, 201]


async def test_an_alias_takes_an_administrator_of_the_registry(root: Client, mallory: Client) -> None:
    """Else somebody could take the name that the pipelines of others send their secrets with."""
    await a_robot(mallory)
    alias = {"alias": "robot$other+ci"}
    refused = [
        await mallory.send_json("PATCH", CI, alias),
        await mallory.post(ROBOTS, {"name": "cd", "project": "team", "role": "read", **alias}),
        await mallory.post(f"{CI}/secrets", {"foreign_hash": HARBOR}),
        await mallory.post(f"{CI}:rotate", {"foreign_hash": HARBOR}),
    ]

    assert [answer.status for answer in refused] == [403] * 4
    assert (await root.send_json("PATCH", CI, alias)).json["alias"] == "robot$other+ci"


@pytest.mark.parametrize(
    "alias",
    ["root", "team.cd", "_.mirror", "$oauthtoken", "_json_key", "AWS", "<token>", "a:b", " a$", "a$\n", "", "$" * 256],
)
async def test_an_alias_stands_in_nobodys_way(root: Client, alias: str) -> None:
    """It is no name that a user or a robot could have, and none that clients of other services send by themselves."""
    await a_robot(root)
    answer = await root.send_json("PATCH", CI, {"alias": alias})

    assert answer.status == 400
    assert (await root.get(CI)).json["alias"] is None


async def test_an_alias_is_given_once(root: Client) -> None:
    """A second robot is refused, and what else was asked for is not done; after the first has lost it, it is free."""
    await a_robot(root, alias="robot$team+ci")
    await a_robot(root, name="cd")
    change = {"alias": "robot$team+ci", "allowed_addresses": ["10.0.0.0/8"]}
    taken = await root.send_json("PATCH", f"{ROBOTS}/team.cd", change)
    unchanged = (await root.get(f"{ROBOTS}/team.cd")).json
    await root.send_json("PATCH", CI, {"alias": None})
    given = await root.send_json("PATCH", f"{ROBOTS}/team.cd", change)

    assert (taken.status, taken.json["code"]) == (409, "alias_taken")
    assert (unchanged["alias"], unchanged["allowed_addresses"]) == (None, [])
    assert (given.json["alias"], given.json["allowed_addresses"]) == ("robot$team+ci", ["10.0.0.0/8"])


async def test_a_token_that_narrows_gets_no_secrets(application: Application, root: Client, mallory: Client) -> None:
    """Nor sees any: it stands for a part of its account only."""
    await a_robot(mallory)
    narrow = await mallory.get("/auth/token?service=entrepot&scope=repository:team/app:pull")
    client = Client(application.server, (("authorization", f"Bearer {narrow.json['token']}"),))
    answers = [
        await client.post(f"{CI}:rotate", {}),
        await client.post(f"{CI}/secrets", {}),
        await client.get(f"{CI}/secrets"),
        await client.send_json("PATCH", CI, {"allowed_addresses": []}),
    ]

    assert [answer.status for answer in answers] == [401] * 4
