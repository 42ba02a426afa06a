# SPDX-License-Identifier: Apache-2.0
"""Holds and running clusters, as whoever deletes and whoever collects sees them, while time goes by."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.oci.errors import Denied
from entrepot.registry.dry_run import DryRun
from entrepot.registry.reclaim import FORGOTTEN_MS
from entrepot.registry.store import windows
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.reclaim import Holder
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.holds import pin
from tests.builders.holds import place
from tests.builders.holds import release
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())

pytestmark = pytest.mark.anyio


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[Collecting]:
    """A collector, on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield Collecting(running)


@pytest.fixture
def running(collecting: Collecting) -> RunningCore:
    """The core that it works on."""
    return collecting.running


async def throw(running: RunningCore) -> None:
    """Push an index, and put it and its image into the bin."""
    await running.put_image(IMAGE)
    await running.put_manifest(INDEX, "1.0")
    for each in (INDEX, IMAGE):
        await running.delete.manifest(EVERYBODY, REPOSITORY, each.digest)


async def left(collecting: Collecting) -> int:
    """Return how many manifests there are, in the bin or not."""
    return (await collecting.left()).get("manifests", 0)


async def test_a_hold_keeps_what_is_in_the_bin(collecting: Collecting, running: RunningCore) -> None:
    """With its blobs, as long as it is in force, and is told by whoever collects."""
    await throw(running)
    hold = await place(running, INDEX.digest)

    outcome = await collecting.collect_after(10 * WINDOW_MS)

    assert {(each.digest, each.held.by) for each in outcome.kept} == {
        (INDEX.digest, Holder.HOLD),
        (IMAGE.digest, Holder.HOLD),
    }
    assert outcome.kept[0].held.name == "a legal hold by user:ada without an end: a test needs it"
    assert (await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, INDEX.digest)).digests == [INDEX.digest]
    await release(running, hold)
    await running.delete.manifest(EVERYBODY, REPOSITORY, INDEX.digest)
    await collecting.collect_at_last()
    assert await left(collecting) == 0


async def test_a_hold_ends_by_itself(collecting: Collecting, running: RunningCore) -> None:
    """In that very millisecond what it kept may be deleted, and purged."""
    await running.put_image(IMAGE, "1.0")
    await place(running, IMAGE.digest, HoldKind.USER, running.clock() + DAY_MS)

    running.clock.advance(DAY_MS - 1)
    with pytest.raises(Denied):
        await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(1)

    assert (await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)).digests == [IMAGE.digest]


async def test_a_dry_run_tells_what_holds_keep(collecting: Collecting, running: RunningCore) -> None:
    """Just as the run does, and changes nothing."""
    await throw(running)
    await place(running, None)
    running.clock.advance(WINDOW_MS)

    rehearsal = await DryRun(running.core, collecting.steps, lambda: 0).rehearse()

    assert {(each.digest, each.held.by) for each in rehearsal.outcome.kept} == {
        (INDEX.digest, Holder.HOLD),
        (IMAGE.digest, Holder.HOLD),
    }
    assert rehearsal.outcome.manifests == 0


async def test_what_runs_is_not_purged_while_a_cluster_says_so(collecting: Collecting, running: RunningCore) -> None:
    """Deleting it is a warning; a cluster that says nothing more keeps nothing."""
    await running.put_image(IMAGE, "1.0")
    await pin(running, "production", running.clock() + 2 * WINDOW_MS, IMAGE.digest)

    deleted = await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    outcome = await collecting.collect_after(WINDOW_MS)

    assert "the cluster production said that it runs this" in deleted.warnings[0]
    assert [each.held.by for each in outcome.kept] == [Holder.RUNNING]
    await collecting.collect_after(WINDOW_MS)
    assert await left(collecting) == 0


async def test_what_runs_can_be_deleted_for_good(collecting: Collecting, running: RunningCore) -> None:
    """A secret in an image is gone at once, whoever runs it; but nothing that a hold keeps."""
    await running.put_image(IMAGE, "1.0")
    await pin(running, "production", running.clock() + DAY_MS, IMAGE.digest)
    hold = await place(running, IMAGE.digest)

    with pytest.raises(Denied):
        await collecting.promises.free_now(EVERYBODY, REPOSITORY, IMAGE.digest)
    await release(running, hold)
    freed = await collecting.promises.free_now(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert (freed.objects, await left(collecting)) == (2, 0)


async def test_nothing_of_the_bin_is_freed_that_is_held(collecting: Collecting, running: RunningCore) -> None:
    """Deleting it for good is refused as deleting it would be."""
    await throw(running)
    await place(running, IMAGE.digest)

    with pytest.raises(Denied):
        await collecting.promises.free_now(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert await left(collecting) == 2


async def test_what_ended_is_listed_for_a_month(collecting: Collecting, running: RunningCore) -> None:
    """Then it is forgotten; what is in force never is."""
    await running.put_image(IMAGE, "1.0")
    await place(running, IMAGE.digest, HoldKind.USER, running.clock() + DAY_MS)
    await release(running, await place(running, IMAGE.digest))
    kept = await place(running, IMAGE.digest)
    await pin(running, "production", running.clock() + DAY_MS, IMAGE.digest)

    await collecting.collect_after(DAY_MS + FORGOTTEN_MS)
    before = await running.tables()
    await collecting.collect_after(1)

    after = await running.tables()
    assert (len(before["placed_holds"]), len(before["in_use_pins"])) == (2, 1)
    assert [row[0] for row in after["placed_holds"]] == [kept.id]
    assert (after["in_use_pins"], after["in_use_clusters"]) == ([], [])


async def test_a_project_says_how_long_its_bin_lasts(collecting: Collecting, running: RunningCore) -> None:
    """For what is deleted, and for former values of tags, from then on."""
    await running.put_image(IMAGE, "1.0")
    await running.database.write(windows.put, "team", 30)

    deleted = await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await collecting.collect_after(30 * DAY_MS - 1)

    assert deleted.restorable_until == running.clock() + 1
    assert await left(collecting) == 1
    await collecting.collect_after(1)
    assert await left(collecting) == 0
