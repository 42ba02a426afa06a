# SPDX-License-Identifier: Apache-2.0
"""The registry on a store that is encrypted."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.sealing import stored_size
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.registry.findings import Rule
from entrepot.registry.held_upload import Chunk
from entrepot.registry.object_keys import RecordedKeys
from entrepot.registry.object_keys import rewrap
from entrepot.registry.store import object_keys
from entrepot.registry.sweeps import Sweeps
from entrepot.registry.tables import objects
from entrepot.registry.tables import tombstones
from entrepot.registry.verify import Options
from entrepot.registry.verify import Report
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.databases import a_database
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import write_and_commit
from tests.fakes.recorded_storage import KEY
from tests.fakes.recorded_storage import OTHER_KEY

pytestmark = pytest.mark.anyio

BLOB = content(200_000)
DIGEST = digest_of(BLOB)


def another(running: RunningCore, storage: Storage) -> RunningCore:
    """Return what another process has on the same database, with its own view of the store."""
    core = replace(running.core, stores={running.core.default_store: storage})
    return RunningCore(core, running.clock)


def given(running: RunningCore, inner: MemoryStorage, keys: StoreKeys) -> RunningCore:
    """Return what another process has that is given these keys."""
    return another(running, EncryptedStorage(inner, keys, RecordedKeys(running.database)))


async def rewrapped(running: RunningCore) -> int:
    """Rotate to the other key, and return how many keys that changed."""
    keys = StoreKeys(OTHER_KEY, [KEY])
    return await asyncio.to_thread(lambda: sum(rewrap(running.database, keys, system_clock)))


@pytest.fixture
def inner() -> MemoryStorage:
    """Where the ciphertext is."""
    return MemoryStorage()


@pytest.fixture
def running(tmp_path: Path, inner: MemoryStorage) -> Iterator[RunningCore]:
    """A core whose store is encrypted."""
    (tmp_path / "data").mkdir()
    database = a_database(tmp_path / "data")
    storage = EncryptedStorage(inner, StoreKeys(KEY), RecordedKeys(database))
    with a_core(tmp_path / "data", storage, open_database=lambda _: database) as running:
        yield running


async def checked(running: RunningCore) -> Report:
    """Verify everything, bytes too."""

    async def at_once(_seconds: float) -> None:
        pass

    options = Options(is_deep=True, pause=at_once)
    return await verify_report(running.database, running.core.stores, running.clock, options)


def only_object(connection: Connection) -> tuple[ObjectKey, int, str]:
    """Return key, stored size and key id of the one object."""
    row = connection.execute(select(objects)).one()
    return row.object_key, row.stored_size, row.key_id


async def test_a_blob_is_recorded_with_its_key(running: RunningCore, inner: MemoryStorage) -> None:
    """What was pushed is pulled; the store has other bytes, as many as the row says."""
    await running.put_blob(BLOB)

    key, stored, key_id = await running.database.read(only_object)
    assert await running.get_blob(DIGEST) == BLOB
    assert [found.size async for found in inner.list_objects()] == [stored] == [stored_size(len(BLOB))]
    assert key_id == KEY.id
    assert BLOB[:100] not in inner._shelves.objects[key][0]


async def test_an_upload_in_chunks_goes_on_in_another_process(running: RunningCore, inner: MemoryStorage) -> None:
    """What one process suspended in the middle of a piece another one completes, and a third one pulls."""
    session = await running.uploads.start(EVERYBODY, REPOSITORY)
    await running.uploads.append(REPOSITORY, session.id, Chunk(body_of(BLOB[:70_001])))

    other, third = (given(running, inner, StoreKeys(KEY)) for _ in range(2))
    await other.uploads.finish(EVERYBODY, REPOSITORY, session.id, DIGEST, Chunk(body_of(BLOB[70_001:])))

    assert await third.get_blob(DIGEST) == BLOB


async def test_a_completed_upload_that_was_not_recorded_is_recorded_later(
    running: RunningCore, inner: MemoryStorage
) -> None:
    """The key of an object is on record before its first byte: a process that dies between two steps loses nothing."""
    session = await running.uploads.start(EVERYBODY, REPOSITORY)
    upload = await running.uploads._find(REPOSITORY, session.id)
    await write_and_commit(await running.storage.resume(upload.object_key, 0, upload.writer_state), BLOB)

    other = given(running, inner, StoreKeys(KEY))
    await other.uploads.finish(EVERYBODY, REPOSITORY, session.id, DIGEST, Chunk(body_of(BLOB)))

    assert await other.get_blob(DIGEST) == BLOB


async def test_a_duplicate_is_buried_at_its_stored_size(running: RunningCore) -> None:
    """What deleting frees is counted as the store lists it."""
    await running.put_blob(BLOB)
    await running.put_blob(BLOB)

    buried = await running.database.read(lambda connection: connection.execute(select(tombstones)).one())

    assert buried.size == stored_size(len(BLOB))
    assert await running.get_blob(DIGEST) == BLOB


async def test_what_was_stored_before_is_served_and_verified(running: RunningCore, inner: MemoryStorage) -> None:
    """Encryption is switched on, and later off, without a word to the content that is there."""
    before = await another(running, inner).put_blob(b"plain")
    during = await running.put_blob(BLOB)
    off = given(running, inner, StoreKeys(None, [KEY]))
    await off.put_blob(b"plain again")

    assert await running.get_blob(before) == await off.get_blob(before) == b"plain"
    assert await off.get_blob(during) == BLOB
    assert (await checked(off)).findings == []


async def test_changed_bytes_are_found_and_healed(running: RunningCore, inner: MemoryStorage) -> None:
    """Verification and the sweep open what is encrypted; the next push takes the place of damaged bytes."""
    await running.put_blob(BLOB)
    key, *_ = await running.database.read(only_object)
    data, stored_ms = inner._shelves.objects[key]
    inner._shelves.objects[key] = data[:-1] + b"!", stored_ms

    assert [finding.rule for finding in (await checked(running)).findings] == [Rule.OBJECT_DIGEST]
    assert (await Sweeps(running.core).rehash(10**9)).damaged == [DIGEST]
    await running.put_blob(BLOB)

    assert await running.get_blob(DIGEST) == BLOB


async def test_rotation_rewraps_keys_and_no_content(running: RunningCore, inner: MemoryStorage) -> None:
    """Afterwards the former key is needed by nothing, the bytes are the same, and it is told."""
    await running.put_blob(BLOB)
    await running.put_blob(b"another")
    stored = dict(inner._shelves.objects)

    assert (await rewrapped(running), await rewrapped(running)) == (2, 0)

    after = given(running, inner, StoreKeys(OTHER_KEY))
    assert await after.database.snapshot(object_keys.needed) == [OTHER_KEY.id]
    assert await after.get_blob(DIGEST) == BLOB
    assert inner._shelves.objects == stored
    assert (await checked(after)).findings == []
    told = [(each.object, each.count) for each in await running.events() if each.type == Change.KEY_ROTATED.value]
    assert told == [(f"store-key:{OTHER_KEY.id}", 2)]


async def test_readers_go_on_while_keys_are_rewrapped(running: RunningCore, inner: MemoryStorage) -> None:
    """A process that was given both keys notices nothing, whether or not it knows the object's key."""
    await running.put_blob(BLOB)
    blob = (await running.pull.blob(EVERYBODY, REPOSITORY, DIGEST)).linked
    assert blob is not None
    chunks = running.pull.read(blob, ByteRange(0, len(BLOB)))
    first = await anext(chunks)

    await rewrapped(running)

    assert first + await collect(chunks) == BLOB
    assert await running.get_blob(DIGEST) == BLOB
    assert await given(running, inner, StoreKeys(OTHER_KEY, [KEY])).get_blob(DIGEST) == BLOB


async def test_a_page_that_another_process_rewrapped_is_left_alone(running: RunningCore) -> None:
    """Of two rotations at once neither undoes what the other did."""
    await running.put_blob(BLOB)
    page = await running.database.read(object_keys.sealed_under, KEY.id, "", 10)
    keys = StoreKeys(OTHER_KEY, [KEY])
    new = [each._replace(sealed_key=keys.rewrap(each.sealed_key)) for each in page]

    assert await running.database.write(object_keys.replace, KEY.id, new) == 1
    assert await running.database.write(object_keys.replace, KEY.id, new) == 0


async def test_uploads_in_progress_need_their_key(running: RunningCore) -> None:
    """What needs a key is told of uploads too, which end by themselves."""
    await running.put_blob(BLOB)
    session = await running.uploads.start(EVERYBODY, REPOSITORY)
    await running.uploads.append(REPOSITORY, session.id, Chunk(body_of(b"begun")))

    [(key_id, use)] = (await running.database.snapshot(object_keys.uses)).items()

    assert (key_id, use.objects, use.uploads) == (KEY.id, 1, 1)
    assert use.until is not None
    assert await running.database.snapshot(object_keys.needed) == [KEY.id]
