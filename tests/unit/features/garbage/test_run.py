# SPDX-License-Identifier: Apache-2.0
"""One run: the steps in their order, what it reports, and how it ends."""

import asyncio

import msgspec
import pytest

from entrepot.features.garbage.models import Report
from entrepot.features.garbage.pace import Pace
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import collection_runs
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.collection_runs import Run
from entrepot.registry.store.collection_runs import RunState
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_index
from tests.unit.features.garbage.conftest import DAYS_LATER_MS
from tests.unit.features.garbage.conftest import IMAGE
from tests.unit.features.garbage.conftest import Collector

BOTH = Amount(2, len(A_CONFIG) + len(A_LAYER))

pytestmark = pytest.mark.anyio


async def _cancelled(_seconds: float) -> None:
    """Be cancelled instead of waiting."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


class Undecided(Reclaim):
    """Steps of which one cannot decide anything."""

    async def remove_blobs(self) -> None:  # type: ignore[override]
        """Find the database gone."""
        raise DatabaseUnavailable


async def test_what_was_deleted_goes_with_its_bytes(collector: Collector) -> None:
    """A run removes artifact, links, blobs and bytes, and reports them by why they went."""
    await collector.delete_image()

    report = await collector.run()

    assert (report.manifests, report.links, report.blobs) == (1, 2, 2)
    assert report.dead == report.deleted == {Reason.PURGED: BOTH}
    assert await collector.keys() == set()


async def test_a_run_is_recorded_with_its_report(collector: Collector) -> None:
    """Who started it, how it ended and what it did can be read afterwards."""
    await collector.delete_image()

    report = await collector.run("user:alice")

    [recorded] = await collector.runs()
    assert (recorded.cause, recorded.state) == ("user:alice", RunState.DONE)
    assert recorded.finished_at == collector.running.clock()
    assert msgspec.json.decode(recorded.report, type=Report) == report


async def test_a_run_that_did_nothing_leaves_no_row(collector: Collector) -> None:
    """Nothing is recorded where nothing was to be collected."""
    await collector.running.put_image(IMAGE, "1.0")

    report = await collector.run()

    assert report.is_empty
    assert await collector.runs() == []


async def test_children_go_after_their_index(collector: Collector) -> None:
    """One run purges an index and then what it held, though the child was deleted first."""
    child = await collector.running.put_image(IMAGE)
    index = await collector.running.put_manifest(an_index(IMAGE.descriptor()), "1.0")
    await collector.running.delete.manifest(EVERYBODY, REPOSITORY, child)
    await collector.running.delete.manifest(EVERYBODY, REPOSITORY, index)
    collector.running.clock.advance(DAYS_LATER_MS)

    report = await collector.run()

    assert report.manifests == 2
    assert report.kept == {}


async def test_what_is_kept_is_counted_by_what_keeps_it(collector: Collector) -> None:
    """A deleted child of a live index stays, and the report says why."""
    child = await collector.running.put_image(IMAGE)
    await collector.running.put_manifest(an_index(IMAGE.descriptor()), "1.0")
    await collector.running.delete.manifest(EVERYBODY, REPOSITORY, child)
    collector.running.clock.advance(DAYS_LATER_MS)

    report = await collector.run()

    assert report.kept == {Holder.PARENT: 1}
    assert await collector.runs() == []


async def test_nothing_is_deleted_when_deciding_fails(collector: Collector) -> None:
    """An error before the bytes ends the run as failed, and no object is deleted."""
    await collector.delete_image()
    keys = await collector.keys()
    collection = collector.collection()
    collection._steps = Undecided(collector.running.core, lambda: 0)

    with pytest.raises(DatabaseUnavailable):
        async with collector.journal() as journal:
            await collection.run(journal)

    [recorded] = await collector.runs()
    assert recorded.state is RunState.FAILED
    assert "DatabaseUnavailable" in journal.report.error
    assert await collector.keys() == keys


async def test_errors_of_the_storage_are_counted_and_told(collector: Collector) -> None:
    """Bytes that cannot be deleted are a failure of the run, which ends well; a later one deletes them."""
    await collector.delete_image()
    collector.storage.faults.errors["delete"] = StorageUnavailable("the disk is read-only")

    report = await collector.run()

    assert (report.failures, report.error) == (2, "the disk is read-only")
    assert [run.state for run in await collector.runs()] == [RunState.DONE]
    collector.storage.faults.errors.clear()
    collector.running.clock.advance(DAY_MS)
    assert (await collector.run()).deleted == {Reason.PURGED: BOTH}


async def test_a_paused_run_stops_and_the_next_goes_on(collector: Collector) -> None:
    """While collection is paused nothing goes, and nothing is recorded."""
    await collector.delete_image()
    await collector.pause()

    report = await collector.run()

    assert report.is_empty
    assert len(await collector.keys()) == 2
    assert await collector.runs() == []


async def test_a_cancelled_run_is_recorded_as_stopped(collector: Collector) -> None:
    """Cancelling between steps loses nothing: what was done is recorded, and the next run does the rest."""
    await collector.delete_image()
    collection = collector.collection()
    collection._rows = Pace(1, pause=_cancelled)

    async def run() -> None:
        async with collector.journal() as journal:
            await collection.run(journal)

    [ended] = await asyncio.gather(asyncio.create_task(run()), return_exceptions=True)

    assert isinstance(ended, asyncio.CancelledError)
    [recorded] = await collector.runs()
    assert recorded.state is RunState.STOPPED
    assert msgspec.json.decode(recorded.report, type=Report).manifests == 1
    assert (await collector.run()).deleted == {Reason.PURGED: BOTH}


async def test_a_run_whose_process_died_is_marked_by_the_next(collector: Collector) -> None:
    """A row that says `running` is `stopped` once another run begins."""
    run = Run(new_ulid(), "user:admin", RunState.RUNNING, collector.running.clock(), None, "{}")
    await collector.running.database.write(collection_runs.save, run)

    await collector.run()

    [recorded] = await collector.runs()
    assert (recorded.id, recorded.state) == (run.id, RunState.STOPPED)


async def test_runs_are_forgotten_after_90_days(collector: Collector) -> None:
    """The list does not grow for ever."""
    await collector.delete_image()
    await collector.run()
    collector.running.clock.advance(91 * DAY_MS)

    await collector.run()

    assert await collector.runs() == []


async def test_progress_tells_what_is_done(collector: Collector) -> None:
    """Each step tells how many things were removed so far."""
    await collector.delete_image()

    await collector.run()

    assert collector.told[0] == (1, "manifests")
    assert [done for done, note in collector.told if note == "blobs"] == [5, 5]
    assert collector.told[-1] == (8, "bytes")
