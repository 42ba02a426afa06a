# SPDX-License-Identifier: Apache-2.0
"""Verification finds everything that database and storage must not be, and nothing else."""

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection
from sqlalchemy import Executable
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import HOUR_MS
from entrepot.registry.findings import Finding
from entrepot.registry.findings import Rule
from entrepot.registry.findings import Severity
from entrepot.registry.tables import blobs
from entrepot.registry.tables import holds
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from entrepot.registry.tables import tombstones
from entrepot.registry.verify import MAX_LISTED
from entrepot.registry.verify import Options
from entrepot.registry.verify import Progress
from entrepot.registry.verify import Report
from entrepot.registry.verify import verify
from entrepot.registry.verify import verify_report
from tests.builders import databases
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.settable_clock import SettableClock
from tests.unit.registry.planted_violations import LOOSE_DIGEST
from tests.unit.registry.planted_violations import PLANTED
from tests.unit.registry.planted_violations import populate

pytestmark = pytest.mark.anyio

MANY = (
    "a blob's row is gone",
    "a required blob is not on record",
    "a child is here and not held",
    "a tag without history",
    "a needed object is marked missing",
    "an object has a tombstone",
    "an object of another size",
)


async def at_once(seconds: float) -> None:
    """Look again without waiting."""


@pytest.fixture
def storage() -> FaultyStorage:
    """A storage in memory that can be told to fail."""
    return FaultyStorage(MemoryStorage(clock=SettableClock()))


@pytest.fixture
def empty(tmp_path: Path, storage: FaultyStorage) -> Iterator[RunningCore]:
    """A core without content."""
    with a_core(tmp_path, storage) as core:
        yield core


@pytest.fixture
async def running(empty: RunningCore) -> RunningCore:
    """A core with some of everything."""
    await populate(empty)
    return empty


async def test_a_clean_registry_is_clean(running: RunningCore) -> None:
    """What the use cases leave behind keeps every rule, and verifying changes nothing."""
    before = await running.tables()

    found = await verified(running, Options(is_deep=True, pause=at_once))

    assert found.is_clean
    assert found.findings == []
    assert await running.tables() == before


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_violation_is_found(running: RunningCore, name: str) -> None:
    """Each broken rule is found by its name, and no other rule is."""
    statements, expected = PLANTED[name]
    await plant(running, statements)

    found = await verified(running)

    assert {(finding.rule, finding.severity) for finding in found.findings} == expected


async def test_every_rule_has_a_planted_violation() -> None:
    """No rule is without a test that sees it broken."""
    planted = {rule for _, expected in PLANTED.values() for rule, _ in expected}

    assert planted | {Rule.OBJECT_DIGEST} == set(Rule)


async def test_pages_miss_nothing(running: RunningCore) -> None:
    """Pages of one row find what one page finds."""
    for name in MANY:
        await plant(running, PLANTED[name][0])

    small = await verified(running, Options(rows_per_page=1, pause=at_once))
    large = await verified(running)

    assert sorted(small.findings, key=repr) == sorted(large.findings, key=repr)
    assert len(small.findings) > len(MANY)


@pytest.mark.sqlite
async def test_every_reference_of_every_table_is_checked(running: RunningCore) -> None:
    """As many references point nowhere as SQLite counts."""
    await plant(running, [delete(table) for table in (blobs, repo_blobs, repositories, stores)])

    found = await verified(running)
    counted = await running.database.read(count_by_pragma)

    assert [finding.rule for finding in found.findings].count(Rule.REFERENCE) == counted > len(found.checked)


async def test_bytes_that_are_gone_are_found(running: RunningCore, storage: FaultyStorage) -> None:
    """A live object without bytes is named by its key."""
    key = min(await running.database.read(object_sizes))
    await storage.delete(key)

    found = await verified(running)

    assert [(finding.rule, finding.subject) for finding in found.findings] == [(Rule.OBJECT_STORED, key)]


async def test_changed_bytes_are_found_by_reading_them(running: RunningCore, storage: FaultyStorage) -> None:
    """Only a deep run notices other bytes of the same length."""
    storage.faults.alter = lambda chunk: chunk[::-1]

    shallow = await verified(running)
    deep = await verified(running, Options(is_deep=True, pause=at_once))

    assert shallow.is_clean
    assert {finding.rule for finding in deep.findings} == {Rule.OBJECT_DIGEST}
    assert deep.violations == deep.checked["objects"]


@pytest.mark.parametrize(("hours", "severity"), [(47, Severity.WARNING), (49, Severity.VIOLATION)])
async def test_bytes_that_no_row_names_are_leaked_after_two_days(
    running: RunningCore, storage: FaultyStorage, hours: int, severity: Severity
) -> None:
    """Bytes in the storage only are a warning while a request may still have left them, then a violation."""
    writer = await storage.create(object_key())
    await writer.commit()
    running.clock.advance(hours * HOUR_MS)

    found = await verified(running)

    assert found.findings == [Finding(Rule.STORED_KNOWN, writer.key, found.findings[0].message, severity)]


async def test_an_object_collected_meanwhile_is_no_violation(empty: RunningCore, storage: FaultyStorage) -> None:
    """A live object without bytes is not reported if its row is gone a moment later."""
    await empty.put_blob(b"soon collected")
    await storage.delete(min(await empty.database.read(object_sizes)))

    async def collect(seconds: float) -> None:
        await plant(empty, [delete(repo_blobs), delete(objects), delete(blobs)])

    found = await verified(empty, Options(pause=collect))

    assert found.findings == []
    assert found.checked["objects"] == 1


async def test_bytes_recorded_meanwhile_are_no_violation(empty: RunningCore, storage: FaultyStorage) -> None:
    """Bytes that no row names are not reported if one does a moment later."""
    writer = await storage.create(object_key())
    await writer.commit()

    async def record(seconds: float) -> None:
        place = {"object_key": writer.key, "store_id": empty.core.default_store}
        await plant(empty, [insert(tombstones).values(**place, size=0, state="pending", delete_after=0)])

    found = await verified(empty, Options(pause=record))

    assert found.findings == []


async def test_bytes_deleted_meanwhile_are_no_violation(empty: RunningCore, storage: FaultyStorage) -> None:
    """Bytes that no row names are not reported if they are gone a moment later."""
    writer = await storage.create(object_key())
    await writer.commit()

    async def delete_bytes(seconds: float) -> None:
        await storage.delete(writer.key)

    found = await verified(empty, Options(pause=delete_bytes))

    assert found.findings == []
    assert found.checked["stored objects"] == 1


async def test_an_object_marked_missing_needs_no_bytes(running: RunningCore, storage: FaultyStorage) -> None:
    """A loss that is on record is reported once, for what it means to manifests."""
    await plant(running, [update(objects).values(state="missing")])
    for key in await running.database.read(object_sizes):
        await storage.delete(key)

    found = await verified(running)

    assert {finding.rule for finding in found.findings} == {Rule.LINK_OBJECT}


async def test_pushes_go_on_meanwhile(running: RunningCore) -> None:
    """A registry is clean at every moment of a push."""
    images = [an_image_manifest(annotations={"number": str(number)}) for number in range(20)]

    async with asyncio.TaskGroup() as group:
        run = group.create_task(verified(running, Options(rows_per_page=2, pause=at_once)))
        for image in images:
            group.create_task(running.put_image(image, "newest"))

    assert run.result().findings == []


async def test_a_storage_that_is_away_is_not_judged(running: RunningCore, storage: FaultyStorage) -> None:
    """A run that cannot look ends with the storage's error."""
    storage.faults.errors["size"] = StorageUnavailable("the disk is not mounted")

    with pytest.raises(StorageUnavailable):
        await verified(running)


async def test_a_report_lists_some_and_counts_all(running: RunningCore) -> None:
    """A report is JSON, and stays small however much is wrong."""
    row = {"kind": "pin", "repo_id": 99, "digest": LOOSE_DIGEST, "created_at": 0, "reason": "a test"}
    await plant(running, [insert(holds).values([row] * (MAX_LISTED + 1))])

    report = await verified(running)
    read_back = msgspec.json.decode(msgspec.json.encode(report), type=Report)

    assert report.violations == MAX_LISTED + 1
    assert len(report.findings) == MAX_LISTED
    assert read_back == report


async def test_progress_tells_how_far_it_has_come(running: RunningCore) -> None:
    """Progress grows to the number of rows and of bytes there are."""
    shown: list[Progress] = []
    core, deep = running.core, Options(is_deep=True, pause=at_once)

    async for _ in verify(core.database, core.stores, core.clock, deep, shown.append):
        pass
    sizes = await running.database.read(object_sizes)

    last = max((step.done, step.hashed_bytes) for step in shown if step.what == "objects")
    assert last == (len(sizes), sum(sizes.values()))


async def verified(running: RunningCore, options: Options | None = None) -> Report:
    """Verify everything."""
    core = running.core
    return await verify_report(core.database, core.stores, core.clock, options or Options(pause=at_once))


async def plant(running: RunningCore, statements: Sequence[Executable]) -> None:
    """Change the database behind the back of its foreign keys."""
    await asyncio.to_thread(databases.plant, running.database, statements)


def object_sizes(connection: Connection) -> dict[ObjectKey, int]:
    """Return the size of every object."""
    return {row.object_key: row.stored_size for row in connection.execute(select(objects))}


def count_by_pragma(connection: Connection) -> int:
    """Count the references that point nowhere the way SQLite does."""
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
