# SPDX-License-Identifier: Apache-2.0
"""Small ASGI applications."""

import asyncio
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the application saw it. `is_whole` is False when the client went away before its end."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_whole: bool


async def say(send: Send, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    """Answer in two messages."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def read(receive: Receive) -> tuple[bytes, bool]:
    """Return the body, and whether it came to its end."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body, False
        body += message["body"]
        if not message["more_body"]:
            return body, True


@dataclass(slots=True)
class Recorder:
    """Reads every request to its end, remembers it, and answers with its path and body."""

    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        body, is_whole = await read(receive)
        headers = tuple(scope["headers"])
        seen = Seen(scope["method"], scope["raw_path"], scope["query_string"], headers, body, is_whole)
        self.seen.append(seen)
        if is_whole:
            await say(send, scope["raw_path"] + b"=" + body)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403 without reading anything."""
    await say(send, b"you may not", 403)


@dataclass(slots=True)
class Scripted:
    """Sends the messages it was given, whatever is asked."""

    messages: list[Message]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        for message in self.messages:
            await send(message)


@dataclass(slots=True)
class Endless:
    """Streams without end, and counts what it was allowed to send."""

    part: bytes = b"x" * 65_536
    sent: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9" * 15)]})
        try:
            while True:
                await send({"type": "http.response.body", "body": self.part, "more_body": True})
                self.sent += len(self.part)
        finally:
            self.ended.set()


@dataclass(slots=True)
class Deaf:
    """Waits to be let go before it reads or answers anything."""

    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        await self.go.wait()
        body, _ = await read(receive)
        await say(send, b"%d" % len(body))
