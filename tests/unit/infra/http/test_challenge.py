# SPDX-License-Identifier: Apache-2.0
"""The challenge: where to log in, and for what."""

import pytest

from entrepot.infra.http.challenge import Challenger
from tests.builders.requests import a_request

ALLOWED = ("registry.example:5000", "::1", "[2001:db8::1]:5000", "10.0.0.7")
SERVER = ("192.0.2.10", 5000)


def realm(challenger: Challenger, host: str, scheme: str = "http", server: tuple[str, int] | None = SERVER) -> str:
    """Return the address that the challenge names."""
    request = a_request(headers=[("host", host)] if host else [])
    request.scope["scheme"] = scheme
    request.scope["server"] = server
    return challenger.challenge(request).split('"')[1]


@pytest.mark.parametrize(
    ("host", "scheme", "origin"),
    [
        ("registry.example", "https", "https://registry.example"),
        ("registry.example:8443", "https", "https://registry.example:8443"),
        ("REGISTRY.example", "https", "https://registry.example"),
        ("[::1]:5000", "http", "http://[::1]:5000"),
        ("[2001:DB8:0::1]", "http", "http://[2001:db8::1]"),
        ("10.0.0.7:80", "http", "http://10.0.0.7:80"),
    ],
)
def test_a_host_on_the_list_is_the_realm(host: str, scheme: str, origin: str) -> None:
    """Tokens are handed out at the address that the client used, on whatever port."""
    assert realm(Challenger("", ALLOWED), host, scheme) == f"{origin}/auth/token"


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "registry.example.evil", 'registry.example"', "evil/@registry.example", "a, b", "10.0.0.7:x"],
)
def test_another_host_is_not_repeated(host: str) -> None:
    """A `Host` that is not known never becomes an address that credentials are sent to."""
    assert realm(Challenger("", ALLOWED), host) == "http://192.0.2.10:5000/auth/token"


@pytest.mark.parametrize(
    ("server", "host", "origin"),
    [
        (("192.0.2.10", 5000), "192.0.2.10:5000", "http://192.0.2.10:5000"),
        (("192.0.2.10", 5000), "192.0.2.10:80", "http://192.0.2.10:80"),
        (("2001:db8::9", 5000), "[2001:db8::9]:5000", "http://[2001:db8::9]:5000"),
        (("2001:db8::9", 5000), "evil.example", "http://[2001:db8::9]:5000"),
        (("fe80::9%eth0", 5000), "evil.example", "http://[fe80::9]:5000"),
        (None, "evil.example", "http://localhost"),
    ],
)
def test_the_address_of_the_connection_is_known(server: tuple[str, int] | None, host: str, origin: str) -> None:
    """Whatever the server listens on, a client gets the address that it connected to."""
    assert realm(Challenger("", ALLOWED), host, server=server) == f"{origin}/auth/token"


@pytest.mark.parametrize("public_url", ["https://public.example", "https://public.example/"])
def test_a_public_address_wins(public_url: str) -> None:
    """The configured address is named, whatever the client used."""
    assert realm(Challenger(public_url, ALLOWED), "registry.example") == "https://public.example/auth/token"


def test_every_parameter_is_quoted() -> None:
    """Scopes are separated by spaces, and the error says why a token was not enough."""
    challenger = Challenger("https://public.example")

    challenge = challenger.challenge(a_request(), ("repository:a:pull", "repository:b:push"), "insufficient_scope")

    assert challenge == (
        'Bearer realm="https://public.example/auth/token",service="entrepot",'
        'scope="repository:a:pull repository:b:push",error="insufficient_scope"'
    )
