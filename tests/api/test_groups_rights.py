# SPDX-License-Identifier: Apache-2.0
"""What somebody may do by being in a group."""

import base64
import json
from itertools import pairwise

import pytest
from sqlalchemy import Connection

from tests.builders.access_rows import add_grant
from tests.builders.access_rows import add_group
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

GROUPS = "/api/v1/groups"
GRANTS = "/api/v1/grants"
PUSH = "/v2/team/app/blobs/uploads/"
NESTED = ("inner", "middle", "outer")
IN_INNER = f"{GROUPS}/inner/members/user:alice"
INNER_IN_MIDDLE = f"{GROUPS}/middle/members/group:inner"
GRANT = {"principal": "group:outer", "path_pattern": "team/**", "role": "write"}
GRANTED = f"{GRANTS}?principal=group:outer&path_pattern=team/**&role=write"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, who has made three groups, each in the next, granted the last one a role, and pushed."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", an_image_manifest(), "1.0")
    for name in NESTED:
        assert (await root.post(GROUPS, {"name": name})).status == 201
    for inner, outer in pairwise(NESTED):
        assert (await root.send("PUT", f"{GROUPS}/{outer}/members/group:{inner}")).status == 201
    assert (await root.post(GRANTS, GRANT)).status == 201
    return root


@pytest.fixture
async def alice(application: Application) -> Client:
    """Somebody to whom nothing was granted."""
    return await application.user("alice")


async def deeds(client: Client) -> list[int]:
    """Pull, push and delete; return how each was answered."""
    return [
        (await client.get("/v2/team/app/manifests/1.0")).status,
        (await client.send("POST", PUSH)).status,
        (await client.send("DELETE", "/v2/team/app/manifests/1.0")).status,
    ]


async def test_who_is_in_a_nested_group_has_its_rights_at_once(root: Client, alice: Client) -> None:
    """All that the role allows and nothing more, although it was refused a moment ago; and it says why."""
    before = await deeds(alice)
    await root.send("PUT", IN_INNER)
    explained = (await alice.get("/api/v1/access?action=push&repository=team/app")).json

    assert (before, await deeds(alice)) == ([404, 403, 403], [200, 202, 403])
    assert explained["because"] == "alice has the role write on team/**, in the group outer"


async def test_who_can_names_those_in_nested_groups(root: Client, alice: Client) -> None:
    """By the grant of the group that they are in through others."""
    await root.send("PUT", IN_INNER)
    found = (await root.get("/api/v1/access/who?action=push&repository=team/app")).json["items"]

    assert [item["principal"] for item in found if (item["grant"] or {}).get("held_by") == "group:outer"] == [
        "user:alice"
    ]


@pytest.mark.parametrize(
    "path", [IN_INNER, INNER_IN_MIDDLE, f"{GROUPS}/inner", f"{GROUPS}/middle", f"{GROUPS}/outer", GRANTED]
)
async def test_rights_by_a_group_end_at_once(root: Client, alice: Client, path: str) -> None:
    """Wherever the chain from somebody to a grant is broken: nobody who is not in the group has them any more."""
    await root.send("PUT", IN_INNER)
    during = await deeds(alice)
    broken = await root.send("DELETE", path)

    assert (during, broken.status) == ([200, 202, 403], 204)
    assert await deeds(alice) == [404, 403, 403]


async def test_a_token_that_was_fetched_before_ends_with_the_membership(
    application: Application, root: Client, alice: Client
) -> None:
    """Rights are looked up at every request: what a token says that it covers is not enough."""
    await root.send("PUT", IN_INNER)
    token = await fetched(application, alice, "repository:team/app:pull,push")
    during = (await token.send("POST", PUSH)).status
    await root.send("DELETE", IN_INNER)

    assert (during, (await token.send("POST", PUSH)).status) == (202, 403)


async def test_a_group_made_again_inherits_nothing(root: Client, alice: Client) -> None:
    """With the group went its grants, who was in it, and its places in others."""
    await root.send("PUT", IN_INNER)
    await root.send("DELETE", f"{GROUPS}/outer")
    grants = (await root.get(f"{GRANTS}?principal=group:outer")).json["items"]
    await root.post(GROUPS, {"name": "outer"})
    members = (await root.get(f"{GROUPS}/outer/members")).json["items"]
    await root.send("PUT", f"{GROUPS}/outer/members/user:alice")

    assert (grants, members) == ([], [])
    assert await deeds(alice) == [404, 403, 403]


async def test_grants_of_a_group_whose_name_begins_alike_stay(root: Client, alice: Client) -> None:
    """Only those of the group itself go with it."""
    await root.post(GROUPS, {"name": "out"})
    await root.send("PUT", IN_INNER)
    await root.send("DELETE", f"{GROUPS}/out")

    assert await deeds(alice) == [200, 202, 403]


async def test_a_disabled_user_in_a_group_has_nothing(root: Client, alice: Client) -> None:
    """It cannot even log in, and is named nowhere; enabled again it has what its groups have."""
    await root.send("PUT", IN_INNER)
    await root.send_json("PATCH", "/api/v1/users/alice", {"disabled": True})
    disabled = await deeds(alice)
    allowed = (await root.get("/api/v1/access?action=push&repository=team/app&principal=alice")).json["allowed"]
    found = (await root.get("/api/v1/access/who?action=push&repository=team/app")).json["items"]
    await root.send_json("PATCH", "/api/v1/users/alice", {"disabled": False})

    assert (disabled, allowed) == ([401, 401, 401], False)
    assert "user:alice" not in [item["principal"] for item in found]
    assert await deeds(alice) == [200, 202, 403]


async def test_a_robot_has_the_rights_of_its_groups(application: Application, root: Client) -> None:
    """A robot made again under the name of a deleted one is in none of them."""
    wanted = {"name": "ci", "project": "other", "role": "view"}
    await root.post("/api/v1/projects", {"name": "other"})
    robots = []
    for _ in range(2):
        secret = (await root.post("/api/v1/robots", wanted)).json["secret"]
        robots.append(await deeds(basic(application, "other.ci", secret)))
        await root.send("PUT", f"{GROUPS}/inner/members/robot:other.ci")
        robots.append(await deeds(basic(application, "other.ci", secret)))
        await root.send("DELETE", "/api/v1/robots/other.ci")

    assert robots == [[404, 403, 403], [200, 202, 403]] * 2


async def test_a_deleted_user_is_in_no_group(root: Client, alice: Client) -> None:
    """Its memberships go with it."""
    await root.send("PUT", IN_INNER)
    await root.send("DELETE", "/api/v1/users/alice")

    assert (await root.get(f"{GROUPS}/inner/members")).json == {"items": []}


async def test_a_group_can_hold_a_system_role(root: Client, alice: Client) -> None:
    """Who is in it has it, and loses it with the group."""
    await root.post(GRANTS, {"principal": "group:outer", "path_pattern": "SYSTEM", "role": "administrator"})
    await root.send("PUT", IN_INNER)
    made = await alice.post(GROUPS, {"name": "new"})
    removed = await alice.send("DELETE", IN_INNER)

    assert (made.status, removed.status) == (201, 204)
    assert (await alice.post(GROUPS, {"name": "newer"})).status == 403


async def test_a_token_is_small_however_many_groups_give_rights(application: Application, alice: Client) -> None:
    """It carries what was asked for and no group: under 4 KB for somebody in 500 of them, each with rights of its own.

    Ten scopes are more than any client asks for at once.
    """
    await application.database.write_locked(_add_groups, 500, "user:alice")
    repositories = [f"team-{number}/{'app' * 20}" for number in range(490, 500)]
    query = "&".join(f"scope=repository:{name}:pull,push,delete" for name in repositories)
    token = (await alice.get(f"/auth/token?service=entrepot&{query}")).json["token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    assert [(entry["name"], sorted(entry["actions"])) for entry in claims["access"]] == [
        (name, ["pull", "push"]) for name in repositories
    ]
    assert len(token) < 4_000


def _add_groups(connection: Connection, count: int, member: str) -> None:
    for number in range(count):
        add_group(connection, f"group-{number}", member)
        add_grant(connection, f"group:group-{number}", f"team-{number}/**", "write")
