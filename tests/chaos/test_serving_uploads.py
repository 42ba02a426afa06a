# SPDX-License-Identifier: Apache-2.0
"""The server is stopped while an upload runs: it is finished, or goes on after the restart where it was."""

import base64
import hashlib
import http.client
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import Server
from tests.server import answers
from tests.server import free_port
from tests.server import kill_group
from tests.server import start_entrepot
from tests.server import wait_until

HALF = 1024 * 1024
CONTENT = os.urandom(2 * HALF)
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response without its body; header names are in lower case."""

    status: int
    headers: dict[str, str]

    @property
    def offset(self) -> int:
        """How many bytes of the upload the server has, by its `Range`."""
        return int(self.headers["range"].rpartition("-")[2]) + 1


class Uploader:
    """Uploads a blob over connections of its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        credentials = f"{server.user}:{server.password}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a whole request."""
        connection = self.begin(method, path, len(body), **headers)
        connection.send(body)
        return answer_of(connection)

    def begin(self, method: str, path: str, length: int, **headers: str) -> http.client.HTTPConnection:
        """Send the head of a request that announces a body."""
        connection = http.client.HTTPConnection(self._server.authority, timeout=TIMEOUT_SECONDS)
        connection.putrequest(method, path)
        for name, value in {**self._headers, **headers, "Content-Length": str(length)}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection

    def start(self) -> str:
        """Start an upload and return its address."""
        answer = self.send("POST", "/v2/demo/blobs/uploads/")
        assert answer.status == 202, answer
        return answer.headers["location"]


def answer_of(connection: http.client.HTTPConnection) -> Answer:
    """Read a response to its end."""
    response = connection.getresponse()
    response.read()
    connection.close()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()})


def tell_to_stop(server: Server) -> None:
    """Send SIGTERM, and return once nobody is let in any more."""
    server.process.terminate()
    health = f"{server.url}/healthz"
    wait_until(lambda: not answers(health), "the port to be closed", server.process, server.log)


@contextmanager
def serving(data: Path, password: str, **environment: str) -> Iterator[Server]:
    """Serve until the block ends, and leave no process behind."""
    server = start_entrepot(data, free_port(), password, environment=environment)
    try:
        yield server
    finally:
        kill_group(server.process)


def test_a_stop_lets_an_upload_finish(tmp_path: Path) -> None:
    """What is at work when the server is told to stop has time to end, and is answered."""
    with serving(tmp_path / "data", secrets.token_hex()) as server:
        uploader = Uploader(server)
        path = f"{uploader.start()}?digest={DIGEST}"
        connection = uploader.begin("PUT", path, len(CONTENT))
        connection.send(CONTENT[:HALF])
        tell_to_stop(server)
        connection.send(CONTENT[HALF:])

        assert answer_of(connection).status == 201
        assert server.process.wait(TIMEOUT_SECONDS) == 0


def test_an_upload_goes_on_after_a_restart(tmp_path: Path) -> None:
    """What was cut off because its time was over is told by GET, and nothing that was acknowledged is sent again."""
    data, password = tmp_path / "data", secrets.token_hex()
    limits = {"ENTREPOT_SERVER__STOP_SECONDS": "1", "ENTREPOT_SERVER__WORKERS": "2"}
    with serving(data, password, **limits) as server:
        uploader = Uploader(server)
        path = uploader.start()
        acknowledged = uploader.send("PATCH", path, CONTENT[:HALF])
        connection = uploader.begin("PATCH", path, HALF)
        connection.send(CONTENT[HALF : HALF + HALF // 2])
        server.process.terminate()
        assert server.process.wait(TIMEOUT_SECONDS) == 0
        connection.close()
    with serving(data, password) as server:
        uploader = Uploader(server)
        found = uploader.send("GET", path)
        rest = CONTENT[found.offset :]
        content_range = f"{found.offset}-{len(CONTENT) - 1}"
        patched = uploader.send("PATCH", path, rest, Content_Range=content_range)
        finished = uploader.send("PUT", f"{path}?digest={DIGEST}")

    assert (acknowledged.status, found.status, patched.status, finished.status) == (202, 204, 202, 201)
    assert found.offset >= acknowledged.offset == HALF
