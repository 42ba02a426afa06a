# SPDX-License-Identifier: Apache-2.0
"""Other servers are asked within limits, and only where we may connect to."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import Destination
from entrepot.infra.http.outbound.destination import supplied
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.errors import AddressInvalid
from entrepot.infra.http.outbound.errors import AnswerUnusable
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.errors import TooSlow
from entrepot.infra.http.outbound.errors import Unreachable
from entrepot.infra.http.outbound.settings import OutgoingSettings
from tests.fakes.lying_resolver import LyingResolver
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.unit.infra.http.tls.made import authority
from tests.unit.infra.http.tls.made import leaf
from tests.unit.infra.http.tls.made import pem
from tests.unit.infra.http.tls.made import place

pytestmark = pytest.mark.anyio

SETTINGS = OutgoingSettings(allow=("127.0.0.1/32",))
BRISK = OutgoingSettings(connect_seconds=5, read_seconds=0.2, total_seconds=0.5)


async def ask(destination: Destination, settings: OutgoingSettings = SETTINGS, max_bytes: int = 1_000) -> Answer:
    """Ask once."""
    async with Outbound(settings).to(destination) as peer:
        return await peer.ask("GET", max_bytes=max_bytes)


@asynccontextmanager
async def a_server_that_says(*parts: bytes, is_endless: bool = False) -> AsyncIterator[str]:
    """Say something to whoever connects, the last part again and again, or nothing more."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the head of a request, and talk."""
        try:
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
            while is_endless:
                writer.write(parts[-1])
                await writer.drain()
                await asyncio.sleep(0)
            await reader.read()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def test_a_request_carries_what_it_was_given_and_little_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Path and query as they are written; no cookie of an answer before; no proxy of the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with ScriptedServer(Scripted(headers={"Set-Cookie": "a=b"}), Scripted(201, b"done")).running() as server:
        async with Outbound(SETTINGS).to(trusted(f"{server.url}/a%2Fb?c=d")) as peer:
            first = await peer.ask("POST", body=b"text", headers={"X-Some": "thing"})
            second = await peer.ask("GET", "/other")

    assert (first.status, second.status, second.body, second.is_success) == (200, 201, b"done", True)
    assert [(each.method, each.target, each.body) for each in server.asked] == [
        ("POST", "/a%2Fb?c=d", b"text"),
        ("GET", "/other", b""),
    ]
    headers = server.asked[1].headers
    assert server.asked[0].headers["x-some"] == "thing"
    assert "cookie" not in headers
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("entrepot/")


@pytest.mark.parametrize("make", [trusted, supplied])
async def test_redirects_are_not_followed(make: type[Destination]) -> None:
    """Neither elsewhere nor to the same host: they are answers."""
    with ScriptedServer(Scripted(302, headers={"Location": "http://169.254.169.254/"})).running() as server:
        answer = await ask(make(server.url))  # type: ignore[call-arg,arg-type]

    assert (answer.status, answer.is_success, len(server.asked)) == (302, False, 1)


async def test_a_name_that_leads_inside_is_refused() -> None:
    """One internal address among others is enough."""
    resolver = LyingResolver(("93.184.216.34", "127.0.0.1"))
    with ScriptedServer(Scripted()).running() as server:
        port = server.url.rpartition(":")[2]
        async with Outbound(OutgoingSettings(), resolver).to(supplied(f"http://example.org:{port}/")) as peer:
            with pytest.raises(AddressForbidden):
                await peer.ask("GET")

    assert server.asked == []


async def test_a_name_server_that_changes_its_mind_changes_nothing() -> None:
    """The address that was looked at is the one that is connected to; each connection is looked at anew."""
    resolver = LyingResolver(("127.0.0.1",), ("127.0.0.2",))
    with ScriptedServer(Scripted(headers={"Connection": "close"}), Scripted()).running() as server:
        port = server.url.rpartition(":")[2]
        async with Outbound(SETTINGS, resolver).to(supplied(f"http://example.org:{port}/")) as peer:
            assert (await peer.ask("GET")).status == 200
            with pytest.raises(AddressForbidden):
                await peer.ask("GET")

    assert (resolver.asked, len(server.asked)) == (["example.org", "example.org"], 1)


async def test_internal_addresses_take_the_operator() -> None:
    """In the configuration, or on the list of what users may name."""
    with ScriptedServer(Scripted(), Scripted()).running() as server:
        with pytest.raises(AddressForbidden):
            await ask(supplied(server.url), OutgoingSettings())
        assert (await ask(supplied(server.url))).status == 200
        assert (await ask(trusted(server.url), OutgoingSettings())).status == 200


async def test_a_server_that_says_nothing_is_left() -> None:
    """After the time that reading may take."""
    async with a_server_that_says(b"HTTP/1.1 200 OK\r\n") as url:
        with pytest.raises(TooSlow, match="takes too long"):
            await ask(trusted(url), BRISK)


class Unread:
    """A server that takes the head of a request, and never anything more."""

    def __init__(self) -> None:
        self.is_over = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Listen, with little room for what nobody takes."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            """Stand still."""
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await self.is_over.wait()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1_024)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        finally:
            self.is_over.set()
            server.close()


async def pieces(count: int) -> AsyncGenerator[bytes, None]:
    """Yield megabytes."""
    for _ in range(count):
        yield bytes(1_000_000)


@pytest.mark.parametrize("is_in_memory", [True, False])
async def test_a_server_that_takes_nothing_more_is_left(*, is_in_memory: bool) -> None:
    """In the middle of a body, which may take as long as it wants while it is taken."""
    count = 64
    body = bytes(count * 1_000_000) if is_in_memory else pieces(count)
    patient = OutgoingSettings(allow=("127.0.0.1/32",), read_seconds=0.3)
    async with Unread().running() as url, Outbound(patient).to(supplied(url)) as peer, asyncio.timeout(20):
        with pytest.raises(TooSlow, match="takes too long"):
            async with peer.asking("PUT", body=body, headers={"Content-Length": str(count * 1_000_000)}):
                pass


async def test_a_body_that_comes_slowly_is_no_fault_of_the_server() -> None:
    """However long each of its pieces takes to come by."""

    async def slowly() -> AsyncGenerator[bytes, None]:
        """Take longer over a piece than a server may."""
        for _ in range(3):
            await asyncio.sleep(0.3)
            yield b"piece"

    patient = OutgoingSettings(allow=("127.0.0.1/32",), read_seconds=0.2)
    server = ScriptedServer(Scripted(201, b"taken"))
    with server.running():
        async with (
            Outbound(patient).to(supplied(server.url)) as peer,
            peer.asking("PUT", body=slowly(), headers={"Content-Length": "15"}) as incoming,
        ):
            assert incoming.status == 201

    assert [each.body for each in server.asked] == [b"piece" * 3]


@pytest.mark.parametrize(
    ("parts", "is_endless"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x" * 65_536), True),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1_000), True),
        ((b"HTTP/1.1 200 OK\r\n", b"X-Header: value\r\n" * 100), True),
        ((b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",), False),
        ((b"SSH-2.0-OpenSSH_9.2\r\n\r\n",), False),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",), False),
    ],
)
async def test_an_answer_that_cannot_be_used_is_told(parts: tuple[bytes, ...], *, is_endless: bool) -> None:
    """Endless, of endless headers, compressed although nobody asked for it, or no HTTP at all."""
    async with a_server_that_says(*parts, is_endless=is_endless) as url:
        with pytest.raises((AnswerUnusable, TooSlow)):
            await ask(trusted(url), BRISK)


async def test_a_server_that_is_away_is_told_without_its_path() -> None:
    """A path or a query may hold a secret."""
    async with a_server_that_says() as url:
        pass
    with pytest.raises(Unreachable) as told:
        await ask(trusted(f"{url}secret?secret"))

    assert told.value.message == f"{url.removesuffix('/')} cannot be reached: Connection refused"


async def test_tls_is_with_who_it_should_be(tmp_path: Path) -> None:
    """Authorities are the system's and those in `outgoing.ca_file`; a destination with its own has only these."""
    signer, other = authority("127.0.0.1"), authority("127.0.0.1")
    pair = place(tmp_path / "server", leaf(signer, "127.0.0.1"))
    ours, theirs = tmp_path / "ours.pem", tmp_path / "theirs.pem"
    ours.write_bytes(pem(signer.certificate))
    theirs.write_bytes(pem(other.certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    trusting = OutgoingSettings(ca_file=ours)
    with ScriptedServer(Scripted(), Scripted(), tls=context).running() as server:
        for destination, settings in ((trusted(server.url), SETTINGS), (trusted(server.url, theirs), trusting)):
            with pytest.raises(Unreachable, match="not who it should be"):
                await ask(destination, settings)
        assert (await ask(trusted(server.url), trusting)).status == 200
        assert (await ask(trusted(server.url, ours))).status == 200


async def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Instead of trusting somebody else."""
    with pytest.raises(Unreachable, match="cannot be read"):
        await ask(trusted("https://127.0.0.1:1/", tmp_path / "missing.pem"))


async def test_a_proxy_is_used_where_the_settings_say(tmp_path: Path) -> None:
    """With its login; not for what is excepted, and not for what users supply unless that is said too."""
    login = tmp_path / "login"
    login.write_text("us:secret\n")
    with ScriptedServer(Scripted(body=b"proxied"), Scripted(body=b"proxied")).running() as proxy:
        by_proxy = OutgoingSettings(proxy=proxy.url, proxy_login_file=login, no_proxy=(".test",))
        assert (await ask(trusted("http://inside.example/x"), by_proxy)).body == b"proxied"
        with pytest.raises(OutgoingFailed):
            await ask(supplied("http://127.0.0.1:8000/x"), by_proxy)
        both = by_proxy.model_copy(update={"proxy_supplied": True})
        assert (await ask(supplied("http://outside.example/x"), both)).body == b"proxied"

    assert [each.target for each in proxy.asked] == ["http://inside.example/x", "http://outside.example/x"]
    assert proxy.asked[0].headers["proxy-authorization"] == "Basic dXM6c2VjcmV0"


async def test_a_proxy_that_is_away_is_told() -> None:
    """It is not the other server that is."""
    with pytest.raises(Unreachable, match=r"the proxy on the way to http://inside.example cannot be reached"):
        await ask(trusted("http://inside.example/secret"), OutgoingSettings(proxy="http://127.0.0.1:1"))


async def test_exceptions_from_the_proxy_are_in_whatever_case(tmp_path: Path) -> None:
    """Names of hosts have none."""
    with ScriptedServer(Scripted()).running() as server:
        by_proxy = OutgoingSettings(proxy="http://127.0.0.1:1", no_proxy=("LocalHost",))
        assert (await ask(trusted(server.url.replace("127.0.0.1", "localhost")), by_proxy)).status == 200


async def test_opening_twice_at_once_leaves_nothing_open() -> None:
    """Whoever is second uses what the first opened."""
    with ScriptedServer(Scripted()).running() as server:
        peer = Outbound(SETTINGS).to(trusted(server.url))
        await asyncio.gather(peer.open(), peer.open())
        assert (await peer.ask("GET")).status == 200
        await peer.close()


@pytest.mark.parametrize("proxy", ["http://bad host:1", "http://proxy:99999", "http://proxy:", "http://a\\b"])
def test_a_proxy_that_is_none_is_refused(proxy: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError, match="proxy"):
        OutgoingSettings(proxy=proxy)


@pytest.mark.parametrize("target", ["x", "/a b", "/a#b", "/a\r\nb", "http://other/"])
async def test_a_target_stays_on_its_host(target: str) -> None:
    """Nothing that is asked leads elsewhere."""
    async with Outbound(SETTINGS).to(trusted("http://127.0.0.1:1/")) as peer:
        with pytest.raises(AddressInvalid):
            await peer.ask("GET", target)


@pytest.mark.parametrize("listed", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "bad host", "a/b", "[::1]"])
def test_what_would_allow_everything_is_refused(listed: str) -> None:
    """When the configuration is read; and what is neither a network nor a host."""
    with pytest.raises(ValueError, match="allow"):
        OutgoingSettings(allow=(listed,))
