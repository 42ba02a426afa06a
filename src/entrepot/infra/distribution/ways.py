# SPDX-License-Identifier: Apache-2.0
"""Connections to the servers that a copy has to do with: registries, their token services, and where they store."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import supplied
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.remote.address import is_loopback_url

if TYPE_CHECKING:
    from entrepot.infra.http.outbound.peer import Peer

MAX_SERVERS = 64


class PlainHttp(CopyingFailed):
    """What is sent would cross the network in the clear."""

    code = "plain_http_refused"
    status = 400
    default_hint = "Use a registry that speaks https; --plain-http says that you know what you do."


class Ways:
    """The way to each server, kept open.

    `is_guarded` has every address looked at, as for whatever users of a server name. `plain` are the hosts, with
    their ports, to which plain HTTP is all right besides this machine. `ca_files` are the authorities of some origins.
    """

    def __init__(
        self,
        outbound: Outbound,
        *,
        is_guarded: bool,
        plain: frozenset[str] = frozenset(),
        ca_files: Mapping[str, Path] | None = None,
    ) -> None:
        self._outbound = outbound
        self._is_guarded = is_guarded
        self._plain = plain
        self._ca_files = dict(ca_files or {})
        self._peers: dict[str, Peer] = {}

    async def to(self, url: Url) -> "Peer":
        """Return the way to the server of an address. Raises `OutgoingFailed`, `PlainHttp` and `CopyingFailed`."""
        origin = url.origin
        self._require_safe(origin)
        if origin not in self._peers:
            if len(self._peers) >= MAX_SERVERS:
                raise CopyingFailed(f"the registry sends to more than {MAX_SERVERS} servers")
            destination = supplied(origin) if self._is_guarded else trusted(origin, self._ca_files.get(origin))
            self._peers[origin] = self._outbound.to(destination)
        await self._peers[origin].open()
        return self._peers[origin]

    async def close(self) -> None:
        """Close every connection."""
        for each in self._peers.values():
            await each.close()

    def _require_safe(self, origin: str) -> None:
        scheme, _, host = origin.partition("://")
        if scheme == "http" and host not in self._plain and (self._is_guarded or not is_loopback_url(origin)):
            raise PlainHttp(f"{origin} is plain HTTP")


def target_of(url: Url) -> str:
    """Return path and query of an address, as they are asked for."""
    return f"{url.path}{'?' if url.query else ''}{url.query}"


def resolved(text: str, against: Url) -> Url:
    """Return the address that a server states, which may leave out itself. Raises `AddressInvalid`."""
    if text.startswith("/") and not text.startswith("//"):
        return parse_url(f"{against.origin}{text}")
    if "://" not in text and text.startswith("?"):
        return parse_url(f"{against.origin}{against.path}{text}")
    return parse_url(text)
