# SPDX-License-Identifier: Apache-2.0
"""An application served by our connections on a loopback socket, and peers that send it bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from collections.abc import Callable
from contextlib import asynccontextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.serving.connection import Connection
from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.open_connections import OpenConnections

HOST = "127.0.0.1"
PATIENCE_SECONDS = 15.0


@dataclass(slots=True)
class State:
    """What uvicorn's server keeps about its connections."""

    connections: set[Any] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    total_requests: int = 0
    default_headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [(b"date", b"today")])


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether the server says that it closes the connection."""
        return self.headers.get("connection") == "close"


@dataclass(frozen=True, slots=True)
class Peer:
    """A client that decides about every byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, method: str = "GET") -> Answer:
        """Read one response; an HTTP/1.0 one without a length ends with the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            status = int(first.split()[1])
            return Answer(status, headers, await self._body(method, status, headers))

    async def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (100, 204, 304):
            return b""
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        if "transfer-encoding" not in headers:
            return await self.reader.read()
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def ask(self, data: bytes) -> Answer:
        """Send a request and read its response."""
        await self.send(data)
        return await self.answer(data.partition(b" ")[0].decode("latin-1"))

    async def rest(self) -> bytes:
        """Read until the server closes; a reset ends it too."""
        received = b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                while data := await self.reader.read(65_536):
                    received += data
        return received

    def leave(self) -> None:
        """Reset the connection."""
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True)
class Site:
    """A server on a loopback port."""

    port: int
    state: State
    opened: OpenConnections

    @asynccontextmanager
    async def peer(self, limit: int = 2**20) -> AsyncIterator[Peer]:
        """Connect; `limit` bounds what is read ahead."""
        reader, writer = await asyncio.open_connection(HOST, self.port, limit=limit)
        peer = Peer(reader, writer)
        try:
            yield peer
        finally:
            peer.leave()

    async def becomes(self, holds: Callable[[], bool]) -> None:
        """Return once `holds` does. Raises `TimeoutError`."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.005)

    def pass_seconds(self, seconds: float) -> None:
        """Have every connection look at a clock that is so far ahead."""
        for connection in list(self.state.connections):
            connection.end_if_silent(asyncio.get_running_loop().time() + seconds)


@asynccontextmanager
async def serving(
    application: AsgiApplication, limits: ConnectionLimits | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """Serve until the block ends; raise `TimeoutError` when a connection or a task is left behind."""
    state, opened = State(), OpenConnections(limits or ConnectionLimits())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(application, state, opened), HOST, 0, ssl=tls)
    site = Site(server.sockets[0].getsockname()[1], state, opened)
    try:
        yield site
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        await site.becomes(lambda: not (state.connections or state.tasks or len(opened)))
