# SPDX-License-Identifier: Apache-2.0
"""Setting up, listing and removing second factors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.second_factors import HOST
from tests.builders.second_factors import ORIGIN
from tests.builders.second_factors import OWN
from tests.builders.second_factors import Phone
from tests.builders.second_factors import at
from tests.builders.second_factors import begin_key
from tests.builders.second_factors import begin_phone
from tests.builders.second_factors import logged_in_with
from tests.builders.second_factors import set_up_key
from tests.builders.second_factors import set_up_phone
from tests.fakes.settable_clock import SettableClock
from tests.fakes.software_authenticator import SoftwareAuthenticator

pytestmark = pytest.mark.anyio

NO_ID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"


@pytest.fixture
def clock() -> SettableClock:
    """A clock that moves when a test says so."""
    return SettableClock()


@pytest.fixture
def application(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """Hold an application in which nobody has to have a second factor."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


@pytest.fixture
async def alice(application: Application) -> Client:
    """Somebody with a password, at the address where the console is open."""
    return at(HOST, await application.user("alice"))


async def confirm(client: Client, phone: Phone, code: str) -> tuple[int, str]:
    """Type a code to confirm a phone; return status and code of the answer."""
    answer = await client.post(f"{OWN}/totp:confirm", {"id": phone.id, "code": code})
    return answer.status, answer.json.get("code", "")


async def test_at_first_there_is_none(alice: Client) -> None:
    """Somebody new has no second factor, no recovery codes, and need not have any."""
    answer = await alice.get(OWN)

    assert (answer.status, answer.json["items"]) == (200, [])
    assert (answer.json["recovery_codes_left"], answer.json["required"]) == (0, False)
    assert (answer.json["webauthn_possible"], answer.json["webauthn_obstacle"]) == (True, None)


@pytest.mark.parametrize(("host", "word"), [("192.0.2.7:5000", "IP address"), ("registry.example.com", "https")])
async def test_it_is_told_where_no_security_key_can_be_used(alice: Client, host: str, word: str) -> None:
    """Without TLS, and at an IP address, the list says why; and none can be set up there."""
    client = at(host, alice)

    listed = await client.get(OWN)
    begun = await client.post(f"{OWN}/webauthn", {})

    assert not listed.json["webauthn_possible"]
    assert word in listed.json["webauthn_obstacle"]
    assert (begun.status, begun.json["code"]) == (409, "webauthn_impossible")
    assert word in begun.json["detail"]


async def test_an_app_is_set_up_with_a_code_that_it_shows(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """The first factor brings ten recovery codes, and the list tells what is set up."""
    begun = await alice.post(f"{OWN}/totp", {"name": " phone "})
    phone = Phone(begun.json["secret"], clock, begun.json["id"])
    wanted = {"id": phone.id, "code": f" {phone.code()[:3]} {phone.code()[3:]}"}
    answer = await alice.post(f"{OWN}/totp:confirm", wanted)

    factor = (await (await logged_in_with(phone, application)).get(OWN)).json["items"]
    assert (begun.status, begun.header("cache-control"), answer.header("cache-control")) == (
        201,
        "no-store",
        "no-store",
    )
    assert f"secret={phone.secret}" in begun.json["uri"]
    assert len(set(answer.json["recovery_codes"])) == 10
    assert [(each["id"], each["method"], each["name"]) for each in factor] == [(phone.id, "totp", "phone")]
    assert factor[0]["created_at"] < factor[0]["last_used_at"]


async def test_an_app_counts_once_it_is_confirmed(alice: Client, clock: SettableClock) -> None:
    """A wrong code confirms nothing, and until a right one came the password goes on as before."""
    phone = await begin_phone(alice, clock)

    refused = await confirm(alice, phone, f"{(int(phone.code()) + 500_000) % 1_000_000:06}")

    assert refused == (403, "second_factor_wrong")
    assert (await alice.get(OWN)).json["items"] == []
    assert (await alice.get("/api/v1/users/me")).status == 200
    assert await confirm(alice, phone, phone.code()) == (200, "")


async def test_what_is_begun_is_confirmed_in_time(alice: Client, clock: SettableClock) -> None:
    """After 15 minutes, it has to begin anew."""
    phone = await begin_phone(alice, clock)

    clock.advance(15 * MINUTE_MS)

    assert await confirm(alice, phone, phone.code()) == (404, "second_factor_unknown")


async def test_beginning_again_ends_what_was_begun(alice: Client, clock: SettableClock) -> None:
    """Only the newest secret can be confirmed."""
    first, second = await begin_phone(alice, clock), await begin_phone(alice, clock)

    assert await confirm(alice, first, first.code()) == (404, "second_factor_unknown")
    assert await confirm(alice, second, second.code()) == (200, "")


async def test_what_somebody_else_began_is_unknown(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """A factor belongs to the user who began it."""
    bob = at(HOST, await application.user("bob"))
    phone = await begin_phone(bob, clock)

    assert await confirm(alice, phone, phone.code()) == (404, "second_factor_unknown")


@pytest.mark.parametrize("fmt", ["none", "packed"])
async def test_a_security_key_is_set_up(alice: Client, fmt: str) -> None:
    """Whatever it says about its maker; afterwards it is listed with the host at which it is good."""
    key, begun = SoftwareAuthenticator(ORIGIN), await begin_key(alice)
    wanted = {"id": begun["id"], "name": "blue key", "attestation": key.create(begun["options"], fmt)}

    answer = await alice.post(f"{OWN}/webauthn:confirm", wanted)

    options = begun["options"]
    assert (answer.status, answer.json["method"], answer.json["host"]) == (200, "webauthn", "localhost")
    assert (options["rp"]["id"], options["user"]["name"], options["attestation"]) == ("localhost", "alice", "none")
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert len(answer.json["recovery_codes"]) == 10


@pytest.mark.parametrize("origin", ["http://localhost:5001", "https://localhost:5000", "http://evil.example"])
async def test_a_key_of_another_origin_is_refused(alice: Client, origin: str) -> None:
    """What a browser signed for another page is no answer to ours."""
    answer = await set_up_key(alice, SoftwareAuthenticator(origin))

    assert (answer.status, answer.json["code"]) == (403, "second_factor_wrong")


@pytest.mark.parametrize("attestation", ["", "{}", "[]", "null", '{"id": 1}', "[" * 5000, '{"id": "\\ud800"}'])
async def test_an_attestation_that_is_none_is_refused(alice: Client, attestation: str) -> None:
    """Text that is no attestation is answered as a wrong one."""
    begun = await begin_key(alice)

    wanted = {"id": begun["id"], "name": "key", "attestation": attestation}
    answer = await alice.post(f"{OWN}/webauthn:confirm", wanted)

    assert (answer.status, answer.json["code"]) == (403, "second_factor_wrong")


async def test_a_key_answers_the_challenge_it_was_given(alice: Client, clock: SettableClock) -> None:
    """An earlier challenge does not count, nor does one that is five minutes old."""
    key = SoftwareAuthenticator(ORIGIN)
    earlier, late = await begin_key(alice), await begin_key(alice)
    other = {"id": late["id"], "name": "key", "attestation": key.create(earlier["options"])}
    right = {"id": late["id"], "name": "key", "attestation": key.create(late["options"])}

    refused = await alice.post(f"{OWN}/webauthn:confirm", other)
    clock.advance(5 * MINUTE_MS)
    too_late = await alice.post(f"{OWN}/webauthn:confirm", right)

    assert (refused.status, refused.json["code"]) == (403, "second_factor_wrong")
    assert (too_late.status, too_late.json["code"]) == (404, "second_factor_unknown")


async def test_a_key_is_set_up_once(application: Application, alice: Client) -> None:
    """Browsers are told which keys are set up, and one whose id somebody has is refused."""
    key, credential_id = SoftwareAuthenticator(ORIGIN), b"i" * 32
    bob, begun = at(HOST, await application.user("bob")), await begin_key(alice)
    of_alice = {"id": begun["id"], "name": "key", "attestation": key.create(begun["options"], "none", credential_id)}
    await alice.post(f"{OWN}/webauthn:confirm", of_alice)
    stolen = await begin_key(bob)
    of_bob = {"id": stolen["id"], "name": "key", "attestation": key.create(stolen["options"], "none", credential_id)}

    answer = await bob.post(f"{OWN}/webauthn:confirm", of_bob)

    assert (answer.status, answer.json["code"]) == (409, "credential_taken")
    assert (await bob.get(OWN)).json["items"] == []


async def test_further_factors_bring_no_recovery_codes(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """The codes that came with the first stay good; keys that are set up are excluded from the next."""
    browser = await logged_in_with(await set_up_phone(alice, clock), application)
    key = SoftwareAuthenticator(ORIGIN)

    second = await set_up_key(browser, key)

    excluded = (await begin_key(browser))["options"]["excludeCredentials"]
    assert (second.status, second.json["recovery_codes"]) == (200, [])
    assert (await browser.get(OWN)).json["recovery_codes_left"] == 10
    assert [each["transports"] for each in excluded] == [["hybrid", "usb"]]


async def test_there_are_at_most_ten(application: Application, alice: Client, clock: SettableClock) -> None:
    """With ten, no other one is begun; whatever was begun meanwhile is not confirmed either."""
    browser = await logged_in_with(await set_up_phone(alice, clock), application)
    begun = await begin_key(browser)
    for number in range(9):
        await set_up_phone(browser, clock, f"phone {number}")

    late = SoftwareAuthenticator(ORIGIN).create(begun["options"])
    answers = [
        await browser.post(f"{OWN}/totp", {}),
        await browser.post(f"{OWN}/webauthn", {}),
        await browser.post(f"{OWN}/webauthn:confirm", {"id": begun["id"], "name": "key", "attestation": late}),
    ]

    assert [(each.status, each.json["code"]) for each in answers] == [(409, "too_many_second_factors")] * 3
    assert len((await browser.get(OWN)).json["items"]) == 10


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\u200b"])
async def test_names_are_printable_and_short(alice: Client, name: str) -> None:
    """A factor is called by 1 to 64 printable characters."""
    begun = await begin_key(alice)
    wanted = {"id": begun["id"], "name": name, "attestation": "{}"}

    answers = [await alice.post(f"{OWN}/totp", {"name": name}), await alice.post(f"{OWN}/webauthn:confirm", wanted)]

    assert [(each.status, each.json["code"]) for each in answers] == [(400, "invalid_factor_name")] * 2


async def test_with_the_last_one_the_second_step_goes(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """Removing one of two changes nothing else; after the last one, the password is enough and the codes have ended."""
    phone = await set_up_phone(alice, clock)
    browser = await logged_in_with(phone, application)
    other = await set_up_phone(browser, clock, "tablet")

    assert (await browser.send("DELETE", f"{OWN}/{phone.id}")).status == 204
    assert [each["name"] for each in (await browser.get(OWN)).json["items"]] == ["tablet"]
    assert (await alice.get("/api/v1/users/me")).status == 401
    assert (await browser.send("DELETE", f"{OWN}/{other.id}")).status == 204
    assert (await browser.get(OWN)).json["recovery_codes_left"] == 0
    assert (await alice.get("/api/v1/users/me")).status == 200


async def test_what_is_not_there_cannot_be_removed(application: Application, alice: Client) -> None:
    """Neither what nobody has, nor what is not confirmed, is removed."""
    begun = await begin_key(alice)

    for factor in (NO_ID, begun["id"], "x"):
        answer = await alice.send("DELETE", f"{OWN}/{factor}")
        assert (answer.status, answer.json["code"]) == (404, "second_factor_unknown")


async def test_new_recovery_codes_end_the_old_ones(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """Ten others take their place, once there is a factor that they stand in for."""
    without = await alice.post(f"{OWN}/recovery-codes", {})
    phone = await set_up_phone(alice, clock)
    browser = await logged_in_with(phone, application)

    renewed = await browser.post(f"{OWN}/recovery-codes", {})

    assert (without.status, without.json["code"]) == (409, "no_second_factor")
    assert (renewed.status, renewed.header("cache-control")) == (201, "no-store")
    codes = renewed.json["recovery_codes"]
    assert len(set(codes) - set(phone.recovery_codes)) == 10
    for code, status in ((phone.recovery_codes[0], 403), (codes[0], 200)):
        again = await browser.post(
            "/api/v1/session/reauthentication", {"second_factor": {"method": "recovery_code", "code": code}}
        )
        assert again.status == status
