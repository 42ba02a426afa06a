# SPDX-License-Identifier: Apache-2.0
"""No internal address passes for one of the Internet, however it is wrapped."""

from ipaddress import IPv4Address
from ipaddress import IPv6Address
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.outbound.addresses import Allowed
from entrepot.infra.http.outbound.addresses import is_public

INTERNAL = (
    "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.255 168.63.129.16 169.254.169.254 "
    "172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 "
    "224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 "
    ":: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe "
    "64:ff9b:1::1 100::1 2001::1 2001:10::1 2001:db8::1 2002:7f00:1::1 2002:101:101::1 3fff::1 5f00::1 "
    "fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 "
)
PUBLIC = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.32.0.1 193.0.0.1 2606:4700::1111 2a00:1450::1 64:ff9b::808:808"


@pytest.mark.parametrize("address", INTERNAL.split())
def test_what_is_internal_is_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, documentation, metadata, and IPv6 that holds one of these."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_the_internet_is_public(address: str) -> None:
    """What lies beside the internal networks too."""
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_what_the_library_calls_internal_is_internal(address: IPv4Address) -> None:
    """The standard library's tables are another source; ours are never laxer."""
    assert not is_public(address) or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=6))
def test_the_same_of_ipv6(address: IPv6Address) -> None:
    """Also where an IPv4 address is in it."""
    held = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if is_public(address):
        assert held is None or is_public(held)
        assert not any((address.is_private, address.is_multicast, address.is_loopback, address.is_link_local))


@given(st.ip_addresses(v=4))
def test_a_wrapped_address_is_what_is_in_it(address: IPv4Address) -> None:
    """Mapped, or on its way through a translator."""
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(IPv6Address(f"{prefix}{address}")) == is_public(address)


def test_the_operator_allows_networks_and_hosts() -> None:
    """A network also for addresses that are wrapped in IPv6, a host whatever it leads to; nothing beside them."""
    allowed = Allowed(["10.1.2.0/24", "fd00:1::/64", "Hooks.internal"])

    assert allowed.may_connect("a", ip_address("10.1.2.3"))
    assert allowed.may_connect("a", ip_address("::ffff:10.1.2.3"))
    assert allowed.may_connect("a", ip_address("fd00:1::5"))
    assert allowed.may_connect("hooks.internal", ip_address("192.168.0.1"))
    assert not allowed.may_connect("a.hooks.internal", ip_address("192.168.0.1"))
    assert not allowed.may_connect("a", ip_address("10.1.3.1"))
