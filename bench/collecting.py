# SPDX-License-Identifier: Apache-2.0
"""The row about collection: 1,000,000 blobs, 100,000 deleted images, a storage that takes 50 ms for each deletion.

In this process, on a core of its own: images are pushed at a fixed rate, alone, while
everything that can be collected is collected, by the product's own collector with the
rests that it takes, and alone again. The walk over a million ended leases is part of it, which
later runs do not have: they go on where it ended. At the end the storage has to
be without exactly the bytes that it should be without.
"""

import asyncio
import hashlib
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from bench.client import percentile
from bench.measurement import Outcome
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import ratio_at_most
from bench.scale import QUICK
from bench.scale import Rows
from bench.workspace import Workspace
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.features.garbage.journal import Journal
from entrepot.features.garbage.pace import Pace
from entrepot.features.garbage.run import REST
from entrepot.features.garbage.run import Collection
from entrepot.features.garbage.run import Standstill
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import system_clock
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.reference import RepositoryName
from entrepot.registry.collecting import Collecting
from entrepot.registry.store import repositories
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.fakes.settable_clock import SettableClock

BLOBS = 100_000 if QUICK else 1_000_000
DELETED = BLOBS // 10
PER_IMAGE = 10
REPOSITORIES = 1_000
DELAY_SECONDS = 0.05
LIMIT_SECONDS = 15 * 60
MORE_AT_MOST = 1.10
ALONE_SECONDS = 5.0 if QUICK else 30.0
EVERY_SECONDS = 0.05
"""An image is due so often, whether the one before it is done or not."""


class SlowToDelete(MemoryStorage):
    """A storage that takes its time, as one behind a network does; it knows which objects are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[ObjectKey] = set()

    async def delete(self, key: ObjectKey) -> None:
        """Wait, then delete."""
        await asyncio.sleep(DELAY_SECONDS)
        self.gone.add(key)
        await super().delete(key)


def collecting(workspace: Workspace, rounds: int) -> Outcome:
    """Collect, once or twice: a round takes minutes."""
    alone: list[Sample] = []
    beside: list[Sample] = []
    taken: list[float] = []
    for _ in range(min(2, rounds)):
        data = workspace.fresh("collection")
        _build(data)
        one, other, seconds = asyncio.run(_round(data))
        alone.append(one)
        beside.append(other)
        taken.append(seconds)
    bounds = [
        at_most("everything collected", taken, LIMIT_SECONDS, "s"),
        ratio_at_most(
            "p95 of a push, beside collection",
            [each.value for each in beside],
            [each.value for each in alone],
            MORE_AT_MOST,
        ),
    ]
    conditions = {
        "data": f"{BLOBS} blobs, {DELETED} of them of deleted images, {REPOSITORIES} repositories",
        "pushes": f"one image with one fresh blob every {EVERY_SECONDS * 1000:.0f} ms, into memory and SQLite",
        "storage": f"{DELAY_SECONDS * 1000:.0f} ms a deletion",
        "cpu": "seconds of this process while it was measured",
    }
    return Outcome("collection", "ms at p95", {"alone": alone, "beside collection": beside}, [], conditions, bounds)


async def _round(data: Path) -> tuple[Sample, Sample, float]:
    storage = SlowToDelete()
    with a_core(data, storage, clock=SettableClock(system_clock())) as running:
        before = await _push_alone(running, "before")
        is_done = asyncio.Event()
        beside = asyncio.create_task(_push(running, "beside", is_done))
        begin = time.perf_counter()
        await _collect(running)
        seconds = time.perf_counter() - begin
        is_done.set()
        other = _sample(*await beside)
        after = await _push_alone(running, "after")
        one = _sample(before[0] + after[0], before[1] + after[1])
    expected = {_key(number) for number in range(DELETED)}
    assert storage.gone == expected, (len(storage.gone), len(storage.gone ^ expected))
    return one, other, seconds


async def _push_alone(running: RunningCore, name: str) -> tuple[list[float], float]:
    is_done = asyncio.Event()
    pushing = asyncio.create_task(_push(running, name, is_done))
    await asyncio.sleep(ALONE_SECONDS)
    is_done.set()
    return await pushing


async def _push(running: RunningCore, name: str, is_done: asyncio.Event) -> tuple[list[float], float]:
    """Push images, each when it is due; return how long each took from then on (ms), and the processor time."""
    taken: list[float] = []
    pushes: set[asyncio.Task[None]] = set()
    cpu, begin, number = time.process_time(), time.perf_counter(), 0

    async def push(number: int, due: float) -> None:
        content = f"{name} {number}".encode() * 64
        repository = RepositoryName(f"pushed/{name}")
        await running.put_blob(content, repository)
        built = an_image_manifest(config=a_descriptor(content), layers=[])
        await running.put_manifest(built, f"v{number}", repository=repository)
        taken.append((time.perf_counter() - due) * 1000)

    while not is_done.is_set():
        due = begin + number * EVERY_SECONDS
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(push(number, due))
        pushes.add(task)
        task.add_done_callback(pushes.discard)
        number += 1
    await asyncio.gather(*pushes)
    return taken, time.process_time() - cpu


def _sample(taken: list[float], cpu: float) -> Sample:
    return Sample(percentile(taken, 0.95), cpu, percentile(taken, 0.5), percentile(taken, 0.99))


async def _collect(running: RunningCore) -> None:
    """Do a run, as the server's own."""
    core = running.core
    collecting = Collecting.of(core, lambda: 0)
    standstill = Standstill(core.database, core.modes, collecting.even_clock)
    rows, deletes = Pace(0, rest=REST), Pace(0)
    collection = Collection(collecting.steps, collecting.housekeeping, standstill, rows, deletes)
    async with Journal(core.database, running.clock, "user:admin", lambda _done, _note: None) as journal:
        await collection.run(journal)


def _key(number: int) -> ObjectKey:
    return ObjectKey(f"objects/{number % 100:02}/{number:026}")


def _digest(number: int, kind: str) -> str:
    return f"sha256:{hashlib.sha256(f'{kind} {number}'.encode()).hexdigest()}"


def _build(data: Path) -> None:
    """Make the rows that pushes would have left, and 100,000 deletions whose undelete window is over.

    All of it is on the disk in the end, which would else write it while pushes are measured.
    """
    data.mkdir(parents=True)
    with closing(SqliteDatabase(data / "entrepot.db")) as database:
        schema.upgrade(database)
        store = database.write_now(repositories.ensure_store, DEFAULT_STORE)
    now = system_clock()
    past = now - 3_600_000
    with closing(sqlite3.connect(data / "entrepot.db", isolation_level=None)) as driver:
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-1048576"):
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("BEGIN")
        for table, columns, rows in _rows(store, past):
            marks = ", ".join("?" * len(columns.split()))
            names = ", ".join(columns.split())
            driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
        driver.execute("COMMIT")
        driver.execute("PRAGMA journal_mode=WAL")
    os.sync()


def _rows(store: int, past: int) -> list[tuple[str, str, Rows]]:
    """Return what goes into each table: the first `DELETED` blobs are each of one deleted image."""
    blobs = range(BLOBS)
    images = DELETED + (BLOBS - DELETED) // PER_IMAGE

    def image_of(blob: int) -> int:
        return blob if blob < DELETED else DELETED + (blob - DELETED) // PER_IMAGE

    def home(image: int) -> int:
        return image % REPOSITORIES + 1

    def deleted(image: int) -> tuple[int | None, int | None]:
        return (past, past) if image < DELETED else (None, None)

    made = (OCI_MANIFEST, b"{}", 2, past, "user:admin")
    return [
        (
            "repositories",
            "id name namespace store_id created_at visible_at",
            ((number, f"team-{number}/app", f"team-{number}", store, past, past) for number in range(1, 1_001)),
        ),
        ("blobs", "digest size first_seen", ((_digest(number, "blob"), 64, past) for number in blobs)),
        (
            "objects",
            "object_key digest store_id state stored_size created_at",
            ((_key(number), _digest(number, "blob"), store, "live", 64, past) for number in blobs),
        ),
        (
            "repo_blobs",
            "repo_id digest linked_at lease_until leased_by",
            (
                (home(image_of(number)), _digest(number, "blob"), past, past - BLOBS + number, "user:admin")
                for number in blobs
            ),
        ),
        (
            "manifests",
            "repo_id digest media_type payload size pushed_at pushed_by deleted_at purge_after",
            ((home(each), _digest(each, "image"), *made, *deleted(each)) for each in range(images)),
        ),
        (
            "manifest_blobs",
            "repo_id manifest digest link",
            (
                (home(image_of(number)), _digest(image_of(number), "image"), *[_digest(number, "blob")] * 2)
                for number in blobs
            ),
        ),
    ]
