# SPDX-License-Identifier: Apache-2.0
"""What a storage is asked is counted: how often, how it went, how long it took, and bytes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.measured import MeasuredStorage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.telemetry.metrics import Kind
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import delivered
from tests.contracts.storage.content import store
from tests.fakes.faulty_storage import FaultyStorage

pytestmark = pytest.mark.anyio

SIZE = 600_000
"""Several chunks."""


def counts(storage: MeasuredStorage) -> dict[tuple[str, ...], float]:
    """Return what was counted and not timed, by name (without the prefix) and labels."""
    return {
        (each.metric.name.removeprefix("entrepot_storage_"), *each.labels): each.values[0]
        for each in storage.measure()
        if each.metric.kind is not Kind.HISTOGRAM and each.values[0]
    }


async def begun(chunks: AsyncIterator[bytes]) -> None:
    """Read a little, and no more."""
    await anext(aiter(chunks))


class Elsewhere(MemoryStorage):
    """A storage that sends clients away."""

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """See `Storage`."""
        return Redirect("https://objects.example.org")


async def test_an_object_from_its_beginning_to_its_end() -> None:
    """Every operation counts once, and every byte that goes in or out."""
    storage = MeasuredStorage(MemoryStorage())
    key = await store(storage, content(SIZE))
    await collect(storage.read(key, ByteRange(0, 1_000)))
    await delivered(await storage.deliver(key, ByteRange(0, SIZE), SIZE))
    assert [each.key async for each in storage.list_objects()] == [key]
    await storage.delete(key)

    expected: dict[tuple[str, ...], float] = {
        ("operations", each, "ok"): 1 for each in ("create", "commit", "read", "deliver", "list", "delete")
    }
    expected |= {("written_bytes",): SIZE, ("read_bytes",): SIZE + 1_000, ("deliveries", "stream"): 1}
    assert counts(storage) == expected


async def test_how_operations_go() -> None:
    """By the code of the error, also of one in the middle of reading."""
    faulty = FaultyStorage(MemoryStorage())
    storage = MeasuredStorage(faulty)
    faulty.faults.errors["commit"] = StorageUnavailable("the disk is full")

    with pytest.raises(StorageUnavailable):
        await store(storage, b"abc")
    with pytest.raises(ObjectMissing):
        await collect(storage.read(object_key()))

    assert counts(storage) == {
        ("operations", "create", "ok"): 1,
        ("operations", "commit", "storage_unavailable"): 1,
        ("operations", "read", "object_missing"): 1,
        ("written_bytes",): 3,
    }


async def test_what_nobody_waits_for_is_aborted() -> None:
    """A client that leaves in the middle is no failure of the storage."""
    storage = MeasuredStorage(MemoryStorage())
    key = await store(storage, content(SIZE))
    reading = storage.read(key)
    await begun(reading)
    await reading.aclose()  # type: ignore[attr-defined]

    assert counts(storage)["operations", "read", "aborted"] == 1


async def test_files_and_redirects_are_left_as_they_are(tmp_path: Path) -> None:
    """What the system or the bucket sends passes through nothing of ours."""
    files = MeasuredStorage(await asyncio.to_thread(FilesystemStorage.open, tmp_path))
    elsewhere = MeasuredStorage(Elsewhere())
    key = await store(files, content(SIZE))

    assert isinstance(await files.deliver(key, ByteRange(5, SIZE), SIZE), LocalFile)
    assert isinstance(await elsewhere.deliver(key, ByteRange(0, SIZE), SIZE), Redirect)
    assert counts(files)["deliveries", "file"] == 1
    assert counts(files)["read_bytes",] == SIZE - 5
    assert counts(elsewhere) == {("operations", "deliver", "ok"): 1, ("deliveries", "redirect"): 1}


async def test_operations_are_timed() -> None:
    """Once each; what reads, until the first bytes are there."""
    storage = MeasuredStorage(MemoryStorage())
    await collect(storage.read(await store(storage, content(SIZE))))

    timed = {each.labels: each.values for each in storage.measure() if each.metric.kind is Kind.HISTOGRAM}
    assert set(timed) == {("create",), ("commit",), ("read",)}
    assert {sum(counts) for *counts, _ in timed.values()} == {1}


async def test_parts_of_a_storage_are_measured_with_it() -> None:
    """What counts something by itself, as a bucket does, is told along."""
    inner = MeasuredStorage(MemoryStorage())
    outer = MeasuredStorage(inner, (inner,))
    await store(outer, b"abc")

    assert sum(each.values[0] for each in outer.measure() if each.metric.name.endswith("written_bytes")) == 6
