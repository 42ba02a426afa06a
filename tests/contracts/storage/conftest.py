# SPDX-License-Identifier: Apache-2.0
"""What every storage promises, run against every implementation."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.measured import MeasuredStorage
from entrepot.infra.storage.memory import MemoryStorage
from tests.builders.buckets import REAL
from tests.builders.buckets import bucket_of
from tests.builders.buckets import real_bucket
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.recorded_storage import RecordedStorage
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import Throttle
from tests.fakes.s3.faults import every
from tests.fakes.s3.faults import share
from tests.fakes.s3.proxy import S3Proxy
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import UNCONDITIONAL

LOCAL: dict[str, Callable[[Path], Storage]] = {
    "filesystem": FilesystemStorage.open,
    "memory": lambda folder: MemoryStorage(folder.name),
    "encrypted-filesystem": lambda folder: RecordedStorage(FilesystemStorage.open(folder)),
    "encrypted-memory": lambda folder: RecordedStorage(MemoryStorage(folder.name)),
    "measured-memory": lambda folder: MeasuredStorage(MemoryStorage(folder.name)),
    "faultless-fake": lambda folder: FaultyStorage(MemoryStorage(folder.name)),
}

BUCKETS = {
    "s3": SMALL_PARTS,
    "s3-equal-parts": EQUAL_PARTS,
    "s3-unconditional": UNCONDITIONAL,
    "encrypted-s3": SMALL_PARTS,
}
"""Kinds of buckets, whose parts are small so that a test has many."""

MOODS: dict[str, Sequence[Fault]] = {
    "well": (),
    "slow": (Delay(0.05),),
    "throttled": (Throttle(20_000_000),),
    "failing": (Fail("SlowDown"),),
    "hung-up": (CutAnswer(),),
}
"""What is between us and the real S3, where there is one. Half of the calls fail; every third answer never comes."""


@pytest.fixture(params=[f"real-{mood}" for mood in MOODS] if REAL else [*LOCAL, *BUCKETS])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage."""
    kind: str = request.param
    if kind in LOCAL:
        yield await asyncio.to_thread(LOCAL[kind], tmp_path / "storage")
        return
    server = S3Server(BUCKETS[kind]) if kind in BUCKETS else S3Proxy(REAL)
    async with server.serving():
        if isinstance(server, S3Server):
            opened = bucket_of(server, tmp_path)
        else:
            misbehave(server, kind.removeprefix("real-"))
            opened = real_bucket(server.url, tmp_path)
        yield RecordedStorage(opened) if kind.startswith("encrypted") else opened
        await opened.close()


def misbehave(proxy: S3Proxy, mood: str) -> None:
    """Let a proxy do to requests what the mood is."""
    for fault in MOODS[mood]:
        when = {"failing": share(0.5), "hung-up": every(3)}.get(mood)
        if when is None:
            proxy.faults.add(fault)
        else:
            proxy.faults.add(fault, when=when)
