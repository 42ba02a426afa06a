# SPDX-License-Identifier: Apache-2.0
"""Which addresses of the Internet Protocol nobody but the operator may have us connect to."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_FORBIDDEN_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a provider (CGNAT); the metadata of one cloud
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # what one cloud tells its machines, at a public address
            "169.254.0.0/16",  # link-local; the metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; the metadata of one cloud
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
"""The special-purpose addresses (RFC 6890 and its registry), and one more."""

_UNICAST_6 = IPv6Network("2000::/3")
"""All that is given out for the Internet: loopback, link-local, unique local and multicast are not in it."""

_FORBIDDEN_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which has an IPv4 address in it
            "3fff::/20",  # documentation
        ),
    )
)
_HOLDS_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""An IPv4 address stands at their end: mapped (RFC 4291), and of a translator (NAT64, RFC 6052)."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the Internet, and not of some network of our own, or of nothing."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _FORBIDDEN_4)
    if any(address in network for network in _HOLDS_IPV4):
        return is_public(_held(address))
    return address in _UNICAST_6 and not any(address in network for network in _FORBIDDEN_6)


class Allowed:
    """What supplied addresses may lead to: the Internet, and the networks and hosts that the operator lists."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._networks: list[Network] = []
        self._hosts: set[str] = set()
        for each in listed:
            try:
                self._networks.append(ip_network(each))
            except ValueError:
                self._hosts.add(each.lower())

    def may_connect(self, host: str, address: Address) -> bool:
        """Tell whether an address may be connected to for the sake of `host`, a name in lower case."""
        if host in self._hosts or is_public(address):
            return True
        is_mapped = isinstance(address, IPv6Address) and any(address in network for network in _HOLDS_IPV4)
        meant: Address = _held(address) if isinstance(address, IPv6Address) and is_mapped else address
        return any(meant in network for network in self._networks)

    def lists(self, host: str, address: Address | None) -> bool:
        """Tell whether the operator lists a host, a name in lower case or the `address` that it is."""
        return host in self._hosts or (address is not None and any(address in network for network in self._networks))


def _held(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
