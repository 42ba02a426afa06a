# SPDX-License-Identifier: Apache-2.0
"""What was good once, presented again, for something else, or to whoever took the place of its owner."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.attacks.people import a_user
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.logins import fetched
from tests.builders.second_factors import HOST
from tests.builders.second_factors import STEP_MS
from tests.builders.second_factors import at
from tests.builders.second_factors import half_in
from tests.builders.second_factors import set_up_phone
from tests.fakes.settable_clock import SettableClock

ROBOT = {"name": "ci", "project": "team", "role": "write"}
ROBOTS = "/api/v1/robots"
TOKENS = "/api/v1/tokens"
INVITATIONS = "/api/v1/invitations"
SCOPE = "repository:team/app:pull"
TAGS = "/v2/team/app/tags/list"
GIVE = f"{SESSION}/second-factor"
PROVE = f"{SESSION}/reauthentication"

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def clock() -> SettableClock:
    """Time that goes by when a test says so."""
    return SettableClock()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, clock: SettableClock) -> Iterator[Application]:
    """An application on that clock."""
    with an_application(tmp_path_factory.mktemp("replayed"), clock=clock) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Client:
    """The administrator, where there is a project."""
    root = await a_user(application, "root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "team"})).status in (201, 409)
    return root


async def renewed(application: Application, refresh_token: str) -> Answer:
    """Fetch a token by a refresh token."""
    form = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": SCOPE})
    header = ("content-type", "application/x-www-form-urlencoded")
    return await application.anonymous().send("POST", "/auth/token", form.encode(), header)


async def kept(client: Client) -> str:
    """Log in as docker does, and return what it keeps."""
    answer = await client.get(f"/auth/token?offline_token=true&scope={SCOPE}")
    assert answer.status == 200, answer.body
    return str(answer.json["refresh_token"])


@pytest.mark.parametrize("end", ["rotate", "disable", "delete", "make anew"])
async def test_what_a_robot_kept_is_good_for_no_other_secret(
    end: str, application: Application, clock: SettableClock, root: Client
) -> None:
    """Its refresh token and its registry token die with the secret, though a robot of that name goes on."""
    secret = (await root.post(ROBOTS, ROBOT)).json["secret"]
    robot = basic(application, "team.ci", secret)
    refresh_token, token = await kept(robot), await fetched(application, robot, SCOPE)
    if end in ("rotate", "disable"):
        await root.post(f"{ROBOTS}/team.ci:{end}", {})
    else:
        await root.send("DELETE", f"{ROBOTS}/team.ci")
    if end == "make anew":
        assert (await root.post(ROBOTS, ROBOT)).status == 201
    clock.advance(3_000)

    assert (await renewed(application, refresh_token)).status == 401
    assert ((await token.get(TAGS)).status, (await robot.get("/v2/")).status) == (401, 401)
    await root.send("DELETE", f"{ROBOTS}/team.ci")


async def test_a_token_made_anew_under_its_name_revives_nothing(
    application: Application, clock: SettableClock, root: Client
) -> None:
    """What was fetched with the one that was revoked stays dead."""
    first = (await root.post(TOKENS, {"name": "laptop"})).json["secret"]
    holder = basic(application, "root", first)
    refresh_token, token = await kept(holder), await fetched(application, holder, SCOPE)
    await root.send("DELETE", f"{TOKENS}/laptop")
    assert (await root.post(TOKENS, {"name": "laptop"})).status == 201
    clock.advance(3_000)

    for answer in (await renewed(application, refresh_token), await token.get(TAGS), await holder.get("/v2/")):
        assert answer.status == 401


async def test_a_code_that_logged_in_proves_nothing_again(application: Application, clock: SettableClock) -> None:
    """Neither in the session that it completed, nor in another one, nor is one that proved something a login."""
    phone = await set_up_phone(at(HOST, await a_user(application, "alice")), clock)
    clock.advance(STEP_MS)
    browser, other = await half_in(application), await half_in(application)
    used, recovery = phone.code(), phone.recovery_codes[0]
    assert (await browser.post(GIVE, {"method": "totp", "code": used})).status == 200

    again = await browser.post(PROVE, {"second_factor": {"method": "totp", "code": used}})
    proved = await browser.post(PROVE, {"second_factor": {"method": "recovery_code", "code": recovery}})
    elsewhere = await other.post(GIVE, {"method": "recovery_code", "code": recovery})

    assert (again.status, proved.status, elsewhere.status) == (403, 200, 403)


async def test_a_token_against_foreign_pages_ends_with_its_session(application: Application) -> None:
    """That of the session before is none, with the new cookie and with the old one."""
    await a_user(application, "carol")
    browser = Browser(application)
    await browser.log_in("carol")
    former, token = browser.twin(application), browser.csrf_token
    await browser.send("DELETE", SESSION)
    await browser.log_in("carol")
    current, browser.csrf_token = browser.csrf_token, token

    assert (await browser.post(TOKENS, {"name": "one"})).json["code"] == "csrf"
    assert (await former.post(TOKENS, {"name": "two"})).json["code"] == "session_ended"
    former.csrf_token = current
    assert (await former.post(TOKENS, {"name": "two"})).json["code"] == "session_ended"


async def test_a_link_is_not_good_again_when_its_account_is_gone(application: Application, root: Client) -> None:
    """Nor is its secret a password, or a token, of whoever accepted."""
    sent = await root.post(INVITATIONS, {"label": "dora", "user_name": "dora"})
    secret = sent.json["link"].partition("#invitation=")[2]
    wanted = {"secret": secret, "password": "a long enough password"}
    first = await application.anonymous().post(f"{INVITATIONS}:accept", wanted)
    as_password = await basic(application, "dora", secret).get("/v2/")
    as_token = await bearer(application, secret).get("/api/v1/users/me")
    await root.send("DELETE", "/api/v1/users/dora")

    again = await application.anonymous().post(f"{INVITATIONS}:accept", wanted)

    assert (first.status, as_password.status, as_token.status, again.status) == (201, 401, 401, 404)
