# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/projects/<name>/members`."""

import asyncio

import pytest

from tests.builders.access_rows import add_group
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

TEAM = "/api/v1/projects/team"
MEMBERS = f"{TEAM}/members"
BOB = f"{MEMBERS}/user:bob"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the project `team`."""
    root = await application.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "team"})).status == 201
    return root


@pytest.fixture
async def bob(application: Application, root: Client) -> Client:
    """Somebody with an account and no grant."""
    return await application.user("bob")


async def members(client: Client) -> list[tuple[str, str]]:
    """Return every member with its role."""
    return [(item["principal"], item["role"]) for page in await client.pages(MEMBERS) for item in page]


async def test_a_member_is_put(root: Client, bob: Client) -> None:
    """The answer says who gave which role to whom, and the list of members says the same."""
    answer = await root.send_json("PUT", BOB, {"role": "write"})

    assert answer.status == 200
    assert {**answer.json, "created_at": "then"} == {
        "principal": "user:bob",
        "role": "write",
        "expires_at": None,
        "created_at": "then",
        "created_by": "user:root",
    }
    assert (await root.get(MEMBERS)).json == {"items": [answer.json]}


async def test_a_name_alone_is_a_users(root: Client, bob: Client) -> None:
    """`bob` and `user:bob` are one member."""
    await root.send_json("PUT", f"{MEMBERS}/bob", {"role": "read"})
    again = await root.send_json("PUT", BOB, {"role": "read"})

    assert again.status == 200
    assert await members(root) == [("user:bob", "read")]


async def test_a_member_has_one_role(root: Client, bob: Client) -> None:
    """Putting another role replaces the one there was, whether it allows more or less."""
    for role in ("read", "admin", "write"):
        await root.send_json("PUT", BOB, {"role": role})

        assert await members(root) == [("user:bob", role)]


async def test_membership_counts_at_once(root: Client, bob: Client) -> None:
    """What a member may do changes with the answer, although it was refused, or allowed, a moment ago."""
    push = "/v2/team/app/blobs/uploads/"
    statuses = [(await bob.send("POST", push)).status]
    for role in ("write", "read", "admin"):
        await root.send_json("PUT", BOB, {"role": role})
        statuses.append((await bob.send("POST", push)).status)
    await root.send("DELETE", BOB)
    statuses.append((await bob.send("POST", push)).status)

    assert statuses == [403, 202, 403, 202, 403]


async def test_a_member_is_removed(root: Client, bob: Client) -> None:
    """Once; who is no member cannot be removed, and that is said."""
    await root.send_json("PUT", BOB, {"role": "write"})

    removed = await root.send("DELETE", BOB)
    again = await root.send("DELETE", BOB)

    assert (removed.status, removed.body) == (204, b"")
    assert (again.status, again.json["code"]) == (404, "member_unknown")
    assert await members(root) == []


async def test_administrators_of_the_project_choose_its_members(
    application: Application, root: Client, bob: Client
) -> None:
    """The role `admin` on the whole project is enough, and it can be passed on."""
    await application.user("carol")
    await root.send_json("PUT", BOB, {"role": "admin"})

    answer = await bob.send_json("PUT", f"{MEMBERS}/carol", {"role": "admin"})

    assert (answer.status, answer.json["created_by"]) == (200, "user:bob")
    assert await members(bob) == [("user:bob", "admin"), ("user:carol", "admin")]


@pytest.mark.parametrize(
    "grant", [("team/**", "write"), ("team", "admin"), ("team/app", "admin"), ("other/**", "admin")]
)
async def test_others_do_not_choose_members(application: Application, root: Client, grant: tuple[str, str]) -> None:
    """Neither who may write, nor who administers only a part; who may not even read learns nothing."""
    client = await application.user("somebody", grant)

    listed = await client.get(MEMBERS)
    changes = [await client.send_json("PUT", f"{MEMBERS}/root", {"role": "read"}), await client.send("DELETE", BOB)]

    assert listed.status == (404 if grant[0].startswith("other") else 403)
    assert [(change.status, change.json["code"]) for change in changes] == [(403, "denied")] * 2
    assert "user:root" not in dict(await members(root))


async def test_members_of_a_project_that_may_not_be_seen(application: Application, bob: Client) -> None:
    """They are as unknown as those of a project that does not exist; without credentials one must log in."""
    for client, status in ((bob, 404), (application.anonymous(), 401)):
        existing, unknown = await client.get(MEMBERS), await client.get("/api/v1/projects/nil/members")

        assert existing.status == unknown.status == status
        assert existing.json["detail"].replace("team", "nil") == unknown.json["detail"]


async def test_a_project_that_is_not_there_has_no_members(alice: Client) -> None:
    """Who administers the name hears that there is no such project."""
    answers = [
        await alice.get(MEMBERS),
        await alice.send_json("PUT", f"{MEMBERS}/alice", {"role": "read"}),
        await alice.send("DELETE", f"{MEMBERS}/alice"),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "project_unknown")] * 3


@pytest.mark.parametrize("principal", ["user:nobody", "nobody", "robot:nobody", "group:nobody"])
async def test_a_member_must_exist(root: Client, principal: str) -> None:
    """A role is given to an account, and a mistyped name is noticed."""
    answer = await root.send_json("PUT", f"{MEMBERS}/{principal}", {"role": "read"})

    assert (answer.status, answer.json["code"]) == (404, "principal_unknown")
    assert "nobody" in answer.json["detail"]


@pytest.mark.parametrize("principal", ["anonymous:x", "everyone:x", "internal:scanner", "user:", ":x", "a%0Ab"])
async def test_nobody_else_can_be_a_member(root: Client, principal: str) -> None:
    """Roles are given to somebody, a group, or those who are many; the answer says how they are written."""
    answer = await root.send_json("PUT", f"{MEMBERS}/{principal}", {"role": "read"})

    assert (answer.status, answer.json["code"]) == (400, "principal_invalid")
    assert "user:<name>" in answer.json["hint"]


@pytest.mark.parametrize("document", [{}, {"role": "Owner"}, {"role": "read", "until": "tomorrow"}])
async def test_a_membership_is_a_role_and_perhaps_its_end(root: Client, bob: Client, document: object) -> None:
    """Anything else is a bad request."""
    answer = await root.send_json("PUT", BOB, document)

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("role", "status", "code"), [("owner", 404, "role_unknown"), ("auditor", 400, "role_misplaced")]
)
async def test_a_member_has_a_role_for_repositories(
    root: Client, bob: Client, role: str, status: int, code: str
) -> None:
    """One that there is, and not one for the registry as a whole."""
    answer = await root.send_json("PUT", BOB, {"role": role})

    assert (answer.status, answer.json["code"]) == (status, code)
    assert await members(root) == []


async def test_a_group_is_a_member(application: Application, root: Client, bob: Client) -> None:
    """With everybody in it, and in groups in it."""
    await application.database.write(add_group, "people", "user:bob")
    await application.database.write(add_group, "developers", "group:people")

    answer = await root.send_json("PUT", f"{MEMBERS}/group:developers", {"role": "write"})

    assert answer.status == 200
    assert (await bob.send("POST", "/v2/team/app/blobs/uploads/")).status == 202
    assert (await root.send("DELETE", f"{MEMBERS}/group:developers")).status == 204
    assert (await bob.send("POST", "/v2/team/app/blobs/uploads/")).status == 403


async def test_a_membership_ends_by_itself(root: Client, bob: Client) -> None:
    """When it is put so."""
    moment = "2999-01-01T00:00:00.000Z"

    answer = await root.send_json("PUT", BOB, {"role": "write", "expires_at": moment})

    assert (answer.status, answer.json["expires_at"]) == (200, moment)
    assert [item["expires_at"] for item in (await root.get(MEMBERS)).json["items"]] == [moment]


async def test_an_auditor_sees_members_and_changes_none(application: Application, root: Client, bob: Client) -> None:
    """As of every project."""
    auditor = await application.user("auditor", ("SYSTEM", "auditor"))
    await root.send_json("PUT", BOB, {"role": "write"})

    changes = [await auditor.send_json("PUT", BOB, {"role": "read"}), await auditor.send("DELETE", BOB)]

    assert await members(auditor) == [("user:bob", "write")]
    assert [answer.status for answer in changes] == [403, 403]


async def test_members_come_in_pages(application: Application, root: Client) -> None:
    """Following `Link` visits every member once, in the order in which they came."""
    names = [f"user{number}" for number in range(5)]
    for name in names:
        await application.user(name)
        await root.send_json("PUT", f"{MEMBERS}/{name}", {"role": "read"})

    pages = await root.pages(f"{MEMBERS}?limit=2")

    assert [[item["principal"] for item in page] for page in pages] == [
        ["user:user0", "user:user1"],
        ["user:user2", "user:user3"],
        ["user:user4"],
    ]


async def test_members_go_with_their_project(application: Application, root: Client, bob: Client) -> None:
    """A project made anew under the name of a deleted one has no members; grants on other names stay."""
    await application.user("carol", ("team/app", "write"), ("team2/**", "write"), ("**", "read"))
    await root.send_json("PUT", BOB, {"role": "admin"})

    await root.send("DELETE", TEAM)
    await root.post("/api/v1/projects", {"name": "team"})

    grants = (await root.get("/api/v1/grants")).json["items"]
    assert await members(root) == []
    assert [(grant["principal"], grant["path_pattern"]) for grant in grants] == [
        ("user:root", "SYSTEM"),
        ("user:carol", "team2/**"),
        ("user:carol", "**"),
    ]


async def test_a_member_put_while_the_project_is_deleted_goes_with_it(root: Client, bob: Client) -> None:
    """Whichever comes first, nobody is a member of another project of the name."""
    deleted, put = await asyncio.gather(root.send("DELETE", TEAM), root.send_json("PUT", BOB, {"role": "admin"}))

    assert (deleted.status, put.status in (200, 404)) == (204, True)
    assert [grant["principal"] for grant in (await root.get("/api/v1/grants")).json["items"]] == ["user:root"]


async def test_who_pushes_first_needs_no_membership(application: Application, alice: Client) -> None:
    """A grant that covers the name is enough, and shows up as the membership that it is."""
    await alice.push_image("team/app", an_image_manifest())

    assert await members(alice) == [("user:alice", "admin")]
