# SPDX-License-Identifier: Apache-2.0
"""Load: one thread that keeps many connections busy, and a plain connection for pushes.

The client knows every answer beforehand and compares each of them byte for byte.
"""

import re
import select
import socket
import time
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from itertools import islice
from typing import Protocol

from tests.server import HOST

BUFFER_BYTES = 256 * 1024
STARTED_OK = b"HTTP/1.1 200"

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)\r\n")
_LOCATION = re.compile(rb"(?i)\r\nlocation: ([^\r]+)\r\n")


class WrongAnswer(Exception):
    """A server answered something else than it was given."""


class Asked(Protocol):
    """A request as it is sent, and what is known of its answer, which starts with `200`."""

    @property
    def wire(self) -> bytes:
        """The bytes of the request."""

    def is_whole(self, head: bytes, body: bytes) -> bool:
        """Tell whether all of the answer is here."""

    def is_right(self, head: bytes, body: bytes) -> bool:
        """Tell whether a whole answer is the one that there must be."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent, what its answer must hold, and what it must end with."""

    wire: bytes
    holds: bytes
    ending: bytes

    def is_whole(self, head: bytes, body: bytes) -> bool:
        """Tell by the length that is known beforehand."""
        return len(body) >= len(self.ending)

    def is_right(self, head: bytes, body: bytes) -> bool:
        """Compare every byte of the body."""
        return body == self.ending and self.holds in head


@dataclass(slots=True)
class Load:
    """What came of a load: how many answers, in how many seconds, and how long each took (ms)."""

    answers: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def latency_ms(self, share: float) -> float:
        """Return the latency that `share` of the answers stay below."""
        return percentile(self.latencies_ms, share)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values stay below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(slots=True)
class _Busy:
    connection: socket.socket
    request: Asked
    sent_at: float
    received: bytes = b""


def announced_length(head: bytes) -> int:
    """Return the `Content-Length` of an answer, 0 without one."""
    match = _LENGTH.search(head + b"\r\n")
    return int(match[1]) if match else 0


def drive(port: int, requests: Iterator[Asked], connections: int, seconds: float) -> Load:
    """Keep `connections` busy with `requests` for so long, or until there are no more. Raises `WrongAnswer`."""
    poll = select.epoll()
    busy: dict[int, _Busy] = {}
    load, begin = Load(), time.perf_counter()
    for request in islice(requests, connections):
        connection = socket.create_connection((HOST, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        busy[connection.fileno()] = _Busy(connection, request, time.perf_counter())
        poll.register(connection.fileno(), select.EPOLLIN)
        connection.sendall(request.wire)
    deadline = begin + seconds
    try:
        while (now := time.perf_counter()) < deadline and busy:
            for descriptor, _ in poll.poll(1.0):
                if not _take(busy[descriptor], requests, load):
                    poll.unregister(descriptor)
                    busy.pop(descriptor).connection.close()
        load.seconds = now - begin
    finally:
        for one in busy.values():
            one.connection.close()
        poll.close()
    return load


def _take(busy: _Busy, requests: Iterator[Asked], load: Load) -> bool:
    """Take what has arrived, and ask on once the answer is whole; return whether there was more to ask."""
    data = busy.connection.recv(BUFFER_BYTES)
    if not data:
        raise WrongAnswer(f"the connection ended after {busy.received[:200]!r}")
    received = busy.received = busy.received + data if busy.received else data
    request = busy.request
    if not received.startswith(STARTED_OK):
        raise WrongAnswer(f"{received[:600]!r}")
    head, end, body = received.partition(b"\r\n\r\n")
    if not end or not request.is_whole(head, body):
        return True
    if not request.is_right(head, body):
        raise WrongAnswer(f"to {request.wire[:100]!r} came {received[:600]!r}")
    now = time.perf_counter()
    load.answers += 1
    load.latencies_ms.append((now - busy.sent_at) * 1000)
    following = next(requests, None)
    if following is None:
        return False
    busy.request = following
    busy.received = b""
    busy.sent_at = now
    busy.connection.sendall(following.wire)
    return True


def download(port: int, wire: bytes, length: int) -> None:
    """Fetch one large answer and throw it away. Raises `WrongAnswer` when it has another length."""
    buffer = bytearray(1024 * 1024)
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(wire)
        received = connection.recv(BUFFER_BYTES)
        while b"\r\n\r\n" not in received:
            received += connection.recv(BUFFER_BYTES)
        if not received.startswith(STARTED_OK):
            raise WrongAnswer(f"{received[:600]!r}")
        left = length - len(received.partition(b"\r\n\r\n")[2])
        while left > 0:
            count = connection.recv_into(buffer)
            if not count:
                raise WrongAnswer(f"the answer ended {left} bytes early")
            left -= count


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the head it came with, and the address it points to."""

    status: int
    head: bytes

    @property
    def location(self) -> str:
        """The path (and query) of the `Location` header."""
        match = _LOCATION.search(self.head + b"\r\n")
        if match is None:
            raise WrongAnswer(f"no Location in {self.head!r}")
        address = match[1].decode("ascii")
        return address.partition("://")[2].partition("/")[2].join(("/", "")) if "://" in address else address


class Connection:
    """One keep-alive connection that asks one thing after another, as a pusher does."""

    def __init__(self, port: int, authorization: str = "") -> None:
        self._socket = socket.create_connection((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._common = f"Host: {HOST}:{port}\r\nUser-Agent: entrepot-bench\r\n"
        if authorization:
            self._common += f"Authorization: {authorization}\r\n"

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        """Send one request with its body and return the answer, without its body."""
        self.begin(method, path, len(body), content_type, body if len(body) <= BUFFER_BYTES else b"")
        if len(body) > BUFFER_BYTES:
            self.send(body)
        return self.answer(is_head=method == "HEAD")

    def begin(self, method: str, path: str, length: int, content_type: str = "", body: bytes = b"") -> None:
        """Send the head of a request, and `body` in the same packet."""
        head = f"{method} {path} HTTP/1.1\r\n{self._common}Content-Length: {length}\r\n"
        if content_type:
            head += f"Content-Type: {content_type}\r\n"
        self._socket.sendall(head.encode() + b"\r\n" + body)

    def send(self, data: bytes) -> None:
        """Send a part of a body."""
        self._socket.sendall(data)

    def answer(self, *, is_head: bool = False) -> Answer:
        """Read an answer to its end."""
        received = b""
        while b"\r\n\r\n" not in received:
            data = self._socket.recv(BUFFER_BYTES)
            if not data:
                raise WrongAnswer(f"the connection ended after {received[:200]!r}")
            received += data
        head, _, body = received.partition(b"\r\n\r\n")
        length = 0 if is_head else announced_length(head)
        while len(body) < length:
            body += self._socket.recv(BUFFER_BYTES)
        return Answer(int(head[9:12]), head + (b"\r\n\r\n" + body if int(head[9:12]) >= 400 else b""))

    def expect(self, status: int, answer: Answer) -> Answer:
        """Return `answer`. Raises `WrongAnswer` when it has another status."""
        if answer.status != status:
            raise WrongAnswer(f"expected {status}, got {answer.head!r}")
        return answer
