# SPDX-License-Identifier: Apache-2.0
"""Streams of events from a real server of two processes: prompt, whole, and no hindrance to its end."""

import base64
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from http.client import HTTPResponse as Response

import pytest

from entrepot.features.events.service import STREAMS_PER_PRINCIPAL
from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.server import HOST
from tests.server import Server
from tests.server import running_server
from tests.server import stop

TAGS = "/api/v1/events?type=tag.moved"
PATIENCE_SECONDS = 20.0
PROMPT_SECONDS = 1.0
STOP_SECONDS = 5.0
PUSHES = 12
"""Each over a connection of its own: both processes take some of them, as good as certainly."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of two processes."""
    with running_server(environment={"ENTREPOT_SERVER__WORKERS": "2"}) as server:
        yield server


@contextmanager
def asking(server: Server, method: str, target: str, body: bytes = b"", **headers: str) -> Iterator[Response]:
    """Send a request over a connection of its own, and hold the answer once its head is there."""
    connection = http.client.HTTPConnection(HOST, int(server.authority.rpartition(":")[2]), timeout=PATIENCE_SECONDS)
    credentials = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    with closing(connection):
        connection.request(method, target, body, {"Authorization": f"Basic {credentials}", **headers})
        with connection.getresponse() as response:
            yield response


def put(server: Server, method: str, target: str, body: bytes, **headers: str) -> None:
    """Send something that makes something."""
    with asking(server, method, target, body, **headers) as response:
        assert response.status == 201, response.read()


def push_blobs(server: Server) -> None:
    """Push what the images of `push` are made of."""
    for content in (A_CONFIG, A_LAYER):
        put(server, "POST", f"/v2/team/app/blobs/uploads/?digest={digest_of(content)}", content)


def push(server: Server, tag: str) -> float:
    """Push an image under a tag; return when it was answered."""
    built = an_image_manifest(annotations={"tag": tag})
    put(server, "PUT", f"/v2/team/app/manifests/{tag}", built.payload, **{"Content-Type": built.media_type})
    return time.monotonic()


def next_tag(stream: Response) -> tuple[str, str]:
    """Return the tag of the next event, and the `id` of that."""
    last = ""
    while True:
        name, _, value = stream.readline().decode().rstrip("\n").partition(": ")
        if name == "id":
            last = value
        elif name == "data":
            return json.loads(value)["tag"], last


def test_a_push_to_any_process_is_heard_at_once(server: Server) -> None:
    """Whichever process a client listens to, it hears of every push within a second, in order and once."""
    push_blobs(server)
    with ExitStack() as opened:
        streams = [opened.enter_context(asking(server, "GET", TAGS)) for _ in range(4)]
        for number in range(PUSHES):
            answered_at = push(server, f"v{number}")
            heard = [next_tag(stream)[0] for stream in streams]

            assert heard == [f"v{number}"] * len(streams)
            assert time.monotonic() - answered_at < PROMPT_SECONDS


def test_a_stream_resumes_at_any_process(server: Server) -> None:
    """Who comes back, to whichever process, hears what it missed and nothing that it had heard."""
    push_blobs(server)
    with asking(server, "GET", TAGS) as stream:
        push(server, "v0")
        _, last = next_tag(stream)
    for number in range(1, PUSHES):
        push(server, f"v{number}")

    for _ in range(4):
        with asking(server, "GET", TAGS, b"", **{"Last-Event-ID": last}) as stream:
            assert [next_tag(stream)[0] for _ in range(1, PUSHES)] == [f"v{number}" for number in range(1, PUSHES)]


def test_a_server_stops_although_somebody_listens(server: Server) -> None:
    """Streams come to their proper end when the server is told to stop, which then takes no longer than without."""
    with ExitStack() as opened:
        streams = [opened.enter_context(asking(server, "GET", "/api/v1/events")) for _ in range(STREAMS_PER_PRINCIPAL)]
        began = time.monotonic()

        stop(server.process)

        assert time.monotonic() - began < STOP_SECONDS
        assert server.process.returncode == 0
        assert all(stream.read().startswith(b"retry: ") for stream in streams)
