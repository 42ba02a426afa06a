# SPDX-License-Identifier: Apache-2.0
"""An open loop: uploads that are held open and end when it is their time, and tokens fetched beside them.

What is due is due whether or not the server has kept up, so an answer's time
counts from the moment its request was due.
"""

import os
import random
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from bench.catalogue import digest_of
from bench.client import BUFFER_BYTES
from bench.client import Answer
from bench.client import Asked
from bench.client import WrongAnswer
from bench.client import announced_length
from tests.server import HOST

BLOB_BYTES = 64 * 1024
LAST_BYTES = 1024
OPENED = 202
STORED = 201
CONNECTIONS_PER_ADDRESS = 500
"""A server takes so many of one client address and more: the crowd comes from several loopback addresses."""


@dataclass(slots=True)
class Line:
    """A connection, what has arrived of an answer, and when the request was due that it answers."""

    connection: socket.socket
    due: float = 0.0
    received: bytes = b""

    def answer(self) -> tuple[Answer, bytes] | None:
        """Take what has arrived; return the answer and its body once it is whole."""
        data = self.connection.recv(BUFFER_BYTES)
        if not data:
            raise WrongAnswer(f"the connection ended after {self.received[:200]!r}")
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or len(body) < announced_length(head):
            return None
        self.received = b""
        return Answer(int(head[9:12]), head), body


@dataclass(slots=True)
class Upload(Line):
    """A connection that pushes one blob after another into a repository."""

    repository: str = ""
    common: str = ""
    last: bytes = b""
    """What is still to be sent of the blob; empty while no upload is held open."""
    awaits: int = 0
    """The status that the next answer must have, 0 while none is to come."""

    def open(self) -> None:
        """Ask for a session."""
        self.awaits = OPENED
        head = f"POST /v2/{self.repository}/blobs/uploads/ HTTP/1.1\r\n{self.common}Content-Length: 0\r\n\r\n"
        self.connection.sendall(head.encode())

    def hold(self, place: str) -> None:
        """Send all of a fresh blob but its end."""
        content = os.urandom(BLOB_BYTES)
        target = f"{place}{'&' if '?' in place else '?'}digest={digest_of(content)}"
        head = f"PUT {target} HTTP/1.1\r\n{self.common}Content-Length: {BLOB_BYTES}\r\n\r\n"
        self.connection.sendall(head.encode() + content[:-LAST_BYTES])
        self.last, self.awaits = content[-LAST_BYTES:], 0

    def close(self, due: float) -> None:
        """Send the end, which was due at this moment."""
        self.due, self.awaits = due, STORED
        self.connection.sendall(self.last)
        self.last = b""


@dataclass(slots=True)
class Times:
    """How long answers took from the moment that their requests were due, in milliseconds."""

    uploads_ms: list[float] = field(default_factory=list)
    tokens_ms: list[float] = field(default_factory=list)


class OpenLoop:
    """Connections to one server: some that upload, some that fetch tokens."""

    def __init__(self, port: int, pushers: Sequence[tuple[str, str]], askers: int, requests: Iterator[Asked]) -> None:
        """Connect a pusher for each repository and its token, and `askers` that take from `requests`."""
        self._poll = select.epoll()
        self._uploads: dict[int, Upload] = {}
        self._asking: dict[int, tuple[Line, Asked]] = {}
        self._held: deque[Upload] = deque()
        self._idle: deque[Line] = deque()
        self._requests = requests
        for number, (repository, token) in enumerate(pushers):
            common = f"Host: {HOST}:{port}\r\nUser-Agent: entrepot-bench\r\nAuthorization: Bearer {token}\r\n"
            connection = self._connect(port, number)
            self._uploads[connection.fileno()] = Upload(connection, repository=repository, common=common)
        for number in range(askers):
            self._idle.append(Line(self._connect(port, len(pushers) + number)))

    def close(self) -> None:
        """Leave."""
        for line in (*self._uploads.values(), *self._idle, *(line for line, _ in self._asking.values())):
            line.connection.close()
        self._poll.close()

    def hold_all(self) -> None:
        """Return once every pusher has an upload open."""
        for upload in self._uploads.values():
            if not upload.last and not upload.awaits:
                upload.open()
        while len(self._held) < len(self._uploads):
            self._answers(Times(), 1.0)

    def end_all(self) -> None:
        """Let every upload that is held open end, and begin no other."""
        while self._held or any(upload.awaits for upload in self._uploads.values()):
            while self._held:
                self._held.popleft().close(time.perf_counter())
            self._answers(Times(), 1.0, opens=False)

    def run_flat_out(self, seconds: float) -> float:
        """Push for so long without a pause; return how many blobs a second there were."""
        self.hold_all()
        times, begin = Times(), time.perf_counter()
        while (now := time.perf_counter()) < begin + seconds:
            while self._held:
                self._held.popleft().close(now)
            self._answers(times, 1.0)
        return len(times.uploads_ms) / (now - begin)

    def run(self, uploads: deque[float], tokens: deque[float]) -> Times:
        """End uploads and ask for tokens when they are due (seconds from now); return once all were answered."""
        times, begin = Times(), time.perf_counter()
        pushed, fetched = len(uploads), len(tokens)
        while len(times.uploads_ms) < pushed or len(times.tokens_ms) < fetched:
            elapsed = time.perf_counter() - begin
            while uploads and uploads[0] <= elapsed and self._held:
                self._held.popleft().close(begin + uploads.popleft())
            while tokens and tokens[0] <= elapsed and self._idle:
                self._ask(begin + tokens.popleft())
            due = min((times_due[0] for times_due in (uploads, tokens) if times_due), default=elapsed + 1)
            self._answers(times, max(0.001, due - elapsed))
        return times

    def _connect(self, port: int, number: int) -> socket.socket:
        source = f"127.0.0.{2 + number // CONNECTIONS_PER_ADDRESS}"
        connection = socket.create_connection((HOST, port), source_address=(source, 0))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(connection.fileno(), select.EPOLLIN)
        return connection

    def _ask(self, due: float) -> None:
        line, request = self._idle.popleft(), next(self._requests)
        line.due = due
        self._asking[line.connection.fileno()] = line, request
        line.connection.sendall(request.wire)

    def _answers(self, times: Times, seconds: float, *, opens: bool = True) -> None:
        for descriptor, _ in self._poll.poll(seconds):
            if descriptor in self._uploads:
                self._pushed(self._uploads[descriptor], times, opens=opens)
            else:
                self._asked(descriptor, times)

    def _pushed(self, upload: Upload, times: Times, *, opens: bool) -> None:
        whole = upload.answer()
        if whole is None:
            return
        answer, body = whole
        if answer.status != upload.awaits:
            raise WrongAnswer(f"{answer.head!r} {body[:300]!r}")
        if upload.awaits == OPENED:
            upload.hold(answer.location)
            self._held.append(upload)
            return
        times.uploads_ms.append((time.perf_counter() - upload.due) * 1000)
        upload.awaits = 0
        if opens:
            upload.open()

    def _asked(self, descriptor: int, times: Times) -> None:
        line, request = self._asking[descriptor]
        whole = line.answer()
        if whole is None:
            return
        answer, body = whole
        if answer.status != 200 or not request.is_right(answer.head, body):
            raise WrongAnswer(f"{answer.head!r} {body[:300]!r}")
        times.tokens_ms.append((time.perf_counter() - line.due) * 1000)
        del self._asking[descriptor]
        self._idle.append(line)


def arrivals(rate: float, seconds: float, seed: int) -> deque[float]:
    """Draw when requests are due: at random, so many a second on average (a Poisson process with a fixed seed)."""
    source, at, due = random.Random(seed), 0.0, deque[float]()
    while (at := at + source.expovariate(rate)) < seconds:
        due.append(at)
    return due
