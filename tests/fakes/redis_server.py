# SPDX-License-Identifier: Apache-2.0
"""A Redis that knows one script: it counts as that does, over a socket, late or not at all where a test says so."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrepot.features.rate_limits.counters import Counters
from entrepot.features.rate_limits.models import Limit

MICROSECOND_NS = 1_000


class RedisServer:
    """Speaks as much of RESP (versions 2 and 3) as a client of one script needs."""

    def __init__(self) -> None:
        self.now_us = 1_800_000_000_000_000
        self.late_seconds = 0.0
        """How long an answer to the script takes."""
        self.garbled = b""
        """What the script is answered with instead."""
        self.keys: list[str] = []
        """Which keys the script was called with, in order."""
        self.questions = 0
        """How often it was called, about one key or several."""
        self.connections = 0
        """How many were opened, in all."""
        self._scripts: set[bytes] = set()
        self._counters = Counters()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens, or did."""
        return f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        """Listen, where it did before if it did."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything, and forget the scripts, as a restart does."""
        self._scripts.clear()
        if self._server is not None:
            self._server.close()
        for each in self._serving:
            each.cancel()
        if self._serving:
            await asyncio.wait(self._serving)
        self._serving.clear()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._serving.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while command := await _read_command(reader):
                if command[0].upper() == b"EVALSHA":
                    self.questions += 1
                    await asyncio.sleep(self.late_seconds)
                writer.write(self._answer(command))
        finally:
            writer.transport.abort()

    def _answer(self, command: list[bytes]) -> bytes:
        name = command[0].upper()
        if name == b"HELLO":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        if name == b"PING":
            return b"+PONG\r\n"
        if name == b"SCRIPT":
            return self._load(command[2])
        if name != b"EVALSHA":
            return b"+OK\r\n"
        if self.garbled:
            return self.garbled
        if command[1] not in self._scripts:
            return b"-NOSCRIPT No matching script. Please use EVAL.\r\n"
        count = int(command[2])
        keys, numbers = command[3 : 3 + count], list(map(int, command[3 + count :]))
        limits = zip(numbers[::2], numbers[1::2], strict=True)
        found = [self._count(key.decode(), *limit) for key, limit in zip(keys, limits, strict=True)]
        return b"*%d\r\n" % count + b"".join(b":%d\r\n" % each for each in found)

    def _load(self, script: bytes) -> bytes:
        sha = _sha1(script)
        self._scripts.add(sha)
        return b"$%d\r\n%s\r\n" % (len(sha), sha)

    def _count(self, key: str, interval_us: int, window_us: int) -> int:
        self.keys.append(key)
        limit = Limit(interval_us * MICROSECOND_NS, window_us * MICROSECOND_NS)
        return self._counters.spend(key, limit, self.now_us * MICROSECOND_NS) // MICROSECOND_NS


@asynccontextmanager
async def a_redis_server() -> AsyncIterator[RedisServer]:
    """Run one on a free port."""
    server = RedisServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _read_command(reader: asyncio.StreamReader) -> list[bytes]:
    """Return the words of the next command, none once the client has gone."""
    try:
        count = int((await reader.readuntil(b"\r\n"))[1:])
        return [await _read_bulk(reader) for _ in range(count)]
    except (asyncio.IncompleteReadError, OSError):
        return []


async def _read_bulk(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readuntil(b"\r\n"))[1:])
    return (await reader.readexactly(length + 2))[:-2]


def _sha1(script: bytes) -> bytes:
    return hashlib.sha1(script, usedforsecurity=False).hexdigest().encode()
