# SPDX-License-Identifier: Apache-2.0
"""Logins that take a second factor, or have to set one up first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.second_factors import SecondFactorSettings
from entrepot.features.sessions.models import MAX_PER_USER
from entrepot.kernel.clock import MINUTE_MS
from entrepot.registry.tables import grants
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in
from tests.builders.second_factors import ORIGIN
from tests.builders.second_factors import OWN
from tests.builders.second_factors import STEP_MS
from tests.builders.second_factors import Phone
from tests.builders.second_factors import set_up_key
from tests.builders.second_factors import set_up_phone
from tests.fakes.settable_clock import SettableClock
from tests.fakes.software_authenticator import SoftwareAuthenticator

GIVE = f"{SESSION}/second-factor"
CHALLENGE = f"{GIVE}/challenge"
PROVE = f"{SESSION}/reauthentication"
ME = "/api/v1/users/me"
TOKENS = "/api/v1/tokens"

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
def strict(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """One in which administrators have to have a second factor."""
    settings = SecondFactorSettings(required_for=("administrators",))
    with an_application(tmp_path, clock=clock, second_factors=settings) as application:
        yield application


@pytest.fixture
async def phone(application: Application, clock: SettableClock) -> Phone:
    """What the user alice has set up; its code of this moment was used for that."""
    phone = await set_up_phone(await logged_in(application, "alice"), clock)
    clock.advance(STEP_MS)
    return phone


@pytest.fixture
async def pending(application: Application, phone: Phone) -> Browser:
    """A browser in which the password of that user was typed."""
    browser = Browser(application)
    assert (await browser.log_in("alice")).json["state"] == "second_factor"
    return browser


def _promote(connection: Connection) -> None:
    row = {"principal": "user:alice", "path_pattern": "SYSTEM", "role": "administrator"}
    connection.execute(insert(grants).values(**row, created_at=0, created_by="user:admin"))


async def test_a_second_factor_completes_a_login(application: Application, pending: Browser, phone: Phone) -> None:
    """The session that comes of it is another one: the cookie from before it opens nothing."""
    before, first = (await pending.get()).json, pending.twin(application)

    answer = await pending.post(GIVE, {"method": "totp", "code": phone.code()})

    assert (before["state"], before["methods"]) == ("second_factor", ["totp", "recovery_code"])
    assert (answer.status, answer.json["state"], answer.json["user"]) == (200, "complete", "alice")
    assert answer.json["id"] != before["id"]
    assert answer.json["csrf_token"] != before["csrf_token"]
    assert ((await pending.get(ME)).status, (await first.get()).status) == (200, 401)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ME),
        ("GET", SESSIONS),
        ("GET", TOKENS),
        ("GET", OWN),
        ("GET", "/api/v1/projects"),
        ("GET", "/api/v1/repositories"),
        ("DELETE", SESSIONS),
        ("POST", f"{OWN}/recovery-codes"),
    ],
)
async def test_half_a_login_may_do_nothing(pending: Browser, method: str, path: str) -> None:
    """Not even what everybody may, until the second factor was given."""
    answer = await pending.send(method, path)

    assert (answer.status, answer.json["code"]) == (401, "second_factor_needed")


async def test_half_a_login_is_not_listed_and_proves_nothing(
    application: Application, pending: Browser, phone: Phone
) -> None:
    """It is no session yet; with the password alone it does not become one."""
    whole = Browser(application)
    await whole.log_in("alice")
    await whole.post(GIVE, {"method": "totp", "code": phone.code()})

    listed = [item["id"] for item in (await whole.get(SESSIONS)).json["items"]]
    assert listed[0] == (await whole.get()).json["id"]
    assert (await pending.get()).json["id"] not in listed
    assert (await pending.post(PROVE, {"password": PASSWORD})).json["code"] == "second_factor_needed"
    assert (await pending.get()).json["state"] == "second_factor"


async def test_half_a_login_ends_after_fifteen_minutes(
    application: Application, pending: Browser, phone: Phone, clock: SettableClock
) -> None:
    """Then the password is asked for again. Logging out ends it at any time."""
    other = Browser(application)
    await other.log_in("alice")

    clock.advance(15 * MINUTE_MS - 1)
    assert ((await pending.get()).status, (await other.send("DELETE", SESSION)).status) == (200, 204)
    clock.advance(1)
    assert (await pending.post(GIVE, {"method": "totp", "code": phone.code()})).json["code"] == "session_ended"


async def test_a_password_alone_ends_no_session(application: Application, pending: Browser, phone: Phone) -> None:
    """However often it is typed: only logins that wait for a second factor make room for each other."""
    assert (await pending.post(GIVE, {"method": "totp", "code": phone.code()})).status == 200

    for _ in range(MAX_PER_USER):
        await Browser(application).log_in("alice")

    assert (await pending.get(ME)).status == 200


async def test_a_wrong_code_changes_nothing(pending: Browser, phone: Phone) -> None:
    """The login still waits, with the same cookie; guesses are slowed."""
    wrong = str((int(phone.code()) + 1) % 1_000_000).zfill(6)
    answers = [await pending.post(GIVE, {"method": "totp", "code": wrong}) for _ in range(6)]

    assert [answer.status for answer in answers] == [403] * 5 + [429]
    assert (answers[0].json["code"], answers[0].header("set-cookie")) == ("second_factor_wrong", "")
    assert (await pending.get()).json["state"] == "second_factor"


async def test_a_page_of_another_site_gives_no_second_factor(pending: Browser, phone: Phone) -> None:
    """Half a login has a token too, and every step takes it."""
    right, pending.csrf_token = pending.csrf_token, ""
    refused = await pending.post(GIVE, {"method": "totp", "code": phone.code()})
    pending.csrf_token = right

    assert (refused.status, refused.json["code"]) == (403, "csrf")
    assert (await pending.post(GIVE, {"method": "totp", "code": phone.code()})).status == 200


async def test_a_whole_login_waits_for_nothing(application: Application) -> None:
    """A second factor is asked for where one is missing only."""
    browser = await logged_in(application, "bob")

    assert (await browser.post(GIVE, {"method": "totp", "code": "123456"})).json["code"] == "nothing_pending"


async def test_a_security_key_signs_what_it_was_asked_to(application: Application, clock: SettableClock) -> None:
    """Each challenge is good once, and the newest one only."""
    key = SoftwareAuthenticator(ORIGIN)
    await set_up_key(await logged_in(application, "alice"), key)
    browser = Browser(application)
    await browser.log_in("alice")
    first = key.get((await browser.post(CHALLENGE, {})).json["options"])
    second = key.get((await browser.post(CHALLENGE, {})).json["options"])

    old = await browser.post(GIVE, {"method": "webauthn", "assertion": first})
    spent = await browser.post(GIVE, {"method": "webauthn", "assertion": second})
    third = key.get((await browser.post(CHALLENGE, {})).json["options"])
    whole = await browser.post(GIVE, {"method": "webauthn", "assertion": third})

    assert (old.json["code"], spent.json["code"]) == ("second_factor_wrong", "no_challenge")
    assert (whole.status, whole.json["state"]) == (200, "complete")


async def test_a_challenge_is_of_one_session(application: Application) -> None:
    """What was signed for one browser opens no other, and is too old after five minutes."""
    key = SoftwareAuthenticator(ORIGIN)
    await set_up_key(await logged_in(application, "alice"), key)
    here, there = Browser(application), Browser(application)
    await here.log_in("alice")
    await there.log_in("alice")
    signed = key.get((await here.post(CHALLENGE, {})).json["options"])

    stolen = await there.post(GIVE, {"method": "webauthn", "assertion": signed})

    assert (stolen.status, stolen.json["code"]) == (409, "no_challenge")


async def test_a_challenge_is_good_for_five_minutes(application: Application, clock: SettableClock) -> None:
    """After that it has to be asked for again."""
    key = SoftwareAuthenticator(ORIGIN)
    await set_up_key(await logged_in(application, "alice"), key)
    browser = Browser(application)
    await browser.log_in("alice")
    signed = key.get((await browser.post(CHALLENGE, {})).json["options"])
    clock.advance(5 * MINUTE_MS)

    late = await browser.post(GIVE, {"method": "webauthn", "assertion": signed})

    assert (late.status, late.json["code"]) == (409, "no_challenge")


async def test_a_proof_of_identity_takes_the_second_factor(
    pending: Browser, phone: Phone, clock: SettableClock
) -> None:
    """The password alone is not enough, the second factor is; a wrong password beside it spoils it."""
    await pending.post(GIVE, {"method": "totp", "code": phone.code()})
    clock.advance(15 * MINUTE_MS)
    code = {"method": "totp", "code": phone.code()}
    refused = await pending.post(TOKENS, {"name": "laptop"})
    alone = await pending.post(PROVE, {"password": PASSWORD})
    spoiled = await pending.post(PROVE, {"password": "wrong", "second_factor": code})
    proved = await pending.post(PROVE, {"password": PASSWORD, "second_factor": code})

    assert (refused.json["code"], alone.json["code"]) == ("reauthentication_needed", "proof_missing")
    assert (spoiled.json["code"], proved.status) == ("password_wrong", 200)
    assert (await pending.post(TOKENS, {"name": "laptop"})).status == 201


async def test_setting_up_the_first_one_ends_the_other_sessions(application: Application, clock: SettableClock) -> None:
    """The session that did it goes on with another cookie; removing it does the same."""
    here, there = await logged_in(application, "alice"), Browser(application)
    await there.log_in("alice")
    former = dict(here.cookies)
    phone = await set_up_phone(here, clock)
    clock.advance(STEP_MS)
    states = [(await browser.get()).status for browser in (here, there)]
    await there.log_in("alice")
    await there.post(GIVE, {"method": "totp", "code": phone.code()})

    await there.send("DELETE", f"{OWN}/{phone.id}")

    assert (states, here.cookies == former) == ([200, 401], False)
    assert [(await browser.get()).status for browser in (here, there)] == [401, 200]


async def test_who_has_to_have_one_sets_it_up_first(strict: Application, clock: SettableClock) -> None:
    """Until then the session is good for nothing else; with the first factor it is complete, with another cookie."""
    await strict.user("root", is_admin=True)
    browser = Browser(strict)
    begun = await browser.log_in("root")
    refused = await browser.get("/api/v1/users")
    former = browser.cookies["entrepot-session"]

    await set_up_phone(browser, clock)

    assert (begun.json["state"], begun.json["methods"]) == ("enrolment", [])
    assert (refused.status, refused.json["code"]) == (401, "enrolment_needed")
    assert (await browser.get()).json["state"] == "complete"
    assert ((await browser.get("/api/v1/users")).status, browser.cookies["entrepot-session"] == former) == (200, False)


async def test_who_comes_to_have_to_sets_it_up_as_well(strict: Application) -> None:
    """A session that was complete is not any more, from the moment its user is made an administrator."""
    alice = await logged_in(strict, "alice")
    before = (await alice.get(ME)).status
    await strict.database.write(_promote)

    assert (before, (await alice.get(ME)).json["code"]) == (200, "enrolment_needed")
    assert (await alice.get()).json["state"] == "enrolment"
