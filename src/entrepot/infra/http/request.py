# SPDX-License-Identifier: Apache-2.0
"""An HTTP request over ASGI, read lazily and within limits."""

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.request_facts import about_request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

LEAVING = "entrepot.leaving"
"""An extension of the ASGI scope: an `asyncio.Event` that is set once the server wants nothing new."""

STOPPING = "entrepot.stopping"
"""An extension of the ASGI scope: an `asyncio.Event` that is set once the server stops, for answers without an end."""

PHRASE = "entrepot.phrase"
"""In the start of a response, what stands beside its status instead of the usual words: bytes that fit there."""

MAX_QUERY_BYTES = 16 * 1024
MAX_QUERY_FIELDS = 256


class ClientDisconnected(AppError):
    """The client went away before its request was complete."""

    code = "client_disconnected"
    status = 400


class BodyTooLarge(AppError):
    """The request body is larger than this address accepts."""

    code = "body_too_large"
    status = 413


class Request:
    """One request. Header names are lower case; the path is still percent-encoded."""

    __slots__ = ("_fields", "_is_read", "_query", "_receive", "_request_id", "headers", "method", "raw_path", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.raw_path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._fields = dict(self.headers)
        self._receive = receive
        self._query: dict[str, list[str]] | None = None
        self._is_read = False
        self._request_id = ""

    @property
    def request_id(self) -> str:
        """Names this request in logs, events and the `X-Request-Id` header."""
        if not self._request_id:
            self._request_id = about_request().request_id
        return self._request_id

    @property
    def address(self) -> str:
        """The address of the peer."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def header(self, name: bytes) -> str | None:
        """Return the header's value, None when absent, joined by commas when repeated."""
        if len(self._fields) == len(self.headers):
            value = self._fields.get(name)
            return None if value is None else value.decode("latin-1")
        values = [value for key, value in self.headers if key == name]
        return b", ".join(values).decode("latin-1") if values else None

    def single_header(self, name: bytes) -> str | None:
        """Return the header's value. Raises `InvalidRequest` when it is repeated."""
        if len(self._fields) != len(self.headers) and sum(key == name for key, _ in self.headers) > 1:
            raise InvalidRequest(f"the {name.decode()} header is repeated")
        value = self._fields.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def content_length(self) -> int | None:
        """The announced length of the body in bytes, None when it is not announced."""
        text = self.single_header(b"content-length")
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise InvalidRequest("Content-Length must be a non-negative integer")
        return int(text)

    def parameter(self, name: str) -> str | None:
        """Return a query parameter, None when absent. Raises `InvalidRequest` when it is repeated."""
        values = self.parameters(name)
        if len(values) > 1:
            raise InvalidRequest(f"the query parameter {name} is repeated")
        return values[0] if values else None

    def parameters(self, name: str) -> list[str]:
        """Return every value of a query parameter that may be repeated."""
        if self._query is None:
            self._query = parse_query(self.scope.get("query_string") or b"")
        return self._query.get(name, [])

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises `ClientDisconnected` when the client leaves before the end, so that
        a truncated body is never taken for a whole one.
        """
        while not self._is_read:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientDisconnected
            if not message.get("more_body", False):
                self._is_read = True
            if body := message.get("body"):
                yield body

    async def body(self, limit: int) -> bytes:
        """Return the whole body. Raises `BodyTooLarge` beyond `limit` bytes, and `ClientDisconnected`."""
        announced = self.content_length
        if announced is not None and announced > limit:
            raise BodyTooLarge(f"the body is {announced} bytes, at most {limit} are accepted")
        parts: list[bytes] = []
        size = 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"the body is longer than the {limit} bytes accepted")
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """Return the values of each parameter of a query. Raises `InvalidRequest`."""
    if not raw:
        return {}
    if len(raw) > MAX_QUERY_BYTES:
        raise InvalidRequest(f"the query is longer than {MAX_QUERY_BYTES} bytes")
    if raw.count(b"&") >= MAX_QUERY_FIELDS:
        raise InvalidRequest(f"the query has more than {MAX_QUERY_FIELDS} parameters")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise InvalidRequest("the query is not valid percent-encoded UTF-8") from error
    if b"%00" in raw:
        raise InvalidRequest("the query has a NUL in it, which nothing is called and no database compares")
    query: dict[str, list[str]] = {}
    for key, value in pairs:
        query.setdefault(key, []).append(value)
    return query
