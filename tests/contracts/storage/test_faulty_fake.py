# SPDX-License-Identifier: Apache-2.0
"""The faulty fake breaks the contract exactly as it was told to."""

import asyncio

import pytest

from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import store
from tests.fakes.faulty_storage import FaultyStorage

pytestmark = pytest.mark.anyio


@pytest.fixture
def storage() -> FaultyStorage:
    """A fake without faults yet."""
    return FaultyStorage(MemoryStorage())


async def test_an_operation_fails_as_told(storage: FaultyStorage) -> None:
    """The error that was set is raised instead of the operation, and the operation is counted."""
    storage.faults.errors["commit"] = StorageUnavailable("full")
    writer = await storage.create(object_key())

    with pytest.raises(StorageUnavailable, match="full"):
        await writer.commit()

    assert await storage.size(writer.key) is None
    assert storage.faults.calls["commit"] == 1


async def test_an_operation_waits_as_told(storage: FaultyStorage) -> None:
    """A gate holds the operation until it is opened."""
    key = await store(storage, b"content")
    gate = storage.faults.gates["read"] = asyncio.Event()
    reading = asyncio.create_task(collect(storage.read(key)))
    done, _ = await asyncio.wait((reading,), timeout=0.02)

    gate.set()

    assert not done
    assert await reading == b"content"


async def test_reading_lies_as_told(storage: FaultyStorage) -> None:
    """What was stored is falsified on its way out."""
    key = await store(storage, b"content")

    storage.faults.alter = lambda chunk: chunk[:-1]

    assert await collect(storage.read(key)) == b"conten"
