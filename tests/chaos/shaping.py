# SPDX-License-Identifier: Apache-2.0
"""A proxy that makes a slow link of a loopback connection: bandwidth, latency, standstills and breaks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from anyio.from_thread import start_blocking_portal

from tests.server import HOST

PARTS_PER_SECOND = 40
MIN_PART_BYTES = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """What a link is like, in each direction on its own; a place is counted in bytes of one connection."""

    bytes_per_second: float
    latency_seconds: float = 0.0
    stalls_at: tuple[int, ...] = ()
    stall_seconds: float = 0.0
    breaks_at: int | None = None


@dataclass(slots=True)
class Link:
    """A running proxy."""

    port: int = 0
    shape: Shape = field(default_factory=lambda: Shape(float("inf")))
    delivered: int = 0
    """Bytes that reached the server, over all connections."""


@contextmanager
def shaped(upstream_port: int, shape: Shape) -> Iterator[Link]:
    """Forward a free loopback port to another one over such a link until the block ends."""
    link = Link(shape=shape)
    with start_blocking_portal("asyncio") as portal, portal.wrap_async_context_manager(_Proxy(link, upstream_port)):
        yield link


class _Proxy:
    def __init__(self, link: Link, upstream_port: int) -> None:
        self._link = link
        self._upstream_port = upstream_port
        self._carriers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, 0, limit=16_384)
        self._link.port = self._server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_exit: object) -> None:
        self._server.close()
        for carrier in self._carriers:
            carrier.cancel()
        if self._carriers:
            await asyncio.wait(self._carriers)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._carriers.add(task)
        task.add_done_callback(self._carriers.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(HOST, self._upstream_port, limit=16_384)
        directions = [
            asyncio.create_task(self._pump(reader, to_server, is_up=True)),
            asyncio.create_task(self._pump(from_server, writer, is_up=False)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.wait(directions)
            for end in (to_server, writer):
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool) -> None:
        """Carry one direction; return at its end or its break."""
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(self._deliver(line, writer, is_up=is_up))
        try:
            await self._take(reader, line)
            await delivering
        except ConnectionError:
            return
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await delivering

    async def _take(self, reader: asyncio.StreamReader, line: "asyncio.Queue[tuple[float, bytes]]") -> None:
        shape, loop, place = self._link.shape, asyncio.get_running_loop(), 0
        part = max(MIN_PART_BYTES, int(shape.bytes_per_second / PARTS_PER_SECOND))
        stalls = list(shape.stalls_at)
        while data := await reader.read(part):
            await asyncio.sleep(len(data) / shape.bytes_per_second)
            place += len(data)
            line.put_nowait((loop.time() + shape.latency_seconds, data))
            if shape.breaks_at is not None and place >= shape.breaks_at:
                break
            if stalls and place >= stalls[0]:
                stalls.pop(0)
                await asyncio.sleep(shape.stall_seconds)
        line.put_nowait((loop.time() + shape.latency_seconds, b""))

    async def _deliver(
        self, line: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter, *, is_up: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await line.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                return
            writer.write(data)
            await writer.drain()
            if is_up:
                self._link.delivered += len(data)
