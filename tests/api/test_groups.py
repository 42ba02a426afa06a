# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/groups`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.groups.tables import groups
from entrepot.features.identity.tables import users
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import logged_in
from tests.builders.logins import fetched
from tests.fakes.settable_clock import SettableClock

GROUPS = "/api/v1/groups"
DEV = f"{GROUPS}/dev"
ALICE = f"{DEV}/members/user:alice"

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> SettableClock:
    """The time, as far as logins are concerned."""
    return SettableClock()


@pytest.fixture
def application(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """An application on that clock."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the group `dev`."""
    root = await application.user("root", is_admin=True)
    assert (await root.post(GROUPS, {"name": "dev", "description": "Who builds"})).status == 201
    return root


async def put(client: Client, group: str, *members: str) -> Answer:
    """Put members into a group, and return the last answer."""
    answers = [await client.send("PUT", f"{GROUPS}/{group}/members/{member}") for member in members]
    return answers[-1]


async def members(client: Client, group: str) -> list[str]:
    """Return who is in a group directly."""
    return [item["member"] for page in await client.pages(f"{GROUPS}/{group}/members") for item in page]


async def names(client: Client, query: str = "") -> list[str]:
    """Return the names of the groups that are listed."""
    return [item["name"] for page in await client.pages(f"{GROUPS}{query}") for item in page]


async def test_a_group_is_made_and_shown(root: Client) -> None:
    """The answer says where it is, and it is listed as it is shown."""
    answer = await root.post(GROUPS, {"name": "ops"})
    shown = await root.get(f"{GROUPS}/ops")

    assert (answer.status, answer.header("location")) == (201, f"{GROUPS}/ops")
    assert {**answer.json, "created_at": "then"} == {
        "name": "ops",
        "description": "",
        "provider": None,
        "created_at": "then",
        "created_by": "user:root",
    }
    assert shown.json == answer.json == (await root.get(GROUPS)).json["items"][1]


async def test_a_name_is_given_once(root: Client) -> None:
    """A second group of the same name is refused, and the first one stays as it is."""
    answer = await root.post(GROUPS, {"name": "dev", "description": "Other"})

    assert (answer.status, answer.json["code"]) == (409, "group_exists")
    assert (await root.get(DEV)).json["description"] == "Who builds"


@pytest.mark.parametrize("name", ["", "-x", "Dev", "a/b", "a:b", "x" * 129, "a b"])
async def test_names_are_safe(root: Client, name: str) -> None:
    """The refusal says what they are made of."""
    answer = await root.post(GROUPS, {"name": name})

    assert (answer.status, answer.json["code"]) == (400, "invalid_group_name")
    assert "a-z" in answer.json["hint"]


async def test_a_description_is_one_line(root: Client) -> None:
    """It can be changed; what cannot be printed becomes a blank, and too much of it is refused."""
    answer = await root.send_json("PATCH", DEV, {"description": "Who\n\u0001\u001b builds "})
    refused = await root.send_json("PATCH", DEV, {"description": "x" * 1001})

    assert (answer.status, answer.json["description"], refused.status) == (200, "Who builds", 400)
    assert (await root.get(DEV)).json == answer.json


async def test_a_group_is_deleted_once(root: Client) -> None:
    """Whatever is asked about it then is answered alike."""
    deleted = await root.send("DELETE", DEV)
    answers = [
        await root.send("DELETE", DEV),
        await root.get(DEV),
        await root.send_json("PATCH", DEV, {"description": ""}),
        await root.get(f"{DEV}/members"),
        await root.send("PUT", f"{DEV}/members/root"),
        await root.send("DELETE", f"{DEV}/members/root"),
    ]

    assert (deleted.status, deleted.body) == (204, b"")
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "group_unknown")] * 6


async def test_groups_come_in_pages(root: Client) -> None:
    """Following `Link` visits each once, by name, all of them or those that somebody is in."""
    await put(root, "dev", "root")
    for name in ("e", "c.1", "c-1", "a"):
        await root.post(GROUPS, {"name": name})
        await put(root, name, "root")
    await root.post(GROUPS, {"name": "b"})

    pages = [await root.pages(f"{GROUPS}?limit=2{query}") for query in ("", "&member=user:root")]

    found = [[[group["name"] for group in page] for page in each] for each in pages]
    assert found == [[["a", "b"], ["c-1", "c.1"], ["dev", "e"]], [["a", "c-1"], ["c.1", "dev"], ["e"]]]


async def test_one_sees_which_groups_one_is_in_oneself(application: Application, root: Client) -> None:
    """By name alone or with the kind, and with a token that is good for all one may do; nobody else's."""
    alice = await application.user("alice")
    await put(root, "dev", "alice")
    token = await fetched(application, alice)
    scoped = await fetched(application, alice, "repository:team/app:pull")

    assert await names(alice, "?member=alice") == await names(token, "?member=user:alice") == ["dev"]
    assert (await scoped.get(f"{GROUPS}?member=alice")).status == 401
    for query in ("", "?member=root", "?member=robot:alice", "?member=group:dev"):
        assert (await alice.get(f"{GROUPS}{query}")).status == 403


async def test_a_member_is_put_once(application: Application, root: Client) -> None:
    """The second time it is there already, and what is answered is that of the first time."""
    await application.user("alice")
    first, second = await put(root, "dev", "alice"), await put(root, "dev", "user:alice")

    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json == {**first.json, "member": "user:alice", "created_by": "user:root"}
    assert (await root.get(f"{DEV}/members")).json == {"items": [first.json]}


async def test_a_member_is_removed_once(application: Application, root: Client) -> None:
    """Who is in it by another group only is removed from that one, and the answer says so."""
    await application.user("alice")
    await root.post(GROUPS, {"name": "all"})
    await put(root, "dev", "alice")
    await put(root, "all", "group:dev")
    removed = await root.send("DELETE", ALICE)
    answers = [await root.send("DELETE", path) for path in (ALICE, f"{GROUPS}/all/members/alice")]

    assert (removed.status, removed.body) == (204, b"")
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "member_unknown")] * 2
    assert "removed there" in answers[1].json["hint"]


async def test_members_come_in_pages(application: Application, root: Client) -> None:
    """Following `Link` visits each once, by kind and name."""
    for name in ("b", "a", "c"):
        await application.user(name)
    await root.post(GROUPS, {"name": "ops"})
    await put(root, "dev", "c", "workload:shop/build%20it", "a", "group:ops", "b")

    pages = await root.pages(f"{DEV}/members?limit=2")

    assert [[item["member"] for item in page] for page in pages] == [
        ["group:ops", "user:a"],
        ["user:b", "user:c"],
        ["workload:shop/build it"],
    ]


def disable(connection: Connection) -> None:
    """Disable alice."""
    connection.execute(update(users).where(users.c.name == "alice").values(disabled_at=1))


@pytest.mark.parametrize("member", ["nobody", "user:alice", "robot:team.ci", "everyone"])
async def test_a_member_is_an_account_that_exists(application: Application, root: Client, member: str) -> None:
    """A mistyped name is noticed, and so is one that is disabled; nobody is put in."""
    await application.user("alice")
    await application.database.write(disable)
    answer = await put(root, "dev", member)

    assert (answer.status, answer.json["code"]) == (404, "principal_unknown")
    assert await members(root, "dev") == []


async def test_an_account_that_was_just_made_can_be_a_member(root: Client) -> None:
    """Also when it was looked for in vain a moment ago."""
    refused = await put(root, "dev", "carol")
    await root.get("/api/v1/access?action=pull&repository=team/app&principal=carol")
    await root.post("/api/v1/users", {"name": "carol"})

    assert (refused.status, (await put(root, "dev", "carol")).status) == (404, 201)


@pytest.mark.parametrize("member", ["everyone:everyone", "internal:scanner", "user:", ":x", "a%09b", "%C3%A9"])
async def test_nobody_else_can_be_a_member(root: Client, member: str) -> None:
    """The answer says how members are written."""
    answers = [
        await put(root, "dev", member),
        await root.send("DELETE", f"{DEV}/members/{member}"),
        await root.get(f"{GROUPS}?member={member}"),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(400, "principal_invalid")] * 3
    assert "group:<name>" in answers[0].json["hint"]


async def test_a_circle_is_refused(root: Client) -> None:
    """The answer names the way that would close, and nothing changes."""
    for outer, inner in (("ops", "dev"), ("all", "ops")):
        await root.post(GROUPS, {"name": outer})
        assert (await put(root, outer, f"group:{inner}")).status == 201
    answer = await put(root, "dev", "group:all")

    assert (answer.status, answer.json["code"]) == (409, "group_in_itself")
    assert answer.json["detail"] == "all cannot be in dev: dev is in ops, ops is in all"
    assert await members(root, "dev") == []
    assert (await put(root, "dev", "group:nil")).json["code"] == "group_unknown"


async def test_two_requests_at_once_make_no_circle(root: Client) -> None:
    """Whichever comes first, the other one is refused."""
    for number in range(10):
        a, b = f"a{number}", f"b{number}"
        for name in (a, b):
            await root.post(GROUPS, {"name": name})
        answers = await asyncio.gather(put(root, a, f"group:{b}"), put(root, b, f"group:{a}"))

        assert sorted(answer.status for answer in answers) == [201, 409]


def hand_over(connection: Connection) -> None:
    """Let a provider decide who is in the group `dev`."""
    connection.execute(update(groups).values(provider="corp"))


async def test_who_is_in_a_group_of_a_provider_is_decided_there(application: Application, root: Client) -> None:
    """Nobody is put in or removed by hand, whether in it or not; it may be described, and deleted."""
    await application.user("alice")
    await put(root, "dev", "alice")
    await application.database.write(hand_over)
    answers = [await put(root, "dev", "alice", "root"), await root.send("DELETE", ALICE)]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "group_of_provider")] * 2
    assert "corp" in answers[0].json["detail"]
    assert ((await root.get(DEV)).json["provider"], await members(root, "dev")) == ("corp", ["user:alice"])
    assert (await root.send_json("PATCH", DEV, {"description": "Staff"})).status == 200
    assert (await root.send("DELETE", DEV)).status == 204


async def every_answer(client: Client, name: str) -> list[Answer]:
    """See whatever there is to see of groups, then change whatever can be changed."""
    path = f"{GROUPS}/{name}"
    return [
        await client.get(GROUPS),
        await client.get(path),
        await client.get(f"{path}/members"),
        await client.post(GROUPS, {"name": "new"}),
        await client.send_json("PATCH", path, {"description": ""}),
        await client.send("PUT", f"{path}/members/root"),
        await client.send("PUT", f"{path}/members/nobody"),
        await client.send("DELETE", f"{path}/members/root"),
        await client.send("DELETE", path),
    ]


@pytest.mark.parametrize(
    ("granted", "seeing", "changing"),
    [(("**", "admin"), 403, 403), (("SYSTEM", "operator"), 403, 403), (("SYSTEM", "auditor"), 200, 403)],
)
async def test_groups_take_an_administrator(
    application: Application, root: Client, granted: tuple[str, str], seeing: int, changing: int
) -> None:
    """An auditor sees them and changes nothing; to all others those that exist and those that do not look the same."""
    somebody = await application.user("somebody", granted)
    answers = await every_answer(somebody, "dev")
    unknown = await every_answer(somebody, "nil")

    assert [answer.status for answer in answers] == [seeing] * 3 + [changing] * 6
    assert [answer.status for answer in unknown[3:]] == [changing] * 6
    assert (unknown[1].status, await names(root)) == (404 if seeing == 200 else 403, ["dev"])


async def test_without_credentials_one_must_log_in(application: Application, root: Client) -> None:
    """Whether there is such a group is told to nobody."""
    for name in ("dev", "nil"):
        answers = await every_answer(application.anonymous(), name)

        assert [answer.status for answer in answers] == [401] * 9


async def test_changes_take_a_recent_login(application: Application, clock: SettableClock) -> None:
    """Whoever finds the browser of an administrator open sees groups, and changes none of them."""
    browser = await logged_in(application, "root", is_admin=True)
    made = await browser.post(GROUPS, {"name": "dev"})
    clock.advance(15 * MINUTE_MS)
    changes = [
        await browser.post(GROUPS, {"name": "ops"}),
        await browser.send("PATCH", DEV, {"description": ""}),
        await browser.send("PUT", f"{DEV}/members/root", {}),
        await browser.send("DELETE", f"{DEV}/members/root"),
        await browser.send("DELETE", DEV),
    ]

    assert (made.status, (await browser.get(DEV)).status) == (201, 200)
    assert [(answer.status, answer.json["code"]) for answer in changes] == [(403, "reauthentication_needed")] * 5
