# SPDX-License-Identifier: Apache-2.0
"""What refuses a login, and what ends the sessions that came of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from structlog.testing import capture_logs

from entrepot.features.identity.tables import users
from entrepot.features.sessions.tables import sessions
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in
from tests.fakes.settable_clock import SettableClock

NEW = "a better password"
OWN_PASSWORD = "/api/v1/users/me/password"

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


def _change_user(connection: Connection, name: str, columns: dict[str, object]) -> None:
    connection.execute(update(users).where(users.c.name == name).values(columns))


def _count(connection: Connection) -> int:
    count: int = connection.execute(select(func.count()).select_from(sessions)).scalar_one()
    return count


def told(answer: Answer) -> tuple[int, dict[str, object], set[str]]:
    """Return what an answer tells, but for what names the request."""
    document = {key: value for key, value in answer.json.items() if key != "request_id"}
    return answer.status, document, {name for name, _ in answer.headers}


async def test_unknown_wrong_and_disabled_are_one_answer(application: Application) -> None:
    """Who tries a login learns nothing of which accounts there are."""
    await application.user("alice")
    await application.user("carol")
    await application.database.write(_change_user, "carol", {"disabled_at": 1})

    tries = [("alice", "wrong"), ("nobody", PASSWORD), ("carol", PASSWORD), ("not a name", PASSWORD)]
    answers = [told(await Browser(application).log_in(name, password)) for name, password in tries]

    assert answers[0][0] == 401
    assert "set-cookie" not in answers[0][2]
    assert all(answer == answers[0] for answer in answers)
    assert await application.database.read(_count) == 0


async def test_a_login_through_a_provider_is_told_so(application: Application) -> None:
    """Its password is right, and is not what the account logs in with."""
    await application.user("alice")
    await application.database.write(_change_user, "alice", {"provider": "corporate"})

    answer = await Browser(application).log_in("alice")

    assert (answer.status, answer.json["code"], answer.header("set-cookie")) == (401, "foreign_account", "")


async def test_guesses_are_slowed(application: Application, clock: SettableClock) -> None:
    """After five wrong passwords the sixth attempt is refused unseen, right or not; one on `/v2` counts as well."""
    await application.user("alice")
    browser = Browser(application)
    guessed = [(await browser.log_in("alice", "wrong")).status for _ in range(5)]
    refused = await browser.log_in("alice")
    clock.advance(MINUTE_MS)

    assert guessed == [401] * 5
    assert (refused.status, refused.json["code"], refused.header("retry-after")) == (429, "too_many_attempts", "1")
    assert (await browser.log_in("alice")).status == 201


async def test_a_disabled_user_is_out_at_once_and_for_good(application: Application) -> None:
    """The session is over with the next request, and does not come back when the account does."""
    root = await logged_in(application, "root", is_admin=True)
    alice = await logged_in(application, "alice")

    await root.send("PATCH", "/api/v1/users/alice", {"disabled": True})
    disabled = await alice.get()
    await root.send("PATCH", "/api/v1/users/alice", {"disabled": False})

    assert (disabled.status, disabled.json["code"]) == (401, "session_ended")
    assert (await alice.get()).status == 401


async def test_a_user_disabled_elsewhere_is_out_too(application: Application) -> None:
    """Another process may have written it: nothing about it is remembered."""
    alice = await logged_in(application, "alice")
    before = (await alice.get()).status
    await application.database.write(_change_user, "alice", {"disabled_at": 1})

    assert (before, (await alice.get()).status) == (200, 401)


async def test_a_deleted_user_is_out(application: Application) -> None:
    """No session is left behind."""
    root = await logged_in(application, "root", is_admin=True)
    alice = await logged_in(application, "alice")

    await root.send("DELETE", "/api/v1/users/alice")

    assert (await alice.get()).status == 401
    assert await application.database.read(_count) == 1


async def test_an_own_new_password_ends_the_other_sessions(application: Application) -> None:
    """The one that changed it goes on with another cookie and the same token, the others are over."""
    here = await logged_in(application, "alice")
    there, before = Browser(application), (await here.get()).json
    await there.log_in("alice")

    changed = await here.post(OWN_PASSWORD, {"current": PASSWORD, "new": NEW})
    after = (await here.get()).json

    assert (changed.status, bool(changed.header("set-cookie"))) == (204, True)
    assert after["id"] != before["id"]
    for name in ("csrf_token", "created_at", "recent_until", "expires_at"):
        assert after[name] == before[name]
    assert (await there.get()).status == 401
    assert (await here.post("/api/v1/tokens", {"name": "laptop"})).status == 201
    assert (await there.log_in("alice", NEW)).status == 201


@pytest.mark.parametrize("is_renewed", [False, True])
async def test_cookies_from_before_a_new_password_are_refused_at_once(
    application: Application, clock: SettableClock, is_renewed: bool
) -> None:
    """The one that changed it and the one before that: they open nothing, clear nothing and end nothing."""
    here = await logged_in(application, "alice")
    copies = [here.twin(application)]
    if is_renewed:
        clock.advance(15 * MINUTE_MS)
        await here.get()
        copies.append(here.twin(application))

    await here.post(OWN_PASSWORD, {"current": PASSWORD, "new": NEW})
    refused = [await copy.get(path) for copy in copies for path in (SESSION, "/api/v1/users/me")]
    clock.advance(MINUTE_MS)

    for answer in refused:
        assert (answer.status, answer.json["code"]) == (401, "session_ended")
        assert (answer.header("set-cookie"), answer.header("clear-site-data")) == ("", "")
    assert ((await copies[0].get()).status, (await here.get("/api/v1/users/me")).status) == (401, 200)


async def test_a_new_password_by_a_former_cookie_keeps_the_session(
    application: Application, clock: SettableClock
) -> None:
    """A window whose request was under way while another one got a new cookie goes on, and so does the other one."""
    here = await logged_in(application, "alice")
    window = here.twin(application)
    clock.advance(15 * MINUTE_MS)
    await here.get()

    changed = await window.post(OWN_PASSWORD, {"current": PASSWORD, "new": NEW})
    late = await here.get()
    here.cookies = dict(window.cookies)

    assert (changed.status, late.status) == (204, 401)
    assert [(await browser.get()).status for browser in (here, window)] == [200, 200]


async def test_a_password_changed_without_a_session_ends_them_all(application: Application) -> None:
    """So it is when the request brought the password itself."""
    alice = await application.user("alice")
    browser = Browser(application)
    await browser.log_in("alice")

    changed = await alice.post(OWN_PASSWORD, {"current": PASSWORD, "new": NEW})

    assert (changed.status, changed.header("set-cookie")) == (204, "")
    assert (await browser.get()).status == 401


async def test_a_password_that_was_reset_ends_every_session(application: Application) -> None:
    """Of the user, not of the administrator."""
    root = await logged_in(application, "root", is_admin=True)
    alice = await logged_in(application, "alice")

    await root.post("/api/v1/users/alice/password", {"password": NEW})

    assert ((await alice.get()).status, (await root.get()).status) == (401, 200)


@pytest.mark.parametrize("columns", [{"password_changed_at": 5}, {"second_factor_at": 5}])
async def test_what_is_logged_in_with_changed_elsewhere(application: Application, columns: dict[str, object]) -> None:
    """A new password and a new second factor end sessions, whichever process wrote it."""
    alice = await logged_in(application, "alice")
    await application.database.write(_change_user, "alice", columns)

    assert (await alice.get()).json["code"] == "session_ended"


async def test_a_user_has_a_hundred_sessions(application: Application) -> None:
    """The oldest makes room for the next one."""
    await application.user("alice")
    first, second = Browser(application), Browser(application)
    await first.log_in("alice")
    await second.log_in("alice")
    for _ in range(99):
        await Browser(application).log_in("alice")

    assert ((await first.get()).status, (await second.get()).status) == (401, 200)
    assert len((await second.get(SESSIONS)).json["items"]) == 100


async def test_nothing_of_a_login_is_logged(application: Application) -> None:
    """Neither password nor cookie nor token, whether it goes well or not."""
    await application.user("alice")
    browser = Browser(application)
    with capture_logs() as logs:
        await browser.log_in("alice", "wrong password")
        await browser.log_in("alice")
        await browser.get()

    secrets = [PASSWORD, "wrong password", browser.csrf_token, *browser.cookies.values()]
    assert not [secret for secret in secrets if secret in repr(logs)]
