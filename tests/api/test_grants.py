# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/grants`."""

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


async def take(client: Client, grant: dict[str, str]) -> Answer:
    """Take a grant away."""
    return await client.send("DELETE", f"{GRANTS}?{urlencode(grant)}")


async def test_a_grant_is_given_once(root: Client, bob: Client) -> None:
    """The second time it is there already, and what is answered is the grant of the first time."""
    first, second = await root.post(GRANTS, GRANT), await root.post(GRANTS, GRANT)

    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json == {**GRANT, "created_at": first.json["created_at"], "created_by": "user:root"}
    assert (await root.get(GRANTS)).json == {"items": [first.json]}


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
    assert len((await root.get(GRANTS)).json["items"]) == 1


async def test_grants_add_up(root: Client, bob: Client) -> None:
    """A principal may have several roles on one pattern."""
    for role in ("read", "write"):
        await root.post(GRANTS, {**GRANT, "role": role})

    assert [grant["role"] for grant in (await root.get(GRANTS)).json["items"]] == ["read", "write"]


async def test_grants_come_in_pages(application: Application, root: Client) -> None:
    """Following `Link` visits every grant once, oldest first."""
    await application.user("carol", *((f"p{number}/**", "read") for number in range(5)))

    pages = await root.pages(f"{GRANTS}?limit=2")

    assert [[grant["path_pattern"] for grant in page] for page in pages] == [
        ["p0/**", "p1/**"],
        ["p2/**", "p3/**"],
        ["p4/**"],
    ]


@pytest.mark.parametrize("pattern", ["", "/team", "team/**/app", "TEAM/**", "team**", "a" * 256])
async def test_what_is_no_pattern_is_refused(root: Client, bob: Client, pattern: str) -> None:
    """The answer says how patterns are written."""
    wrong = {**GRANT, "path_pattern": pattern}

    for answer in (await root.post(GRANTS, wrong), await take(root, wrong)):
        assert (answer.status, answer.json["code"]) == (400, "invalid_path_pattern")
        assert "team/**" in answer.json["hint"]


@pytest.mark.parametrize(("principal", "status"), [("user:nobody", 404), ("robot:bob", 404), ("group:devs", 400)])
async def test_a_grant_goes_to_somebody_who_exists(root: Client, bob: Client, principal: str, status: int) -> None:
    """A mistyped name is noticed, and nothing is stored."""
    answer = await root.post(GRANTS, {**GRANT, "principal": principal})

    assert answer.status == status
    assert (await root.get(GRANTS)).json == {"items": []}


async def test_only_administrators_of_the_registry_see_and_give_grants(application: Application, alice: Client) -> None:
    """Not even who may do everything in a project; without credentials one must log in."""
    mine = {"principal": "user:alice", "path_pattern": "team/app", "role": "read"}

    for client, status in ((alice, 403), (application.anonymous(), 401)):
        answers = [await client.get(GRANTS), await client.post(GRANTS, mine), await take(client, mine)]
        assert [answer.status for answer in answers] == [status] * 3


@pytest.mark.parametrize("cursor", ["eA", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "!"])
async def test_a_cursor_from_elsewhere_is_refused(root: Client, cursor: str) -> None:
    """A cursor that names no grant is a bad request."""
    answer = await root.get(f"{GRANTS}?cursor={cursor}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")
