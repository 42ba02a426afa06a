# SPDX-License-Identifier: Apache-2.0
"""Questions over a socket, to whatever listens at an address."""

import base64
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from urllib.parse import unquote
from urllib.parse import urlsplit

from tests.protocol.exchange import Answer
from tests.protocol.exchange import Headers
from tests.protocol.exchange import Question
from tests.protocol.exchange import check
from tests.protocol.exchange import head_of

TIMEOUT_SECONDS = 30.0


class OverHttp:
    """Talks HTTP/1.1 to `url`, each thread on a connection of its own that it keeps."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 80
        self._authorization: Headers = ()
        if parts.username:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._authorization = (("authorization", "Basic " + base64.b64encode(secret.encode()).decode()),)
        self._local = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    def send(self, question: Question) -> Answer:
        """See `Transport`. An answer that comes before the whole body was sent is taken."""
        connection = self._connection()
        connection.putrequest(question.method, question.target, skip_accept_encoding=True)
        for name, value in [*head_of(question), *self._authorization]:
            connection.putheader(name, value)
        is_chunked = not isinstance(question.body, bytes)
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(question.body or None, encode_chunked=is_chunked)
        with connection.getresponse() as response:
            headers = tuple((name.lower(), value) for name, value in response.getheaders())
            answer = Answer(response.status, headers, response.read())
        check(question, answer)
        return answer

    def vanish(self, question: Question) -> None:
        """See `Transport`."""
        assert isinstance(question.body, bytes)
        headers = [*question.headers, *self._authorization, ("content-length", str(len(question.body) + 1))]
        with self.dial() as connection:
            connection.sendall(self.render(question.method, question.target, headers) + question.body)

    def render(self, method: str, target: str, headers: list[tuple[str, str]]) -> bytes:
        """Write the head of a request."""
        lines = [f"{method} {target} HTTP/1.1", f"host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @contextmanager
    def dial(self) -> Iterator[socket.socket]:
        """Open a connection of one's own, for what `http.client` would not send."""
        with socket.create_connection((self.host, self.port), TIMEOUT_SECONDS) as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
            self._local.connection = connection
            self._connections.append(connection)
        return connection
