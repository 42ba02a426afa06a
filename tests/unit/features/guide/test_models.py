# SPDX-License-Identifier: Apache-2.0
"""What clients have to know of an address."""

import pytest

from entrepot.features.guide.models import Whereabouts


@pytest.mark.parametrize(
    ("origin", "address", "is_loopback", "needs_flag"),
    [
        ("http://localhost:5000", "localhost:5000", True, False),
        ("http://127.1.2.3:5000", "127.1.2.3:5000", True, False),
        ("http://[::1]:5000", "[::1]:5000", True, False),
        ("https://localhost", "localhost", True, False),
        ("http://192.0.2.1:5000", "192.0.2.1:5000", False, True),
        ("http://registry.example", "registry.example", False, True),
        ("https://registry.example:8443", "registry.example:8443", False, False),
    ],
)
def test_only_plain_http_beyond_loopback_takes_a_flag(
    origin: str, address: str, is_loopback: bool, needs_flag: bool
) -> None:
    """The names of images begin with host and port."""
    where = Whereabouts(origin)

    assert (where.address, where.is_loopback, where.needs_insecure_flag) == (address, is_loopback, needs_flag)


def test_an_authority_is_found_over_https_only() -> None:
    """Where there is no certificate, nothing needs to be trusted."""
    assert Whereabouts("https://registry.example").authority_url == "https://registry.example/tls/ca.crt"
    assert Whereabouts("http://registry.example").authority_url == ""
