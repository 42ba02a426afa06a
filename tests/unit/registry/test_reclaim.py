# SPDX-License-Identifier: Apache-2.0
"""The steps of collection: what goes, when, and what keeps it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import HOUR_MS
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import ManifestBlobUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.events import Cause
from entrepot.registry.events import EventType
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.reclaim import Kept
from entrepot.registry.store import reclaim
from entrepot.registry.store.reclaim import Held
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
OTHER = an_image_manifest(annotations={"is": "another image of the same blobs"})
INDEX = an_index(IMAGE.descriptor())
LAYER, CONFIG = digest_of(A_LAYER), digest_of(A_CONFIG)
ELSEWHERE = RepositoryName("team/elsewhere")

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


async def test_a_deleted_image_goes_when_its_window_is_over(collecting: Collecting, running: RunningCore) -> None:
    """Its rows, links, blobs, objects and bytes, and not a millisecond before."""
    await running.put_image(IMAGE, "1.0")
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_after(WINDOW_MS - 1)
    assert await collecting.stored_bytes() == len(A_CONFIG + A_LAYER)
    outcome = await collecting.collect_after(1)

    assert (outcome.manifests, outcome.links, outcome.blobs, len(outcome.dead)) == (1, 2, 2, 2)
    assert {dead.reason for dead in outcome.dead} == {Reason.PURGED}
    assert await collecting.stored() == {}
    assert await collecting.left() == {}


async def test_a_purge_is_told_and_usage_comes_back_to_nothing(collecting: Collecting, running: RunningCore) -> None:
    """There is an event with the collector as its cause, and every delta has been taken back."""
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_at_last()

    told = [event for event in await running.events() if event.type == EventType.MANIFEST_PURGED]
    assert [(event.repository, event.digest, event.size) for event in told] == [
        (REPOSITORY, IMAGE.digest, len(IMAGE.payload))
    ]
    assert told[0].cause is Cause.COLLECTOR
    assert not await collecting.usage()


async def test_what_is_not_deleted_stays_for_ever(collecting: Collecting, running: RunningCore) -> None:
    """Losing its last tag takes nothing from a manifest."""
    await running.put_image(IMAGE, "1.0")
    await running.delete.tag(EVERYBODY, REPOSITORY, TagName("1.0"))

    for _ in range(3):
        await collecting.collect_at_last()

    assert (await running.pull.manifest(EVERYBODY, REPOSITORY, IMAGE.digest, is_head=False)).payload == IMAGE.payload
    assert await running.get_blob(LAYER) == A_LAYER


async def test_a_deleted_child_waits_for_its_index(collecting: Collecting, running: RunningCore) -> None:
    """Whether the index is there or in the bin; it goes with the index, in one collection."""
    await running.put_image(IMAGE)
    await running.put_manifest(INDEX)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    held = [Kept(IMAGE.digest, len(IMAGE.payload), Held(Holder.PARENT, INDEX.digest))]

    assert (await collecting.collect_at_last()).kept == held
    await running.delete.manifest(EVERYBODY, REPOSITORY, INDEX.digest)
    assert (await collecting.collect()).kept == held
    await collecting.collect_at_last()

    assert await collecting.left() == {}


async def test_an_index_that_came_first_holds_its_child(collecting: Collecting, running: RunningCore) -> None:
    """A child that arrives after its index is held from then on."""
    await running.put_manifest(INDEX)
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    outcome = await collecting.collect_at_last()

    assert [kept.held for kept in outcome.kept] == [Held(Holder.PARENT, INDEX.digest)]


async def test_referrers_go_with_their_subject(collecting: Collecting, running: RunningCore) -> None:
    """They were deleted with it, and come to the end of the same window."""
    signature = an_image_manifest(subject=IMAGE.descriptor())
    await running.put_image(IMAGE, "1.0")
    await running.put_image(signature)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    outcome = await collecting.collect_at_last()

    assert outcome.manifests == 2
    assert await collecting.left() == {}


@pytest.mark.parametrize("everywhere", [False, True], ids=["in the repository", "everywhere"])
async def test_a_hold_keeps_a_manifest_and_a_blob(
    collecting: Collecting, running: RunningCore, *, everywhere: bool
) -> None:
    """For as long as it lasts, and longer than any window."""
    loose = await running.put_blob(b"a blob of its own")
    await running.put_image(IMAGE)
    end = running.clock() + 3 * (WINDOW_MS + LEASE_MS)
    for digest in (IMAGE.digest, loose):
        await collecting.hold(digest, end, None if everywhere else REPOSITORY)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    outcome = await collecting.collect_at_last()
    assert {(kept.digest, kept.held.by) for kept in outcome.kept} == {
        (IMAGE.digest, Holder.HOLD),
        (loose, Holder.HOLD),
    }
    await collecting.collect_after(end)

    assert await collecting.left() == {}


async def test_a_hold_without_end_ends_only_when_it_is_taken_back(collecting: Collecting, running: RunningCore) -> None:
    """Ended holds are forgotten, others stay."""
    await running.put_image(IMAGE)
    await collecting.hold(IMAGE.digest)
    await collecting.hold(IMAGE.digest, running.clock() + 1)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_at_last()

    assert (await collecting.left())["holds"] == 1
    assert (await collecting.left())["manifests"] == 1


async def test_what_a_hold_keeps_of_a_blob_is_its_link(collecting: Collecting, running: RunningCore) -> None:
    """A hold on everything of that digest keeps a blob that no repository links any more."""
    loose = await running.put_blob(b"a blob of its own")
    await collecting.collect_after(LEASE_MS + SETTLED_MS - 1)
    running.clock.advance(1)
    await collecting.steps.find_unused()
    await collecting.steps.unlink()
    await collecting.hold(loose, repository=None)

    outcome = await collecting.steps.remove_blobs()

    assert outcome.kept == [Kept(loose, len(b"a blob of its own"), Held(Holder.HOLD))]
    assert (await collecting.steps.remove_blobs()).looked_at == 0


async def test_what_is_restored_meanwhile_is_not_purged(collecting: Collecting, running: RunningCore) -> None:
    """A manifest that the collector has found, and somebody restores or pushes again before it decides, stays."""
    for image in (IMAGE, OTHER):
        await running.put_image(image)
        await running.delete.manifest(EVERYBODY, REPOSITORY, image.digest)
    running.clock.advance(WINDOW_MS)
    found = await running.database.read(reclaim.doomed, running.clock(), None, 100)
    await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await running.put_manifest(OTHER)

    outcome = await running.database.write(collecting.steps.purge_in, found, running.clock())

    assert (outcome.looked_at, outcome.manifests) == (2, 0)
    assert await running.get_blob(LAYER) == A_LAYER


async def test_what_was_purged_can_be_pushed_again(collecting: Collecting, running: RunningCore) -> None:
    """Its blobs are stored under new keys, and are there whatever becomes of the old ones."""
    await running.put_image(IMAGE)
    before = await collecting.stored()
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(WINDOW_MS)
    await collecting.purge()
    await collecting.steps.unlink()
    await collecting.steps.remove_blobs()

    await running.put_image(IMAGE, "1.0")
    await collecting.collect()

    assert set(await collecting.stored()).isdisjoint(before)
    assert await running.get_blob(LAYER) == A_LAYER
    assert sum((await collecting.usage()).values()) == sum(map(len, (A_LAYER, A_CONFIG, IMAGE.payload))) + 3


async def test_a_manifest_pushed_between_two_steps_keeps_its_blobs(
    collecting: Collecting, running: RunningCore
) -> None:
    """A link that is queued, or a blob, is looked at again before it goes."""
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(WINDOW_MS)
    await collecting.purge()
    await running.put_manifest(OTHER)

    outcome = await collecting.collect()

    assert [kept.held for kept in outcome.kept] == [Held(Holder.MANIFEST, OTHER.digest)] * 2
    assert await running.get_blob(LAYER) == A_LAYER


async def test_a_manifest_in_the_bin_keeps_its_blobs(collecting: Collecting, running: RunningCore) -> None:
    """For it can be restored."""
    await running.put_image(IMAGE)
    await running.put_manifest(OTHER)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(HOUR_MS)
    await running.delete.manifest(EVERYBODY, REPOSITORY, OTHER.digest)

    outcome = await collecting.collect_after(WINDOW_MS - HOUR_MS)

    assert outcome.manifests == 1
    assert {kept.held for kept in outcome.kept} == {Held(Holder.MANIFEST, OTHER.digest)}
    assert await collecting.stored_bytes() == len(A_CONFIG + A_LAYER)


async def test_a_lease_keeps_a_blob_that_no_manifest_uses(collecting: Collecting, running: RunningCore) -> None:
    """Until it ends, also when a purged manifest has just let go of the blob; then the blob goes."""
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(WINDOW_MS)
    await running.put_blob(A_LAYER)

    outcome = await collecting.collect()
    assert [(kept.digest, kept.held) for kept in outcome.kept] == [(LAYER, Held(Holder.LEASE))]
    assert await running.get_blob(LAYER) == A_LAYER
    outcome = await collecting.collect_after(LEASE_MS + SETTLED_MS)

    assert [dead.reason for dead in outcome.dead] == [Reason.UNUSED]
    assert await collecting.left() == {}


async def test_a_blob_that_is_used_in_time_is_not_queued(collecting: Collecting, running: RunningCore) -> None:
    """The walk over ended leases passes it by, goes on where it stopped, and ends."""
    await running.put_image(IMAGE)
    running.clock.advance(LEASE_MS + SETTLED_MS)

    assert await collecting.steps.find_unused() == 2
    assert await collecting.steps.find_unused() == 0

    assert (await collecting.steps.unlink()).looked_at == 0


async def test_leases_are_found_after_the_clock_was_set_back(collecting: Collecting, running: RunningCore) -> None:
    """The walk over ended leases begins anew when it has gone further than there can be any."""
    await running.put_blob(A_LAYER)
    await collecting.collect_after(50 * WINDOW_MS)
    running.clock.advance(-49 * WINDOW_MS)
    await running.put_blob(A_CONFIG)

    await collecting.collect_after(LEASE_MS + SETTLED_MS)

    assert await collecting.left() == {}


async def test_a_blob_hidden_by_a_deletion_goes(collecting: Collecting, running: RunningCore) -> None:
    """Soon when nothing used it; with the deleted manifest when that did."""
    await running.put_image(IMAGE)
    loose = await running.put_blob(b"a blob of its own")
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    for digest in (LAYER, loose):
        await running.delete.blob(EVERYBODY, REPOSITORY, digest)

    outcome = await collecting.collect_after(SETTLED_MS)
    assert len(outcome.dead) == 1
    await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    assert await running.get_blob(LAYER) == A_LAYER
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await collecting.collect_at_last()

    assert await collecting.left() == {}


async def test_another_repository_keeps_a_mounted_blob(collecting: Collecting, running: RunningCore) -> None:
    """The bytes go with the last repository that links them; usage is each one's own."""
    await running.put_image(IMAGE)
    for digest in (LAYER, CONFIG):
        assert await running.mounts.mount(EVERYBODY, ELSEWHERE, digest, REPOSITORY)
    await running.put_manifest(IMAGE, repository=ELSEWHERE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    outcome = await collecting.collect_at_last()
    assert [kept.held.by for kept in outcome.kept] == [Holder.REPOSITORY] * 2
    with pytest.raises(BlobUnknown):
        await running.get_blob(LAYER)
    assert await running.get_blob(LAYER, ELSEWHERE) == A_LAYER
    await running.delete.manifest(EVERYBODY, ELSEWHERE, IMAGE.digest)
    await collecting.collect_at_last()

    assert await collecting.left() == {}
    assert not await collecting.usage()


async def test_nothing_is_mounted_from_a_link_that_went(collecting: Collecting, running: RunningCore) -> None:
    """The bytes may still be there, waiting for their grace: the client uploads."""
    patient = Collecting(running, grace_ms=HOUR_MS)
    await running.put_blob(A_LAYER)
    await patient.collect_after(LEASE_MS + SETTLED_MS)

    is_mounted = await running.mounts.mount(EVERYBODY, ELSEWHERE, LAYER, REPOSITORY)

    assert not is_mounted
    assert await patient.stored_bytes() == len(A_LAYER)
    with pytest.raises(ManifestBlobUnknown):
        await running.put_manifest(IMAGE)
