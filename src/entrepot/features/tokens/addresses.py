# SPDX-License-Identifier: Apache-2.0
"""From where a secret is good: networks in CIDR notation (RFC 4632, RFC 4291 section 2.3), or anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address
from ipaddress import ip_network

from entrepot.features.tokens.errors import InvalidAddresses

MAX_NETWORKS = 32

_MAPPED_BITS = 96
"""So many bits of an IPv6 address are the same in all that stand for IPv4 addresses (RFC 4291 section 2.5.5.2)."""

_SHOWN_CHARACTERS = 64

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class AllowedAddresses:
    """The networks that a secret is good from; none means anywhere."""

    networks: tuple[Network, ...] = ()

    def allow(self, address: str) -> bool:
        """Tell whether a client at this address may use it. One whose address is not known may not, if it matters."""
        if not self.networks:
            return True
        parsed = _read(address)
        return parsed is not None and any(parsed in network for network in self.networks)

    @property
    def names(self) -> list[str]:
        """The networks as people write them."""
        return [str(network) for network in self.networks]

    def __str__(self) -> str:
        """Render as stored: the networks with a space between them."""
        return " ".join(self.names)


ANYWHERE = AllowedAddresses()


def parse_allowed(texts: Sequence[str]) -> AllowedAddresses:
    """Read addresses and networks, each once. An IPv4 network that is written as IPv6 is an IPv4 network.

    Raises `InvalidAddresses`.
    """
    if len(texts) > MAX_NETWORKS:
        raise InvalidAddresses(f"there are {len(texts)} networks; at most {MAX_NETWORKS} are accepted")
    return AllowedAddresses(tuple(dict.fromkeys(map(_network, texts))))


@lru_cache(maxsize=4096)
def stored_allowed(text: str) -> AllowedAddresses:
    """Read what `AllowedAddresses` renders."""
    return parse_allowed(text.split()) if text else ANYWHERE


def _network(text: str) -> Network:
    if "%" in text:
        raise InvalidAddresses(f"{text[:_SHOWN_CHARACTERS]!r} names an interface of one machine, and no network")
    try:
        network = ip_network(text)
    except ValueError as error:
        raise InvalidAddresses(f"{text[:_SHOWN_CHARACTERS]!r} is no network", hint=_nearest(text)) from error
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((int(mapped), network.prefixlen - _MAPPED_BITS))
    return network


def _nearest(text: str) -> str | None:
    """Say which network is meant by an address within it, as in `10.1.2.3/8`; None where nothing is near."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return f"The network that {text} lies in is written {network}."


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
