# SPDX-License-Identifier: Apache-2.0
"""From where a secret is good."""

from contextlib import suppress
from ipaddress import IPv4Address
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import MAX_NETWORKS
from entrepot.features.tokens.addresses import parse_allowed
from entrepot.features.tokens.addresses import stored_allowed
from entrepot.features.tokens.errors import InvalidAddresses

addresses = st.ip_addresses(v=4) | st.ip_addresses(v=6)


@given(st.lists(addresses, max_size=MAX_NETWORKS), addresses)
def test_single_addresses_are_good_for_themselves(listed: list[IPv4Address | IPv6Address], other: object) -> None:
    """And for nobody else, where there are any; an empty list is good for everybody."""
    allowed = parse_allowed([str(address) for address in listed])

    assert all(allowed.allow(str(address)) for address in listed)
    assert allowed.allow(str(other)) == (not listed or _plain(other) in {_plain(each) for each in listed})


def _plain(address: object) -> object:
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_a_mapped_network_is_the_network(base: IPv4Address, bits: int, client: IPv4Address) -> None:
    """However an IPv4 address is written, in the list or by the client, it is the same one."""
    first = int(base) >> (32 - bits) << (32 - bits)
    plain = parse_allowed([f"{IPv4Address(first)}/{bits}"])
    mapped = parse_allowed([f"::ffff:{IPv4Address(first)}/{96 + bits}"])

    assert plain == mapped
    assert (
        plain.allow(str(client))
        == plain.allow(f"::ffff:{client}")
        == (int(client) >> (32 - bits) == first >> (32 - bits))
    )


@given(st.lists(st.text(max_size=50), max_size=40))
def test_any_list_is_read_or_refused(texts: list[str]) -> None:
    """What is read is stored and read again as the same; what is not is a bad request, and nothing else."""
    with suppress(InvalidAddresses):
        allowed = parse_allowed(texts)

        assert stored_allowed(str(allowed)) == allowed
        assert len(allowed.networks) <= MAX_NETWORKS


@pytest.mark.parametrize("address", ["", "unknown", "10.0.0", "_hidden", "10.0.0.1:80", "[::1]"])
def test_who_is_nowhere_is_not_inside(address: str) -> None:
    """A client whose address is not known may use what is good anywhere, and nothing else."""
    assert not parse_allowed(["0.0.0.0/0", "::/0"]).allow(address)
    assert ANYWHERE.allow(address)


def test_a_zone_of_the_client_does_not_matter() -> None:
    """An address with the interface that it came in on is that address."""
    assert parse_allowed(["fe80::/10"]).allow("fe80::1%eth0")


def test_each_network_counts_once() -> None:
    """Whatever it was written as."""
    assert parse_allowed(["10.0.0.1", "10.0.0.1/32", "::ffff:10.0.0.1"]).names == ["10.0.0.1/32"]
