# SPDX-License-Identifier: Apache-2.0
"""New cookies for old: when a session gets one, how long the former is good, and what happens to a stolen one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import select
from structlog.testing import capture_logs

from entrepot.features.sessions.tables import sessions
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in
from tests.builders.databases import refuse_writes
from tests.fakes.settable_clock import SettableClock

ME = "/api/v1/users/me"
RENEWED_AFTER_MS = 15 * MINUTE_MS

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
async def alice(application: Application) -> Browser:
    """The browser of somebody who has just logged in."""
    return await logged_in(application, "alice")


async def used_at(application: Application) -> int:
    """Return when the only session was last used, as the database has it."""
    return await application.database.read(_used_at)


def _used_at(connection: Connection) -> int:
    moment: int = connection.execute(select(sessions.c.used_at)).scalar_one()
    return moment


async def test_looking_at_an_old_session_renews_its_cookie(alice: Browser, clock: SettableClock) -> None:
    """After fifteen minutes it gets another one; session and token stay, so that other windows go on."""
    before = (await alice.get()).json
    clock.advance(RENEWED_AFTER_MS - 1)
    early = await alice.get()
    clock.advance(1)
    renewed = await alice.get()
    again = await alice.get()

    assert (early.header("set-cookie"), again.header("set-cookie")) == ("", "")
    assert renewed.header("set-cookie").startswith(f"entrepot-session=ents_{before['id']}_")
    assert {name: renewed.json[name] for name in ("id", "csrf_token")} == {
        name: before[name] for name in ("id", "csrf_token")
    }


async def test_the_former_cookie_is_good_until_the_new_one_was_used_for_a_minute(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """Requests that were under way in another window are answered; after the minute the session is over."""
    window = alice.twin(application)
    clock.advance(RENEWED_AFTER_MS)
    await alice.get()
    unused = (await window.get(ME)).status
    await alice.get(ME)
    clock.advance(MINUTE_MS - 1)
    within = (await window.get(ME)).status
    clock.advance(1)

    assert (unused, within, (await window.get(ME)).json["code"]) == (200, 200, "session_ended")
    assert (await alice.get(ME)).status == 401


async def test_an_answer_that_was_lost_costs_nothing(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """A browser that never got the new cookie goes on with the one it has for hours, and gets another in time."""
    lost = alice.twin(application)
    clock.advance(RENEWED_AFTER_MS)
    await lost.get()
    clock.advance(RENEWED_AFTER_MS)

    second = await alice.get()

    assert second.header("set-cookie")
    assert (await alice.get()).status == 200
    clock.advance(MINUTE_MS)
    assert (await alice.get(ME)).status == 200


async def test_of_two_windows_one_gets_the_new_cookie(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """Both look at once and both are answered; what comes of it opens the session for both."""
    window = alice.twin(application)
    clock.advance(RENEWED_AFTER_MS)
    answers = [await alice.get(), await window.get()]
    await alice.get(ME)
    window.cookies = dict(alice.cookies)
    clock.advance(MINUTE_MS)

    assert [answer.status for answer in answers] == [200, 200]
    assert [bool(answer.header("set-cookie")) for answer in answers] == [True, False]
    assert (await window.get(ME)).status == 200


async def test_a_stolen_cookie_ends_the_session_when_its_owner_comes_back(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """A thief who keeps the session going, however often it is renewed, is out once the old cookie is seen."""
    thief = alice.twin(application)
    for _ in range(4):
        clock.advance(RENEWED_AFTER_MS)
        assert (await thief.get()).header("set-cookie")
        assert (await thief.get(ME)).status == 200
    clock.advance(MINUTE_MS)

    with capture_logs() as logs:
        owner = await alice.get(ME)

    (warning,) = [entry for entry in logs if entry["event"] == "session.replaced_cookie_used"]
    assert (warning["log_level"], warning["user"], warning["session"]) == ("warning", "alice", thief_id(thief))
    assert (owner.status, (await thief.get(ME)).status) == (401, 401)
    assert not any(value in repr(logs) for value in (*alice.cookies.values(), *thief.cookies.values()))


def thief_id(browser: Browser) -> str:
    """Return the id of the session in a browser's cookie."""
    return browser.cookies["entrepot-session"].split("_")[1]


async def test_a_session_ends_when_it_is_not_used(alice: Browser, clock: SettableClock) -> None:
    """Use keeps it going; twelve hours without end it."""
    for _ in range(3):
        clock.advance(12 * HOUR_MS - MINUTE_MS)
        assert (await alice.get()).status == 200
    clock.advance(12 * HOUR_MS)

    assert (await alice.get()).json["code"] == "session_ended"


async def test_a_session_ends_after_seven_days(alice: Browser, clock: SettableClock) -> None:
    """However much it is used."""
    begun = clock()
    while clock() < begun + 7 * DAY_MS - 10 * HOUR_MS:
        clock.advance(10 * HOUR_MS)
        assert (await alice.get()).status == 200
    clock.advance(begun + 7 * DAY_MS - clock() - 1)
    last = await alice.get()
    clock.advance(1)

    assert last.json["idle_until"] == last.json["expires_at"]
    assert ((await alice.get()).status, last.status) == (401, 200)


async def test_use_is_noted_once_a_minute(application: Application, alice: Browser, clock: SettableClock) -> None:
    """Reading writes nothing more often than that."""
    begun = clock()
    clock.advance(MINUTE_MS - 1)
    await alice.get(ME)
    early = await used_at(application)
    clock.advance(1)
    await alice.get(ME)

    assert (early, await used_at(application)) == (begun, begun + MINUTE_MS)


async def test_a_use_that_cannot_be_noted_fails_no_request(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """While the database takes no writes, sessions are recognised."""
    clock.advance(MINUTE_MS)
    await application.database.write(refuse_writes)

    answer = await alice.get(ME)

    assert (answer.status, await used_at(application)) == (200, clock() - MINUTE_MS)


async def test_a_new_cookie_that_cannot_be_stored_fails_no_request(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """The session is shown, and keeps the cookie that it has."""
    clock.advance(RENEWED_AFTER_MS)
    await alice.get(ME)
    await application.database.write(refuse_writes)

    answer = await alice.get()

    await application.database.write(refuse_writes, is_on=False)
    assert (answer.status, answer.header("set-cookie")) == (200, "")
    assert (await alice.get()).header("set-cookie")


async def test_a_clock_that_was_set_back_ends_no_session(alice: Browser, clock: SettableClock) -> None:
    """It goes on, and its last use is noted by the new time."""
    clock.advance(-HOUR_MS)

    assert (await alice.get()).status == 200


async def test_a_proof_of_identity_renews_the_cookie(
    application: Application, alice: Browser, clock: SettableClock
) -> None:
    """What was stolen before is good for a minute more, and not for dangerous acts."""
    thief = alice.twin(application)
    clock.advance(RENEWED_AFTER_MS)
    proved = await alice.post(f"{SESSION}/reauthentication", {"password": "correct horse"})
    created = await alice.post("/api/v1/tokens", {"name": "laptop"})
    stolen = await thief.post("/api/v1/tokens", {"name": "stolen"})
    clock.advance(MINUTE_MS + SECOND_MS)

    assert (proved.status, bool(proved.header("set-cookie")), created.status) == (200, True, 201)
    assert (stolen.status, stolen.json["code"]) == (403, "reauthentication_needed")
    assert (await thief.get(ME)).status == 401
