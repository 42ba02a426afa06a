# SPDX-License-Identifier: Apache-2.0
"""Pages of other sites that make a browser ask: every route that changes something is tried (CSRF)."""

import json

import pytest

from tests.api.permission_samples import SAMPLES
from tests.api.permission_samples import Sample
from tests.api.test_declared_permissions import furnished
from tests.attacks.people import a_user
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Header
from tests.builders.browsers import SESSION
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser

BEFORE_A_SESSION = {"log_in", "look_at_invitation", "accept_invitation"}
"""What takes no session: a login is refused to foreign pages too, an invitation is proved by its secret."""

CHANGING = {name: each for name, each in SAMPLES.items() if each.method != "GET" and name not in BEFORE_A_SESSION}
FORMS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
"""What the form of a page can send without asking our permission first (CORS), and nothing at all."""

pytestmark = pytest.mark.anyio


@pytest.fixture
async def browser(application: Application) -> Browser:
    """A browser in which the administrator is logged in, who may do everything."""
    browser = Browser(application)
    if (await browser.log_in("root")).status != 201:
        await furnished(application)
        await browser.log_in("root")
    assert (await browser.get()).status == 200
    return browser


async def tried(browser: Browser, sample: Sample, *headers: Header) -> Answer:
    """Send a request with the browser's cookies and token, and what a page may add."""
    return await browser.send(sample.method, f"/api/v1{sample.target}", sample.body, *headers)


def is_foreign(answer: Answer) -> bool:
    """Tell whether an answer is that another site's page has asked."""
    return answer.status == 403 and answer.json["code"] == "csrf"


async def test_no_route_changes_anything_without_the_token(application: Application, browser: Browser) -> None:
    """With the cookie alone, which is all that a page of another site gets a browser to send."""
    before, browser.csrf_token = await application.events(), ""

    assert [name for name, each in CHANGING.items() if not is_foreign(await tried(browser, each))] == []
    assert await application.events() == before


async def test_no_route_takes_the_token_of_another_session(application: Application, browser: Browser) -> None:
    """An attacker with an account has a token, and it is good with the attacker's own cookie only."""
    await a_user(application, "mallory")
    mallory = Browser(application)
    await mallory.log_in("mallory")
    before, browser.csrf_token = await application.events(), mallory.csrf_token

    assert [name for name, each in CHANGING.items() if not is_foreign(await tried(browser, each))] == []
    assert await application.events() == before


@pytest.mark.parametrize(
    "header", [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null")]
)
async def test_no_route_takes_what_another_origin_sends(
    header: Header, application: Application, browser: Browser
) -> None:
    """Though it knew the token: another site, a sibling host, and a page that hides its origin."""
    before = await application.events()

    assert [name for name, each in CHANGING.items() if not is_foreign(await tried(browser, each, header))] == []
    assert await application.events() == before


@pytest.mark.parametrize("media_type", FORMS)
async def test_no_route_reads_a_form(media_type: str, application: Application, browser: Browser) -> None:
    """JSON that calls itself something else is none, even from a page of ours."""
    samples = {name: each for name, each in CHANGING.items() if each.body}
    before, client = await application.events(), browser.as_client
    typed = [("content-type", media_type)] if media_type else []
    answers = {
        name: await client.send(each.method, f"/api/v1{each.target}", json.dumps(each.body).encode(), *typed)
        for name, each in samples.items()
    }

    assert {name: answer.status for name, answer in answers.items() if answer.status not in (400, 415, 422)} == {}
    assert await application.events() == before


@pytest.mark.parametrize("name", ["x-http-method-override", "x-http-method", "x-method-override"])
async def test_no_header_makes_a_method_another_one(name: str, application: Application, browser: Browser) -> None:
    """What looks like a GET, for which no token is asked, is one."""
    before = await application.events()

    asked = await browser.send("GET", f"/api/v1/projects/team?_method=DELETE&{name}=DELETE", None, (name, "DELETE"))

    assert (asked.status, asked.json["name"]) == (200, "team")
    assert await application.events() == before


async def test_a_browser_is_not_logged_in_by_another_site(application: Application, browser: Browser) -> None:
    """Nor out: what the user types next would go to the account of the attacker."""
    await a_user(application, "mallory")
    login, site = {"name": "mallory", "password": PASSWORD}, ("sec-fetch-site", "cross-site")

    begun = await browser.post(SESSIONS, login, site)
    ended = await browser.send("DELETE", SESSION, None, site)

    assert (is_foreign(begun), is_foreign(ended)) == (True, True)
    assert (await browser.get()).json["user"] == "root"


@pytest.mark.parametrize(("origin", "status"), [("http://localhost:5000", 403), ("https://localhost:5000", 201)])
async def test_the_same_host_without_tls_is_another_origin(origin: str, status: int, proxied: Application) -> None:
    """Somebody on the path can show any page there; a browser without `Sec-Fetch-Site` tells the scheme in `Origin`."""
    await a_user(proxied, "alice")
    browser = Browser(proxied, ("x-forwarded-proto", "https"))

    answer = await browser.post(SESSIONS, {"name": "alice", "password": PASSWORD}, ("origin", origin))

    assert answer.status == status
