# SPDX-License-Identifier: Apache-2.0
"""What the client sends, what it follows, and how it tells that it got no answer."""

import json
import ssl
from pathlib import Path

import pytest

from entrepot.infra.http.tls.authority import LocalAuthority
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import AuthoritiesUnreadable
from entrepot.infra.remote.errors import MalformedSecret
from entrepot.infra.remote.errors import NoSuchServer
from entrepot.infra.remote.errors import NotFollowed
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.errors import ServerUnreachable
from entrepot.kernel.clock import system_clock
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.server import HOST
from tests.server import free_port

TOKEN = "ent_token"


def a_page(*names: str, following: str = "") -> Scripted:
    """Answer with a page of a list; `following` is the cursor of the next one."""
    link = {"Link": f'</api/v1/things?limit=1&cursor={following}>; rel="next"'} if following else {}
    return Scripted(200, json.dumps({"items": [{"name": name} for name in names]}).encode(), link)


def test_a_token_is_sent_as_bearer() -> None:
    """A password goes with its user as Basic instead, and neither is in the address."""
    with ScriptedServer(Scripted(), Scripted()).running() as server:
        Client(Target(server.url, TOKEN)).get("things")
        Client(Target(server.url, "secret", "alice")).get("things")

    assert [each.authorization for each in server.asked] == ["Bearer ent_token", "Basic YWxpY2U6c2VjcmV0"]
    assert {each.target for each in server.asked} == {"/api/v1/things"}


def test_a_target_does_not_show_its_secret() -> None:
    """Wherever it is printed."""
    assert TOKEN not in repr(Target("http://127.0.0.1", TOKEN))


@pytest.mark.parametrize("secret", ["ent_token\nX-Evil: 1", "ent token", "tökén"])
def test_a_token_that_is_none_is_not_sent(secret: str) -> None:
    """Neither into headers nor into the message."""
    with ScriptedServer(Scripted()).running() as server, pytest.raises(MalformedSecret) as refused:
        Client(Target(server.url, secret)).get("things")

    assert server.asked == []
    assert secret not in str(refused.value)


def test_pages_are_followed_to_the_last() -> None:
    """As one list."""
    with ScriptedServer(a_page("a", following="a"), a_page("b")).running() as server:
        items = Client(Target(server.url)).items("things")

    assert [item["name"] for item in items] == ["a", "b"]
    assert [each.target for each in server.asked] == ["/api/v1/things?limit=1000", "/api/v1/things?limit=1000&cursor=a"]


def test_no_more_is_asked_for_than_wanted() -> None:
    """A server that gives more than that is cut short."""
    with ScriptedServer(a_page("a", following="a"), a_page("b", "c", following="c")).running() as server:
        items = Client(Target(server.url)).items("things", 2)

    assert [item["name"] for item in items] == ["a", "b"]
    assert server.asked[1].target.startswith("/api/v1/things?limit=1&")


def test_what_only_reads_is_asked_for_again() -> None:
    """While the server says that it is busy, as long as it says that takes."""
    waited: list[float] = []
    busy = Scripted(503, b"", {"Retry-After": "3"})
    with ScriptedServer(busy, Scripted(502, b""), Scripted(200, b'{"a": 1}')).running() as server:
        assert Client(Target(server.url), waited.append).get("things") == {"a": 1}

    assert waited == [3.0, 1.0]


@pytest.mark.parametrize(("method", "retry_after"), [("POST", "1"), ("GET", "3600")])
def test_other_requests_are_not_repeated(method: str, retry_after: str) -> None:
    """Neither one that changes something, nor one whose answer takes longer than anybody waits."""
    waited: list[float] = []
    with ScriptedServer(Scripted(503, b"", {"Retry-After": retry_after})).running() as server:
        client = Client(Target(server.url), waited.append)
        with pytest.raises(ServerRefused):
            client.send(method, client.address("things"), None if method == "GET" else {})

    assert (len(server.asked), waited) == (1, [])


def test_a_redirect_on_the_same_server_is_followed() -> None:
    """What is asked for may have another address there."""
    moved = Scripted(302, b"", {"Location": "/api/v1/others"})
    with ScriptedServer(moved, Scripted(200, b'{"a": 1}')).running() as server:
        assert Client(Target(server.url, TOKEN)).get("things") == {"a": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_credentials_go_to_no_other_server(method: str) -> None:
    """A redirect elsewhere is told instead of followed."""
    with ScriptedServer().running() as other:
        away = Scripted(307, b"", {"Location": f"{other.url}/api/v1/things"})
        with ScriptedServer(away).running() as server, pytest.raises(NotFollowed, match="sends on to"):
            Client(Target(server.url, TOKEN)).send(method, f"{server.url}/api/v1/things")

    assert other.asked == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"[" * 100_000, b"\xff"])
def test_another_program_is_told_apart(body: bytes) -> None:
    """Whatever answers, if it is not the management API."""
    with ScriptedServer(Scripted(200, body)).running() as server, pytest.raises(NoSuchServer):
        Client(Target(server.url)).get("things")


def test_a_list_without_items_is_none() -> None:
    """Nor is it taken for an empty one."""
    with ScriptedServer(Scripted()).running() as server, pytest.raises(NoSuchServer):
        Client(Target(server.url)).items("things")


def test_nobody_there_is_told() -> None:
    """With the address and the cause."""
    url = f"http://{HOST}:{free_port()}"

    with pytest.raises(ServerUnreachable, match=f"{url} does not answer: Connection refused"):
        Client(Target(url)).get("things")


def test_only_a_trusted_certificate_is_talked_to(tmp_path: Path) -> None:
    """One of an authority of one's own is trusted once that is named; the token goes nowhere before."""
    authority = LocalAuthority(tmp_path / "authority", [HOST], system_clock)
    authority.prepare()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pair.cert, authority.pair.key)
    with ScriptedServer(Scripted(), tls=context).running() as server:
        with pytest.raises(ServerUnreachable, match="is not trusted") as refused:
            Client(Target(server.url, TOKEN)).get("things")

        assert server.asked == []
        assert "--ca-file" in refused.value.hint
        assert Client(Target(server.url, TOKEN, ca_file=str(authority.path))).get("things") == {}


def test_authorities_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A file that is not there, and one that is no PEM."""
    (tmp_path / "no.pem").write_text("no certificate")

    with pytest.raises(AuthoritiesUnreadable, match="No such file"):
        Client(Target("https://127.0.0.1", ca_file=str(tmp_path / "missing.pem")))
    with pytest.raises(AuthoritiesUnreadable, match="no PEM"):
        Client(Target("https://127.0.0.1", ca_file=str(tmp_path / "no.pem")))
