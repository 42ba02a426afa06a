# SPDX-License-Identifier: Apache-2.0
"""Bytes that are copied and checked for backups: encrypted ones too, as far as their keys are known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.oci.digest import digest_of
from entrepot.registry.backup_blobs import NO_KEYS
from entrepot.registry.backup_blobs import Outcome
from entrepot.registry.backup_blobs import check_objects
from entrepot.registry.backup_blobs import copy_objects
from entrepot.registry.object_keys import RecordedKeys
from entrepot.registry.store import backup_contents
from entrepot.registry.store.backup_contents import Listed
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import a_database
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import write_and_commit
from tests.fakes.recorded_storage import KEY
from tests.fakes.recorded_storage import OTHER_KEY

BLOB = content(100_000)
KEYS = StoreKeys(KEY)

pytestmark = pytest.mark.anyio


@pytest.fixture
def inner() -> MemoryStorage:
    """Where encrypted bytes are."""
    return MemoryStorage()


@pytest.fixture
def running(tmp_path: Path, inner: MemoryStorage) -> Iterator[RunningCore]:
    """A registry on a store that is encrypted."""
    database = a_database(tmp_path)
    storage = EncryptedStorage(inner, KEYS, RecordedKeys(database))
    with a_core(tmp_path, storage, open_database=lambda _: database) as running:
        yield running


async def listed(running: RunningCore) -> Listed:
    """Push the blob; return it as an inventory lists it."""
    await running.put_blob(BLOB)
    [found] = await running.database.read(backup_contents.inventory, "", 10)
    assert found.is_encrypted
    return found


async def damage(inner: MemoryStorage, key: ObjectKey) -> None:
    """Change one byte of what is stored; the size stays."""
    stored = bytearray(await collect(inner.read(key)))
    stored[len(stored) // 2] ^= 1
    await inner.delete(key)
    await write_and_commit(await inner.create(key), bytes(stored))


async def checked(inner: MemoryStorage, each: Listed, keys: StoreKeys) -> Outcome:
    """Read it again."""
    stores = {each.store_id: inner}
    return await check_objects(
        lambda place: [] if place else [each], stores, lambda _done: None, is_deep=True, keys=keys
    )


@pytest.mark.parametrize(("keys", "found"), [(KEYS, 1), (NO_KEYS, 0), (StoreKeys(OTHER_KEY), 0)])
async def test_damage_of_an_encrypted_object_is_found(
    running: RunningCore, inner: MemoryStorage, keys: StoreKeys, found: int
) -> None:
    """By whoever has its key; without it the size alone is compared."""
    each = await listed(running)
    assert (await checked(inner, each, keys)).lost_count == 0

    await damage(inner, each.object_key)

    assert (await checked(inner, each, keys)).lost_count == found


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_an_encrypted_object_is_copied_whole_or_not_at_all(
    running: RunningCore, inner: MemoryStorage, is_damaged: bool
) -> None:
    """It stays encrypted, and what does not open is not left beside the backup."""
    each, target = await listed(running), MemoryStorage()
    if is_damaged:
        await damage(inner, each.object_key)
    sources, targets = {each.store_id: inner}, {each.store_id: target}

    outcome = await copy_objects(
        lambda place: [] if place else [each], sources, targets, lambda _done: None, StoreKeys(OTHER_KEY, [KEY])
    )

    assert (outcome.copied, outcome.lost_count) == ((0, 1) if is_damaged else (1, 0))
    assert await target.size(each.object_key) == (None if is_damaged else each.stored_size)
    assert digest_of(BLOB) == each.digest
