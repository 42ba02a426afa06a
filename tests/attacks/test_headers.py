# SPDX-License-Identifier: Apache-2.0
"""Headers that name somebody else: where a client is, what it calls us, how it came, and what a request is called."""

import pytest

from tests.attacks.people import a_user
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import Header
from tests.builders.browsers import SESSIONS
from tests.builders.browsers import Browser

PEER = "192.0.2.1"
"""Where the clients of an application connect from."""

FORGED: list[tuple[Header, ...]] = [
    (("x-forwarded-for", "203.0.113.7"),),
    (("x-forwarded-for", "203.0.113.7, 10.0.0.1"),),
    (("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "203.0.113.8")),
    (("x-forwarded-for", "203.0.113.7:4711"),),
    (("x-forwarded-for", "[2001:db8::7]:4711"),),
    (("forwarded", "for=203.0.113.7;proto=https;host=evil.example"),),
    (("forwarded", 'for="[2001:db8::7]:4711"'),),
    (("x-real-ip", "203.0.113.7"),),
    (("true-client-ip", "203.0.113.7"),),
    (("cf-connecting-ip", "203.0.113.7"),),
    (("client-ip", "203.0.113.7"),),
    (("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example"), ("x-forwarded-port", "1")),
]

AS_SEEN: list[tuple[str, tuple[Header, ...]]] = [
    ("203.0.113.7", (("x-forwarded-for", "203.0.113.7:4711"),)),
    ("2001:dead::7", (("x-forwarded-for", "[2001:dead::7]:4711"),)),
    ("2001:dead::7", (("x-forwarded-for", "2001:DEAD:0::7"),)),
    ("203.0.113.7", (("x-forwarded-for", "::ffff:203.0.113.7"),)),
    ("203.0.113.7", (("x-forwarded-for", "10.0.0.1, 203.0.113.7, 192.0.2.9"),)),
    ("203.0.113.7", (("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "203.0.113.7"))),
    (PEER, (("x-forwarded-for", "203.0.113.7, unknown"),)),
    (PEER, (("x-forwarded-for", "203.0.113.7, 0x7f000001"),)),
    (PEER, (("x-forwarded-for", "203.0.113.7, 127.1"),)),
    (PEER, (("x-forwarded-for", "203.0.113.7, fe80::1%eth0"),)),
    (PEER, (("x-forwarded-for", "203.0.113.7, \xd9\xa1.0.0.1"),)),
    (PEER, (("x-real-ip", "203.0.113.7"), ("true-client-ip", "203.0.113.7"))),
    (PEER, (("forwarded", "for=203.0.113.7"), ("x-forwarded-for", "10.0.0.1"))),
]

pytestmark = pytest.mark.anyio


async def seen_from(application: Application, *headers: Header) -> str:
    """Return the address that a login with these headers is said to come from."""
    await a_user(application, "alice")
    browser = Browser(application, *headers)
    begun = await browser.log_in("alice")
    assert begun.status == 201, begun.body
    sessions = (await browser.get(SESSIONS)).json["items"]
    return str(next(each["address"] for each in sessions if each["id"] == begun.json["id"]))


@pytest.mark.parametrize("headers", FORGED)
async def test_no_header_of_a_client_says_where_it_is(headers: tuple[Header, ...], application: Application) -> None:
    """Without trusted proxies nothing is believed: neither in lists of sessions nor where guesses are counted."""
    assert await seen_from(application, *headers) == PEER


@pytest.mark.parametrize(("address", "headers"), AS_SEEN)
async def test_a_proxy_is_believed_about_its_own_client(
    address: str, headers: tuple[Header, ...], proxied: Application
) -> None:
    """What stands further left the client may have written; and what is no address ends the trail at the proxy."""
    assert await seen_from(proxied, *headers) == address


@pytest.mark.parametrize("place", range(3))
async def test_guesses_count_for_where_they_come_from(place: int, application: Application) -> None:
    """A header for each guess makes none of them free."""
    mallory, statuses = await a_user(application, f"guessed{place}"), []
    (_, credentials), *_ = mallory.headers
    wrong = ("authorization", f"{credentials[:-4]}AAAA")

    for number in range(8):
        forged = (("x-forwarded-for", f"203.0.113.{number}"), ("x-real-ip", f"203.0.113.{number}"))
        client = Client(application.server, (wrong, forged[place % 2]))
        statuses.append((await client.get("/v2/")).status)

    assert statuses[-1] == 429


async def test_a_proxy_does_not_move_the_console(proxied: Application) -> None:
    """`X-Forwarded-Prefix` is nobody's setting but the operator's: not the cookie's path, and not a link's."""
    root = await a_user(proxied, "root", is_admin=True)
    prefix = ("x-forwarded-prefix", "//evil.example")
    browser = Browser(proxied, prefix, ("x-script-name", "/evil"))

    cookie = (await browser.log_in("root")).header("set-cookie")
    page = await root.send("GET", "/api/v1/roles?limit=1", b"", prefix)

    assert "; Path=/registry-ui/api; " in cookie
    assert page.header("link").startswith("</registry-ui/api/v1/roles?")


@pytest.mark.parametrize("name", ["x-request-id", "x-correlation-id", "traceparent"])
@pytest.mark.parametrize("value", ["mine", "a\r\nset-cookie: a=b", "\x1b[2J", "x" * 10_000])
async def test_a_request_is_not_named_by_its_client(name: str, value: str, application: Application) -> None:
    """The name in the answer, in logs and in events is ours, in every part of the server."""
    for target in ("/v2/", "/api/v1/nothing", "/auth/token", "/nothing"):
        answer = await application.anonymous().send("GET", target, b"", (name, value))
        given = answer.header("x-request-id")
        assert (len(given), set(given) <= set("0123456789abcdef")) == (16, True), target
        assert value not in answer.body.decode()


@pytest.mark.parametrize(
    "host", ["REGISTRY.EXAMPLE", "registry.example:443", "registry.example.", "u@registry.example"]
)
async def test_a_secure_cookie_does_not_depend_on_the_host(host: str, proxied: Application) -> None:
    """However a client calls us, over https the cookie is for https only and for this host only."""
    await a_user(proxied, "alice")
    browser = Browser(proxied, ("host", host), ("x-forwarded-proto", "https"))

    cookie = (await browser.log_in("alice")).header("set-cookie")

    assert cookie.startswith("__Secure-")
    assert (cookie.endswith("; Secure"), "domain" in cookie.lower()) == (True, False)
