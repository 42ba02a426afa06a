# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/roles`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.roles import store
from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.tables import roles
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import logged_in
from tests.fakes.settable_clock import SettableClock

ROLES = "/api/v1/roles"
PROMOTER = {"name": "promoter", "description": "Sets tags", "actions": ["pull", "tag"]}
TERMS = {"description": "Sets tags", "actions": ["pull", "tag"]}
BUILT_IN = ["view", "read", "write", "maintain", "admin", "auditor", "operator", "witness", "administrator"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


@pytest.fixture
def clock() -> SettableClock:
    """The time, as far as logins are concerned."""
    return SettableClock()


@pytest.fixture
def clocked(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """An application on that clock."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


def role_called(name: str, *actions: str) -> KnownRole:
    """Make a role of any actions, as another version may have stored it."""
    return KnownRole(name, "", actions, Milliseconds(0), "user:admin")


def plant_grants(connection: Connection, role: str, count: int) -> None:
    """Store grants of a role."""
    row = {"principal": "user:bob", "role": role, "created_at": 0, "created_by": "user:admin"}
    connection.execute(insert(grants), [{**row, "path_pattern": f"p{number}/**"} for number in range(count)])


def plant_roles(connection: Connection, count: int) -> None:
    """Store roles, each of which lets pull."""
    row = {"description": "", "actions": "pull", "created_at": 0, "created_by": "user:admin"}
    connection.execute(insert(roles), [{**row, "name": f"r{number}"} for number in range(count)])


async def names(client: Client) -> list[str]:
    """Return the names of the roles there are."""
    return [role["name"] for role in (await client.get(ROLES)).json["items"]]


async def all_changes(client: Client, name: str) -> list[Answer]:
    """Ask to make, to change and to delete a role."""
    return [
        await client.post(ROLES, {**PROMOTER, "name": name}),
        await client.send_json("PUT", f"{ROLES}/{name}", TERMS),
        await client.send("DELETE", f"{ROLES}/{name}"),
    ]


async def test_the_built_in_roles_come_first(application: Application, root: Client) -> None:
    """From little to much; the others follow by name."""
    for name in ("zoo", "promoter", "a-b", "a"):
        await application.database.write(store.add, role_called(name, "pull"))

    assert await names(root) == [*BUILT_IN, "a", "a-b", "promoter", "zoo"]


@pytest.mark.parametrize("limit", [1, 3, 8, 9, 100])
async def test_roles_come_in_pages(application: Application, root: Client, limit: int) -> None:
    """Following `Link` visits every role once, across the end of the built-in ones too."""
    await application.database.write(plant_roles, 3)

    pages = await root.pages(f"{ROLES}?limit={limit}")

    assert [role["name"] for page in pages for role in page] == [*BUILT_IN, "r0", "r1", "r2"]
    assert {len(page) for page in pages[:-1]} <= {limit}


async def test_a_role_says_what_follows_from_its_actions(root: Client) -> None:
    """Who may pull may read; the answer is what is shown and listed later."""
    made = await root.post(ROLES, {**PROMOTER, "actions": ["tag", "pull"]})
    shown = await root.get(f"{ROLES}/promoter")

    assert (made.status, made.header("location")) == (201, f"{ROLES}/promoter")
    assert (made.json["actions"], made.json["allowed"]) == (["pull", "tag"], ["read", "pull", "tag"])
    assert (made.json["is_built_in"], made.json["is_system"], made.json["created_by"]) == (False, False, "user:root")
    assert shown.json == {**made.json, "use": {"grants": 0, "is_complete": True}}
    assert (await root.get(ROLES)).json["items"][-1] == made.json


async def test_a_system_role_says_what_it_lets_do_to_the_registry(root: Client) -> None:
    """Beside what it lets do in repositories; nobody made it."""
    operator = (await root.get(f"{ROLES}/operator")).json

    assert (operator["is_built_in"], operator["is_system"]) == (True, True)
    assert (operator["allowed"], operator["system_actions"]) == ([], ["read-system", "operate"])
    assert (operator["created_at"], operator["created_by"]) == (None, None)


async def test_who_is_logged_in_reads_roles(application: Application, alice: Client, root: Client) -> None:
    """But not how much they are used; nobody else reads them."""
    await root.post(ROLES, PROMOTER)
    shown = (await alice.get(f"{ROLES}/promoter")).json
    anonymous = application.anonymous()

    assert "promoter" in await names(alice)
    assert (shown["allowed"], shown["use"]) == (["read", "pull", "tag"], None)
    assert [(await anonymous.get(target)).status for target in (ROLES, f"{ROLES}/read")] == [401, 401]


@pytest.mark.parametrize(("planted", "use"), [(999, (999, True)), (1_000, (1_000, True)), (1_001, (1_000, False))])
async def test_grants_of_a_role_are_counted_up_to_a_bound(
    application: Application, planted: int, use: tuple[int, bool]
) -> None:
    """For an auditor as for an administrator; those of other roles are others."""
    auditor = await application.user("eve", ("SYSTEM", "auditor"))
    await application.database.write(plant_grants, "write", planted)
    await application.database.write(plant_grants, "read", 2)

    counted = (await auditor.get(f"{ROLES}/write")).json["use"]

    assert (counted["grants"], counted["is_complete"]) == use


async def test_only_administrators_change_roles(application: Application, alice: Client) -> None:
    """Not who reads all accounts, and not who may do everything in a project."""
    auditor = await application.user("eve", ("SYSTEM", "auditor"))

    for client, status in ((alice, 403), (auditor, 403), (application.anonymous(), 401)):
        assert [answer.status for answer in await all_changes(client, "promoter")] == [status] * 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_changing_roles_takes_a_recent_login(clocked: Application, clock: SettableClock, method: str) -> None:
    """Making, changing and deleting ask for the password after a while, and are then done."""
    browser = await logged_in(clocked, "root", is_admin=True)
    await clocked.database.write(store.add, role_called("old", "pull"))
    path = ROLES if method == "POST" else f"{ROLES}/old"
    document = {"POST": PROMOTER, "PUT": TERMS, "DELETE": None}[method]
    clock.advance(15 * MINUTE_MS)

    refused = await browser.send(method, path, document)
    await browser.post(f"{SESSION}/reauthentication", {"password": PASSWORD})

    assert (refused.status, refused.json["code"]) == (403, "reauthentication_needed")
    assert (await browser.send(method, path, document)).status < 300


@pytest.mark.parametrize("name", ["Promoter", "2nd", "a_b", "%C3%A4", "a" * 65])
async def test_what_is_no_name_is_refused(root: Client, name: str) -> None:
    """The answer says which names are accepted."""
    answers = [await root.get(f"{ROLES}/{name}"), *await all_changes(root, name)]

    for answer in answers:
        assert (answer.status, answer.json["code"]) == (400, "invalid_role_name")
        assert "beginning with a letter" in answer.json["hint"]


@pytest.mark.parametrize("name", BUILT_IN)
async def test_built_in_roles_are_always_the_same(root: Client, name: str) -> None:
    """They cannot be made, changed or deleted."""
    before = (await root.get(f"{ROLES}/{name}")).json

    for answer in await all_changes(root, name):
        assert (answer.status, answer.json["code"]) == (409, "role_built_in")
    assert (await root.get(f"{ROLES}/{name}")).json == before


@pytest.mark.parametrize("actions", [[], ["pull", "pull"], ["fly"], ["administer"], "pull", None])
async def test_a_role_names_actions_that_there_are(root: Client, actions: object) -> None:
    """At least one, and each once; anything else is refused, and nothing is stored."""
    made = await root.post(ROLES, {**PROMOTER, "actions": actions})
    await root.post(ROLES, PROMOTER)
    changed = await root.send_json("PUT", f"{ROLES}/promoter", {**TERMS, "actions": actions})

    for answer in (made, changed):
        assert (answer.status, answer.json["code"]) == (400, "invalid_request")
        assert "actions" in answer.json["detail"]
    assert (await root.get(f"{ROLES}/promoter")).json["actions"] == ["pull", "tag"]


async def test_a_name_is_taken_once(root: Client) -> None:
    """A second role of a name changes nothing."""
    await root.post(ROLES, PROMOTER)
    answer = await root.post(ROLES, {**PROMOTER, "actions": ["admin"]})

    assert (answer.status, answer.json["code"]) == (409, "role_exists")
    assert (await root.get(f"{ROLES}/promoter")).json["actions"] == ["pull", "tag"]


async def test_a_role_that_is_not_there_is_said_to_be_unknown(root: Client) -> None:
    """To show, to change and to delete."""
    _, changed, deleted = await all_changes(root, "promoter")
    gone = [await root.get(f"{ROLES}/promoter"), await root.send("DELETE", f"{ROLES}/promoter")]
    other = await root.send_json("PUT", f"{ROLES}/promoter", TERMS)

    assert (changed.status, deleted.status) == (200, 204)
    assert [(answer.status, answer.json["code"]) for answer in (*gone, other)] == [(404, "role_unknown")] * 3


async def test_there_are_so_many_roles_and_no_more(application: Application, root: Client) -> None:
    """At 500 another one is refused; one that is deleted makes room."""
    await application.database.write(plant_roles, 500)
    refused = await root.post(ROLES, PROMOTER)
    await root.send("DELETE", f"{ROLES}/r7")

    assert (refused.status, refused.json["code"]) == (409, "too_many_roles")
    assert "500" in refused.json["detail"]
    assert (await root.post(ROLES, PROMOTER)).status == 201


@pytest.mark.parametrize(("given", "kept"), [("  two\nlines\u0001 ", "two lines"), ("", ""), ("ö" * 300, "ö" * 300)])
async def test_a_description_is_one_line(root: Client, given: str, kept: str) -> None:
    """Whatever cannot be shown is left out."""
    made = await root.post(ROLES, {**PROMOTER, "description": given})
    too_long = await root.send_json("PUT", f"{ROLES}/promoter", {**TERMS, "description": "a" * 301})

    assert (made.status, made.json["description"]) == (201, kept)
    assert too_long.status == 400
