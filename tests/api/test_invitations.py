# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/invitations`."""

import asyncio
import base64
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.identity import IdentitySettings
from entrepot.features.invitations.tables import invitations
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application

INVITATIONS = "/api/v1/invitations"
USERS = "/api/v1/users"
PASSWORD = "a new password"
TO_ADA = {"label": "ada@example.com"}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


def secret_of(answer: Answer) -> str:
    """Return the secret in the link of a new invitation."""
    assert answer.status == 201, answer.body
    return str(answer.json["link"]).partition("#invitation=")[2]


async def invited(root: Client, **others: object) -> str:
    """Make an invitation and return its secret."""
    return secret_of(await root.post(INVITATIONS, {**TO_ADA, **others}))


async def accept(client: Client, secret: str, name: str | None = "ada", password: str = PASSWORD) -> Answer:
    """Accept an invitation as somebody who is not logged in."""
    wanted: dict[str, Any] = {"secret": secret, "password": password}
    return await Client(client.server).post(
        f"{INVITATIONS}:accept", wanted if name is None else {**wanted, "user_name": name}
    )


async def look(client: Client, secret: str) -> Answer:
    """Look at an invitation as somebody who is not logged in."""
    return await Client(client.server).post(f"{INVITATIONS}:look", {"secret": secret})


def ada(client: Client, password: str = PASSWORD) -> Client:
    """Be who accepted."""
    credentials = base64.b64encode(f"ada:{password}".encode()).decode()
    return Client(client.server, (("authorization", f"Basic {credentials}"),))


async def test_an_invitation_becomes_an_account(root: Client) -> None:
    """With a name and a password of the person's choice, and no right that was not offered."""
    secret = await invited(root)

    answer = await accept(root, secret)

    assert (answer.status, answer.json) == (201, {"name": "ada"})
    me = await ada(root).get(f"{USERS}/me")
    assert (me.status, me.json["administrator"]) == (200, False)


async def test_the_link_is_shown_once_and_its_secret_is_sent_to_no_server(root: Client) -> None:
    """It leads to the console; a browser keeps what is behind `#` to itself."""
    answer = await root.post(INVITATIONS, TO_ADA)

    address, mark, secret = str(answer.json["link"]).partition("#invitation=")
    assert address.endswith("/welcome")
    assert mark
    assert answer.header("cache-control") == "no-store"
    listed = await root.get(INVITATIONS)
    assert secret not in listed.body.decode()


async def test_an_account_has_what_was_offered(application: Application, root: Client) -> None:
    """Places in groups, and grants."""
    await root.post("/api/v1/groups", {"name": "developers"})
    grants = [{"path_pattern": "team/**", "role": "write"}]
    secret = await invited(root, groups=["developers"], grants=grants)

    await accept(root, secret)

    can = await ada(root).get("/api/v1/access?action=push&repository=team/app")
    groups = await ada(root).get("/api/v1/groups?member=ada")
    assert can.json["allowed"] is True
    assert [group["name"] for group in groups.json["items"]] == ["developers"]


async def test_what_is_gone_since_keeps_nobody_out(root: Client) -> None:
    """A group or role that was deleted meanwhile is left out."""
    await root.post("/api/v1/groups", {"name": "developers"})
    secret = await invited(root, groups=["developers"])
    await root.send("DELETE", "/api/v1/groups/developers")

    assert (await accept(root, secret)).status == 201


async def test_an_invitation_is_good_once(root: Client) -> None:
    """Whoever comes second has no account of it."""
    secret = await invited(root)
    await accept(root, secret)

    again = await accept(root, secret, "eve")

    assert (again.status, again.json["code"]) == (404, "invitation_not_good")
    assert (await root.get(f"{USERS}/eve")).status == 404
    assert (await look(root, secret)).status == 404


async def test_of_many_at_once_one_accepts(root: Client) -> None:
    """The link is used up in the transaction that makes the account."""
    secret = await invited(root)

    answers = await asyncio.gather(*(accept(root, secret, f"ada{number}") for number in range(4)))

    assert sorted(answer.status for answer in answers) == [201, 404, 404, 404]
    made = [user["name"] for user in (await root.get(USERS)).json["items"]]
    assert len(made) == 2


async def test_a_revoked_invitation_is_of_no_use(root: Client) -> None:
    """It cannot be revoked again either."""
    made = await root.post(INVITATIONS, TO_ADA)
    target = f"{INVITATIONS}/{made.json['id']}"

    assert (await root.send("DELETE", target)).status == 204

    assert (await accept(root, secret_of(made))).status == 404
    again = await root.send("DELETE", target)
    assert (again.status, again.json["code"]) == (409, "invitation_not_pending")


async def test_a_name_that_was_given_is_fixed(root: Client) -> None:
    """The person need not give it, and cannot give another one."""
    secret = await invited(root, user_name="ada")

    refused = await accept(root, secret, "root2")
    accepted = await accept(root, secret, None)

    assert (refused.status, refused.json["code"]) == (400, "name_is_fixed")
    assert (accepted.status, accepted.json["name"]) == (201, "ada")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        (None, 400, "name_missing"),
        ("root", 409, "user_name_taken"),
        ("Ada", 400, "invalid_user_name"),
        ("\u0430da", 400, "invalid_user_name"),
        ("me", 400, "invalid_user_name"),
    ],
)
async def test_a_name_is_chosen_like_any_other(root: Client, name: str | None, status: int, code: str) -> None:
    """A refusal does not use the invitation up."""
    secret = await invited(root)

    refused = await accept(root, secret, name)

    assert (refused.status, refused.json["code"]) == (status, code)
    assert (await accept(root, secret)).status == 201


async def test_a_password_is_chosen_like_any_other(root: Client) -> None:
    """A short one is refused, and the invitation is good still."""
    secret = await invited(root)

    refused = await accept(root, secret, password="short")

    assert (refused.status, refused.json["code"]) == (400, "unacceptable_password")
    assert (await look(root, secret)).status == 200


async def test_an_invitation_dies_with_the_right_of_its_sender(application: Application, root: Client) -> None:
    """While they are disabled or no administrator it is void; once they are one again it is good."""
    other = await application.user("other", is_admin=True)
    secret = await invited(other)

    for change in ({"disabled": True}, {"disabled": False, "administrator": False}):
        assert (await root.send_json("PATCH", f"{USERS}/other", change)).status == 200
        assert (await accept(root, secret)).status == 404
        assert (await root.get(INVITATIONS)).json["items"][0]["state"] == "void"
    await root.send_json("PATCH", f"{USERS}/other", {"administrator": True})

    assert (await accept(root, secret)).status == 201


async def test_an_invitation_follows_a_sender_who_is_renamed(application: Application, root: Client) -> None:
    """It stays theirs, and dies with them."""
    other = await application.user("other", is_admin=True)
    secret = await invited(other)
    await root.post(f"{USERS}/other:rename", {"name": "another"})

    assert (await look(root, secret)).status == 200
    await root.send("DELETE", f"{USERS}/another")
    assert (await look(root, secret)).status == 404


async def test_guesses_are_slowed(root: Client) -> None:
    """After a few the answer is to wait, also for what would be right."""
    secret = await invited(root)
    guesses = [(await look(root, f"guess{number}")).status for number in range(6)]

    assert guesses == [404] * 5 + [429]
    assert (await look(root, secret)).status == 429


async def test_names_are_not_tried_one_by_one(root: Client) -> None:
    """Whoever holds an invitation does not learn who has an account."""
    secret = await invited(root)

    tries = [(await accept(root, secret, "root")).status for _ in range(6)]

    assert tries == [409] * 5 + [429]


def end_all(connection: Connection) -> None:
    """Let the time of every invitation be over."""
    connection.execute(update(invitations).values(expires_at=1))


async def test_an_invitation_ends_by_itself(application: Application, root: Client) -> None:
    """After the hours that it says, 72 where it says nothing."""
    made = await root.post(INVITATIONS, TO_ADA)
    begin, end = (datetime.fromisoformat(made.json[name]) for name in ("created_at", "expires_at"))
    await application.database.write(end_all)

    assert end - begin == timedelta(hours=72)
    assert (await accept(root, secret_of(made))).status == 404
    assert (await root.get(INVITATIONS)).json["items"][0]["state"] == "expired"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"label": " "}, "invitation_invalid"),
        ({"label": "a\nb"}, "invitation_invalid"),
        ({**TO_ADA, "user_name": "Root"}, "invalid_user_name"),
        ({**TO_ADA, "groups": ["nobody-made-it"]}, "invitation_invalid"),
        ({**TO_ADA, "grants": [{"path_pattern": "team/**", "role": "nobody-made-it"}]}, "invitation_invalid"),
        ({**TO_ADA, "grants": [{"path_pattern": "SYSTEM", "role": "administrator"}]}, "invitation_invalid"),
        ({**TO_ADA, "grants": [{"path_pattern": "team/**", "role": "administrator"}]}, "role_misplaced"),
        ({**TO_ADA, "expires_in_hours": 0}, "invalid_request"),
        ({**TO_ADA, "expires_in_hours": 721}, "invalid_request"),
        ({**TO_ADA, "groups": ["g"] * 21}, "invalid_request"),
    ],
)
async def test_what_cannot_be_offered_is_refused(root: Client, wanted: dict[str, object], code: str) -> None:
    """An invitation makes no administrator, and gives nothing that is not there."""
    answer = await root.post(INVITATIONS, wanted)

    assert (answer.status, answer.json["code"]) == (400, code)


async def test_a_name_in_use_is_not_promised(root: Client) -> None:
    """Neither is one that somebody had."""
    await root.post(USERS, {"name": "gone", "password": PASSWORD})
    await root.send("DELETE", f"{USERS}/gone")

    answers = [await root.post(INVITATIONS, {**TO_ADA, "user_name": name}) for name in ("root", "gone")]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "user_name_taken")] * 2


async def test_only_administrators_invite(application: Application, alice: Client) -> None:
    """Others neither send nor see nor revoke."""
    answers = [
        await alice.post(INVITATIONS, TO_ADA),
        await alice.get(INVITATIONS),
        await alice.send("DELETE", f"{INVITATIONS}/01JD2F7ZK3Q8V5T6X9Y0B1C2D4"),
    ]

    assert {answer.status for answer in answers} == {403}
    assert (await application.anonymous().get(INVITATIONS)).status == 401


async def test_what_happened_is_announced(application: Application, root: Client) -> None:
    """Inviting, accepting and revoking; by whom, and without the secret."""
    secret = await invited(root)
    await accept(root, secret)
    made = await root.post(INVITATIONS, TO_ADA)
    await root.send("DELETE", f"{INVITATIONS}/{made.json['id']}")

    events = await application.events()
    kinds = ["user.invited", "user.created", "invitation.accepted", "user.invited", "invitation.revoked"]
    found = [event for event in events if event.type in kinds]
    assert [event.type for event in found] == kinds
    assert [event.principal for event in found] == ["user:root", "user:ada", "user:ada", "user:root", "user:root"]
    assert secret not in repr(events)


@pytest.fixture
def without_passwords(tmp_path: Path) -> Iterator[Application]:
    """Hold an application in which only `root` logs in with a password."""
    identity = IdentitySettings(local_passwords="break-glass", break_glass_accounts=("root",))
    with an_application(tmp_path, identity=identity) as application:
        yield application


async def test_nobody_is_invited_to_a_password_that_is_switched_off(without_passwords: Application) -> None:
    """The account would let nobody in."""
    root = await without_passwords.user("root", is_admin=True)

    answer = await root.post(INVITATIONS, TO_ADA)

    assert (answer.status, answer.json["code"]) == (409, "passwords_switched_off")


@pytest.fixture
def with_kept_names(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that names accounts for emergencies, and lets everybody log in with a password."""
    identity = IdentitySettings(break_glass_accounts=("spare",))
    with an_application(tmp_path, identity=identity) as application:
        yield application


async def test_nobody_chooses_a_name_that_is_kept_for_emergencies(with_kept_names: Application) -> None:
    """Its password will be good where those of others are not. An administrator may give it."""
    root = await with_kept_names.user("root", is_admin=True)
    chosen = await accept(root, await invited(root), "spare")
    given = await accept(root, await invited(root, user_name="spare"), None)

    assert (chosen.status, chosen.json["code"], given.status) == (409, "user_name_taken", 201)


async def test_a_refused_body_does_not_repeat_the_secret(root: Client) -> None:
    """Whatever else is wrong with it."""
    secret = await invited(root)

    answer = await Client(root.server).post(f"{INVITATIONS}:accept", {"secret": secret, "password": PASSWORD, "x": 1})

    assert answer.status == 400
    assert secret not in answer.body.decode()
    assert PASSWORD not in answer.body.decode()


async def test_the_link_names_the_public_address(with_address: Application) -> None:
    """With the path below which the console is found."""
    root = await with_address.user("root", is_admin=True)

    link = (await root.post(INVITATIONS, TO_ADA)).json["link"]

    assert str(link).startswith("https://registry.example/ui/welcome#invitation=")


@pytest.fixture
def with_address(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that has a public address and a prefix."""
    with an_application(tmp_path, public_url="https://registry.example", path_prefix="/ui") as application:
        yield application
