# SPDX-License-Identifier: Apache-2.0
"""Load: one thread that keeps many connections busy, and a plain connection for pushes.

The client knows every answer beforehand and compares each of them byte for byte.
"""

import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from tests.server import HOST

BUFFER_BYTES = 256 * 1024
STARTED_OK = b"HTTP/1.1 200"

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)\r\n")
_LOCATION = re.compile(rb"(?i)\r\nlocation: ([^\r]+)\r\n")


class WrongAnswer(Exception):
    """A server answered something else than it was given."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent, what its answer must hold, and what it must end with."""

    wire: bytes
    holds: bytes
    ending: bytes


@dataclass(slots=True)
class Load:
    """What came of a load: how many answers, in how many seconds, and how long each took (ms)."""

    answers: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def latency_ms(self, share: float) -> float:
        """Return the latency that `share` of the answers stay below."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(slots=True)
class _Busy:
    connection: socket.socket
    request: Request
    sent_at: float
    received: bytes = b""


def drive(port: int, requests: Iterator[Request], connections: int, seconds: float) -> Load:
    """Keep `connections` busy with `requests` for so long. Raises `WrongAnswer`."""
    poll = select.epoll()
    busy: dict[int, _Busy] = {}
    load, begin = Load(), time.perf_counter()
    for _ in range(connections):
        connection = socket.create_connection((HOST, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = next(requests)
        busy[connection.fileno()] = _Busy(connection, request, time.perf_counter())
        poll.register(connection.fileno(), select.EPOLLIN)
        connection.sendall(request.wire)
    deadline = begin + seconds
    try:
        while (now := time.perf_counter()) < deadline:
            for descriptor, _ in poll.poll(1.0):
                _take(busy[descriptor], requests, load)
        load.seconds = now - begin
    finally:
        for one in busy.values():
            one.connection.close()
        poll.close()
    return load


def _take(busy: _Busy, requests: Iterator[Request], load: Load) -> None:
    data = busy.connection.recv(BUFFER_BYTES)
    if not data:
        raise WrongAnswer(f"the connection ended after {busy.received[:200]!r}")
    received = busy.received = busy.received + data if busy.received else data
    request = busy.request
    if not received.startswith(STARTED_OK):
        raise WrongAnswer(f"{received[:600]!r}")
    head, _, body = received.partition(b"\r\n\r\n")
    if len(body) < len(request.ending):
        return
    if body != request.ending or request.holds not in head:
        raise WrongAnswer(f"expected {request.holds!r}, got {received[:600]!r}")
    now = time.perf_counter()
    load.answers += 1
    load.latencies_ms.append((now - busy.sent_at) * 1000)
    busy.request = request = next(requests)
    busy.received = b""
    busy.sent_at = now
    busy.connection.sendall(request.wire)


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
        match = None if is_head else _LENGTH.search(head + b"\r\n")
        while match is not None and len(body) < int(match[1]):
            body += self._socket.recv(BUFFER_BYTES)
        return Answer(int(head[9:12]), head + (b"\r\n\r\n" + body if int(head[9:12]) >= 400 else b""))

    def expect(self, status: int, answer: Answer) -> Answer:
        """Return `answer`. Raises `WrongAnswer` when it has another status."""
        if answer.status != status:
            raise WrongAnswer(f"expected {status}, got {answer.head!r}")
        return answer
