# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/users/{name}:rename` and `:merge`, as administrators, their users and others meet them."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.features.identity import IdentitySettings
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import Browser
from tests.builders.databases import section
from tests.builders.manifests import an_image_manifest

USERS = "/api/v1/users"
BREACHED = "password password"
IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


@pytest.fixture
def with_break_glass(tmp_path: Path) -> Iterator[Application]:
    """Hold an application in which only `root` and `spare` log in with a password."""
    identity = IdentitySettings(local_passwords="break-glass", break_glass_accounts=("root", "spare"))
    with an_application(tmp_path, identity=identity) as application:
        yield application


def an_application_later(folder: Path, identity: IdentitySettings) -> Application:
    """Start an application on the data of another one, with other settings."""
    settings = Settings(
        data_dir=folder, database=section(folder), storage=StorageSettings(url="memory://"), identity=identity
    )
    return Application(settings)


def somebody(client: Client, name: str, password: str = PASSWORD) -> Client:
    """Be whoever has this name and password, or token."""
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client(client.server, (("authorization", f"Basic {credentials}"),))


async def test_a_renamed_user_goes_on_as_before(root: Client, alice: Client) -> None:
    """With the same password and the same rights, at once; the old name is nobody's."""
    answer = await root.post(f"{USERS}/alice:rename", {"name": "ada"})

    assert (answer.status, answer.json["name"]) == (200, "ada")
    ada = somebody(alice, "ada")
    await ada.push_image("team/app", IMAGE, "1")
    assert (await alice.get(f"{USERS}/me")).status == 401
    assert (await root.get(f"{USERS}/alice")).status == 404


async def test_an_open_upload_goes_on_under_the_new_name(root: Client, alice: Client) -> None:
    """Whoever began it may finish it."""
    begun = await alice.send("POST", "/v2/team/app/blobs/uploads/")
    await root.post(f"{USERS}/alice:rename", {"name": "ada"})

    went_on = await somebody(alice, "ada").send("PATCH", begun.header("location"), b"content")

    assert (begun.status, went_on.status) == (202, 202)


async def test_histories_keep_the_old_name(root: Client, alice: Client) -> None:
    """They tell who somebody was then."""
    await alice.push_image("team/app", IMAGE, "1")
    await root.post(f"{USERS}/alice:rename", {"name": "ada"})

    history = await somebody(alice, "ada").get("/api/v1/repositories/team/app/-/tags/1/history")

    assert "user:alice" in history.body.decode()


async def test_a_browser_goes_on_while_its_user_is_renamed(application: Application, root: Client) -> None:
    """The session is of the account, whatever it is called."""
    await application.user("bob")
    browser = Browser(application)
    await browser.log_in("bob")

    await root.post(f"{USERS}/bob:rename", {"name": "robert"})

    shown = await browser.get(f"{USERS}/me")
    assert (shown.status, shown.json["name"]) == (200, "robert")


async def test_an_administrator_renames_itself(root: Client) -> None:
    """And is one still."""
    answer = await root.post(f"{USERS}/root:rename", {"name": "chief"})

    assert (answer.status, answer.json["administrator"]) == (200, True)
    assert (await somebody(root, "chief").get(USERS)).status == 200


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("root", 409, "user_name_taken"),
        ("ROOT", 400, "invalid_user_name"),
        ("r\u043e\u043et", 400, "invalid_user_name"),
        ("me", 400, "invalid_user_name"),
        ("alice", 400, "same_name"),
        ("gone", 409, "user_name_taken"),
    ],
)
async def test_some_names_are_refused(root: Client, alice: Client, name: str, status: int, code: str) -> None:
    """Those of others, in any spelling, and those that somebody had."""
    await root.post(USERS, {"name": "gone"})
    await root.send("DELETE", f"{USERS}/gone")

    answer = await root.post(f"{USERS}/alice:rename", {"name": name})

    assert (answer.status, answer.json["code"]) == (status, code)
    assert (await alice.get(f"{USERS}/me")).json["name"] == "alice"


async def test_only_administrators_rename_and_merge(root: Client, alice: Client) -> None:
    """Nobody gives themselves a name, or somebody's rights."""
    answers = [
        await alice.post(f"{USERS}/alice:rename", {"name": "ada"}),
        await alice.post(f"{USERS}/root:merge", {"into": "alice"}),
        await alice.post(f"{USERS}/root:merge", {"into": "alice", "dry_run": True}),
    ]

    assert {answer.status for answer in answers} == {403}


async def test_a_dry_run_tells_and_changes_nothing(root: Client, alice: Client) -> None:
    """What would go where."""
    await root.post(USERS, {"name": "ada"})

    answer = await root.post(f"{USERS}/alice:merge", {"into": "ada", "dry_run": True})

    grant = {"path_pattern": "team/**", "role": "admin", "tag_pattern": "", "expires_at": None, "combined": False}
    assert (answer.status, answer.json["is_done"], answer.json["grants"]) == (200, False, [grant])
    assert (await alice.get(f"{USERS}/me")).status == 200


async def test_two_users_become_one(application: Application, root: Client, alice: Client) -> None:
    """Who stays may do what both might, at once; tokens of the other one are its own."""
    made = await alice.post("/api/v1/tokens", {"name": "laptop"})
    ada = await application.user("ada")
    assert (await ada.send("POST", "/v2/team/app/blobs/uploads/")).status == 403

    answer = await root.post(f"{USERS}/alice:merge", {"into": "ada"})

    assert (answer.status, answer.json["is_done"], answer.json["grant_count"]) == (200, True, 1)
    assert (await ada.send("POST", "/v2/team/app/blobs/uploads/")).status == 202
    assert (await somebody(ada, "ada", made.json["secret"]).get(f"{USERS}/me")).status == 200
    assert (await alice.get(f"{USERS}/me")).status == 401
    assert [user["name"] for user in (await root.get(USERS)).json["items"]] == ["ada", "root"]


@pytest.mark.parametrize(
    ("name", "into", "status", "code"),
    [
        ("alice", "alice", 400, "into_itself"),
        ("alice", "nobody", 404, "user_unknown"),
        ("nobody", "alice", 404, "user_unknown"),
        ("root", "alice", 409, "own_account"),
        ("alice", "disabled", 409, "into_disabled"),
    ],
)
async def test_some_users_cannot_become_one(
    root: Client, alice: Client, name: str, into: str, status: int, code: str
) -> None:
    """Both are as before then."""
    await root.post(USERS, {"name": "disabled"})
    await root.send_json("PATCH", f"{USERS}/disabled", {"disabled": True})

    answer = await root.post(f"{USERS}/{name}:merge", {"into": into})

    assert (answer.status, answer.json["code"]) == (status, code)
    assert (await alice.get(f"{USERS}/me")).status == 200


async def test_every_change_is_announced(application: Application, root: Client) -> None:
    """With what was and what is, and who did it."""
    await root.post(USERS, {"name": "bob", "password": "a long password"})
    for change in ({"disabled": True}, {"disabled": True}, {"disabled": False}, {"administrator": True}):
        await root.send_json("PATCH", f"{USERS}/bob", change)
    await root.post(f"{USERS}/bob/password", {})
    await root.send("DELETE", f"{USERS}/bob")

    told = await application.events()
    found = [event for event in told if event.object == "user:bob" and not event.type.startswith("grant.")]
    assert [event.type for event in found] == [
        "user.created",
        "user.disabled",
        "user.enabled",
        "user.changed",
        "password.changed",
        "user.deleted",
    ]
    assert {event.principal for event in found} == {"user:root"}
    after = {"name": "bob", "administrator": True, "for_good": True, "disabled": False}
    assert (found[3].before, found[3].after) == ({**after, "administrator": False, "for_good": False}, after)
    assert "a long password" not in repr(found)


async def test_an_administrator_for_a_while_who_becomes_one_for_good_is_announced(
    application: Application, root: Client
) -> None:
    """Once: whoever is one for good already changes nothing."""
    tomorrow = rfc3339(after(system_clock(), DAY_MS))
    grant = {"principal": "bob", "path_pattern": "SYSTEM", "role": "administrator", "expires_at": tomorrow}
    await root.post(USERS, {"name": "bob", "password": "a long password"})
    await root.post("/api/v1/grants", grant)
    for _ in range(2):
        await root.send_json("PATCH", f"{USERS}/bob", {"administrator": True})

    [told] = [event for event in await application.events() if event.type == "user.changed"]
    shown = {"name": "bob", "administrator": True, "for_good": False, "disabled": False}
    assert (told.before, told.after) == (shown, {**shown, "for_good": True})


async def test_a_password_that_is_switched_off_lets_nobody_in(with_break_glass: Application) -> None:
    """On the API, at the token service and in the console; the answer says what to do."""
    bob = await with_break_glass.user("bob")
    browser = Browser(with_break_glass)

    answers = [await bob.get(f"{USERS}/me"), await bob.get("/auth/token?service=entrepot")]
    answers.append(await browser.post("/api/v1/sessions", {"name": "bob", "password": PASSWORD}))

    assert [answer.status for answer in answers] == [401, 401, 401]
    assert answers[0].json["code"] == answers[2].json["code"] == "local_passwords_off"
    assert "break_glass_accounts" in answers[0].json["hint"]


async def test_breaking_glass_is_announced_with_the_address(with_break_glass: Application) -> None:
    """Once for a row of requests."""
    root = await with_break_glass.user("root", is_admin=True)
    for _ in range(3):
        assert (await root.get(USERS)).status == 200

    found = [event for event in await with_break_glass.events() if event.type == "break-glass.opened"]
    assert [(event.object, event.after) for event in found] == [("user:root", {"address": "192.0.2.1"})]


async def test_the_last_account_for_emergencies_stays(with_break_glass: Application) -> None:
    """It is not deleted, disabled, renamed, merged or demoted while no other one could take its place."""
    root = await with_break_glass.user("root", is_admin=True)
    await with_break_glass.user("bob", is_admin=True)
    answers = [
        await root.send("DELETE", f"{USERS}/root"),
        await root.send_json("PATCH", f"{USERS}/root", {"disabled": True}),
        await root.send_json("PATCH", f"{USERS}/root", {"administrator": False}),
        await root.post(f"{USERS}/root:rename", {"name": "chief"}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "last_break_glass_account")] * 4

    await with_break_glass.user("spare", is_admin=True)
    assert (await root.send("DELETE", f"{USERS}/root")).status == 204


async def test_a_session_that_began_before_passwords_were_switched_off_is_over(
    application: Application, tmp_path: Path
) -> None:
    """Whoever is logged in to the console with such a password is not, once the server has the setting."""
    await application.user("bob")
    await application.user("root")
    identity = IdentitySettings(local_passwords="break-glass", break_glass_accounts=("root",))
    later = await asyncio.to_thread(an_application_later, tmp_path, identity)
    answers = []
    for name in ("bob", "root"):
        browser = Browser(application)
        await browser.log_in(name)
        answers.append(await browser.twin(later).get(f"{USERS}/me"))
    await asyncio.to_thread(later.close)

    assert [answer.status for answer in answers] == [401, 200]
    assert answers[0].json["code"] == "session_ended"


@pytest.fixture
def with_list(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that knows one breached password."""
    file = tmp_path / "breached.txt"
    file.write_text(f"{hashlib.sha1(BREACHED.encode(), usedforsecurity=False).hexdigest().upper()}:3\n")
    with an_application(tmp_path, identity=IdentitySettings(breached_passwords=file)) as application:
        yield application
    file.unlink(missing_ok=True)


async def test_a_breached_password_is_refused_wherever_one_is_chosen(with_list: Application) -> None:
    """Making a user, resetting a password, changing one's own, and accepting an invitation."""
    root = await with_list.user("root", is_admin=True)
    link = (await root.post("/api/v1/invitations", {"label": "ada"})).json["link"]
    accepted = {"secret": link.partition("=")[2], "user_name": "ada", "password": BREACHED}
    answers = [
        await root.post(USERS, {"name": "bob", "password": BREACHED}),
        await root.post(f"{USERS}/root/password", {"password": BREACHED}),
        await root.post(f"{USERS}/me/password", {"current": PASSWORD, "new": BREACHED}),
        await root.post("/api/v1/invitations:accept", accepted),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(400, "breached_password")] * 4
    assert (await root.post(USERS, {"name": "bob", "password": "another long one"})).status == 201


async def test_no_password_is_taken_while_the_list_is_away(with_list: Application, tmp_path: Path) -> None:
    """Others can still be made up, and everybody logs in as before."""
    root = await with_list.user("root", is_admin=True)
    await asyncio.to_thread((tmp_path / "breached.txt").unlink)

    answer = await root.post(USERS, {"name": "bob", "password": "a long password"})

    assert (answer.status, answer.json["code"]) == (503, "breached_passwords_away")
    assert str(tmp_path) not in answer.body.decode()
    assert (await root.post(USERS, {"name": "bob"})).status == 201
