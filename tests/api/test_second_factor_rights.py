# SPDX-License-Identifier: Apache-2.0
"""Who may, and who has to, do what with second factors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from entrepot.features.second_factors import SecondFactorSettings
from entrepot.features.second_factors import store
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.second_factors import HOST
from tests.builders.second_factors import ORIGIN
from tests.builders.second_factors import OWN
from tests.builders.second_factors import at
from tests.builders.second_factors import half_in
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
def strict(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """Hold an application in which everyone has to have one."""
    settings = SecondFactorSettings(required_for=("everyone",))
    with an_application(tmp_path, clock=clock, second_factors=settings) as application:
        yield application


@pytest.fixture
async def alice(application: Application) -> Client:
    """Somebody with a password, at the address where the console is open."""
    return at(HOST, await application.user("alice"))


async def test_nobody_but_the_user_does_this(application: Application, alice: Client) -> None:
    """Neither nobody, nor a token of the user, nor a robot sees or changes second factors."""
    token = (await alice.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    by_token = Client(alice.server, (("authorization", f"Bearer {token}"), ("host", HOST)))
    registry = (await alice.get("/auth/token?service=entrepot")).json["token"]
    by_registry_token = Client(alice.server, (("authorization", f"Bearer {registry}"), ("host", HOST)))
    requests = [("GET", OWN), ("POST", f"{OWN}/recovery-codes"), ("POST", f"{OWN}/webauthn"), ("DELETE", f"{OWN}/x")]

    for method, target in requests:
        assert (await application.anonymous().send(method, target)).status == 401
        for client in (by_token, by_registry_token):
            answer = await client.send(method, target)
            assert (answer.status, answer.json["code"]) == (403, "only_themselves")


async def test_changes_take_a_login_of_late(application: Application, alice: Client, clock: SettableClock) -> None:
    """In a browser that was left open, second factors can be looked at only."""
    browser = await logged_in_with(await set_up_phone(alice, clock), application)

    clock.advance(15 * MINUTE_MS)

    assert (await browser.get(OWN)).status == 200
    for method, path in (
        ("POST", "totp"),
        ("POST", "totp:confirm"),
        ("POST", "webauthn"),
        ("POST", "webauthn:confirm"),
        ("POST", "recovery-codes"),
        ("DELETE", NO_ID),
    ):
        body = {"id": NO_ID, "code": "1"} if path == "totp:confirm" else {}
        body = {"id": NO_ID, "name": "x", "attestation": ""} if path == "webauthn:confirm" else body
        answer = await browser.send(method, f"{OWN}/{path}", body)
        assert (answer.status, answer.json["code"]) == (403, "reauthentication_needed"), path


async def test_the_last_one_stays_while_it_is_required(strict: Application, clock: SettableClock) -> None:
    """Who has to have a second factor cannot be without one."""
    alice = at(HOST, await strict.user("alice"))
    phone = await set_up_phone(alice, clock)
    browser = await logged_in_with(phone, strict)

    answer = await browser.send("DELETE", f"{OWN}/{phone.id}")

    assert (answer.status, answer.json["code"]) == (409, "last_second_factor")
    assert (await browser.get(OWN)).json["required"]


async def test_an_administrator_resets_those_of_others(
    application: Application, alice: Client, clock: SettableClock
) -> None:
    """Then the password is enough again; whoever is logged in has to log in anew, and no code is good any more."""
    root = await application.user("root", is_admin=True)
    phone = await set_up_phone(alice, clock)
    browser = await logged_in_with(phone, application)

    answer = await root.send("DELETE", "/api/v1/users/alice/second-factors")

    assert answer.status == 204
    listed = (await alice.get(OWN)).json
    assert (listed["items"], listed["recovery_codes_left"]) == ([], 0)
    assert (await browser.get(OWN)).json["code"] == "session_ended"
    assert not (await root.get("/api/v1/users/alice")).json["second_factor"]


@pytest.mark.parametrize(
    ("who", "of", "status", "code"),
    [
        ("root", "root", 403, "not_your_own"),
        ("root", "nobody", 404, "user_unknown"),
        ("root", "me", 404, "user_unknown"),
        ("bob", "root", 403, "forbidden"),
        ("", "root", 401, "unauthenticated"),
    ],
)
async def test_who_resets_what(application: Application, who: str, of: str, status: int, code: str) -> None:
    """Only administrators do, of users that there are, and not their own."""
    await application.user("alice")
    clients = {
        "root": await application.user("root", is_admin=True),
        "bob": await application.user("bob"),
        "": application.anonymous(),
    }

    answer = await clients[who].send("DELETE", f"/api/v1/users/{of}/second-factors")

    assert (answer.status, answer.json["code"]) == (status, code)


async def test_no_secret_is_logged_or_listed(application: Application, alice: Client, clock: SettableClock) -> None:
    """Neither the log nor the list holds a secret, a code or a key; the log tells what happened to whom."""
    key = SoftwareAuthenticator(ORIGIN)
    with capture_logs() as logs:
        phone = await set_up_phone(alice, clock)
        browser = await logged_in_with(phone, application)
        code = phone.code()
        made = await set_up_key(browser, key)
        await browser.send("DELETE", f"{OWN}/{made.json['id']}")
        await browser.post(f"{OWN}/recovery-codes", {})

    told = repr(logs) + (await browser.get(OWN)).body.decode()
    assert not any(secret in told for secret in (phone.secret, code, *phone.recovery_codes, PASSWORD))
    assert [each["event"] for each in logs if "second_factor" in each["event"] or "recovery" in each["event"]] == [
        "second_factor.confirmed",
        "second_factor.used",
        "second_factor.confirmed",
        "second_factor.removed",
        "recovery_codes.renewed",
    ]


async def test_a_deleted_user_leaves_no_factor(application: Application, alice: Client, clock: SettableClock) -> None:
    """Second factors go with their user."""
    root = await application.user("root", is_admin=True)
    await set_up_phone(alice, clock)

    answer = await root.send("DELETE", "/api/v1/users/alice")

    assert answer.status == 204
    assert await application.database.read(store.of_user, "alice") == []
    assert await application.database.read(store.recovery_codes_left, "alice") == 0


async def test_whoever_has_to_have_one_can_set_one_up_only(strict: Application, clock: SettableClock) -> None:
    """Until then the password is refused everywhere else, with the way to the console."""
    alice = at(HOST, await strict.user("alice"))

    refused = [await alice.get(path) for path in ("/api/v1/users/me", "/v2/", "/auth/token")]
    listed = await alice.get(OWN)

    assert [each.status for each in refused] == [401] * 3
    assert "Log in to the console" in refused[0].json["hint"]
    assert (listed.status, listed.json["required"]) == (200, True)


async def test_a_session_that_has_to_enrol_goes_on_after_it(strict: Application, clock: SettableClock) -> None:
    """It may do nothing but set up a second factor, and then what its user may."""
    await strict.user("alice")
    browser = await half_in(strict)
    before, kept_out = await browser.get(), await browser.get("/api/v1/users/me")

    await set_up_phone(browser, clock)

    assert (before.json["state"], kept_out.json["code"]) == ("enrolment", "enrolment_needed")
    assert (await browser.get()).json["state"] == "complete"
    assert (await browser.get("/api/v1/users/me")).status == 200


async def test_a_reset_of_somebody_who_has_to_have_one(strict: Application, clock: SettableClock) -> None:
    """Their next login leads to setting up another one."""
    await set_up_phone(at(HOST, await strict.user("alice")), clock)
    phone = await set_up_phone(at(HOST, await strict.user("root", is_admin=True)), clock)
    admin = await logged_in_with(phone, strict, "root")

    answer = await admin.send("DELETE", "/api/v1/users/alice/second-factors")

    assert answer.status == 204
    assert (await (await half_in(strict)).get()).json["state"] == "enrolment"
