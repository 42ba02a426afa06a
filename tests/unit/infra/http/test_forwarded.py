# SPDX-License-Identifier: Apache-2.0
"""What proxies say about a request, and how much of it is believed."""

from collections.abc import Sequence
from ipaddress import IPv6Address
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.forwarded import MAX_HOPS
from entrepot.infra.http.forwarded import BehindProxies
from entrepot.infra.http.forwarded import Origin
from entrepot.infra.http.forwarded import trace
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from tests.builders.requests import Pairs
from tests.builders.requests import a_request

pytestmark = pytest.mark.anyio

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]
PEER = "10.0.0.1"
CLIENT = "203.0.113.7"

HOSTILE = st.text(st.sampled_from(' \t,;="\\[]:._%forprtxunk019abFé\x00'), max_size=60)
NAMES = st.sampled_from(["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"])
CLIENTS = st.ip_addresses(v=4, network="203.0.113.0/24") | st.ip_addresses(v=6, network="2001:db8:1::/48")


def origin(*headers: tuple[str, str]) -> Origin:
    """Trace a request from the trusted peer."""
    return trace(PEER, [(name.encode(), value.encode("latin-1")) for name, value in headers], PROXIES)


async def seen(headers: Pairs, peer: str = PEER) -> Request:
    """Return the request as the application behind gets it."""
    scopes: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what arrives."""
        scopes.append(scope)

    async def receive() -> Message:
        """Have nothing to say."""
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        """Take nothing."""

    scope = {**a_request(headers=headers).scope, "client": (peer, 50_000)}
    await BehindProxies(application, PROXIES)(scope, receive, send)
    return Request(scopes[0], receive)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}:40312", CLIENT),
        ("2001:db8:1::7", "2001:db8:1::7"),
        ("[2001:DB8:1:0::7]:443", "2001:db8:1::7"),
        ("::ffff:203.0.113.7", CLIENT),
        (f"{CLIENT}, 10.2.0.1, 10.1.0.1", CLIENT),
        (f"192.0.2.66, {CLIENT}, 10.1.0.1", CLIENT),
        ("10.3.0.1, 10.2.0.1", "10.3.0.1"),
        (f" {CLIENT} ,, ", CLIENT),
    ],
)
def test_the_client_is_the_last_that_is_not_trusted(value: str, address: str) -> None:
    """`X-Forwarded-For` is read from the right, past trusted proxies, to the first address of somebody else."""
    assert origin(("x-forwarded-for", value)).address == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (f"for={CLIENT}", CLIENT),
        (f'For="{CLIENT}:40312";proto=https', CLIENT),
        ('for="[2001:db8:1::7]:_port"', "2001:db8:1::7"),
        ('for="[2001:db8:1::7]"', "2001:db8:1::7"),
        (f"for={CLIENT}:80", CLIENT),
        (f'for={CLIENT};note="a, \\"b\\", c", for=10.1.0.1', CLIENT),
        (f"for=192.0.2.66, for={CLIENT}, for=10.1.0.1;by=10.0.0.1", CLIENT),
        (f'for="unfinished, for={CLIENT}', CLIENT),
        (f'for="unfinished, for="{CLIENT}"', CLIENT),
    ],
)
def test_the_standard_header_is_read_likewise(value: str, address: str) -> None:
    """`Forwarded` is a list of elements of pairs, whose values may be quoted."""
    assert origin(("forwarded", value)).address == address


@pytest.mark.parametrize("node", ["unknown", "_hidden", "_SEVKISEK", "localhost", "1.2.3", "fe80::1%eth0", "[::1"])
def test_the_trail_ends_where_nobody_is_named(node: str) -> None:
    """Behind an obfuscated or malformed name nothing is believed: the proxy that gave it counts as the client."""
    assert origin(("x-forwarded-for", f"192.0.2.66, {node}, 10.1.0.1")).address == "10.1.0.1"
    assert origin(("forwarded", f'for=192.0.2.66, for="{node}", for=10.1.0.1')).address == "10.1.0.1"
    assert origin(("forwarded", f'for="{node}"')).address == PEER


@pytest.mark.parametrize("element", ["for=1.1.1.1;for=2.2.2.2", "for", "=1.1.1.1", "for=1.1.1.1 x", 'for="1.1.1.1"x'])
def test_a_malformed_element_says_nothing(element: str) -> None:
    """The peer counts as the client."""
    assert origin(("forwarded", element)) == Origin(PEER)


def test_scheme_and_host_are_those_of_the_first_trusted_proxy() -> None:
    """A proxy further in may say nothing of them, or repeat its own; what a client wrote before is not read."""
    standard = origin(
        ("forwarded", f"for=1.1.1.1;host=evil.example, for={CLIENT};host=registry.example:8443;proto=HTTPS"),
        ("forwarded", "for=10.1.0.1;proto=http"),
    )
    customary = origin(
        ("x-forwarded-for", f"1.1.1.1, {CLIENT}, 10.1.0.1"),
        ("x-forwarded-proto", "ftp, https, http"),
        ("x-forwarded-host", "evil.example, registry.example:8443, inner"),
    )

    assert standard == customary
    assert (str(standard.host), standard.scheme, standard.address) == ("registry.example:8443", "https", CLIENT)


def test_one_scheme_holds_for_the_whole_chain() -> None:
    """Proxies that set a header anew leave one value, whatever the number of addresses."""
    found = origin(("x-forwarded-for", f"{CLIENT}, 10.1.0.1"), ("x-forwarded-proto", "https"))

    assert found.scheme == "https"


@pytest.mark.parametrize("customary", [("x-forwarded-for", "192.0.2.66"), ("x-forwarded-proto", "https")])
def test_headers_that_contradict_each_other_are_not_believed(customary: tuple[str, str]) -> None:
    """A proxy that writes one sort of header may pass on what a client wrote into the other: the proxy counts."""
    assert origin(customary, ("forwarded", f"for={CLIENT};host=evil.example")) == Origin(PEER)


def test_headers_that_agree_are_believed() -> None:
    """Where both sorts name one client, `Forwarded` tells the rest."""
    found = origin(
        ("x-forwarded-for", CLIENT), ("x-forwarded-proto", "http"), ("forwarded", f"for={CLIENT};proto=https")
    )

    assert found == Origin(CLIENT, "https")


def test_a_chain_is_followed_so_far() -> None:
    """However many trusted addresses are listed, the work has an end."""
    chain = ", ".join(["192.0.2.66", *["10.9.9.9"] * MAX_HOPS])

    assert origin(("x-forwarded-for", chain)).address == "10.9.9.9"


@given(headers=st.lists(st.tuples(NAMES, HOSTILE), max_size=6))
def test_nothing_makes_it_fail(headers: list[tuple[str, str]]) -> None:
    """Whatever the headers hold, the origin has an address, a scheme of two or none, and a host that can be written."""
    found = origin(*headers)

    assert found.address != ""
    assert found.scheme in ("", "http", "https")
    assert found.host is None or str(found.host).isascii()


@given(forged=HOSTILE, client=CLIENTS, inner=st.lists(st.sampled_from(["10.1.0.1", "10.2.0.1"]), max_size=3))
def test_what_a_client_wrote_changes_nothing(forged: str, client: object, inner: Sequence[str]) -> None:
    """Left of what trusted proxies appended, the list may hold anything."""
    node = f'"[{client}]:443"' if isinstance(client, IPv6Address) else f"{client}"
    standard = [forged, f"for={node}", *(f"for={address}" for address in inner)]

    assert origin(("x-forwarded-for", ", ".join([forged, str(client), *inner]))).address == str(client)
    assert origin(("forwarded", ", ".join(standard))).address == str(client)
    assert origin(*(("forwarded", element) for element in standard)).address == str(client)


async def test_the_application_sees_the_client() -> None:
    """Address, scheme and `Host` are those of the client's own request."""
    request = await seen(
        [
            ("host", "upstream"),
            ("x-forwarded-for", CLIENT),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "R.io"),
        ]
    )

    assert (request.address, request.scope["scheme"], request.single_header(b"host")) == (CLIENT, "https", "r.io")


@pytest.mark.parametrize("peer", ["192.0.2.1", "fe80::1", "not an address"])
async def test_anybody_else_is_not_believed(peer: str) -> None:
    """Only a peer within the trusted networks speaks for others."""
    request = await seen([("host", "a"), ("x-forwarded-for", CLIENT), ("forwarded", f"for={CLIENT};host=b")], peer)

    assert (request.address, request.scope["scheme"], request.single_header(b"host")) == (peer, "http", "a")


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([("x-forwarded-port", "8443")], "registry.example:8443"),
        ([("x-forwarded-port", "8443"), ("x-forwarded-host", "other")], "other:8443"),
        ([("x-forwarded-port", "8443"), ("x-forwarded-host", "other:1")], "other:1"),
        ([("x-forwarded-port", "443"), ("x-forwarded-proto", "https")], "registry.example"),
        ([("x-forwarded-port", "80")], "registry.example"),
        ([("x-forwarded-port", "many")], "registry.example"),
        ([("x-forwarded-host", "a/b")], "registry.example"),
        ([("forwarded", 'host="[::1]:8443"')], "[::1]:8443"),
    ],
)
async def test_the_port_belongs_to_a_host_without_one(headers: list[tuple[str, str]], host: str) -> None:
    """`X-Forwarded-Port` completes the host unless it is the scheme's own; malformed values are passed over."""
    request = await seen([("host", "registry.example"), *headers])

    assert request.single_header(b"host") == host


async def test_a_connection_without_an_address_is_passed_on() -> None:
    """Start and stop of the process have no client."""
    calls: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what arrives."""
        calls.append(scope)

    async def receive() -> Message:
        """Begin."""
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        """Take nothing."""

    await BehindProxies(application, PROXIES)({"type": "lifespan"}, receive, send)

    assert calls == [{"type": "lifespan"}]
