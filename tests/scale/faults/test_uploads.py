# SPDX-License-Identifier: Apache-2.0
"""An upload belongs to no node: every request of it may come to another one, and any of them may die in between."""

import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import suppress
from http.client import HTTPException
from itertools import cycle

import pytest

from entrepot.oci.digest import digest_of
from tests.scale.nodes import Cluster
from tests.scale.nodes import Node
from tests.scale.wire import Answer
from tests.scale.wire import parts_of

NAME = "moving/app"
PART = 300_000
PARTS = 7

pytestmark = pytest.mark.usefixtures("nodes")


def begin(node: Node) -> str:
    """Open an upload; return where it is."""
    with closing(node.wire()) as wire:
        answer = wire.ask("POST", f"/v2/{NAME}/blobs/uploads/")
    assert answer.status == 202, answer
    return answer.headers["location"]


def ask(node: Node, method: str, target: str, body: bytes | Iterator[bytes] | None = None, **headers: str) -> Answer:
    """Send one request to a node, on a connection of its own."""
    with closing(node.wire()) as wire:
        return wire.ask(method, target, body, **headers)


def close(node: Node, location: str, content: bytes, last: bytes = b"") -> Answer:
    """Close an upload of this content, with the last bytes of it."""
    return ask(node, "PUT", f"{location}?digest={digest_of(content)}", last or None)


def blob(node: Node, content: bytes) -> bytes:
    """Pull a blob."""
    answer = ask(node, "GET", f"/v2/{NAME}/blobs/{digest_of(content)}")
    assert answer.status == 200, answer
    return answer.body


@pytest.mark.parametrize("way", ["chunked", "streamed"])
def test_each_request_comes_to_another_node(nodes: Cluster, way: str) -> None:
    """Every `PATCH`, the look at where it stands, and the closing `PUT`."""
    turns, content = cycle(nodes.nodes), os.urandom(PART * PARTS)
    location = begin(next(turns))
    for start in range(0, len(content), PART):
        part = content[start : start + PART]
        place = {"content_range": f"{start}-{start + len(part) - 1}"} if way == "chunked" else {}
        body = part if way == "chunked" else parts_of(part)
        patched = ask(next(turns), "PATCH", location, body, **place)
        assert (patched.status, patched.offset) == (202, start + len(part))
        location = patched.headers["location"]
        assert ask(next(turns), "GET", location).offset == start + len(part)

    assert close(next(turns), location, content).status == 201
    assert [blob(node, content) for node in nodes.nodes] == [content] * len(nodes.nodes)


def test_the_balancer_sends_each_request_elsewhere(nodes: Cluster) -> None:
    """As any client meets it: nothing sticks."""
    content = os.urandom(PART * PARTS)
    behind = Node(nodes.nodes[0].data, nodes.port, {})
    location = begin(behind)
    for part in parts_of(content, PART):
        assert ask(behind, "PATCH", location, part).status == 202

    assert close(behind, location, content).status == 201
    assert blob(behind, content) == content


def test_a_killed_node_takes_nothing_with_it_that_it_acknowledged(nodes: Cluster) -> None:
    """The one that took the last chunk is killed: another one goes on from there."""
    first, second, third = nodes.nodes
    content = os.urandom(PART * 2)
    location = begin(first)
    assert ask(second, "PATCH", location, content[:PART]).status == 202
    second.kill()

    try:
        assert ask(third, "GET", location).offset == PART
        assert ask(third, "PATCH", location, content[PART:]).status == 202
        assert close(first, location, content).status == 201
        assert blob(third, content) == content
    finally:
        second.start()


def test_a_node_killed_in_the_middle_of_a_chunk(nodes: Cluster) -> None:
    """What it had acknowledged counts; the upload is free at once, and its bytes are what was sent."""
    first, second, third = nodes.nodes
    content = os.urandom(PART * 3)
    location = begin(first)
    assert ask(first, "PATCH", location, content[:PART]).status == 202
    half = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        patching = thread.submit(_lost, lambda: ask(second, "PATCH", location, _slowly(content[PART:], half)))
        time.sleep(1)
        second.kill()
        half.set()
        assert patching.result()
    try:
        offset = ask(third, "GET", location).offset
        assert offset >= PART
        assert ask(third, "PATCH", location, content[offset:]).status == 202
        assert close(first, location, content).status == 201
        assert blob(third, content) == content
    finally:
        second.start()


def _slowly(content: bytes, half: threading.Event) -> Iterator[bytes]:
    """Yield the second half of a body when it is told to."""
    yield content[:PART]
    half.wait(30)
    yield content[PART:]


def _lost(request: object) -> bool:
    """Send a request whose answer is not going to come; tell whether that was so."""
    with suppress(OSError, HTTPException):
        request()  # type: ignore[operator]
        return False
    return True


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_of_two_at_once_exactly_one_wins(nodes: Cluster, method: str) -> None:
    """The same bytes at the same place, to two nodes: the other one is told where the upload truly is, or is gone."""
    content = os.urandom(PART * 2)
    for turn in range(20):
        first, second, third = (nodes.nodes[(turn + step) % 3] for step in range(3))
        location = begin(third)
        assert ask(third, "PATCH", location, content[:PART]).status == 202
        answers = _at_once(first, second, method, location, content)
        won = [each for each in answers if each.status in (201, 202)]
        lost = [each for each in answers if each not in won]

        if method == "PATCH":
            assert len(won) == 1, answers
            assert [(each.status, each.offset) for each in lost] == [(416, len(content))]
            assert json.loads(lost[0].body)["errors"][0]["detail"]["offset"] == len(content)
            assert close(third, location, content).status == 201
        else:  # whoever closes what the same request has closed is told that it is closed
            assert {each.status for each in answers} <= {201, 416}, answers
            assert won
        assert blob(third, content) == content


def _at_once(first: Node, second: Node, method: str, location: str, content: bytes) -> list[Answer]:
    target = location if method == "PATCH" else f"{location}?digest={digest_of(content)}"
    place = f"{PART}-{len(content) - 1}"
    barrier = threading.Barrier(2)

    def send(node: Node) -> Answer:
        barrier.wait()
        return ask(node, method, target, content[PART:], content_range=place)

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(send, (first, second)))
