# SPDX-License-Identifier: Apache-2.0
"""Dangerous acts: a session does them for some minutes after its user proved who they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in
from tests.fakes.settable_clock import SettableClock

PROVE = f"{SESSION}/reauthentication"
MEMBER = "/api/v1/projects/team/members/user:bob"
GRANT = {"principal": "bob", "path_pattern": "team/x", "role": "read"}
GRANTED = "/api/v1/grants?principal=bob&path_pattern=team/x&role=read"

DANGEROUS: list[tuple[str, str, Any]] = [
    ("POST", "/api/v1/tokens", {"name": "laptop"}),
    ("POST", "/api/v1/users", {"name": "carol"}),
    ("PATCH", "/api/v1/users/bob", {"administrator": True}),
    ("POST", "/api/v1/users/bob/password", {}),
    ("POST", "/api/v1/users/bob:rename", {"name": "robert"}),
    ("POST", "/api/v1/users/robert:rename", {"name": "bob"}),
    ("POST", "/api/v1/users/carol:merge", {"into": "bob", "dry_run": True}),
    ("POST", "/api/v1/users/carol:merge", {"into": "bob"}),
    ("POST", "/api/v1/invitations", {"label": "ada@example.com"}),
    ("DELETE", "/api/v1/sessions?user=bob", None),
    ("POST", "/api/v1/robots", {"project": "team", "name": "ci", "role": "read"}),
    ("POST", "/api/v1/robots/team.ci:rotate", {}),
    ("POST", "/api/v1/grants", GRANT),
    ("DELETE", GRANTED, None),
    ("PUT", MEMBER, {"role": "admin"}),
    ("PUT", MEMBER, {"role": "read"}),
    ("PUT", MEMBER, {"role": "admin"}),
    ("DELETE", MEMBER, None),
    ("PATCH", "/api/v1/projects/team", {"visibility": "public"}),
    ("POST", "/api/v1/projects", {"name": "open", "visibility": "public"}),
    ("DELETE", "/api/v1/users/bob/second-factors", None),
    ("DELETE", "/api/v1/users/bob", None),
    ("DELETE", "/api/v1/projects/team", None),
    ("PUT", "/api/v1/modes", {"mode": "maintenance"}),
]
"""In an order in which each can be done; what takes the role `admin` from somebody is dangerous, whatever it gives."""

NO_ID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
GLASS = "/api/v1/break-glass"
DELICATE: list[tuple[str, str, Any, int]] = [
    ("PUT", "/api/v1/approvals/rules", {"acts": []}, 200),
    ("POST", f"/api/v1/approvals/{NO_ID}:approve", {}, 404),
    ("POST", f"/api/v1/approvals/{NO_ID}:reject", {}, 404),
    ("POST", f"{GLASS}/eligibilities", {"principal": "bob", "path_pattern": "team/**", "role": "read"}, 201),
    ("DELETE", f"{GLASS}/eligibilities/{NO_ID}", None, 404),
    ("POST", f"{GLASS}/openings/{NO_ID}:acknowledge", {"comment": "seen"}, 404),
    ("PUT", "/api/v1/templates/teams", {"purpose": "project", "pattern": "*"}, 201),
    ("DELETE", "/api/v1/templates/teams", None, 204),
    ("PUT", "/api/v1/projects/team/templates/apps", {"purpose": "repository", "pattern": "team/**"}, 201),
    ("DELETE", "/api/v1/projects/team/templates/apps", None, 204),
]
"""What takes a recent login before anything is looked for, and what the answer is after one."""

HARMLESS: list[tuple[str, str, Any]] = [
    ("GET", "/api/v1/users", None),
    ("GET", "/api/v1/sessions?user=bob", None),
    ("POST", "/api/v1/projects", {"name": "other"}),
    ("PATCH", "/api/v1/projects/team", {"visibility": "private"}),
    ("PUT", MEMBER, {"role": "write"}),
    ("DELETE", MEMBER, None),
    ("PUT", "/api/v1/modes", {"mode": "read-only"}),
]

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
async def root(application: Application) -> Browser:
    """The browser of an administrator who has just logged in, with a project and a user to try things on."""
    await application.user("bob")
    browser = await logged_in(application, "root", is_admin=True)
    await browser.post("/api/v1/projects", {"name": "team"})
    return browser


async def test_dangerous_acts_take_a_recent_login(root: Browser, clock: SettableClock) -> None:
    """Fifteen minutes after the login each is refused, with the way out; nothing of it was done."""
    clock.advance(15 * MINUTE_MS)
    for method, path, document in DANGEROUS:
        if "ci:rotate" in path or path in (GRANTED, MEMBER):
            continue
        answer = await root.send(method, path, document)
        assert (answer.status, answer.json["code"]) == (403, "reauthentication_needed"), path
        assert "POST /api/v1/session/reauthentication" in answer.json["hint"]
    assert [user["name"] for user in (await root.get("/api/v1/users")).json["items"]] == ["bob", "root"]


@pytest.mark.parametrize("act", range(len(DANGEROUS)))
async def test_each_dangerous_act_asks_and_is_then_done(root: Browser, clock: SettableClock, act: int) -> None:
    """What came before is there; the act is refused, the password given, and the same request goes through."""
    for method, path, document in DANGEROUS[:act]:
        assert (await root.send(method, path, document)).status < 300, path
    method, path, document = DANGEROUS[act]
    clock.advance(15 * MINUTE_MS)

    refused = await root.send(method, path, document)
    proved = await root.post(PROVE, {"password": PASSWORD})

    assert (refused.status, refused.json["code"], proved.status) == (403, "reauthentication_needed", 200)
    assert (await root.send(method, path, document)).status < 300


async def test_what_is_delicate_takes_one_before_anything_else(root: Browser, clock: SettableClock) -> None:
    """Each is refused until the password is given."""
    clock.advance(15 * MINUTE_MS)
    refused = [(await root.send(method, path, document)).json["code"] for method, path, document, _ in DELICATE]
    await root.post(PROVE, {"password": PASSWORD})

    assert refused == ["reauthentication_needed"] * len(DELICATE)
    statuses = [(await root.send(method, path, document)).status for method, path, document, _ in DELICATE]
    assert statuses == [status for *_, status in DELICATE]


async def test_other_acts_do_not(root: Browser, clock: SettableClock) -> None:
    """A session does them for as long as it lasts."""
    clock.advance(60 * MINUTE_MS)

    for method, path, document in HARMLESS:
        answer = await root.send(method, path, document)
        assert answer.status < 300, (path, answer.body)


async def test_just_before_the_minutes_are_over_nothing_is_asked(root: Browser, clock: SettableClock) -> None:
    """`recent_until` is the first moment at which it is."""
    until = (await root.get()).json["recent_until"]
    clock.advance(15 * MINUTE_MS - 1)
    early = await root.post("/api/v1/tokens", {"name": "laptop"})
    clock.advance(1)

    assert until == "2027-01-15T08:15:00.000Z"
    assert early.status == 201
    assert (await root.post("/api/v1/tokens", {"name": "phone"})).status == 403


async def test_passwords_and_tokens_are_never_asked(application: Application, clock: SettableClock) -> None:
    """A request that brings its credential proves itself."""
    root = await application.user("root", is_admin=True)
    secret = (await root.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    token = type(root)(root.server, (("authorization", f"Bearer {secret}"),))
    clock.advance(60 * MINUTE_MS)

    assert (await root.post("/api/v1/users", {"name": "carol"})).status == 201
    assert (await token.post("/api/v1/users", {"name": "dave"})).status == 201


async def test_a_wrong_password_proves_nothing(root: Browser, clock: SettableClock) -> None:
    """The session stays, is not recent, and guesses are slowed as those of logins are."""
    clock.advance(15 * MINUTE_MS)
    guesses = [await root.post(PROVE, {"password": f"wrong {number}"}) for number in range(5)]
    slowed = await root.post(PROVE, {"password": PASSWORD})

    assert [(answer.status, answer.json["code"]) for answer in guesses] == [(403, "password_wrong")] * 5
    assert slowed.status == 429
    assert (await root.post("/api/v1/tokens", {"name": "laptop"})).json["code"] == "reauthentication_needed"
    assert (await root.get()).status == 200


async def test_nothing_is_no_proof(root: Browser) -> None:
    """A request without a password says what is missing."""
    answer = await root.post(PROVE, {})

    assert (answer.status, answer.json["code"], "password" in answer.json["detail"]) == (400, "proof_missing", True)


async def test_a_session_creates_tokens(root: Browser) -> None:
    """And the token begets none, whatever it came from."""
    created = await root.post("/api/v1/tokens", {"name": "laptop"})
    bearer = ("authorization", f"Bearer {created.json['secret']}")

    again = await root.send("POST", "/api/v1/tokens", {"name": "phone"}, bearer)

    assert (created.status, again.json["code"]) == (201, "tokens_beget_no_tokens")
