# SPDX-License-Identifier: Apache-2.0
"""One request and its response on a connection, as an ASGI application sees them (ASGI 3.0, HTTP spec version 2.4)."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from entrepot.infra.http.request import PHRASE
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Scope

BODY_BUFFER_BYTES = 512 * 1024
"""How much of a request body waits for the application before the connection is read no further."""

_PART_BYTES = 64
"""What each part that waits takes besides its bytes: thousands of small chunks must not take more than one large."""

JOINED_BYTES = 64 * 1024
"""Up to this length a body is copied behind its head, so that both leave in one write."""

SHORT_REST_BYTES = 64 * 1024
"""A connection is kept although its request was answered early when no more than this of the body is to come."""

_PHRASES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus}
_BODILESS = frozenset({204, 304})


class ClientGone(ConnectionError):
    """The client closed the connection before its answer was complete."""


class ServerHeaders(Protocol):
    """Knows the headers that every response carries, such as `Date`."""

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """Their lower-case names and values."""


class Wire:
    """The two directions of a connection: tells when more may be written, and has reading stopped and started."""

    __slots__ = ("_is_read", "_room", "is_lost", "server", "transport")

    def __init__(self, transport: asyncio.Transport, server: ServerHeaders) -> None:
        self.transport = transport
        self.server = server
        self.is_lost = False
        self._is_read = True
        self._room: asyncio.Future[None] | None = None

    def stop_reading(self) -> None:
        """Take nothing more from the client for now."""
        if self._is_read and not self.transport.is_closing():
            self._is_read = False
            self.transport.pause_reading()

    def go_on_reading(self) -> None:
        """Take from the client again."""
        if not self._is_read and not self.transport.is_closing():
            self._is_read = True
            self.transport.resume_reading()

    def pause(self) -> None:
        """Hold writers back: the client reads more slowly than it is written to."""
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()

    def resume(self) -> None:
        """Let writers go on."""
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def lose(self) -> None:
        """Let writers find out that the client is gone."""
        self.is_lost = True
        self.resume()

    @property
    def is_paused(self) -> bool:
        """Whether a writer has to wait."""
        return self._room is not None

    async def room(self) -> None:
        """Return once more may be written. Raises `ClientGone`."""
        if self._room is not None:
            await asyncio.shield(self._room)
        if self.is_lost:
            raise ClientGone("the client closed the connection")


class Exchange:
    """A request, read as it arrives, and the response to it."""

    __slots__ = (
        "_awaited",
        "_body",
        "_buffered",
        "_expects_continue",
        "_head",
        "_is_chunked",
        "_is_end_told",
        "_is_until_close",
        "_left",
        "_on_end",
        "_waiter",
        "_wire",
        "is_complete",
        "is_cut_off",
        "is_received",
        "is_started",
        "keeps_alive",
        "scope",
    )

    def __init__(self, scope: Scope, wire: Wire, on_end: Callable[["Exchange"], None], announced: int | None) -> None:
        """Begin with the head of the request in `scope`; `on_end` is called once the response is complete.

        `announced` is the length of its body in bytes, None when that is not known beforehand.
        """
        self.scope = scope
        self.keeps_alive = True
        self.is_received = False
        """Whether the request has come to its end."""
        self.is_cut_off = False
        """Whether nothing more can be understood of what the client sends."""
        self.is_started = False
        """Whether the head of the response has left."""
        self.is_complete = False
        self._wire = wire
        self._on_end = on_end
        self._awaited = announced
        self._body: list[bytes] = []
        self._buffered = 0
        self._is_end_told = False
        self._expects_continue = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._is_chunked = False
        self._is_until_close = False
        self._left = 0

    # What the connection says

    def expect_continue(self) -> None:
        """The client waits for `100 Continue` before it sends its body (RFC 9110 section 10.1.1)."""
        self._expects_continue = True

    def take(self, data: bytes) -> None:
        """Take a part of the request body."""
        if self._awaited is not None:
            self._awaited -= len(data)
        self._body.append(data)
        self._buffered += len(data) + _PART_BYTES
        if self._buffered > BODY_BUFFER_BYTES:
            self._wire.stop_reading()
        self._wake()

    def end_request(self) -> None:
        """The request is complete."""
        self.is_received = True
        self._wake()

    def cut_off(self) -> None:
        """What follows in the request is not valid: its body ends here, and is not complete."""
        self.is_cut_off = True
        self.keeps_alive = False
        self._wake()

    def lose(self) -> None:
        """The client is gone."""
        self._wake()

    @property
    def waits_for_client(self) -> bool:
        """Whether nothing happens until the client sends more of its request."""
        return (self._waiter is not None or self.is_complete) and not (self.is_received or self.is_cut_off)

    # What the application says

    async def receive(self) -> Message:
        """Return what has arrived of the body, waiting for it; after its end, wait for the client to go."""
        if self._expects_continue and not self.is_started and not self._wire.is_lost:
            self._expects_continue = False
            self._wire.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._has_news():
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self.is_complete or self._is_end_told or not (self._body or self.is_received):
            return {"type": "http.disconnect"}
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        if self._buffered > BODY_BUFFER_BYTES:
            self._wire.go_on_reading()
        self._buffered = 0
        self._is_end_told = self.is_received
        return {"type": "http.request", "body": body, "more_body": not self.is_received}

    def _has_news(self) -> bool:
        if self._wire.is_lost or self.is_complete or self.is_cut_off or self._body:
            return True
        return self.is_received and not self._is_end_told

    async def send(self, message: Message) -> None:
        """Send the head of the response, or a part of its body; with more to come, return once there is room for it.

        So the next part is not made, and held in memory, before the client has taken this one. Raises `ClientGone`.
        """
        if self._wire.is_lost:
            raise ClientGone("the client closed the connection")
        if self._wire.is_paused:
            await self._wire.room()
        if message["type"] == "http.response.start" and not self._head and not self.is_started:
            status, phrase = message["status"], message.get(PHRASE)
            line = _PHRASES.get(status) if phrase is None else b"HTTP/1.1 %d %b" % (status, phrase)
            self._head = self._render_head(status, line or b"HTTP/1.1 %d " % status, message.get("headers", ()))
        elif message["type"] == "http.response.body" and (self.is_started or self._head) and not self.is_complete:
            self._send_body(message.get("body", b""), is_last=not message.get("more_body", False))
            if self._wire.is_paused and not self.is_complete:
                await self._wire.room()
        else:
            raise RuntimeError(f"{message['type']} does not come here")

    def _render_head(self, status: int, status_line: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
        """Return the head but for its last line. Raises `RuntimeError` for what would be more than one head."""
        lines = [status_line]
        length = None
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"connection":
                self.keeps_alive = False
                continue
            lines.append(b"%b: %b" % (name, value))
        if self.scope["method"] == "HEAD" or status in _BODILESS:
            self._left = 0
        elif length is not None:
            self._left = length
        elif self.scope["http_version"] == "1.1":
            self._is_chunked = True
            lines.append(b"transfer-encoding: chunked")
        else:
            self._is_until_close = True
        lines += [b"%b: %b" % header for header in self._wire.server.default_headers]
        if not self.is_received and not self._has_short_rest():
            self.keeps_alive = False
        head = b"\r\n".join(lines)
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or b"\0" in head:
            raise RuntimeError("a header of the response holds a line break")
        return head

    def _has_short_rest(self) -> bool:
        """Tell whether so little of the request is to come that it is read away for the sake of the connection.

        A client that still waits for `100 Continue` may leave its body out.
        """
        return not self._expects_continue and self._awaited is not None and self._awaited <= SHORT_REST_BYTES

    def _send_body(self, body: bytes, *, is_last: bool) -> None:
        if self.scope["method"] == "HEAD":
            body = b""
        if self._is_chunked:
            framed = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = framed + b"0\r\n\r\n" if is_last else framed
        elif not self._is_until_close:
            self._left -= len(body)
            if self._left < 0 or (is_last and self._left):
                raise RuntimeError("the body of the response is not as long as its Content-Length")
        self._write(body)
        if is_last:
            self.is_complete = True
            self._on_end(self)

    def _write(self, body: bytes) -> None:
        transport = self._wire.transport
        if self.is_started:
            if body:
                transport.write(body)
            return
        head, self._head = self._head, b""
        self.is_started = True
        end = b"\r\n\r\n" if self.keeps_alive else b"\r\nconnection: close\r\n\r\n"
        if len(body) <= JOINED_BYTES:
            transport.write(b"".join((head, end, body)))
        else:
            transport.write(head + end)
            transport.write(body)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
