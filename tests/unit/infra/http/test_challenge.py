# SPDX-License-Identifier: Apache-2.0
"""The challenge: where to log in, and for what."""

import pytest

from entrepot.infra.http.challenge import Challenger
from tests.builders.requests import a_request

ALLOWED = frozenset({"registry.example", "[::1]"})
FALLBACK = "http://127.0.0.1:5000"


def realm(challenger: Challenger, host: str, scheme: str = "http") -> str:
    """Return the address that the challenge names."""
    request = a_request(headers=[("host", host)] if host else [])
    request.scope["scheme"] = scheme
    return challenger.challenge(request).split('"')[1]


@pytest.mark.parametrize(
    ("host", "scheme", "origin"),
    [
        ("registry.example", "https", "https://registry.example"),
        ("registry.example:5000", "http", "http://registry.example:5000"),
        ("REGISTRY.example", "https", "https://REGISTRY.example"),
        ("[::1]:5000", "http", "http://[::1]:5000"),
    ],
)
def test_a_host_on_the_list_is_the_realm(host: str, scheme: str, origin: str) -> None:
    """Tokens are handed out at the address that the client used."""
    assert realm(Challenger("", ALLOWED, FALLBACK), host, scheme) == f"{origin}/auth/token"


@pytest.mark.parametrize(
    "host", ["", "evil.example", "registry.example.evil", 'registry.example"', "evil/@registry.example", "a, b"]
)
def test_another_host_is_not_repeated(host: str) -> None:
    """A `Host` that is not on the list never becomes an address that credentials are sent to."""
    assert realm(Challenger("", ALLOWED, FALLBACK), host) == f"{FALLBACK}/auth/token"


@pytest.mark.parametrize("public_url", ["https://public.example", "https://public.example/"])
def test_a_public_address_wins(public_url: str) -> None:
    """The configured address is named, whatever the client used."""
    assert realm(Challenger(public_url, ALLOWED, FALLBACK), "registry.example") == "https://public.example/auth/token"


def test_every_parameter_is_quoted() -> None:
    """Scopes are separated by spaces, and the error says why a token was not enough."""
    challenger = Challenger("https://public.example", frozenset(), "")

    challenge = challenger.challenge(a_request(), ("repository:a:pull", "repository:b:push"), "insufficient_scope")

    assert challenge == (
        'Bearer realm="https://public.example/auth/token",service="entrepot",'
        'scope="repository:a:pull repository:b:push",error="insufficient_scope"'
    )
