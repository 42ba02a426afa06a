# SPDX-License-Identifier: Apache-2.0
"""A registry client that does what real ones do when a server goes away: connect again and repeat."""

import base64
import http.client
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass

from tests.crash.ledger import Ledger

RETRY_SECONDS = 0.1
REQUEST_SECONDS = 30.0
TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})


class ConnectionLostError(Exception):
    """The server went away before its answer came: what was asked for may have happened or not."""


class UnexpectedAnswerError(Exception):
    """The server answered what it should not have."""


class OutOfTimeError(Exception):
    """The run ended before the server answered."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as a client saw it: from when to when, by its own clock, and what was answered; 0: nothing."""

    request: str
    began: float
    ended: float
    status: int
    headers: Mapping[str, str]
    said: str


def forget(_exchange: Exchange) -> None:
    """Take no note of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self) -> str:
        """The path (with its query) that the `Location` header names."""
        location = self.headers.get("Location", "")
        return location if location.startswith("/") else "/" + location.partition("://")[2].partition("/")[2]


class Client:
    """One connection to a registry, for one thread."""

    def __init__(self, authority: str, user: str, password: str, ledger: Ledger, deadline: float) -> None:
        self.ledger = ledger
        self.note: Callable[[Exchange], None] = forget
        """Told of every request."""
        self._deadline = deadline
        self._connection = http.client.HTTPConnection(authority, timeout=REQUEST_SECONDS)
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._authorization = f"Basic {credentials}"

    def once(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request; raise `ConnectionLostError` when no complete answer came, or a temporary error did."""
        if time.monotonic() > self._deadline:
            raise OutOfTimeError(f"{method} {path}")
        began = time.monotonic()
        try:
            sent = {"Authorization": self._authorization, "Content-Length": str(len(body)), **(headers or {})}
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.note(Exchange(f"{method} {path}", began, time.monotonic(), 0, {}, f"{type(error).__name__}: {error}"))
            self.ledger.count("connections lost")
            time.sleep(RETRY_SECONDS)
            raise ConnectionLostError(f"{method} {path}: {error}") from error
        said = f"{response.reason} {answer.body[:300]!r}" if answer.status >= 400 else ""
        told = {name.lower(): value for name, value in answer.headers.items()}
        self.note(Exchange(f"{method} {path}", began, time.monotonic(), answer.status, told, said))
        if answer.status in TEMPORARY:
            self.ledger.count(f"answers {answer.status}")
            time.sleep(RETRY_SECONDS)
            raise ConnectionLostError(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer

    def until_answered(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Repeat a request that may be repeated until it is answered."""
        while True:
            try:
                return self.once(method, path, body, headers)
            except ConnectionLostError:
                self.ledger.count("requests repeated")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def require(answer: Answer, statuses: Collection[int], what: str) -> Answer:
    """Return `answer` if its status is one of `statuses`, else raise `UnexpectedAnswerError`."""
    if answer.status not in statuses:
        raise UnexpectedAnswerError(f"{what}: {answer.status} {answer.body[:500]!r}")
    return answer
