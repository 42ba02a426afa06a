# SPDX-License-Identifier: Apache-2.0
"""Logging in with a second factor, and what the password is still good for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from entrepot.features.second_factors import SecondFactorSettings
from entrepot.kernel.clock import SECOND_MS
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.builders.second_factors import HOST
from tests.builders.second_factors import ORIGIN
from tests.builders.second_factors import OWN
from tests.builders.second_factors import STEP_MS
from tests.builders.second_factors import Phone
from tests.builders.second_factors import at
from tests.builders.second_factors import half_in
from tests.builders.second_factors import set_up_key
from tests.builders.second_factors import set_up_phone
from tests.fakes.settable_clock import SettableClock
from tests.fakes.software_authenticator import SoftwareAuthenticator
from tests.fakes.software_authenticator import encoded

pytestmark = pytest.mark.anyio

STEP = f"{SESSION}/second-factor"
EVERYONE = SecondFactorSettings(required_for=("everyone",))


@pytest.fixture
def clock() -> SettableClock:
    """A clock that moves when a test says so."""
    return SettableClock()


@pytest.fixture
def application(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """Hold an application in which nobody has to have a second factor."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


async def somebody(application: Application, name: str = "alice") -> Client:
    """Make a user, and return a client with the password, at the address where the console is open."""
    return at(HOST, await application.user(name))


async def give(browser: Browser, **proof: str) -> Answer:
    """Give a second factor."""
    return await browser.post(STEP, proof)


def statuses(*answers: Answer) -> list[int]:
    """Return the status of each."""
    return [each.status for each in answers]


async def challenge(browser: Browser) -> Any:
    """Ask what a security key has to sign."""
    return (await browser.post(f"{STEP}/challenge", {})).json["options"]


async def a_phone(application: Application, clock: SettableClock) -> Phone:
    """Let alice set up a phone, whose code of that moment is over by now."""
    phone = await set_up_phone(await somebody(application), clock)
    clock.advance(STEP_MS)
    return phone


async def a_key(application: Application, clock: SettableClock, **kind: bool) -> SoftwareAuthenticator:
    """Let alice set up a security key."""
    key = SoftwareAuthenticator(ORIGIN, **kind)
    answer = await set_up_key(await somebody(application), key)
    assert answer.status == 200, answer.body
    clock.advance(SECOND_MS)
    return key


async def test_a_login_has_two_steps(application: Application, clock: SettableClock) -> None:
    """After the password the ways on are told, and with the code of the app the login is complete."""
    phone = await a_phone(application, clock)
    browser = await half_in(application)
    before = await browser.get()

    answer = await give(browser, method="totp", code=phone.code())

    assert (before.json["state"], before.json["methods"]) == ("second_factor", ["totp", "recovery_code"])
    assert (answer.status, answer.json["state"]) == (200, "complete")
    assert (await browser.get(OWN)).json["items"][0]["last_used_at"] is not None


async def test_between_the_steps_nothing_else_is_possible(application: Application, clock: SettableClock) -> None:
    """Somebody with the password alone sees and changes no second factor."""
    await a_phone(application, clock)
    browser = await half_in(application)

    answers = [await browser.get(OWN), await browser.post(f"{OWN}/totp", {}), await browser.get("/api/v1/users/me")]

    assert [each.json["code"] for each in answers] == ["second_factor_needed"] * 3


async def test_a_code_is_good_once(application: Application, clock: SettableClock) -> None:
    """Neither the code that confirmed the app nor one of an earlier login is taken again, nor one before it."""
    phone = await set_up_phone(await somebody(application), clock)
    used_to_confirm = await give(await half_in(application), method="totp", code=phone.code())
    clock.advance(STEP_MS)
    first = await give(await half_in(application), method="totp", code=phone.code())

    again = await give(await half_in(application), method="totp", code=phone.code())
    earlier = await give(await half_in(application), method="totp", code=phone.code(-1))

    assert statuses(used_to_confirm, first, again, earlier) == [403, 200, 403, 403]


async def test_of_two_uses_at_once_one_wins(application: Application, clock: SettableClock) -> None:
    """However they overlap, a code lets one browser in."""
    phone = await a_phone(application, clock)
    browsers = [await half_in(application) for _ in range(4)]

    answers = await asyncio.gather(*(give(each, method="totp", code=phone.code()) for each in browsers))

    assert sorted(statuses(*answers)) == [200, 403, 403, 403]


@pytest.mark.parametrize(("late_steps", "status"), [(-2, 403), (-1, 200), (1, 200), (2, 403)])
async def test_the_clock_of_a_phone_may_be_off_by_a_step(
    application: Application, clock: SettableClock, late_steps: int, status: int
) -> None:
    """Thirty seconds early or late do not matter; a minute does."""
    phone = await a_phone(application, clock)
    clock.advance(10 * STEP_MS)

    answer = await give(await half_in(application), method="totp", code=phone.code(late_steps))

    assert answer.status == status


async def test_each_phone_counts_for_itself(application: Application, clock: SettableClock) -> None:
    """With two phones, the codes of both are good, each once."""
    phone = await a_phone(application, clock)
    browser = await half_in(application)
    await give(browser, method="totp", code=phone.code())
    tablet = await set_up_phone(browser, clock, "tablet")
    clock.advance(STEP_MS)

    answers = [await give(await half_in(application), method="totp", code=each.code()) for each in (phone, tablet)]

    assert statuses(*answers) == [200, 200]


@pytest.mark.parametrize("counts", [True, False])
async def test_a_security_key_logs_in_again_and_again(
    application: Application, clock: SettableClock, counts: bool
) -> None:
    """It signs what it is asked to sign, whether it counts its signatures or not."""
    key = await a_key(application, clock, counts=counts)

    for _ in range(3):
        browser = await half_in(application)
        answer = await give(browser, method="webauthn", assertion=key.get(await challenge(browser)))
        assert (answer.status, answer.json["state"]) == (200, "complete")


async def test_what_a_key_signed_is_good_once(application: Application, clock: SettableClock) -> None:
    """An answer that was used lets nobody in a second time, nor does one to an earlier question."""
    key = await a_key(application, clock, counts=False)
    browser = await half_in(application)
    replaced = await challenge(browser)
    await challenge(browser)

    late = await give(browser, method="webauthn", assertion=key.get(replaced))
    assertion = key.get(await challenge(browser))
    right = await give(browser, method="webauthn", assertion=assertion)
    thief = await half_in(application)
    await challenge(thief)
    again = await give(thief, method="webauthn", assertion=assertion)

    assert statuses(late, right, again) == [403, 200, 403]


async def test_a_page_of_another_origin_gets_nothing(application: Application, clock: SettableClock) -> None:
    """What somebody signed for a page that only looks like the console is refused."""
    key = await a_key(application, clock)
    key.origin = "http://localhost:5001"
    browser = await half_in(application)

    answer = await give(browser, method="webauthn", assertion=key.get(await challenge(browser)))

    assert (answer.status, answer.json["code"]) == (403, "second_factor_wrong")


async def test_a_key_of_somebody_else_is_refused(application: Application, clock: SettableClock) -> None:
    """The keys that are asked are those of the user who logs in, and no other one counts."""
    await a_key(application, clock)
    key = SoftwareAuthenticator(ORIGIN)
    await set_up_key(await somebody(application, "bob"), key)
    browser = await half_in(application)
    asked = await challenge(browser)

    foreign = {**asked, "allowCredentials": [{"id": encoded(each)} for each in key.credentials]}
    answer = await give(browser, method="webauthn", assertion=key.get(foreign))

    assert len(asked["allowCredentials"]) == 1
    assert (answer.status, answer.json["code"]) == (403, "second_factor_wrong")


async def test_a_key_has_to_be_touched(application: Application, clock: SettableClock) -> None:
    """A signature that was made while nobody was there is refused."""
    key = await a_key(application, clock)
    browser = await half_in(application)

    answer = await give(browser, method="webauthn", assertion=key.get(await challenge(browser), flags=0))

    assert (answer.status, answer.json["code"]) == (403, "second_factor_wrong")


async def test_a_copy_of_a_key_is_noticed(application: Application, clock: SettableClock) -> None:
    """When its count does not go on from the last one, a signature is refused, and the log tells."""
    key = await a_key(application, clock)
    copied = key.cloned()
    browser = await half_in(application)
    await give(browser, method="webauthn", assertion=key.get(await challenge(browser)))
    thief = await half_in(application)

    with capture_logs() as logs:
        answer = await give(thief, method="webauthn", assertion=copied.get(await challenge(thief)))

    assert answer.json["code"] == "second_factor_wrong"
    [told] = [each for each in logs if each["event"] == "second_factor.cloned"]
    assert (told["user"], told["log_level"]) == ("alice", "warning")


async def test_a_key_is_good_at_its_host(application: Application, clock: SettableClock) -> None:
    """Where the console has another name, browsers could not use the key, and it is told so."""
    await a_key(application, clock)
    browser = Browser(application, ("host", "registry.localhost:5000"))
    await browser.log_in("alice")

    answer = await browser.post(f"{STEP}/challenge", {})

    assert (answer.status, answer.json["code"]) == (409, "no_key_for_this_host")


async def test_a_recovery_code_is_good_once(application: Application, clock: SettableClock) -> None:
    """Typed in any way, it stands in for the phone; then nine are left."""
    phone = await a_phone(application, clock)
    typed = phone.recovery_codes[3].lower().replace("-", " ")
    browser = await half_in(application)

    first = await give(browser, method="recovery_code", code=typed)
    again = await give(await half_in(application), method="recovery_code", code=phone.recovery_codes[3])

    assert statuses(first, again) == [200, 403]
    assert (await browser.get(OWN)).json["recovery_codes_left"] == 9


async def test_of_two_uses_of_a_recovery_code_one_wins(application: Application, clock: SettableClock) -> None:
    """However they overlap, it lets one browser in."""
    phone = await a_phone(application, clock)
    browsers = [await half_in(application) for _ in range(4)]

    code = phone.recovery_codes[0]
    answers = await asyncio.gather(*(give(each, method="recovery_code", code=code) for each in browsers))

    assert sorted(statuses(*answers)) == [200, 403, 403, 403]


async def test_codes_are_good_for_their_own_user(application: Application, clock: SettableClock) -> None:
    """Neither the phone nor the recovery codes of somebody else let anybody in."""
    phone = await a_phone(application, clock)
    await set_up_phone(await somebody(application, "bob"), clock)
    clock.advance(STEP_MS)
    bob = await half_in(application, "bob")

    by_phone = await give(bob, method="totp", code=phone.code())
    by_code = await give(bob, method="recovery_code", code=phone.recovery_codes[0])

    assert statuses(by_phone, by_code) == [403, 403]


async def test_guessing_is_slowed(application: Application, clock: SettableClock) -> None:
    """After five wrong codes even the right one has to wait; it is good afterwards."""
    phone = await a_phone(application, clock)
    browser = await half_in(application)
    for guess in range(5):
        await give(browser, method="totp", code=f"{(int(phone.code()) + 500_000 + guess) % 1_000_000:06}")

    refused = await give(browser, method="totp", code=phone.code())
    clock.advance(SECOND_MS)
    right = await give(browser, method="totp", code=phone.code())

    assert (refused.status, refused.json["code"], refused.header("retry-after")) == (429, "too_many_attempts", "1")
    assert "wrong codes for this account from your address" in refused.json["detail"]
    assert right.status == 200


async def test_the_password_alone_is_no_login_any_more(application: Application, clock: SettableClock) -> None:
    """On `/api`, `/v2` and at the token service it is refused with the way out; a token goes on."""
    alice = await somebody(application)
    token = (await alice.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    await set_up_phone(alice, clock)

    answers = [await alice.get(path) for path in ("/api/v1/users/me", "/v2/", "/auth/token", OWN)]

    assert statuses(*answers) == [401] * 4
    assert "personal access token" in answers[0].json["hint"]
    by_token = Client(alice.server, (("authorization", f"Bearer {token}"),))
    assert (await by_token.get("/api/v1/users/me")).status == 200


async def test_a_docker_login_with_the_password_ends_for_good(application: Application, clock: SettableClock) -> None:
    """Its refresh token is over with the first second factor, and stays so without any."""
    alice = await somebody(application)
    refresh = (await alice.get("/auth/token?service=entrepot&offline_token=true")).json["refresh_token"]
    form = f"grant_type=refresh_token&service=entrepot&client_id=docker&refresh_token={refresh}".encode()
    typed = ("content-type", "application/x-www-form-urlencoded")
    before = await alice.send("POST", "/auth/token", form, typed)
    phone = await set_up_phone(alice, clock)
    clock.advance(STEP_MS)
    with_factor = await application.anonymous().send("POST", "/auth/token", form, typed)

    browser = await half_in(application)
    await give(browser, method="totp", code=phone.code())
    await browser.send("DELETE", f"{OWN}/{phone.id}")

    without = await application.anonymous().send("POST", "/auth/token", form, typed)
    assert statuses(before, with_factor, without) == [200, 401, 401]


async def test_the_first_factor_ends_the_other_sessions(application: Application, clock: SettableClock) -> None:
    """The session in which it is set up goes on with another cookie; those begun with the password alone end."""
    await somebody(application)
    here, there = await half_in(application), await half_in(application)
    thief = here.twin(application)

    await set_up_phone(here, clock)

    assert (await here.get()).json["state"] == "complete"
    assert (await there.get()).json["code"] == "session_ended"
    assert here.cookies != thief.cookies
