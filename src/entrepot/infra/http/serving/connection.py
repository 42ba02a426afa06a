# SPDX-License-Identifier: Apache-2.0
"""One client connection: HTTP/1.1 (RFC 9112) in, ASGI out, within limits.

It takes the place of uvicorn's own protocol; uvicorn's server does the rest (sockets, TLS, start and stop).
httptools (llhttp) parses, strictly: it refuses bare line feeds, Content-Length beside Transfer-Encoding, folded
and malformed fields. What is refused here was never a request, and its connection is closed.
"""

import asyncio
from collections import deque
from typing import Any
from typing import NoReturn
from typing import Protocol
from typing import cast
from urllib.parse import unquote

import httptools
import structlog

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Scope
from entrepot.infra.http.serving.exchange import ClientGone
from entrepot.infra.http.serving.exchange import Exchange
from entrepot.infra.http.serving.exchange import ServerHeaders
from entrepot.infra.http.serving.exchange import Wire
from entrepot.infra.http.serving.open_connections import OpenConnections
from entrepot.infra.http.serving.refusal import Refusal
from entrepot.infra.http.serving.request_head import Fields
from entrepot.infra.http.serving.request_head import OnlyBody
from entrepot.infra.http.serving.request_head import body_length
from entrepot.infra.http.serving.request_head import framing_of
from entrepot.infra.http.serving.request_head import parse_target
from entrepot.infra.http.serving.request_head import with_host

log = structlog.get_logger(__name__)

MAX_PIPELINED = 32
LINGER_BYTES = 1024 * 1024
LINGER_SECONDS = 2.0
_ASGI = {"version": "3.0", "spec_version": "2.4"}


class ServerState(ServerHeaders, Protocol):
    """What the connections of one server share, as uvicorn keeps it."""

    connections: set[Any]
    tasks: set[asyncio.Task[None]]
    total_requests: int


class Connection(asyncio.Protocol):
    """Reads requests, runs the application for one after another, and ends when a limit is passed."""

    def __init__(self, application: AsgiApplication, state: ServerState, opened: OpenConnections) -> None:
        self._application = application
        self._state = state
        self._opened = opened
        self._limits = opened.limits
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Exchange] = deque()
        """Requests that are not done with; the first is being answered."""
        self._incoming: Exchange | None = None
        """The request whose body arrives."""
        self._objection: Refusal | None = None
        """Why one of the parser's callbacks stopped it."""
        self._refusal: Refusal | None = None
        """What is said once everything before it is answered."""
        self._url = b""
        self._fields: Fields = []
        self._framing_behind_offer = b""
        """The field that announces the body of a request that offers another protocol."""
        self._framing_bytes = 0
        """What has arrived since the last request began, ended, or brought a byte of its body."""
        self._head_began: float | None = None
        self._moved_at = self._loop.time()
        self._unsent = 0
        self._dropped = 0
        self._is_last = False
        """Whether no further request is taken."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or refuse when there are too many connections."""
        self._transport = cast("asyncio.Transport", transport)
        self._wire = Wire(self._transport, self._state)
        self._client = _address(transport.get_extra_info("peername"))
        self._server = _address(transport.get_extra_info("sockname"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._state.connections.add(self)
        if not self._opened.admit(self, self._client[0] if self._client else ""):
            self._is_last = True
            refusal = Refusal(503, "too many connections are open: close some, or try again in a moment")
            self._transport.write(refusal.render())
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the application know, if it is at work."""
        self._state.connections.discard(self)
        self._opened.remove(self)
        self._wire.lose()
        for exchange in self._queue:
            exchange.lose()

    def pause_writing(self) -> None:
        """Hold the application back."""
        self._wire.pause()

    def resume_writing(self) -> None:
        """Let the application go on."""
        self._moved_at = self._loop.time()
        self._wire.resume()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        self._moved_at = self._loop.time()
        if self._is_last and self._incoming is None:
            self._drop(len(data))
            return
        self._framing_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._pass_over_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(self._objection or Refusal(400, f"this is not an HTTP/1.1 request: {error}"))
        else:
            if self._framing_bytes > self._limits.head_kib * 1024:
                self._refuse(_too_long(self._limits.head_kib))

    def _pass_over_upgrade(self, rest: bytes) -> None:
        """Answer a request that offers another protocol as it stands (RFC 9110 section 7.8), and take no other.

        The parser leaves what follows such a head to that protocol; a body is parsed all the same.
        """
        framing, self._framing_behind_offer = self._framing_behind_offer, b""
        self._end_after_answers()
        if framing:
            self._parser = httptools.HttpRequestParser(OnlyBody(self))
            self.data_received(b"POST / HTTP/1.1\r\n%b\r\n\r\n%b" % (framing, rest))

    def eof_received(self) -> None:
        """Close: a client that sends nothing more is taken to be gone."""

    def shutdown(self) -> None:
        """Close, once what is at work is answered (called when the server stops)."""
        self._opened.stop()
        self._end_after_answers()

    def end_if_silent(self, now: float) -> None:
        """Close the connection if it has waited longer than it may; `now` is the loop's time in seconds."""
        limits = self._limits
        unsent = self._transport.get_write_buffer_size()
        if unsent or self._wire.is_paused or self._queue:
            is_writing = unsent or self._wire.is_paused
            has_client_stopped = unsent == self._unsent if is_writing else self._queue[0].waits_for_client
            self._unsent = unsent
            if not has_client_stopped:
                self._moved_at = now
            elif now - self._moved_at > limits.stall_seconds:
                log.info("connection.stalled", address=self._client and self._client[0])
                self._transport.abort()
        elif self._head_began is None:
            if now - self._moved_at > limits.idle_seconds:
                self._transport.close()
        elif now - self._head_began > limits.head_seconds:
            self._refuse(Refusal(408, f"the head of the request took more than {limits.head_seconds} s"))

    # The parser's side

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_began = self._loop.time()
        self._framing_bytes = 0
        self._dropped = 0
        self._url = b""
        self._fields = []

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field; behind a body in chunks a trailer, which nobody here reads (RFC 9110 section 6.5.1)."""
        if self._incoming is not None:
            return
        self._fields.append((name.lower(), value))
        if len(self._fields) > self._limits.header_fields:
            self._object(Refusal(431, f"the request has more than {self._limits.header_fields} header fields"))

    def on_headers_complete(self) -> None:
        """The head is complete: queue the request, and start it if nothing is before it."""
        size = len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._fields)
        if size > self._limits.head_kib * 1024:
            self._object(_too_long(self._limits.head_kib))
        self._head_began = None
        if len(self._queue) >= MAX_PIPELINED:
            self._object(Refusal(400, "too many requests are sent ahead of their answers"))
        version = self._parser.get_http_version()
        try:
            announced = body_length(version, self._fields)
            scope = self._scope(version)
        except Refusal as refusal:
            self._object(refusal)
        if self._parser.should_upgrade() and announced != 0:
            self._framing_behind_offer = framing_of(announced)
        exchange = Exchange(scope, self._wire, self._ended, announced)
        if version == "1.1":
            is_welcome = not (self._is_last or self._opened.leaving.is_set())
            exchange.keeps_alive = self._parser.should_keep_alive() and is_welcome
            if any(name == b"expect" and value.lower() == b"100-continue" for name, value in self._fields):
                exchange.expect_continue()
        else:
            exchange.keeps_alive = False
        self._incoming = exchange
        self._queue.append(exchange)
        if len(self._queue) == 1:
            self._start(exchange)

    def on_body(self, body: bytes) -> None:
        """A part of the body: the application's, or dropped when that has answered already."""
        self._framing_bytes = 0
        if self._incoming is None:
            return
        if self._incoming.is_complete:
            self._drop(len(body))
        else:
            self._incoming.take(body)

    def on_message_complete(self) -> None:
        """The request has come to its end."""
        if self._framing_behind_offer:
            return
        self._framing_bytes = 0
        exchange, self._incoming = self._incoming, None
        if exchange is None:
            return
        exchange.end_request()
        if exchange.is_complete:
            self._done_with(exchange)
        elif len(self._queue) > 1:
            # One request ahead of its answer is enough: the client may wait.
            self._wire.stop_reading()

    def _object(self, refusal: Refusal) -> NoReturn:
        self._objection = refusal
        raise refusal

    def _scope(self, version: str) -> Scope:
        target = parse_target(self._url)
        path = target.path.decode("ascii")
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "method": self._parser.get_method().decode("ascii"),
            "scheme": self._scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": target.path,
            "query_string": target.query,
            "root_path": "",
            "headers": with_host(self._fields, target.authority) if target.authority else self._fields,
            "client": self._client,
            "server": self._server,
            "extensions": self._opened.extensions,
        }

    # The application's side

    def _start(self, exchange: Exchange) -> None:
        task = self._loop.create_task(self._run(exchange))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _run(self, exchange: Exchange) -> None:
        failure = None
        try:
            await self._application(exchange.scope, exchange.receive, exchange.send)
        except ClientGone:
            return
        except Exception:
            log.exception("connection.application_failed")
            failure = Refusal(500, "the server failed; its log says why")
        finally:
            if not exchange.is_complete:
                self._give_up(exchange, failure)

    def _give_up(self, exchange: Exchange, failure: Refusal | None) -> None:
        """End a request that the application left without an answer, or in the middle of one."""
        refusal = self._refusal if exchange.is_cut_off else failure
        if refusal is None or exchange.is_started or self._wire.is_lost:
            # Whatever has left must not be taken for the whole.
            self._transport.abort()
            return
        self._queue.clear()
        self._incoming = None
        self._say(refusal)

    def _ended(self, exchange: Exchange) -> None:
        """The response is complete."""
        self._state.total_requests += 1
        self._moved_at = self._loop.time()
        if exchange.is_received or exchange.is_cut_off:
            self._done_with(exchange)
            return
        self._wire.go_on_reading()
        if not exchange.keeps_alive:
            self._linger()

    def _done_with(self, exchange: Exchange) -> None:
        """The request and its response are both complete."""
        self._queue.popleft()
        if not exchange.keeps_alive:
            self._transport.close()
        elif self._queue:
            self._start(self._queue[0])
            if len(self._queue) == 1:
                self._wire.go_on_reading()
        elif self._refusal is not None:
            self._say(self._refusal)
        elif self._is_last:
            self._transport.close()

    # The end

    def _end_after_answers(self) -> None:
        self._is_last = True
        if self._queue:
            self._queue[-1].keeps_alive = False
        else:
            self._transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Take no more; say why once what was asked before is answered, and close."""
        self._is_last = True
        self._refusal = refusal
        self._head_began = None
        exchange, self._incoming = self._incoming, None
        if exchange is None:
            if not self._queue:
                self._say(refusal)
        elif exchange.is_complete:
            self._transport.close()
        else:
            exchange.cut_off()

    def _say(self, refusal: Refusal) -> None:
        self._transport.write(refusal.render())
        self._linger()

    def _linger(self) -> None:
        """Close, but read on a little before: a client that is reset while it sends may not read what it was told."""
        self._is_last = True
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
        self._loop.call_later(LINGER_SECONDS, self._transport.close)

    def _drop(self, size: int) -> None:
        self._dropped += size
        if self._dropped > LINGER_BYTES:
            self._wire.stop_reading()


def _too_long(kib: int) -> Refusal:
    return Refusal(431, f"the head of the request is longer than {kib} KiB")


def _address(name: object) -> tuple[str, int] | None:
    """Return host and port of a socket's name; an IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2) as itself."""
    if not isinstance(name, tuple):
        return None
    return str(name[0]).removeprefix("::ffff:") if "." in str(name[0]) else str(name[0]), int(name[1])
