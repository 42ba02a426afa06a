# SPDX-License-Identifier: Apache-2.0
"""Somebody who listens to a stream of server-sent events, over ASGI in this process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from entrepot.infra.http.request import STOPPING
from entrepot.infra.http.request import Message
from tests.builders.application import Client
from tests.builders.asgi import scope_of
from tests.builders.databases import until_final

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, as it was sent."""

    id: str
    name: str
    data: Any


class Listening:
    """A stream that is open. What it sends is taken as it comes, but for the time in which `hears` is cleared."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.hears = asyncio.Event()
        self.hears.set()
        self.stopping = asyncio.Event()
        self._leaves = asyncio.Event()
        self._is_asked = False
        self._has_begun = asyncio.Event()
        self._blocks: asyncio.Queue[str | None] = asyncio.Queue()
        self._rest = ""

    async def receive(self) -> Message:
        """Send a request without a body, then stay."""
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._has_begun.set()
            return
        await self.hears.wait()
        *whole, self._rest = (self._rest + message.get("body", b"").decode()).split("\n\n")
        for block in whole:
            self._blocks.put_nowait(block)
        if not message.get("more_body", False):
            self._blocks.put_nowait(None)

    async def begun(self) -> None:
        """Return once it was answered."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._has_begun.wait()

    async def block(self) -> str | None:
        """Return the next message as it is on the wire, None for the end of the stream."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._blocks.get()

    async def heard(self) -> Heard:
        """Return the next event, however many heartbeats come before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (block := await self._blocks.get()) is not None:
                fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
                if "data" in fields:
                    return Heard(fields["id"], fields["event"], json.loads(fields["data"]))
        raise EOFError("the stream has ended")

    async def hears_until(self, name: str) -> list[Heard]:
        """Return the events up to one of that name, and with it."""
        found = [await self.heard()]
        while found[-1].name != name:
            found.append(await self.heard())
        return found

    async def is_over(self) -> bool:
        """Wait for the end of the stream."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._blocks.get() is not None:
                pass
        return True

    def leave(self) -> None:
        """Go away."""
        self._leaves.set()


@asynccontextmanager
async def listening(client: Client, query: str = "", *, last_event_id: str = "") -> AsyncIterator[Listening]:
    """Listen to `/api/v1/events` with that query, until the block ends; what was done before is in the past by then."""
    await until_final(client.server._instance.core.database)
    headers = [*client.headers, *([("last-event-id", last_event_id)] if last_event_id else [])]
    scope = scope_of("GET", f"/api/v1/events{query}", headers)
    stream = Listening()
    scope["extensions"] = {STOPPING: stream.stopping}
    task = asyncio.create_task(client.server(scope, stream.receive, stream.send))
    try:
        await stream.begun()
        yield stream
    finally:
        stream.hears.set()
        stream.leave()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await task
