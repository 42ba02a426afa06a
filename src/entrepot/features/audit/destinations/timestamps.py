# SPDX-License-Identifier: Apache-2.0
"""An authority that stamps checkpoints with the time (RFC 3161); what it answers is kept beside the checkpoint."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.web_server import WebServer
from entrepot.features.audit.models import Stamped
from entrepot.features.audit.store import timestamps
from entrepot.infra.database.engine import Database
from entrepot.infra.time_stamps import QUERY_TYPE
from entrepot.infra.time_stamps import NotStamped
from entrepot.infra.time_stamps import query
from entrepot.infra.time_stamps import token_in
from entrepot.infra.time_stamps import verify
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

_NONCE_BITS = 63


class TimestampDestination(Destination):
    """Has the newest checkpoint stamped: it stands for all before it. One that is an hour old is left to the next."""

    def __init__(self, server: WebServer, authorities: Path, database: Database, clock: Clock) -> None:
        self._server = server
        self._authorities = authorities
        self._database = database
        self._clock = clock

    async def send(self, lines: Sequence[Line]) -> None:
        """Have the last one stamped, and keep that."""
        newest = lines[-1]
        if self._clock() - newest.at > HOUR_MS:
            return
        content, nonce = newest.token.encode(), secrets.randbits(_NONCE_BITS)
        answer = await self._server.ask("POST", "", query(content, nonce), {"Content-Type": QUERY_TYPE})
        try:
            token = token_in(answer.body)
            at = await asyncio.to_thread(self._moment, token, content, nonce)
        except NotStamped as error:
            raise NotDelivered(error.message) from error
        await self._database.write(timestamps.add, Stamped(newest.seq, at, token))

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    def _moment(self, token: bytes, content: bytes, nonce: int) -> Milliseconds:
        try:
            authorities = self._authorities.read_bytes()
        except OSError as error:
            raise NotStamped(f"{self._authorities} cannot be read: {error.strerror}") from error
        return verify(token, content, authorities, nonce)
