# SPDX-License-Identifier: Apache-2.0
"""A web server that gives the answers it was told to give, one after another, and notes what it was asked."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Scripted:
    """An answer to give."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    target: str
    authorization: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict, compare=False)
    """Their names are in lower case."""


class ScriptedServer:
    """Answers on a free port of the loopback address; with nothing left to say, 500 without a word."""

    def __init__(self, *answers: Scripted, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers = list(answers)
        server = self

        class Answering(BaseHTTPRequestHandler):
            """One connection."""

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                authorization = self.headers.get("Authorization", "")
                received = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append(Asked(self.command, self.path, authorization, body, received))
                answer = server.reply(server.asked[-1])
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names are the library's

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._http = ThreadingHTTPServer((HOST, 0), Answering)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{'http' if tls is None else 'https'}://{HOST}:{self._http.server_address[1]}"

    def reply(self, asked: Asked) -> Scripted:
        """Return the next answer."""
        return self.answers.pop(0) if self.answers else Scripted(500, b"")

    @contextmanager
    def running(self) -> Iterator["ScriptedServer"]:
        """Answer while the block runs."""
        thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()
