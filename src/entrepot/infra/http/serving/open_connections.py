# SPDX-License-Identifier: Apache-2.0
"""The open connections of one server process: how many there are, of whom, and which have been silent too long."""

import asyncio
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address
from ipaddress import ip_address
from typing import Protocol

from entrepot.infra.http.request import LEAVING
from entrepot.infra.http.request import STOPPING
from entrepot.infra.http.serving.limits import ConnectionLimits

SWEEP_SECONDS = 1.0


class Silent(Protocol):
    """A connection that can tell when it has been silent for too long."""

    def end_if_silent(self, now: float) -> None:
        """Close the connection if it has waited longer than it may; `now` is the loop's time in seconds."""


class OpenConnections:
    """Counts connections and ends the silent ones: one look at all of them each second costs less than a timer each."""

    def __init__(self, limits: ConnectionLimits, is_proxy: Callable[[str], bool] = lambda _address: False) -> None:
        """Begin with none. What `is_proxy` tells of an address speaks for many clients: only all connections count."""
        self.limits = limits
        self.leaving = asyncio.Event()
        """Set once the server wants to be sent nothing new; what comes all the same is answered."""
        self._stopping = asyncio.Event()
        self.extensions = {LEAVING: self.leaving, STOPPING: self._stopping}
        """What every request may know of this server (ASGI extensions)."""
        self._is_proxy = is_proxy
        self._open: dict[Silent, str] = {}
        self._of_address: Counter[str] = Counter()
        self._is_sweeping = False

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Silent, address: str) -> bool:
        """Count `connection` and tell whether it may stay; `remove` it in either case when it is lost."""
        network = client_network(address)
        self._open[connection] = network
        self._of_address[network] += 1
        if not self._is_sweeping:
            self._is_sweeping = True
            self._sweep_later()
        if len(self._open) > self.limits.connections:
            return False
        return self._of_address[network] <= self.limits.connections_per_address or self._is_proxy(address)

    def remove(self, connection: Silent) -> None:
        """Forget a connection that was lost."""
        network = self._open.pop(connection, None)
        if network is None:
            return
        self._of_address[network] -= 1
        if not self._of_address[network]:
            del self._of_address[network]

    def stop(self) -> None:
        """Let answers without an end come to theirs."""
        self._stopping.set()

    def _sweep_later(self) -> None:
        asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        self._is_sweeping = bool(self._open)
        if self._is_sweeping:
            self._sweep_later()
        for connection in list(self._open):
            connection.end_if_silent(now)


def client_network(address: str) -> str:
    """Return what one client is taken to be: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
