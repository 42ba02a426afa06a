# SPDX-License-Identifier: Apache-2.0
"""What is asked of a bucket is counted, and so is what waits on its way there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.client import S3Client
from entrepot.infra.storage.s3.spool import Room
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.infra.storage.s3.tally import Tally
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measured
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import first
from tests.fakes.s3.server import S3Server
from tests.unit.infra.storage.s3.nodes import a_node

pytestmark = pytest.mark.anyio

PART = 100_000


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    """An S3."""
    async with S3Server().serving() as server:
        yield server


@pytest.fixture
async def node(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node that asks three times, and knows what the bucket can."""
    async with a_node(server, tmp_path, PART, attempts=3) as node:
        await node._bucket.keeps_first()
        assert isinstance(node._bucket.client, S3Client)
        node._bucket.client.sender.tally = Tally()
        yield node


def numbers(measured: Measured, name: str) -> dict[tuple[str, ...], float]:
    """Return those of one metric that are not 0, by its labels; of a histogram, how many there were."""
    found = {}
    for each in measured.measure():
        if each.metric.name == f"entrepot_{name}":
            values = each.values[:-1] if each.metric.kind is Kind.HISTOGRAM else each.values
            found[each.labels] = sum(values)
    return {labels: value for labels, value in found.items() if value}


async def test_requests_are_counted_by_what_they_do(node: S3Storage) -> None:
    """An upload in parts, a small object, and the end of it."""
    await store(node, content(2 * PART))
    key = await store(node, b"abc")
    await node.delete(key)

    expected = {"begin": 1, "part": 2, "complete": 1, "put": 1, "delete": 1}
    assert numbers(node, "bucket_requests") == {(each, "2xx"): count for each, count in expected.items()}
    assert numbers(node, "bucket_request_seconds") == {(each,): count for each, count in expected.items()}
    assert numbers(node, "bucket_retries") == {}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fail("SlowDown"), "throttled"), (Fail("InternalError"), "failed"), (CutAnswer(), "unreachable")],
)
async def test_repetitions_are_counted_by_their_reason(
    server: S3Server, node: S3Storage, fault: Fault, reason: str
) -> None:
    """One request counts once, however often it is sent."""
    key = await store(node, b"abc")
    server.faults.add(fault, "DeleteObject", when=first(2))

    await node.delete(key)

    assert set(numbers(node, "bucket_retries")) == {(reason,)}
    assert numbers(node, "bucket_requests")["delete", "2xx"] == 1


async def test_what_is_never_answered_counts_too(server: S3Server, node: S3Storage) -> None:
    """As what had no status."""
    server.faults.add(CutAnswer(), "DeleteObject")

    with pytest.raises(StorageUnavailable):
        await node.delete(await store(node, b"abc"))

    assert numbers(node, "bucket_requests")["delete", "none"] == 1
    assert numbers(node, "bucket_retries") == {("unreachable",): 2}


async def test_room_that_is_taken_and_waited_for() -> None:
    """Who finds room does not count as waiting."""
    room = Room(10)
    await room.take(8)
    waiting = asyncio.create_task(room.take(5))
    await asyncio.sleep(0)
    during = [numbers(room, f"spool_{name}") for name in ("bytes", "limit_bytes", "waiting", "wait_seconds")]
    room.give_back(8)
    await waiting

    assert during == [{(): 8}, {(): 10}, {(): 1}, {}]
    assert [numbers(room, f"spool_{name}") for name in ("bytes", "waiting", "wait_seconds")] == [{(): 5}, {}, {(): 1}]
