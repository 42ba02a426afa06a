# SPDX-License-Identifier: Apache-2.0
"""What one node has acknowledged, every other node knows at once: nothing is ever stale.

`ENTREPOT_TEST_ROUNDS` says how often a push is followed by a pull; the rest is done a tenth as often.
"""

import os
from collections.abc import Iterator
from itertools import cycle

import pytest

from entrepot.oci.digest import digest_of
from tests.scale.nodes import ADMIN
from tests.scale.nodes import Cluster
from tests.scale.wire import Wire
from tests.scale.wire import numbered

ROUNDS = int(os.environ.get("ENTREPOT_TEST_ROUNDS", "10000"))
SOME = max(1, ROUNDS // 10)
NAME = "fresh/app"


class Turns:
    """Pairs of nodes, one to write and another to read, each pair in turn."""

    def __init__(self, nodes: Cluster) -> None:
        self.wires = [Wire(node.port, ADMIN) for node in nodes.nodes]
        count = len(self.wires)
        self._pairs = cycle(
            (self.wires[n], self.wires[(n + step) % count]) for step in range(1, count) for n in range(count)
        )

    def pair(self) -> tuple[Wire, Wire]:
        """Return the next two."""
        return next(self._pairs)


@pytest.fixture(scope="module")
def turns(nodes: Cluster) -> Iterator[Turns]:
    """Connections to each node, and an image in the repository."""
    turns = Turns(nodes)
    assert turns.wires[0].push_image(NAME, numbered(0), "latest").status == 201
    yield turns
    for wire in turns.wires:
        wire.close()


def test_a_tag_that_moved_is_never_stale(turns: Turns) -> None:
    """Pushed on one node and pulled on another at once, thousands of times."""
    stale = 0
    for number in range(ROUNDS):
        image = numbered(number)
        writes, reads = turns.pair()
        assert writes.put(NAME, image, "latest").status == 201
        pulled = reads.pull(NAME, "latest")
        stale += (pulled.status, pulled.headers.get("docker-content-digest")) != (200, image.digest)

    assert stale == 0


def test_what_was_deleted_is_gone_everywhere(turns: Turns) -> None:
    """By digest, and by the tag that named it."""
    left = []
    for number in range(SOME):
        image, (writes, reads) = numbered(number), turns.pair()
        assert writes.put(NAME, image, "doomed").status == 201
        assert reads.pull(NAME, "doomed").status == 200
        assert writes.ask("DELETE", f"/v2/{NAME}/manifests/{image.digest}").status == 202
        left += [reads.pull(NAME, image.digest).status, reads.pull(NAME, "doomed").status]

    assert set(left) == {404}


def test_a_tag_that_was_removed_is_gone_everywhere(turns: Turns) -> None:
    """While the manifest stays, and so does what is listed."""
    image = numbered(0)
    for _ in range(SOME):
        writes, reads = turns.pair()
        assert writes.put(NAME, image, "passing").status == 201
        assert "passing" in reads.ask("GET", f"/v2/{NAME}/tags/list").json["tags"]
        assert writes.ask("DELETE", f"/v2/{NAME}/manifests/passing").status == 202
        assert reads.pull(NAME, "passing").status == 404
        assert reads.pull(NAME, image.digest).status == 200


def test_a_new_repository_is_there_everywhere(turns: Turns) -> None:
    """Also where somebody asked for it before it was there."""
    found = []
    for number in range(SOME):
        name, (writes, reads) = f"fresh/new{number}", turns.pair()
        assert reads.ask("GET", f"/v2/{name}/tags/list").status == 404
        assert writes.push_blob(name, b"new").status == 201
        found.append(reads.ask("HEAD", f"/v2/{name}/blobs/{digest_of(b'new')}").status)

    assert set(found) == {200}


def test_a_blob_is_there_everywhere(turns: Turns) -> None:
    """At once, and gone as soon as it was deleted."""
    statuses = []
    for number in range(SOME):
        content = b"blob %d" % number
        target, (writes, reads) = f"/v2/{NAME}/blobs/{digest_of(content)}", turns.pair()
        before = reads.ask("HEAD", target).status
        assert writes.push_blob(NAME, content).status == 201
        there = reads.ask("GET", target)
        assert writes.ask("DELETE", target).status == 202
        statuses.append((before, there.status, there.body == content, reads.ask("HEAD", target).status))

    assert set(statuses) == {(404, 200, True, 404)}
