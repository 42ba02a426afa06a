# SPDX-License-Identifier: Apache-2.0
"""A client on a slow link: uploads and downloads, again from where they were interrupted."""

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.oci.digest import digest_of
from tests.interop.commands import expect
from tests.server import HOST
from tests.server import Server

NAME = "slow/app"


@dataclass(frozen=True, slots=True)
class SlowClient:
    """Talks to `server` through whatever listens on `port`."""

    server: Server
    port: int
    timeout_seconds: float

    def push(self, content: bytes) -> int:
        """Push a blob as one stream, the way docker does (POST, PATCH, PUT); return the status of the last answer."""
        location = self.start()
        self.append(location, content)
        status, _, _ = self.ask("PUT", f"{location}?digest={digest_of(content)}")
        return status

    def start(self) -> str:
        """Open an upload."""
        status, headers, body = self.ask("POST", f"/v2/{NAME}/blobs/uploads/")
        expect(status == 202, f"an upload is not begun but answered with {status}: {body.decode()}")
        return headers["location"]

    def append(self, location: str, content: bytes) -> None:
        """Send a chunk as a stream. Raises `OSError` and `http.client.HTTPException` when the link breaks."""
        status, _, body = self.ask("PATCH", location, in_parts(content))
        expect(status == 202, f"the chunk is answered with {status}: {body.decode()}")

    def offset(self, location: str) -> int:
        """Return how many bytes the registry has."""
        status, headers, body = self.ask("GET", location)
        expect(status == 204, f"the upload is answered with {status}: {body.decode()}")
        return int(headers["range"].rpartition("-")[2]) + 1

    def resume(self, location: str, content: bytes) -> int:
        """Send what the registry does not have yet of `content`; return how much that did not have to be sent again.

        While the registry still holds the request that broke, it says so, and where to go on.
        """
        offset = self.offset(location)
        while True:
            place = {"content-range": f"{offset}-{len(content) - 1}"}
            status, _, body = self.ask("PATCH", location, in_parts(content[offset:]), place)
            if status == 202:
                return offset
            expect(status == 416, f"the rest is answered with {status}: {body.decode()}")
            offset = json.loads(body)["errors"][0]["detail"]["offset"]

    def pull(self, digest: str, start: int = 0) -> bytes:
        """Return a blob from `start` on."""
        status, _, body = self.ask("GET", f"/v2/{NAME}/blobs/{digest}", headers={"range": f"bytes={start}-"})
        expect(status == 206, f"the blob is answered with {status}")
        return body

    def ask(
        self, method: str, target: str, body: Iterator[bytes] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request on a connection of its own; return status, headers and body."""
        secret = base64.b64encode(f"{self.server.user}:{self.server.password}".encode()).decode()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=self.timeout_seconds)
        try:
            all_headers = {"authorization": f"Basic {secret}", **(headers or {})}
            connection.request(method, target, body, all_headers, encode_chunked=body is not None)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def in_parts(content: bytes) -> Iterator[bytes]:
    """Yield a body in pieces, so that it is sent as a stream."""
    for start in range(0, len(content), 4_096):
        yield content[start : start + 4_096]
