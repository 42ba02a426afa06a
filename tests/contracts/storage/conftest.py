# SPDX-License-Identifier: Apache-2.0
"""What every storage promises, run against every implementation."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from tests.builders.buckets import bucket_of
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import UNCONDITIONAL

LOCAL: dict[str, Callable[[Path], Storage]] = {
    "filesystem": FilesystemStorage.open,
    "memory": lambda folder: MemoryStorage(folder.name),
    "faultless-fake": lambda folder: FaultyStorage(MemoryStorage(folder.name)),
}

BUCKETS = {"s3": SMALL_PARTS, "s3-equal-parts": EQUAL_PARTS, "s3-unconditional": UNCONDITIONAL}
"""Kinds of buckets, whose parts are small so that a test has many."""


@pytest.fixture(params=[*LOCAL, *BUCKETS])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage."""
    if request.param in LOCAL:
        yield await asyncio.to_thread(LOCAL[request.param], tmp_path / "storage")
        return
    async with S3Server(BUCKETS[request.param]).serving() as server:
        opened = bucket_of(server, tmp_path)
        yield opened
        await opened.close()
