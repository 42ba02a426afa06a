# SPDX-License-Identifier: Apache-2.0
"""Behind proxies and under a path: who the client is, and what it is told about where things are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest

PREFIX = "/registry-ui"
PROXY = "192.0.2.0/24"
"""The network that the clients of an application connect from."""

pytestmark = pytest.mark.anyio


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Application]:
    """An application that trusts whoever connects, and may be found under a path."""
    with an_application(tmp_path, trusted_proxies=[PROXY], path_prefix=PREFIX) as application:
        yield application


@pytest.fixture
def untrusting(tmp_path: Path) -> Iterator[Application]:
    """An application without proxies."""
    with an_application(tmp_path) as application:
        yield application


@pytest.mark.parametrize("sent", [("forwarded", "for=203.0.113.7"), ("x-forwarded-for", "203.0.113.7")])
async def test_events_tell_the_clients_address(proxied: Application, sent: tuple[str, str]) -> None:
    """What is recorded is the address of the client, not that of the proxy."""
    alice = await proxied.user("alice", ("team/**", "admin"))
    await type(alice)(alice.server, (*alice.headers, sent)).push_image("team/app", an_image_manifest())

    assert {event.address for event in await proxied.events() if event.type != "content.used"} == {"203.0.113.7"}


async def test_nobody_else_is_believed(untrusting: Application) -> None:
    """Without trusted proxies, what clients say about their address changes nothing."""
    alice = await untrusting.user("alice", ("team/**", "admin"))
    forged = (("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7"))
    await type(alice)(alice.server, (*alice.headers, *forged)).push_image("team/app", an_image_manifest())

    assert {event.address for event in await untrusting.events() if event.type != "content.used"} == {"192.0.2.1"}


@pytest.mark.parametrize(
    "headers",
    [
        (("host", "localhost"), ("forwarded", 'for=203.0.113.7;host="localhost:8443";proto=https')),
        (("host", "localhost:8443"), ("x-forwarded-proto", "https")),
        (("host", "upstream"), ("x-forwarded-host", "localhost:8443"), ("x-forwarded-proto", "https")),
        (("host", "localhost"), ("x-forwarded-port", "8443"), ("x-forwarded-proto", "https")),
    ],
)
async def test_tokens_are_where_the_client_is(proxied: Application, headers: tuple[tuple[str, str], ...]) -> None:
    """The challenge names the scheme, host and port that the client used."""
    answer = await proxied.anonymous().send("GET", "/v2/", b"", *headers)

    assert answer.header("www-authenticate").startswith('Bearer realm="https://localhost:8443/auth/token"')
    assert answer.header("cache-control") == "no-store"


async def test_a_host_that_is_not_known_is_served_and_not_named(proxied: Application) -> None:
    """A registry is reached by many names; one that is not configured becomes no address for passwords."""
    answer = await proxied.anonymous().send("GET", "/v2/", b"", ("host", "evil.example"))

    assert answer.status == 401
    assert "evil.example" not in answer.header("www-authenticate")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (PREFIX, 200),
        (f"{PREFIX}/", 200),
        (f"{PREFIX}/api/v1/openapi.json", 200),
        (f"{PREFIX}/api/v1/nothing", 404),
        (f"{PREFIX}/v2/", 404),
        (f"{PREFIX}/auth/token", 404),
        (f"{PREFIX}/healthz", 404),
        (f"{PREFIX}{PREFIX}/", 404),
        ("/", 200),
        ("/api/v1/openapi.json", 200),
        ("/v2/", 401),
        ("/healthz", 200),
    ],
)
async def test_only_pages_and_the_api_are_under_the_prefix(proxied: Application, path: str, status: int) -> None:
    """They are found with and without it; what clients of registries ask for stays at the root."""
    answer = await proxied.anonymous().get(path)

    assert answer.status == status


@pytest.mark.parametrize("start", ["", PREFIX])
async def test_pages_are_linked_under_the_prefix(proxied: Application, start: str) -> None:
    """`Link` is relative and holds the prefix, also where a proxy takes it off before it passes requests on."""
    root = await proxied.user("root", is_admin=True)
    for name in ("a/1", "a/2", "a/3"):
        await root.push_image(name, an_image_manifest())

    first = await root.get(f"{start}/api/v1/repositories?limit=2")
    second = await root.get(first.next)

    assert first.next.startswith(f"{PREFIX}/api/v1/repositories?limit=2&cursor=")
    assert [item["name"] for item in first.json["items"] + second.json["items"]] == ["a/1", "a/2", "a/3"]


async def test_the_description_names_the_prefix(proxied: Application) -> None:
    """The OpenAPI document says where the API is, as seen from outside."""
    answer = await proxied.anonymous().get("/api/v1/openapi.json")

    assert answer.json["servers"] == [{"url": PREFIX}]


async def test_the_registry_names_addresses_without_a_host(proxied: Application) -> None:
    """`Location` and `Link` of `/v2` are relative and at the root: no proxy can make them wrong."""
    root = await proxied.user("root", is_admin=True)
    await root.push_image("a/app", an_image_manifest(), "one", "two")
    started = await root.send("POST", "/v2/a/app/blobs/uploads/")
    tags = await root.get("/v2/a/app/tags/list?n=1")

    assert started.header("location").startswith("/v2/a/app/blobs/uploads/")
    assert tags.header("link").startswith("</v2/a/app/tags/list?")
