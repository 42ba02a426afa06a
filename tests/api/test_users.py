# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/users`."""

import base64

import pytest

from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import Client

USERS = "/api/v1/users"
NEW = "a new password"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


def somebody(client: Client, name: str, password: str) -> Client:
    """Be whoever has this name and password."""
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client(client.server, (("authorization", f"Basic {credentials}"),))


async def test_a_user_is_made_with_a_password_of_choice(root: Client) -> None:
    """The answer shows the user, where it is, and no password."""
    answer = await root.post(USERS, {"name": "bob", "password": NEW})

    assert (answer.status, answer.header("location")) == (201, f"{USERS}/bob")
    shown = {name: answer.json[name] for name in ("name", "administrator", "disabled", "provider", "second_factor")}
    assert shown == {
        "name": "bob",
        "administrator": False,
        "disabled": False,
        "provider": None,
        "second_factor": False,
    }
    assert answer.json["password"] is None
    assert (await somebody(root, "bob", NEW).get(f"{USERS}/me")).status == 200


async def test_a_token_with_scopes_is_not_enough_for_an_account(root: Client) -> None:
    """It is for a repository: it shows no account, changes no password, and administers nothing."""
    token = (await root.get("/auth/token?service=entrepot&scope=repository:team/app:pull")).json["token"]
    scoped = Client(root.server, (("authorization", f"Bearer {token}"),))
    change = await scoped.post(f"{USERS}/me/password", {"current": PASSWORD, "new": NEW})

    answers = [change, await scoped.get(f"{USERS}/me"), await scoped.get(USERS)]
    assert [(answer.status, answer.json["detail"]) for answer in answers] == [
        (401, "The token does not cover this.")
    ] * 3
    assert (await somebody(root, "root", PASSWORD).get(f"{USERS}/me")).status == 200


async def test_a_password_that_was_made_up_is_shown_once(root: Client) -> None:
    """It logs in, it is in no cache, and nothing shows it again."""
    answer = await root.post(USERS, {"name": "bob", "administrator": True})
    password = answer.json["password"]
    me = (await somebody(root, "bob", password).get(f"{USERS}/me")).json

    assert answer.header("cache-control") == "no-store"
    assert me == {"kind": "user", "name": "bob", "administrator": True}
    assert password not in (await root.get(f"{USERS}/bob")).body.decode()


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"name": "root"}, 409, "user_name_taken"),
        ({"name": "Bob"}, 400, "invalid_user_name"),
        ({"name": "me"}, 400, "invalid_user_name"),
        ({"name": "bob", "password": "short"}, 400, "unacceptable_password"),
        ({"name": "bob", "password": "\ud800" * 12}, 400, "invalid_request"),
        ({"name": "bob", "admin": True}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
    ],
)
async def test_what_cannot_be_made_is_refused(root: Client, wanted: object, status: int, code: str) -> None:
    """The code says why, and no answer repeats a password."""
    answer = await root.post(USERS, wanted)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert "short" not in answer.body.decode()


async def test_users_are_listed_in_pages(root: Client, application: Application) -> None:
    """Following `Link` visits every user once, by name."""
    for name in ("dave", "bob", "carol"):
        await application.user(name)

    pages = await root.pages(f"{USERS}?limit=3")

    assert [[user["name"] for user in page] for page in pages] == [["bob", "carol", "dave"], ["root"]]


async def test_a_user_is_disabled_and_enabled(root: Client, alice: Client) -> None:
    """While disabled, it cannot even log in."""
    disabled = await root.send("PATCH", f"{USERS}/alice", b'{"disabled": true}', ("content-type", "application/json"))
    refused = await alice.get(f"{USERS}/me")
    enabled = await root.send("PATCH", f"{USERS}/alice", b'{"disabled": false}', ("content-type", "application/json"))

    assert (disabled.status, disabled.json["disabled"], refused.status) == (200, True, 401)
    assert (enabled.status, enabled.json["disabled"]) == (200, False)
    assert (await alice.get(f"{USERS}/me")).status == 200


async def test_the_last_administrator_stays(root: Client) -> None:
    """It is refused with 409 and what to do first."""
    json = ("content-type", "application/json")
    answers = [
        await root.send("PATCH", f"{USERS}/root", b'{"disabled": true}', json),
        await root.send("PATCH", f"{USERS}/root", b'{"administrator": false}', json),
        await root.send("DELETE", f"{USERS}/root"),
    ]

    assert {(answer.status, answer.json["code"]) for answer in answers} == {(409, "last_administrator")}
    assert "another local user" in answers[0].json["hint"]


async def test_a_deleted_name_is_not_given_out_again(root: Client, alice: Client) -> None:
    """Neither the user nor what was granted to it comes back under its name."""
    deleted = await root.send("DELETE", f"{USERS}/alice")
    again = await root.post(USERS, {"name": "alice", "password": PASSWORD})

    assert (deleted.status, again.status, again.json["code"]) == (204, 409, "user_name_taken")
    assert (await alice.get(f"{USERS}/me")).status == 401
    assert (await root.get(f"{USERS}/alice")).json["code"] == "user_unknown"


async def test_a_password_is_reset(root: Client, alice: Client) -> None:
    """The new one is shown once when it was made up, and the old one is refused."""
    made_up = (await root.post(f"{USERS}/alice/password", {})).json["password"]
    chosen = await root.post(f"{USERS}/alice/password", {"password": NEW})

    assert len(made_up) > 12
    assert (chosen.status, chosen.json["password"]) == (200, None)
    assert (await alice.get(f"{USERS}/me")).status == 401
    assert (await somebody(root, "alice", NEW).get(f"{USERS}/me")).status == 200


async def test_a_user_changes_its_own_password(alice: Client) -> None:
    """It takes the current one; then the old one is refused."""
    changed = await alice.post(f"{USERS}/me/password", {"current": PASSWORD, "new": NEW})

    assert (changed.status, changed.body) == (204, b"")
    assert (await alice.get(f"{USERS}/me")).status == 401
    assert (await somebody(alice, "alice", NEW).get(f"{USERS}/me")).status == 200


async def test_the_current_password_has_to_be_right(alice: Client) -> None:
    """It is no 401: whoever asks is known."""
    answer = await alice.post(f"{USERS}/me/password", {"current": "wrong", "new": NEW})

    assert (answer.status, answer.json["code"]) == (403, "current_password_wrong")


async def test_half_a_character_is_no_password(alice: Client) -> None:
    """Text that cannot be encoded is refused before it is hashed."""
    answer = await alice.post(f"{USERS}/me/password", {"current": "\ud800", "new": NEW})

    assert (answer.status, answer.json["detail"]) == (400, "current: Value error, it is not Unicode text")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/alice"),
        ("PATCH", "/alice"),
        ("DELETE", "/alice"),
        ("POST", "/alice/password"),
    ],
)
async def test_users_are_administrators_business(
    application: Application, alice: Client, method: str, path: str
) -> None:
    """Everybody else is refused, also about themselves: 401 without a login, 403 with one."""
    body = b'{"name": "bob"}' if path == "" else b"{}"
    arguments = (method, USERS + path, b"" if method == "GET" else body, ("content-type", "application/json"))
    stranger, user = await application.anonymous().send(*arguments), await alice.send(*arguments)

    assert (stranger.status, user.status) == (401, 403)


async def test_nobody_is_nobody(application: Application) -> None:
    """Without a login there is no `me`."""
    anonymous = application.anonymous()
    answers = [
        await anonymous.get(f"{USERS}/me"),
        await anonymous.post(f"{USERS}/me/password", {"current": "", "new": ""}),
    ]

    assert [answer.status for answer in answers] == [401, 401]
