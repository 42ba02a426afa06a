# SPDX-License-Identifier: Apache-2.0
"""Addresses that lead a browser or a client away: in the path, in `Host`, in what proxies say, in what was pushed."""

from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest

from tests.attacks.people import a_user
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

OWN = "https://registry.example"
EVIL = "evil.example"
JSON = ("content-type", "application/json")

PATHS = [
    "//evil.example",
    "//evil.example/",
    "//evil.example/%2e%2e",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/\\evil.example",
    "/.//evil.example",
    "/login?next=//evil.example",
    "/login?next=https:evil.example",
    "/login?next=%2f%5cevil.example",
    "/api//evil.example",
    "/api/v1//evil.example/",
    "/api/v1/projects/",
    "/api/v1/projects//",
    "/api/v1/../../evil.example",
    "/v2//evil.example/",
    "/v2//evil.example/tags/list",
    "/v2/..//evil.example/tags/list",
    "/v2?next=//evil.example",
    "/auth/token/?service=//evil.example&redirect_uri=//evil.example",
    "/auth/token?service=//evil.example&redirect_uri=//evil.example",
]

HOSTS = [
    "evil.example",
    "EVIL.EXAMPLE:443",
    "registry.example@evil.example",
    "x//evil.example",
    "x/evil.example?",
    "x/#evil.example",
    "x?//evil.example/",
    "[::1]//evil.example",
    "evil.example\\",
    "",
]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """The administrator, at two repositories."""
    root = await a_user(application, "root", is_admin=True)
    await root.push_image("team/app", an_image_manifest(), "v1", "v2")
    await root.push_image("team/web", an_image_manifest(), "v1")
    return root


def leads_away(answer: Answer) -> list[str]:
    """Return the addresses in an answer that a browser at our own would leave it by."""
    links = answer.header("link").removeprefix("<").partition(">")[0]
    named = [answer.header("location"), answer.header("content-location"), answer.header("refresh"), links]
    return [each for each in named if each and urlsplit(urljoin(OWN, each))[:2] != ("https", "registry.example")]


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_is_a_redirect(path: str, application: Application) -> None:
    """Nothing is redirected at all, so nothing in a path or a query chooses where to."""
    for method in ("GET", "HEAD", "POST"):
        answer = await application.anonymous().send(method, path, b"", ("accept", "text/html"))
        assert (answer.status // 100 != 3, answer.header("location")) == (True, ""), method


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("target", ["/api/v1/repositories?limit=1", "/v2/_catalog?n=1", "/v2/team/app/tags/list?n=1"])
async def test_no_host_gets_into_the_link_to_a_next_page(host: str, target: str, root: Client) -> None:
    """It stays the path that was asked for, whatever `Host` says."""
    answer = await root.send("GET", target, b"", ("host", host))

    assert answer.status == 200
    assert answer.header("link").startswith(f"<{target.partition('?')[0]}?")
    assert leads_away(answer) == []


@pytest.mark.parametrize("host", HOSTS)
async def test_no_host_gets_into_where_something_was_made(host: str, root: Client) -> None:
    """`Location` is a path of ours, in `/api` and in `/v2`."""
    made = await root.send("POST", "/api/v1/groups", b'{"name": "g%d"}' % (HOSTS.index(host)), JSON, ("host", host))
    begun = await root.send("POST", "/v2/team/app/blobs/uploads/", b"", ("host", host))

    assert (made.status, made.header("location")) == (201, f"/api/v1/groups/g{HOSTS.index(host)}")
    assert (begun.status, begun.header("location").startswith("/v2/team/app/blobs/uploads/")) == (202, True)


@pytest.mark.parametrize("host", HOSTS)
async def test_no_host_becomes_where_passwords_are_sent(host: str, application: Application) -> None:
    """The realm of the challenge, and the link of an invitation, name an address that is known."""
    answer = await application.anonymous().send("GET", "/v2/", b"", ("host", host))

    assert answer.status == 401
    assert EVIL not in answer.header("www-authenticate").lower()


@pytest.mark.parametrize("host", HOSTS)
async def test_no_host_gets_into_the_link_of_an_invitation(host: str, root: Client) -> None:
    """Whoever opens it chooses a password there."""
    answer = await root.send("POST", "/api/v1/invitations", b'{"label": "somebody"}', JSON, ("host", host))

    assert answer.status == 201
    assert EVIL not in answer.json["link"].lower()
