# SPDX-License-Identifier: Apache-2.0
"""The console as a browser sees it."""

import pytest

from entrepot.features.second_factors.models import RelyingParty
from entrepot.features.second_factors.parties import obstacle
from entrepot.features.second_factors.parties import relying_party
from entrepot.kernel.errors import InvalidRequest


@pytest.mark.parametrize(
    ("scheme", "host", "party"),
    [
        ("https", "registry.example.com", RelyingParty("registry.example.com", "https://registry.example.com")),
        ("https", "Registry.example.com:443", RelyingParty("registry.example.com", "https://registry.example.com")),
        ("https", "registry:8443", RelyingParty("registry", "https://registry:8443")),
        ("http", "localhost:5000", RelyingParty("localhost", "http://localhost:5000")),
        ("http", "[::1]:80", RelyingParty("::1", "http://[::1]")),
    ],
)
def test_a_request_names_the_party(scheme: str, host: str, party: RelyingParty) -> None:
    """Host and origin are those of the request, written as browsers write them."""
    assert relying_party("", scheme, host) == party


def test_the_configured_address_names_the_party() -> None:
    """What clients call the registry by is told by `public_url`, whatever a proxy makes of the request."""
    party = relying_party("https://registry.example.com:8443", "http", "10.0.0.1:5000")

    assert party == RelyingParty("registry.example.com", "https://registry.example.com:8443")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "host:99999"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    """A request without a host that can be read names no party."""
    with pytest.raises(InvalidRequest):
        relying_party("", "https", host)


@pytest.mark.parametrize(
    ("scheme", "host"), [("https", "registry"), ("http", "localhost:5000"), ("http", "registry.localhost")]
)
def test_security_keys_are_possible_at_names(scheme: str, host: str) -> None:
    """Over https at any name, and over http at localhost, nothing stands in the way."""
    assert obstacle(relying_party("", scheme, host)) is None


@pytest.mark.parametrize(
    ("scheme", "host", "word"),
    [
        ("https", "192.0.2.7", "IP address"),
        ("http", "127.0.0.1:5000", "IP address"),
        ("https", "[2001:db8::1]", "IP address"),
        ("http", "registry.example.com", "https"),
        ("http", "notlocalhost", "https"),
    ],
)
def test_what_stands_in_the_way_is_told(scheme: str, host: str, word: str) -> None:
    """IP addresses, and names without TLS, are told as the reason why security keys cannot be used."""
    assert word in str(obstacle(relying_party("", scheme, host)))
