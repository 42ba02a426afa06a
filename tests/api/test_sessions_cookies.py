# SPDX-License-Identifier: Apache-2.0
"""The cookie of a session: where it counts, and what keeps the pages of others from using it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in

PREFIX = "/registry-ui"
LOGIN = {"name": "alice", "password": PASSWORD}
TOKENS = "/api/v1/tokens"

pytestmark = pytest.mark.anyio


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Application]:
    """An application that trusts whoever connects to be its proxy, and may be found under a path."""
    with an_application(tmp_path, trusted_proxies=["192.0.2.0/24"], path_prefix=PREFIX) as application:
        yield application


async def test_over_http_the_cookie_is_for_the_api_only(application: Application) -> None:
    """No script reads it, no other site's page sends it, and nothing but `/api` gets it."""
    await application.user("alice")
    answer = await Browser(application).log_in("alice")

    name, _, rest = answer.header("set-cookie").partition("=")
    value, _, attributes = rest.partition("; ")
    assert (name, attributes) == ("entrepot-session", "Path=/api; HttpOnly; SameSite=Strict")
    assert value.startswith(f"ents_{answer.json['id']}_")


async def test_over_https_the_cookie_never_leaves_it(proxied: Application) -> None:
    """It has the attribute and the name that keep plain http from getting and from setting it, and the path."""
    await proxied.user("alice")
    secure = Browser(proxied, ("x-forwarded-proto", "https"))
    answer = await secure.log_in("alice")

    cookie = answer.header("set-cookie")
    assert cookie.startswith("__Secure-entrepot-session=ents_")
    assert cookie.endswith(f"; Path={PREFIX}/api; HttpOnly; SameSite=Strict; Secure")
    assert (await secure.get(f"{PREFIX}{SESSION}")).status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_cookie_of_the_other_scheme_is_not_looked_at(proxied: Application, scheme: str) -> None:
    """Over https the name that plain http can set means nothing, and the other way around."""
    await proxied.user("alice")
    browser = Browser(proxied, ("x-forwarded-proto", scheme))
    await browser.log_in("alice")
    (value,) = browser.cookies.values()

    other = Browser(proxied, ("x-forwarded-proto", "https" if scheme == "http" else "http"))
    other.cookies = dict(browser.cookies)

    assert (await other.get()).status == 204
    other.cookies = {"__Secure-entrepot-session": value, "entrepot-session": value}
    assert (await other.get()).status == 200


async def test_a_cookie_from_before_the_login_is_never_taken_over(application: Application) -> None:
    """A login makes a session of its own: with another id, another secret and another token, whatever came with it."""
    mallory = await logged_in(application, "mallory")
    await application.user("alice")
    victim = mallory.twin(application)

    begun = await victim.log_in("alice")

    planted = (await mallory.get()).json
    assert (begun.json["user"], planted["user"]) == ("alice", "mallory")
    assert begun.json["id"] != planted["id"]
    assert begun.json["csrf_token"] != planted["csrf_token"]
    assert victim.cookies != mallory.cookies


@pytest.mark.parametrize("cookie", ["", "x", "ents_", "ents_01JD2F7ZK3Q8V5T6X9Y0B1C2D4_x_y"])
async def test_a_cookie_that_was_made_up_is_refused(application: Application, cookie: str) -> None:
    """It opens nothing, not even what everybody may see, and makes no session."""
    browser = Browser(application)
    browser.cookies = {"entrepot-session": cookie}

    for path in (SESSION, "/api/v1/projects"):
        answer = await browser.get(path)
        assert (answer.status, answer.json["code"], answer.header("set-cookie")) == (401, "session_ended", "")


async def test_half_a_cookie_is_refused_and_ends_nothing(application: Application) -> None:
    """Whoever knows the id of a session, or a cookie but for its last letter, cannot end it."""
    browser = await logged_in(application, "alice")
    thief = browser.twin(application)
    whole = browser.cookies["entrepot-session"]
    lasting, _, turn = whole.rpartition("_")
    forged = lasting[:-1] + ("0" if lasting[-1] != "0" else "1")

    for cookie in (lasting, f"{forged}_{turn}", lasting + turn):
        thief.cookies = {"entrepot-session": cookie}
        assert (await thief.get()).status == 401
    assert (await browser.get()).status == 200


async def test_two_different_cookies_are_refused(application: Application) -> None:
    """Another host of the same domain may have added one, and nobody can tell which."""
    browser = await logged_in(application, "alice")
    value = browser.cookies["entrepot-session"]
    both = f"entrepot-session=x; entrepot-session={value}"

    answer = await application.anonymous().send("GET", SESSION, b"", ("cookie", both))
    twice = await application.anonymous().send("GET", SESSION, b"", ("cookie", f"a=b; {both[19:]}; {both[19:]}"))

    assert (answer.status, "repeated" in answer.json["detail"]) == (400, True)
    assert twice.status == 200


@pytest.mark.parametrize("path", ["/v2/", "/v2/_catalog", "/v2/team/app/tags/list"])
async def test_cookies_mean_nothing_to_the_registry(application: Application, path: str) -> None:
    """What docker uses asks for credentials as if there was no cookie."""
    browser = await logged_in(application, "root", is_admin=True)

    with_cookie, without = await browser.get(path), await application.anonymous().get(path)

    assert (with_cookie.status, with_cookie.body) == (401, without.body)


async def test_cookies_fetch_no_token(application: Application) -> None:
    """The token service gives what everybody gets: a session begets nothing that outlives it."""
    await (await application.user("root", is_admin=True)).post("/api/v1/projects", {"name": "team"})
    browser = await logged_in(application, "alice", ("team/**", "admin"))

    answer = await browser.get("/auth/token?service=entrepot&scope=repository:team/app:pull,push")

    bearer = ("authorization", f"Bearer {answer.json['token']}")
    assert (await application.anonymous().send("GET", "/v2/team/app/tags/list", b"", bearer)).status == 401


async def test_credentials_rule_the_cookie_out(application: Application) -> None:
    """With an `Authorization` header the cookie is not looked at: neither its rights nor its token count."""
    browser = await logged_in(application, "root", is_admin=True)
    alice = await application.user("alice")
    (credentials,) = alice.headers

    who = await browser.send("GET", "/api/v1/users/me", None, credentials)
    created = await alice.send_json("POST", TOKENS, {"name": "laptop"})
    wrong = await browser.send("GET", "/api/v1/users/me", None, ("authorization", "Basic eDp5"))
    session = await browser.send("GET", SESSION, None, credentials)

    assert (who.json["name"], created.status) == ("alice", 201)
    assert (wrong.status, session.status) == (401, 204)


@pytest.mark.parametrize("token", ["", "x", "ü"])
async def test_what_changes_something_takes_the_token(application: Application, token: str) -> None:
    """Without the token that only a page of ours can read, a cookie changes nothing; reading needs none."""
    browser = await logged_in(application, "alice")
    right, browser.csrf_token = browser.csrf_token, token

    for method, path, document in (
        ("POST", TOKENS, {"name": "laptop"}),
        ("DELETE", f"{TOKENS}/laptop", None),
        ("DELETE", SESSIONS, None),
        ("DELETE", SESSION, None),
        ("POST", f"{SESSION}/reauthentication", {"password": PASSWORD}),
        ("PATCH", "/api/v1/projects/team", {"visibility": "public"}),
    ):
        answer = await browser.send(method, path, document)
        assert (answer.status, answer.json["code"]) == (403, "csrf"), path
    assert (await browser.get(TOKENS)).json["items"] == []
    browser.csrf_token = right
    assert (await browser.post(TOKENS, {"name": "laptop"})).status == 201


async def test_the_token_of_another_session_is_none(application: Application) -> None:
    """Not even that of the same user counts."""
    browser, other = await logged_in(application, "alice"), Browser(application)
    await other.log_in("alice")
    browser.csrf_token = other.csrf_token

    assert (await browser.post(TOKENS, {"name": "laptop"})).json["code"] == "csrf"


FOREIGN = [
    (("sec-fetch-site", "cross-site"),),
    (("sec-fetch-site", "same-site"),),
    (("sec-fetch-site", "cross-site"), ("origin", "http://localhost:5000")),
    (("origin", "https://evil.example"),),
    (("origin", "http://localhost"),),
    (("origin", "http://localhost:5001"),),
    (("origin", "null"),),
    (("origin", ""),),
]
OWN = [
    (),
    (("sec-fetch-site", "same-origin"),),
    (("sec-fetch-site", "none"),),
    (("sec-fetch-site", "same-origin"), ("origin", "https://registry.example")),
    (("origin", "http://localhost:5000"),),
    (("origin", "http://LOCALHOST:5000"),),
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_pages_of_others_change_nothing(application: Application, headers: tuple[tuple[str, str], ...]) -> None:
    """Where the browser says whose page asks, another site's has neither a session, though it had the token, nor a
    login."""
    await application.user("alice")
    browser = Browser(application)
    await browser.log_in("alice")

    changed = await browser.post(TOKENS, {"name": "laptop"}, *headers)
    begun = await browser.post(SESSIONS, LOGIN, *headers)

    for answer in (changed, begun):
        assert (answer.status, answer.json["code"], answer.header("set-cookie")) == (403, "csrf", "")


@pytest.mark.parametrize("headers", OWN)
async def test_pages_of_ours_do(application: Application, headers: tuple[tuple[str, str], ...]) -> None:
    """A page of the console is recognised, and what is no browser says nothing."""
    await application.user("alice")
    browser = Browser(application)

    begun = await browser.post(SESSIONS, LOGIN, *headers)
    changed = await browser.post(TOKENS, {"name": "laptop"}, *headers)

    assert (begun.status, changed.status) == (201, 201)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_login_is_json(application: Application, media_type: str) -> None:
    """What the form of another site can send is no login."""
    await application.user("alice")
    typed = [("content-type", media_type)] if media_type else []
    body = f'{{"name": "alice", "password": "{PASSWORD}"}}'.encode()

    answer = await application.anonymous().send("POST", SESSIONS, body, *typed)

    assert (answer.status, answer.header("set-cookie")) == (400, "")
