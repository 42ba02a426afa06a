# SPDX-License-Identifier: Apache-2.0
"""Ways to receivers: each is opened once, kept while it is used, and guarded as every address that users supply."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import supplied
from entrepot.infra.http.outbound.errors import TooSlow

if TYPE_CHECKING:
    from entrepot.infra.http.outbound.peer import Peer

IDLE_PEERS = 16
"""So many ways that nobody uses are kept open."""
ATTEMPT_SECONDS = 15.0
"""How long an attempt may take from first to last."""


@dataclass(slots=True)
class _Way:
    """A way to a receiver, and how many use it now."""

    peer: "Peer"
    users: int = field(default=0)


class Endpoints:
    """Posts to receivers. Belongs to one event loop."""

    def __init__(self, outbound: Outbound, attempt_seconds: float = ATTEMPT_SECONDS) -> None:
        self._outbound = outbound
        self._attempt_seconds = attempt_seconds
        self._ways: dict[str, _Way] = {}
        """The one that was used last stands last."""

    def check(self, url: str) -> None:
        """Do nothing if an address may be one of a receiver. Raises `AddressInvalid` and `AddressForbidden`."""
        self._outbound.to(supplied(url))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], kept_bytes: int) -> Answer:
        """Post once; redirects are answers like others. Raises `OutgoingFailed`."""
        way = self._ways.pop(url, None) or _Way(self._outbound.to(supplied(url)))
        self._ways[url] = way
        way.users += 1
        try:
            async with asyncio.timeout(self._attempt_seconds):
                await way.peer.open()
                return await way.peer.post(body, headers, kept_bytes)
        except TimeoutError as error:
            raise TooSlow(f"{way.peer.origin} takes longer than {self._attempt_seconds:g} seconds") from error
        finally:
            way.users -= 1
            await self._close_idle()

    async def close(self) -> None:
        """Close every connection."""
        ways, self._ways = list(self._ways.values()), {}
        for way in ways:
            await way.peer.close()

    async def _close_idle(self) -> None:
        idle = [url for url, way in self._ways.items() if not way.users]
        for url in idle[: max(0, len(idle) - IDLE_PEERS)]:
            await self._ways.pop(url).peer.close()
