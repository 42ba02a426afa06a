# SPDX-License-Identifier: Apache-2.0
"""What is asked of a bucket for an upload, counted: neither more than it takes, nor ever a copy or a list."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.s3.state import parse_state
from entrepot.infra.storage.s3.storage import S3Storage
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.unit.infra.storage.s3.nodes import Upload
from tests.unit.infra.storage.s3.nodes import a_node
from tests.unit.infra.storage.s3.nodes import watched

pytestmark = pytest.mark.anyio

PART = 100_000
BEGIN, SEND, MAKE = "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"


class Nodes:
    """Two nodes on one bucket, both warm."""

    def __init__(self, server: S3Server, here: S3Storage, there: S3Storage) -> None:
        self.server, self.here, self.there = server, here, there

    def counts(self) -> dict[str, int]:
        """Return what was asked since this was asked last."""
        found = self.server.calls.counts()
        self.server.calls.clear()
        return found


@pytest.fixture(params=[SMALL_PARTS, EQUAL_PARTS], ids=["small", "equal"])
async def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Nodes]:
    """Two nodes that know what the bucket can."""
    async with (
        watched(S3Server(request.param)).serving() as server,
        a_node(server, tmp_path / "here", PART) as here,
        a_node(server, tmp_path / "there", PART) as there,
    ):
        for node in (here, there):
            await node._bucket.keeps_first()
        server.calls.clear()
        yield Nodes(server, here, there)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {"PutObject": 1}),
        (1, {"PutObject": 1}),
        (PART, {"PutObject": 1}),
        (PART + 1, {BEGIN: 1, SEND: 2, MAKE: 1}),
        (5 * PART, {BEGIN: 1, SEND: 5, MAKE: 1}),
    ],
)
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_blob_in_one_request_takes_what_it_has_to(
    nodes: Nodes, size: int, expected: dict[str, int], is_streamed: bool
) -> None:
    """A PUT, or a PATCH and an empty PUT elsewhere: one object at once, or create, parts and complete."""
    upload = Upload()
    if is_streamed:
        await upload.patch(nodes.here, size)
    key = await upload.put(nodes.there, 0 if is_streamed else size)

    assert nodes.counts() == expected
    assert await collect(nodes.here.read(key)) == content(size)


MIXES = [
    [10, 10, 10],
    [PART, PART, PART],
    [PART - 1, 1, 1],
    [PART + 1, PART + 1, PART + 1],
    [3 * PART, 10, 3 * PART],
    [10, 3 * PART, 0, 10],
    [PART // 2] * 5,
    [1] * 9,
    [PART // 7] * 20,
    [PART // 2, PART // 4, PART // 8, PART // 16, PART // 2, 3 * PART],
    [PART // 16] * 12 + [2 * PART + 7] + [PART // 16] * 12,
]


@pytest.mark.parametrize("chunks", MIXES)
@pytest.mark.parametrize("last", [0, 10])
@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_each_further_request_takes_at_most_one_put_one_get_and_one_delete_more(
    nodes: Nodes, chunks: list[int], last: int, is_elsewhere: bool
) -> None:
    """Chunks of any sizes, on one node or on two in turn."""
    upload, places = Upload(), [nodes.here, nodes.there if is_elsewhere else nodes.here]
    for number, size in enumerate(chunks):
        await upload.patch(places[number % 2], size, is_chunk=True)
    key = await upload.put(places[len(chunks) % 2], last)

    asked = nodes.counts()
    total = sum(chunks) + last
    further = len(chunks) - (last == 0)
    parts = -(-total // PART)
    assert asked.get(BEGIN, 0) <= 1
    assert asked.get(MAKE, 0) == asked.get(BEGIN, 0)
    assert asked.get(SEND, 0) + asked.get("PutObject", 0) <= parts + 1 + further
    assert asked.get("GetObject", 0) <= further + 1
    assert asked.get("DeleteObject", 0) <= further + 1
    assert not set(asked) - {BEGIN, SEND, MAKE, "PutObject", "GetObject", "DeleteObject"}
    assert await collect(nodes.here.read(key)) == content(total)
    assert set(nodes.server.objects) == {f"some/prefix/{key}", "some/prefix/probe"}
    assert not nodes.server.uploads


async def test_small_chunks_are_not_stored_over_and_over(nodes: Nodes) -> None:
    """The 64th part of a part, often, on two nodes in turn: a byte is stored some times, not once for each chunk."""
    upload, size, count = Upload(), PART // 64, 160
    longest = 0
    for number in range(count):
        await upload.patch((nodes.here, nodes.there)[number % 2], size, is_chunk=True)
        longest = max(longest, len(parse_state(upload.state).pieces))
    key = await upload.put(nodes.here)

    total = size * count
    stored = sum(call.size for call in nodes.server.calls.of("PutObject", SEND))
    assert stored <= 6 * total
    assert sum(call.size for call in nodes.server.calls.of("GetObject")) <= stored
    assert nodes.counts()["GetObject"] <= count
    assert 2 <= longest <= 7
    assert await collect(nodes.here.read(key)) == content(total)


@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_going_on_behind_a_streamed_request_reads_once_what_is_no_part(nodes: Nodes, is_elsewhere: bool) -> None:
    """One who streams and then sends more costs a read of what has to be sent again, and nothing else."""
    upload = Upload()
    await upload.patch(nodes.here, 2 * PART + 100)
    nodes.counts()

    key = await upload.put(nodes.there if is_elsewhere else nodes.here, PART)

    asked = Counter(nodes.counts())
    if not nodes.server.traits.needs_equal_parts:
        assert asked == {SEND: 1, MAKE: 1}, asked
    else:
        assert asked == {MAKE: 2, "GetObject": 1, BEGIN: 1, SEND: 4, "DeleteObject": 1}
    assert await collect(nodes.here.read(key)) == content(3 * PART + 100)
