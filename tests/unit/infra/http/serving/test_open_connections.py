# SPDX-License-Identifier: Apache-2.0
"""Counting connections, and whose they are."""

import asyncio

import pytest

from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.open_connections import SWEEP_SECONDS
from entrepot.infra.http.serving.open_connections import OpenConnections
from entrepot.infra.http.serving.open_connections import client_network

pytestmark = pytest.mark.anyio

LIMITS = ConnectionLimits(connections=20, connections_per_address=10)


class Watched:
    """A connection that tells when it is looked at."""

    def __init__(self) -> None:
        self.looked_at = asyncio.Event()

    def end_if_silent(self, now: float) -> None:
        """Note it."""
        self.looked_at.set()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
async def test_a_client_is_an_address_or_its_network(address: str, network: str) -> None:
    """Whoever has an IPv6 network has 2^64 addresses, and is one client all the same."""
    assert client_network(address) == network


async def test_an_address_has_its_share() -> None:
    """The eleventh connection of an address is too much, that of another is not."""
    opened = OpenConnections(LIMITS)
    mine = [opened.admit(Watched(), "192.0.2.1") for _ in range(11)]

    assert mine == [True] * 10 + [False]
    assert opened.admit(Watched(), "192.0.2.2")


async def test_a_proxy_speaks_for_many() -> None:
    """A trusted proxy has no share of its own; all connections together have a limit all the same."""
    opened = OpenConnections(LIMITS, lambda address: address == "192.0.2.9")
    admitted = [opened.admit(Watched(), "192.0.2.9") for _ in range(21)]

    assert admitted == [True] * 20 + [False]


async def test_a_lost_connection_does_not_count() -> None:
    """Removing one twice is removing it once."""
    opened = OpenConnections(LIMITS)
    connections = [Watched() for _ in range(10)]
    for connection in connections:
        opened.admit(connection, "192.0.2.1")
    opened.remove(connections[0])
    opened.remove(connections[0])

    assert len(opened) == 9
    assert [opened.admit(Watched(), "192.0.2.1") for _ in range(2)] == [True, False]


async def test_every_connection_is_looked_at_again_and_again() -> None:
    """The sweep goes on while there are connections, and begins anew with the next."""
    opened = OpenConnections(LIMITS)
    first, second = Watched(), Watched()
    opened.admit(first, "192.0.2.1")
    for _ in range(2):
        first.looked_at.clear()
        await asyncio.wait_for(first.looked_at.wait(), 10 * SWEEP_SECONDS)
    opened.remove(first)
    opened.admit(second, "192.0.2.1")

    await asyncio.wait_for(second.looked_at.wait(), 10 * SWEEP_SECONDS)
