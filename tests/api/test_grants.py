# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/grants`."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

GRANTS = "/api/v1/grants"
GRANT = {"principal": "user:bob", "path_pattern": "team-*/app", "role": "write"}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def bob(application: Application) -> Client:
    """Somebody with an account and no grant."""
    return await application.user("bob")


async def given_to(root: Client, name: str) -> list[Any]:
    """Return the grants of a user."""
    return list((await root.get(f"{GRANTS}?principal={name}")).json["items"])


async def take(client: Client, grant: dict[str, str]) -> Answer:
    """Take a grant away."""
    return await client.send("DELETE", f"{GRANTS}?{urlencode(grant)}")


async def test_a_grant_is_given_once(root: Client, bob: Client) -> None:
    """The second time it is there already, and what is answered is the grant of the first time."""
    first, second = await root.post(GRANTS, GRANT), await root.post(GRANTS, GRANT)

    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json
    assert first.json == {
        **GRANT,
        "tag_pattern": "",
        "expires_at": None,
        "created_at": first.json["created_at"],
        "created_by": "user:root",
        "opening": "",
    }
    assert await given_to(root, "bob") == [first.json]


async def test_grants_count_at_once(root: Client, bob: Client) -> None:
    """Giving and taking changes the very next answer."""
    push = "/v2/team-a/app/blobs/uploads/"
    before = await bob.send("POST", push)
    await root.post(GRANTS, GRANT)
    given = await bob.send("POST", push)
    taken = await take(root, GRANT)
    after = await bob.send("POST", push)

    assert [answer.status for answer in (before, given, taken, after)] == [403, 202, 204, 403]


async def test_what_was_not_given_cannot_be_taken(root: Client, bob: Client) -> None:
    """Another role or pattern is another grant, and stays."""
    await root.post(GRANTS, GRANT)

    answers = [
        await take(root, {**GRANT, "role": "read"}),
        await take(root, {**GRANT, "path_pattern": "team-a/app"}),
        await take(root, {**GRANT, "principal": "robot:bob"}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "grant_unknown")] * 3
    assert len(await given_to(root, "bob")) == 1


async def test_grants_add_up(root: Client, bob: Client) -> None:
    """A principal may have several roles on one pattern."""
    for role in ("read", "write"):
        await root.post(GRANTS, {**GRANT, "role": role})

    assert [grant["role"] for grant in await given_to(root, "bob")] == ["read", "write"]


async def test_grants_come_in_pages(application: Application, root: Client) -> None:
    """Following `Link` visits every grant once, oldest first."""
    await application.user("carol", *((f"p{number}/**", "read") for number in range(5)))

    pages = await root.pages(f"{GRANTS}?limit=2")

    assert [[grant["path_pattern"] for grant in page] for page in pages] == [
        ["SYSTEM", "p0/**"],
        ["p1/**", "p2/**"],
        ["p3/**", "p4/**"],
    ]


@pytest.mark.parametrize("pattern", ["", "/team", "team/**/app", "TEAM/**", "team**", "a" * 256])
async def test_what_is_no_pattern_is_refused(root: Client, bob: Client, pattern: str) -> None:
    """The answer says how patterns are written."""
    wrong = {**GRANT, "path_pattern": pattern}

    for answer in (await root.post(GRANTS, wrong), await take(root, wrong)):
        assert (answer.status, answer.json["code"]) == (400, "invalid_path_pattern")
        assert "team/**" in answer.json["hint"]


@pytest.mark.parametrize(
    ("principal", "status"), [("user:nobody", 404), ("robot:bob", 404), ("group:devs", 404), ("nothing:devs", 400)]
)
async def test_a_grant_goes_to_somebody_who_exists(root: Client, bob: Client, principal: str, status: int) -> None:
    """A mistyped name is noticed, and nothing is stored."""
    answer = await root.post(GRANTS, {**GRANT, "principal": principal})

    assert answer.status == status
    assert [grant["principal"] for grant in (await root.get(GRANTS)).json["items"]] == ["user:root"]


async def test_others_neither_see_nor_give_grants(application: Application, alice: Client) -> None:
    """Who may do everything in a project sees and gives those there; without credentials one must log in."""
    writer = await application.user("writer", ("team/**", "maintain"))
    grant = {"principal": "user:alice", "path_pattern": "other/app", "role": "read"}

    for client, status in ((alice, 403), (writer, 403), (application.anonymous(), 401)):
        lists = [await client.get(GRANTS), await client.get(f"{GRANTS}?within=other")]
        changes = [await client.post(GRANTS, grant), await take(client, grant)]
        assert [answer.status for answer in (*lists, *changes)] == [status] * 4


async def test_a_grant_ends_by_itself(root: Client, bob: Client) -> None:
    """Giving it again lets it end at another moment, or never; a moment that has passed is refused."""
    later, latest = "2999-01-01T00:00:00.000Z", "2999-02-01T00:00:00.000Z"
    given = [await root.post(GRANTS, {**GRANT, "expires_at": moment}) for moment in (later, latest, None)]
    past = await root.post(GRANTS, {**GRANT, "expires_at": "2001-01-01T00:00:00Z"})

    assert [(answer.status, answer.json["expires_at"]) for answer in given] == [
        (201, later),
        (200, latest),
        (200, None),
    ]
    assert (past.status, past.json["code"]) == (400, "expiry_invalid")
    assert [grant["expires_at"] for grant in await given_to(root, "bob")] == [None]


async def test_the_last_administrator_does_not_expire(root: Client) -> None:
    """Nor is the grant taken away that makes one: nobody could make another."""
    mine = {"principal": "user:root", "path_pattern": "SYSTEM", "role": "administrator"}

    answers = [await root.post(GRANTS, {**mine, "expires_at": "2999-01-01T00:00:00Z"}), await take(root, mine)]

    assert [answer.status for answer in answers] == [409, 409]
    assert [grant["expires_at"] for grant in await given_to(root, "root")] == [None]


@pytest.mark.parametrize(
    "terms",
    [
        {"path_pattern": "SYSTEM"},
        {"role": "auditor"},
        {"role": "administrator", "path_pattern": "**"},
        {"role": "operator", "path_pattern": "SYSTEM", "principal": "everyone"},
        {"role": "auditor", "path_pattern": "SYSTEM", "principal": "anonymous"},
        {"role": "auditor", "path_pattern": "SYSTEM", "tag_pattern": "v*"},
    ],
)
async def test_a_role_has_its_place(root: Client, bob: Client, terms: dict[str, str]) -> None:
    """System roles are given on the registry, to somebody in particular, and no others are given there."""
    answer = await root.post(GRANTS, {**GRANT, **terms})

    assert (answer.status, answer.json["code"]) == (400, "role_misplaced")


async def test_what_somebody_was_granted_goes_with_the_account(root: Client, bob: Client) -> None:
    """And the name of a deleted user is not given out again, so nobody inherits what is left."""
    await root.post(GRANTS, GRANT)
    await root.send("DELETE", "/api/v1/users/bob")

    again = await root.post("/api/v1/users", {"name": "bob", "password": "correct horse battery"})

    assert await given_to(root, "bob") == []
    assert (again.status, again.json["code"]) == (409, "user_name_taken")
    assert (await root.post(GRANTS, GRANT)).status == 404


@pytest.mark.parametrize("cursor", ["eA", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "!"])
async def test_a_cursor_from_elsewhere_is_refused(root: Client, cursor: str) -> None:
    """A cursor that names no grant is a bad request."""
    answer = await root.get(f"{GRANTS}?cursor={cursor}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31T23:59:59-09:00", "0001-01-01T00:00:00+09:00", "2999-01-01", "2999-01-01T00:00:00", "soon", 1e30, True],
)
async def test_the_end_of_a_grant_is_a_moment_that_can_be_shown(root: Client, moment: object) -> None:
    """With an offset from UTC, and in a year of four digits there; it is listed as it was stored."""
    wanted = {"principal": "root", "path_pattern": "team/**", "role": "read", "expires_at": moment}
    refused = await root.post("/api/v1/grants", wanted)
    given = await root.post("/api/v1/grants", {**wanted, "expires_at": "9999-12-31T14:59:59-09:00"})

    assert (refused.status, given.status) == (400, 201)
    assert given.json["expires_at"] == "9999-12-31T23:59:59.000Z"
