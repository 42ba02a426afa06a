# SPDX-License-Identifier: Apache-2.0
"""A wire carries every byte, knows what was asked for, and breaks where it is told to."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer

import pytest

from tests.interop.wire import Request
from tests.interop.wire import Wire
from tests.interop.wire import wired

BLOB = bytes(range(256)) * 8192


class Registry(BaseHTTPRequestHandler):
    """Gives one blob, whole or from a place on, and takes anything."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give the blob."""
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(BLOB) - start))
        self.end_headers()
        self.wfile.write(BLOB[start:])

    def do_PUT(self) -> None:
        """Refuse without reading, and hang up."""
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire to a registry in this process."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with wired(f"127.0.0.1:{server.server_port}") as wire:
            yield wire
        server.shutdown()
        thread.join()


def fetch(wire: Wire, start: int = 0) -> bytes:
    """Fetch the blob from a byte on, over a connection of its own."""
    connection = http.client.HTTPConnection(wire.authority, timeout=30)
    try:
        connection.request("GET", "/v2/a/blobs/sha256:abc", headers={"Range": f"bytes={start}-"} if start else {})
        return connection.getresponse().read()
    finally:
        connection.close()


def test_every_byte_arrives_and_the_request_is_written_down(wire: Wire) -> None:
    """A download is the same as without a wire, and what was asked for is known with its headers."""
    fetched = fetch(wire, start=5)

    (request,) = wire.requests
    assert fetched == BLOB[5:]
    assert (request.method, request.path, request.start) == ("GET", "/v2/a/blobs/sha256:abc", 5)
    assert request.reads_blob
    assert wire.carried > len(BLOB) - 5


def test_a_cut_breaks_one_connection(wire: Wire) -> None:
    """The client that was cut off has less than all; the next finds the wire whole."""
    wire.cut_after(len(BLOB) // 2)

    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        fetch(wire)
    assert wire.was_cut
    assert fetch(wire) == BLOB


def test_a_cut_that_did_not_happen_is_known(wire: Wire) -> None:
    """A transfer that ends before the place of the cut leaves it pending."""
    wire.cut_after(2 * len(BLOB))

    fetch(wire)

    assert not wire.was_cut


def test_an_answer_before_the_end_of_a_body_arrives(wire: Wire) -> None:
    """A client whose upload is refused early sees the refusal, and does not wait for ever."""
    connection = http.client.HTTPConnection(wire.authority, timeout=30)
    try:
        connection.request("PUT", "/v2/a/blobs/uploads/1", body=BLOB * 16)
        answer = connection.getresponse()
    except (BrokenPipeError, ConnectionResetError):
        answer = None
    finally:
        connection.close()

    assert answer is None or answer.status == 401
    assert wire.requests[0].sends_blob


@pytest.mark.parametrize(
    ("method", "path", "reads", "sends", "mounts"),
    [
        ("GET", "/v2/a/blobs/sha256:abc", True, False, False),
        ("HEAD", "/v2/a/blobs/sha256:abc", False, False, False),
        ("GET", "/v2/a/manifests/sha256:abc", False, False, False),
        ("PUT", "/v2/a/blobs/uploads/1?digest=sha256%3Aabc", False, True, False),
        ("POST", "/v2/a/blobs/uploads/?mount=sha256%3Aabc&from=b", False, False, True),
    ],
)
def test_requests_are_told_apart(method: str, path: str, reads: bool, sends: bool, mounts: bool) -> None:
    """Only a GET of a blob fetches one, only an upload sends one, and a mount is neither."""
    request = Request(method, path, {})

    assert (request.reads_blob, request.sends_blob, request.mounts) == (reads, sends, mounts)
