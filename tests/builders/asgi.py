# SPDX-License-Identifier: Apache-2.0
"""One request to an ASGI application, and whatever comes back of the answer."""

import json
from collections.abc import AsyncIterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send

Headers = Sequence[tuple[str, str]]

GONE: Message = {"type": "http.disconnect"}


@dataclass(frozen=True)
class Answer:
    """An answer as far as it was sent; `failure` is what the application raised in its middle."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    is_ended: bool
    failure: Exception | None = None

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return a header, joined by commas when repeated."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key == name]

    @property
    def looks_complete(self) -> bool:
        """Whether a client takes the body for the whole: it ended properly, with as many bytes as announced."""
        return self.is_ended and self.failure is None and len(self.body) == int(self.header("content-length") or 0)


async def ask(
    application: AsgiApplication,
    method: str,
    target: str,
    body: bytes | AsyncIterator[bytes] = b"",
    headers: Headers = (),
) -> Answer:
    """Send a request whose body is whole; it has a length if it is given as bytes."""
    framed = [*headers, ("content-length", str(len(body)))] if isinstance(body, bytes) and body else list(headers)
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    failure: Exception | None = None
    try:
        await application(scope_of(method, target, framed), incoming(body), send)
    except Exception as error:  # noqa: BLE001 - what a server does with it: it aborts the connection
        failure = error
    start, *rest = messages or [{"status": 0, "headers": []}]
    return Answer(
        start["status"],
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]],
        b"".join(message.get("body", b"") for message in rest),
        bool(rest) and not rest[-1].get("more_body", False),
        failure,
    )


def a_request(
    method: str = "GET",
    target: str = "/v2/",
    headers: Headers = (),
    receive: Receive | None = None,
    extensions: Sequence[str] = (),
) -> Request:
    """Make a request as an application sees it."""
    return Request(scope_of(method, target, headers, extensions), receive or incoming(b""))


def scope_of(method: str, target: str, headers: Headers = (), extensions: Sequence[str] = ()) -> Scope:
    """Make the ASGI scope of a request."""
    raw_path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 50_000),
        "extensions": {name: {} for name in extensions},
    }


def incoming(body: bytes | AsyncIterator[bytes]) -> Receive:
    """Receive a whole body, then nothing more."""
    messages = _messages(body)

    async def receive() -> Message:
        return await anext(messages, GONE)

    return receive


def arriving(*messages: bytes | Message) -> Receive:
    """Receive these: bytes stand for a part of the body after which more comes."""
    waiting = [
        {"type": "http.request", "body": each, "more_body": True} if isinstance(each, bytes) else each
        for each in messages
    ]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else GONE

    return receive


def collecting(messages: list[Message]) -> Send:
    """Send into a list."""

    async def send(message: Message) -> None:
        messages.append(message)

    return send


async def _messages(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[Message]:
    if isinstance(body, bytes):
        yield {"type": "http.request", "body": body, "more_body": False}
        return
    async for chunk in body:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}
