# SPDX-License-Identifier: Apache-2.0
"""Logging in to the console, looking at one's sessions, and ending them."""

from datetime import datetime
from datetime import timedelta

import pytest

from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.browsers import SESSION
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in

pytestmark = pytest.mark.anyio


async def test_ways_to_log_in_are_listed_by_name(application: Application) -> None:
    """Whoever sees the login page is told what it can offer."""
    answer = await application.anonymous().get(f"{SESSIONS}/providers")

    assert answer.json["items"] == [{"name": "local", "title": "Name and password", "kind": "password"}]


async def test_a_login_begins_a_session(application: Application) -> None:
    """The answer tells whose session it is, and for how long; it is seen again with the cookie alone."""
    await application.user("alice")
    browser = Browser(application)

    answer = await browser.log_in("alice")

    begun = answer.json
    assert (answer.status, answer.header("cache-control")) == (201, "no-store")
    assert (begun["state"], begun["user"], begun["administrator"]) == ("complete", "alice", False)
    assert (begun["methods"], begun["id"] in answer.header("set-cookie")) == ([], True)
    shown = await browser.get()
    assert (shown.status, shown.json | {"idle_until": 0}) == (200, begun | {"idle_until": 0})


async def test_a_session_lasts_as_long_as_is_configured(application: Application) -> None:
    """By default twelve hours without use, seven days in all, and fifteen minutes for dangerous acts."""
    browser = Browser(application)
    await application.user("alice")
    begun = (await browser.log_in("alice")).json

    since = datetime.fromisoformat(begun["created_at"])
    ends = {name: datetime.fromisoformat(begun[name]) - since for name in ("recent_until", "idle_until", "expires_at")}
    assert ends == {
        "recent_until": timedelta(minutes=15),
        "idle_until": timedelta(hours=12),
        "expires_at": timedelta(days=7),
    }


async def test_a_session_does_what_its_user_may(application: Application) -> None:
    """Rights are those of the user, at this moment."""
    alice = await logged_in(application, "alice", ("team/**", "admin"))
    root = await logged_in(application, "root", is_admin=True)
    await root.post("/api/v1/projects", {"name": "team"})

    assert (await alice.get("/api/v1/projects/team")).status == 200
    assert (await alice.get("/api/v1/projects/team/members")).status == 200
    assert (await alice.get("/api/v1/users")).status == 403
    assert (await root.get("/api/v1/users")).status == 200
    assert (await root.get()).json["administrator"]


async def test_without_a_cookie_there_is_no_session(application: Application) -> None:
    """Neither nobody nor somebody who sends a password has one to look at, to prove or to end; asking is no fault."""
    alice = await application.user("alice")

    for client in (application.anonymous(), alice):
        shown = await client.get(SESSION)
        assert (shown.status, shown.body) == (204, b"")
        for method, path in (("DELETE", SESSION), ("POST", f"{SESSION}/second-factor/challenge")):
            answer = await client.send(method, path)
            assert (answer.status, answer.json["code"]) == (401, "no_session")


async def test_logging_out_ends_the_session(application: Application) -> None:
    """The browser forgets the cookie and what it kept, and whoever kept the cookie has nothing."""
    browser = await logged_in(application, "alice")
    thief = browser.twin(application)

    answer = await browser.send("DELETE", SESSION)

    assert (answer.status, answer.header("clear-site-data")) == (204, '"cache", "storage"')
    assert browser.cookies == {}
    assert "Max-Age=0; Path=/api; HttpOnly; SameSite=Strict" in answer.header("set-cookie")
    for path in (SESSION, "/api/v1/users/me"):
        assert (await thief.get(path)).json["code"] == "session_ended"


async def test_a_cookie_of_a_session_that_is_over_can_be_put_away(application: Application) -> None:
    """Logging out takes it from the browser all the same, so that what is public can be looked at again."""
    here = await logged_in(application, "alice")
    there = here.twin(application)
    await here.send("DELETE", SESSIONS)

    refused = (await there.get("/api/v1/projects")).status
    answer = await there.send("DELETE", SESSION)

    assert (refused, answer.status, there.cookies) == (401, 204, {})
    assert (await there.get("/api/v1/projects")).status == 200


async def test_sessions_are_listed_newest_first(application: Application) -> None:
    """Each tells where it was logged in from and whether it is the one that asks, and no secret; in pages."""
    first = await logged_in(application, "alice")
    second = Browser(application, ("user-agent", "Firefox"))
    newest = (await second.log_in("alice")).json
    await logged_in(application, "bob")

    listed = await second.get(SESSIONS)
    pages = await first.as_client.pages(f"{SESSIONS}?limit=1")

    found = [(item["agent"], item["address"], item["current"]) for item in listed.json["items"]]
    assert found == [("Firefox", "192.0.2.1", True), ("", "192.0.2.1", False)]
    assert [[item["current"] for item in page] for page in pages] == [[False], [True]]
    assert listed.json["items"][0]["expires_at"] == newest["expires_at"]
    assert not any(value in listed.body.decode() for value in (*second.cookies.values(), newest["csrf_token"]))


async def test_one_session_is_ended(application: Application) -> None:
    """The other browser is out at once; a second time there is no such session."""
    here = await logged_in(application, "alice")
    there = Browser(application)
    other = (await there.log_in("alice")).json["id"]

    ended = await here.send("DELETE", f"{SESSIONS}/{other}")

    assert (ended.status, ended.header("set-cookie")) == (204, "")
    assert (await there.get()).status == 401
    assert (await here.get()).status == 200
    assert (await here.send("DELETE", f"{SESSIONS}/{other}")).json["code"] == "session_unknown"


async def test_ending_the_own_session_by_its_id_is_logging_out(application: Application) -> None:
    """The cookie goes with it."""
    browser = await logged_in(application, "alice")
    own = (await browser.get()).json["id"]

    answer = await browser.send("DELETE", f"{SESSIONS}/{own}")

    assert (answer.status, browser.cookies) == (204, {})
    assert answer.header("clear-site-data")


async def test_the_sessions_of_others_are_nobodys_business(application: Application) -> None:
    """They are neither listed nor ended by another user, however well their ids are known."""
    alice, bob = await logged_in(application, "alice"), await logged_in(application, "bob")
    session = (await alice.get()).json["id"]

    assert (await bob.send("DELETE", f"{SESSIONS}/{session}")).status == 404
    for method, path in (
        ("GET", f"{SESSIONS}?user=alice"),
        ("DELETE", f"{SESSIONS}?user=alice"),
        ("DELETE", f"{SESSIONS}/{session}?user=alice"),
    ):
        assert (await bob.send(method, path)).status == 403
    assert (await alice.get()).status == 200


async def test_an_administrator_ends_the_sessions_of_others(application: Application) -> None:
    """One, or all of them; the administrator's own go on."""
    root = await logged_in(application, "root", is_admin=True)
    alice = await logged_in(application, "alice")
    again = Browser(application)
    await again.log_in("alice")
    newest = (await root.get(f"{SESSIONS}?user=alice")).json["items"][0]["id"]

    one = await root.send("DELETE", f"{SESSIONS}/{newest}?user=alice")
    states = [(await browser.get()).status for browser in (alice, again)]
    everything = await root.send("DELETE", f"{SESSIONS}?user=alice")

    assert (one.status, states, everything.status) == (204, [200, 401], 204)
    assert ((await alice.get()).status, (await root.get()).status) == (401, 200)
    assert (await root.get(f"{SESSIONS}?user=nobody")).status == 404


async def test_logging_out_everywhere_ends_the_own_sessions(application: Application) -> None:
    """All browsers of the user are out, this one too; those of others stay."""
    browsers = [await logged_in(application, "alice"), Browser(application)]
    await browsers[1].log_in("alice")
    bob = await logged_in(application, "bob")

    answer = await browsers[0].send("DELETE", SESSIONS)

    assert (answer.status, browsers[0].cookies) == (204, {})
    assert [(await browser.get()).status for browser in (*browsers, bob)] == [204, 401, 200]


async def test_sessions_are_for_people(application: Application) -> None:
    """A token lists them and ends none, a password does both, and who is no user has none."""
    alice = await application.user("alice")
    browser = Browser(application)
    await browser.log_in("alice")
    secret = (await alice.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    token = type(alice)(alice.server, (("authorization", f"Bearer {secret}"),))

    assert len((await token.get(SESSIONS)).json["items"]) == 1
    assert (await token.send("DELETE", SESSIONS)).json["code"] == "tokens_end_no_sessions"
    assert (await application.anonymous().get(SESSIONS)).status == 401
    assert (await alice.send("DELETE", SESSIONS)).status == 204
    assert (await browser.get()).status == 401


@pytest.mark.parametrize(
    "body", [{}, {"name": "alice"}, {"name": "alice", "password": PASSWORD, "scope": "*"}, [], {"name": 1}]
)
async def test_a_login_that_is_not_understood_is_refused(application: Application, body: object) -> None:
    """It is a bad request, and repeats no password."""
    await application.user("alice")

    answer = await Browser(application).post(SESSIONS, body)

    assert (answer.status, answer.header("set-cookie")) == (400, "")
    assert PASSWORD not in answer.body.decode()
