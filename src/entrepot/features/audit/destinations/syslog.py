# SPDX-License-Identifier: Apache-2.0
"""A syslog server (RFC 5424), over TCP (RFC 6587, octet counting) or TLS (RFC 5425).

The protocol has no acknowledgement: what the connection took before it broke counts as not sent, and comes again.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.kernel.clock import rfc3339

TIMEOUT_SECONDS = 10.0
SETTLE_SECONDS = 0.05
"""How long a server gets to say that it did not want what it was sent."""

_LOG_AUDIT, _NOTICE, _INFO = 13, 5, 6
_MAX_HOST_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens. `ca_file` says who signed its certificate; empty for those that the system trusts."""

    host: str
    port: int
    is_tls: bool
    ca_file: str = ""


class SyslogDestination(Destination):
    """Keeps a connection open between batches, and makes another when it broke."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, lines: Sequence[Line]) -> None:
        """Send a message for each."""
        content = b"".join(_framed(line) for line in lines)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reader, writer = self._connection or await self._connect()
                self._connection = reader, writer
                writer.write(content)
                await writer.drain()
                await self._require_open(reader)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            await self.close()
            where = f"{self._server.host}:{self._server.port}"
            raise NotDelivered(f"the syslog server {where} does not take it: {str(error) or 'too slow'}") from error

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection[1].close()
            with suppress(OSError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await connection[1].wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = ssl.create_default_context(cafile=self._server.ca_file or None) if self._server.is_tls else None
        return await asyncio.open_connection(self._server.host, self._server.port, ssl=context)

    async def _require_open(self, reader: asyncio.StreamReader) -> None:
        """Do nothing unless the server closed the connection, or closes it now. Raises `ConnectionResetError`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                if not await reader.read(1):
                    raise ConnectionResetError("it closed the connection")


def _framed(line: Line) -> bytes:
    priority = _LOG_AUDIT * 8 + (_NOTICE if line.is_notice else _INFO)
    host = socket.gethostname()[:_MAX_HOST_CHARACTERS] or "-"
    header = f"<{priority}>1 {rfc3339(line.at)} {host} entrepot {os.getpid()} {line.type[:32]} - "
    message = header.encode("ascii", errors="replace") + b"\xef\xbb\xbf" + line.text.encode()
    return b"%d %b" % (len(message), message)
