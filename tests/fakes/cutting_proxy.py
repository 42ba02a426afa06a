# SPDX-License-Identifier: Apache-2.0
"""A way to a server on which connections break, each after some random number of bytes."""

import asyncio
import random
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from socket import SO_LINGER
from socket import SOL_SOCKET
from urllib.parse import urlsplit

HOST = "127.0.0.1"
_READ_BYTES = 16 * 1024


class CuttingProxy:
    """Hands on bytes in both directions; each connection ends with a reset after between `least` and `most` of them.

    While `is_refusing`, connections end at once. After `cuts` breaks nothing breaks any more.
    """

    def __init__(self, url: str, dice: random.Random, least: int, most: int, cuts: int = 1_000_000) -> None:
        self._port = urlsplit(url).port
        self._dice = dice
        self._bounds = least, most
        self._cuts_left = cuts
        self.cuts = 0
        self.bytes_passed = 0
        self.is_refusing = False
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["CuttingProxy"]:
        """Hand on until the block ends, in a thread."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="cutting proxy", daemon=True)
        thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, HOST, 0), loop)
        server = starting.result(10)
        self.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(_stopped(server), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # To be stopped is no failure: streams would log one for a task that ends as cancelled.
        with suppress(asyncio.CancelledError):
            if not self.is_refusing:
                await self._hand_on(reader, writer)
        _reset(writer)

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection(HOST, self._port)
        budget = [self._dice.randint(*self._bounds)]
        pumps = [
            asyncio.create_task(self._pump(reader, their_writer, budget)),
            asyncio.create_task(self._pump(their_reader, writer, budget)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            _reset(their_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: list[int]) -> None:
        with suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                if self._cuts_left and len(data) >= budget[0]:
                    self._cuts_left -= 1
                    self.cuts += 1
                    writer.write(data[: budget[0]])
                    await writer.drain()
                    return
                budget[0] -= len(data)
                self.bytes_passed += len(data)
                writer.write(data)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as the death of a machine does, not as the end of an answer."""
    socket = writer.get_extra_info("socket")
    with suppress(OSError, ValueError):
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _stopped(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Connections are closed in the turns of the loop after that.
    await asyncio.sleep(0.05)
