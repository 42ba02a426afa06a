# SPDX-License-Identifier: Apache-2.0
"""A server that lets clients in as PostgreSQL does, or not even that, and never says anything more."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextlib import suppress

HOST = "127.0.0.1"


@asynccontextmanager
async def silent_server(version: str = "") -> AsyncIterator[str]:
    """Yield the URI of one that greets as this version of PostgreSQL before it falls silent, without one not at all."""

    is_over = asyncio.Event()
    clients: set[asyncio.Task[None] | None] = set()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.add(asyncio.current_task())
        await reader.readexactly(struct.unpack("!i", await reader.readexactly(4))[0] - 4)
        if version:
            writer.write(_greeting(version))
        await is_over.wait()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(hold, HOST, 0) as server:
        try:
            yield f"postgresql://entrepot@{HOST}:{server.sockets[0].getsockname()[1]}/entrepot?sslmode=disable"
        finally:
            is_over.set()
            await asyncio.gather(*(each for each in clients if each))


def _greeting(version: str) -> bytes:
    """Return what a client hears that needs no password (PostgreSQL, 55.2.1)."""
    told = _message(b"S", b"server_version\0%s\0" % version.encode())
    return _message(b"R", struct.pack("!i", 0)) + told + _message(b"K", bytes(8)) + _message(b"Z", b"I")


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content
