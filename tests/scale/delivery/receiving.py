# SPDX-License-Identifier: Apache-2.0
"""Receivers of webhooks: they write down everything that they are sent, and are slow, hang up and fail by turns."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from tests.fakes.receiver import is_signed
from tests.fakes.scripted_server import Asked
from tests.server import HOST

TURN_SECONDS = 2.0
SLOW_SECONDS = 0.8
MOST_REFUSALS = 2
"""So often a delivery is refused at most, so that the pauses before it is tried again stay short."""
WAITING_CONNECTIONS = 128


class Mood(StrEnum):
    """How a receiver answers."""

    FINE = "fine"
    SLOW = "slow"
    HANGING_UP = "hanging up"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came whole."""

    delivery: str
    """Its `webhook-id`."""
    event: str
    repository: str
    subject: str
    sequence: str
    at: float
    is_signed: bool
    is_taken: bool
    """Whether it was answered with a success, as far as the receiver could tell."""


class MoodyReceiver:
    """Receives on a free port while `running`. `is_moody` may be changed at any time."""

    def __init__(self, name: str, *, is_moody: bool) -> None:
        self.name = name
        self.is_moody = is_moody
        self.secret = ""
        self.arrivals: list[Arrival] = []
        self.in_hand = 0
        """How many requests it has not answered yet."""
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._http = _Server(self)
        self.url = f"http://{HOST}:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Receive while the block runs."""
        thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()

    def seen(self) -> list[Arrival]:
        """Return what has come, in order."""
        with self._lock:
            return list(self.arrivals)

    def receive(self, asked: Asked) -> int:
        """Write a request down; return the status that it is answered with, 0 for none at all."""
        with self._lock:
            self.in_hand += 1
            mood = self._mood(asked.headers["webhook-id"])
            status = {Mood.HANGING_UP: 0, Mood.FAILING: 500}.get(mood, 204)
            self.arrivals.append(_arrival(asked, self.secret, is_taken=status == 204))
        if mood is Mood.SLOW:
            time.sleep(SLOW_SECONDS)
        with self._lock:
            self.in_hand -= 1
        return status

    def _mood(self, delivery: str) -> Mood:
        if not self.is_moody:
            return Mood.FINE
        moods = tuple(Mood)
        mood = moods[int(time.monotonic() / TURN_SECONDS) % len(moods)]
        if mood in (Mood.FINE, Mood.SLOW):
            return mood
        self._refused[delivery] += 1
        return mood if self._refused[delivery] <= MOST_REFUSALS else Mood.FINE


@contextmanager
def dead_end() -> Iterator[str]:
    """Yield the address of somebody who lets everybody connect and never says a word."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen(WAITING_CONNECTIONS)
        yield f"http://{HOST}:{listening.getsockname()[1]}"


def _arrival(asked: Asked, secret: str, *, is_taken: bool) -> Arrival:
    told = json.loads(asked.body)
    return Arrival(
        delivery=asked.headers["webhook-id"],
        event=told["id"],
        repository=told["data"]["repository"],
        subject=told["subject"],
        sequence=told["sequence"],
        at=time.monotonic(),
        is_signed=is_signed(asked, secret),
        is_taken=is_taken,
    )


class _Server(ThreadingHTTPServer):
    request_queue_size = WAITING_CONNECTIONS
    daemon_threads = True

    def __init__(self, receiver: MoodyReceiver) -> None:
        self.receiver = receiver
        super().__init__((HOST, 0), _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of senders that were killed in the middle of a request."""


class _Connection(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Take a request that comes whole; one that does not never was."""
        size = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(size)
        if len(body) < size:
            return
        received = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.receiver.receive(Asked("POST", self.path, "", body, received))
        if status:
            with suppress(ConnectionError):
                self.send_response(status)
                self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""
