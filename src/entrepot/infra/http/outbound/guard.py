# SPDX-License-Identifier: Apache-2.0
"""Looking at where a connection leads, at the very addresses that it is made to."""

import socket
from ipaddress import ip_address

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver
from aiohttp.abc import ResolveResult

from entrepot.infra.http.outbound.addresses import Allowed


class Refused(OSError):
    """An address that may not be connected to."""


class GuardedResolver(AbstractResolver):
    """Looks names up, once for each connection, and refuses those with any address that may not be connected to.

    The connection is made to what it returns: a name server that says something else the next time changes nothing.
    """

    def __init__(self, inner: AbstractResolver, allowed: Allowed) -> None:
        self._inner = inner
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return every address of a host. Raises `OSError`, and `Refused` for one that may not be connected to."""
        found = await self._inner.resolve(host, port, family)
        for each in found:
            _require(self._allowed, host, each["host"])
        return found

    async def close(self) -> None:
        """Let go of what the other holds."""
        await self._inner.close()


class GuardedSockets:
    """Makes the sockets of connections for the sake of a host, after a last look at where each leads."""

    def __init__(self, host: str, allowed: Allowed) -> None:
        self._host = host
        self._allowed = allowed

    def __call__(self, address: AddrInfoType) -> socket.socket:
        """Make one. Raises `Refused`."""
        family, kind, protocol, _, place = address
        _require(self._allowed, self._host, str(place[0]))
        return socket.socket(family, kind, protocol)


def _require(allowed: Allowed, host: str, address: str) -> None:
    if not allowed.may_connect(host.lower(), ip_address(address)):
        raise Refused(f"{host} leads to {address}")
