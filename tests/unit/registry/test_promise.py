# SPDX-License-Identifier: Apache-2.0
"""Promises: to the byte what the store lists less afterwards, and freeing at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.modes import RefusedByMode
from entrepot.registry.promise import Promise
from entrepot.registry.promise import TooLarge
from entrepot.registry.reclaim import GIVEN_UP_MS
from entrepot.registry.reclaim import Kept
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.reclaim import Held
from entrepot.registry.store.reclaim import Holder
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.fakes.faulty_storage import FaultyStorage
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting
from tests.unit.registry.planted import PlantedGate

SHARED, FIRST, SECOND = b"a layer of both", b"a layer of the first alone", b"a layer of the second"
ELSEWHERE = RepositoryName("team/elsewhere")
GRACE_MS = HOUR_MS

pytestmark = pytest.mark.anyio


def of(*layers: bytes, **fields: Any) -> BuiltManifest:
    """Build an image of these layers."""
    return an_image_manifest(
        config=a_descriptor(A_CONFIG, OCI_CONFIG), layers=[a_descriptor(layer) for layer in layers], **fields
    )


ONE, TWO = of(SHARED, FIRST), of(SHARED, SECOND)


@pytest.fixture
def storage() -> FaultyStorage:
    """A storage that fails when told to."""
    return FaultyStorage(MemoryStorage())


@pytest.fixture
def collecting(tmp_path: Path, storage: FaultyStorage) -> Iterator[Collecting]:
    """A collector with a grace of an hour, on a clock that tests set."""
    with a_core(tmp_path, storage) as running:
        yield Collecting(running, grace_ms=GRACE_MS)


@pytest.fixture
def running(collecting: Collecting) -> RunningCore:
    """The core that it works on."""
    return collecting.running


async def push_two(running: RunningCore, repository: RepositoryName = REPOSITORY) -> None:
    """Push two images that share a layer and their configuration, with a tag each."""
    for layer in (A_CONFIG, SHARED, FIRST, SECOND):
        await running.put_blob(layer, repository)
    await running.put_manifest(ONE, "1", repository=repository)
    await running.put_manifest(TWO, "2", repository=repository)
    running.clock.advance(2 * LEASE_MS)


async def preview(collecting: Collecting, digest: Digest) -> Promise:
    """Ask what deleting an artifact would free."""
    return await collecting.promises.preview(EVERYBODY, REPOSITORY, digest)


async def freed_by_time(collecting: Collecting, promise: Promise) -> int:
    """Collect when the promise says that the bytes go, and a moment before; return how many went then."""
    await collecting.collect_after(promise.restorable_until - collecting.running.clock())
    await collecting.collect_after(promise.bytes_gone_after - 1 - collecting.running.clock())
    before = await collecting.stored_bytes()
    await collecting.collect_after(1)
    return before - await collecting.stored_bytes()


async def test_a_promise_is_kept_to_the_byte_and_the_millisecond(collecting: Collecting, running: RunningCore) -> None:
    """What it says is what the store lists less, at the moment it says."""
    await push_two(running)

    promise = await preview(collecting, ONE.digest)
    await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)

    assert (promise.tags, promise.digests) == ([TagName("1")], [ONE.digest])
    assert (promise.objects, promise.freed_bytes) == (1, len(FIRST))
    assert promise.restorable_until == running.clock() + WINDOW_MS
    assert promise.bytes_gone_after == promise.restorable_until + GRACE_MS
    assert await freed_by_time(collecting, promise) == promise.freed_bytes


async def test_a_promise_names_what_holds_the_rest(collecting: Collecting, running: RunningCore) -> None:
    """Another image, a hold, another repository, the index of the image itself."""
    await push_two(running)
    await running.mounts.mount(EVERYBODY, ELSEWHERE, digest_of(FIRST), REPOSITORY)
    await running.put_manifest(of(), repository=REPOSITORY)
    await collecting.hold(digest_of(SECOND))
    await running.put_blob(A_CONFIG, ELSEWHERE)
    await running.put_manifest(of(FIRST), repository=ELSEWHERE)

    one, two = await preview(collecting, ONE.digest), await preview(collecting, TWO.digest)

    assert {kept.digest: kept.held for kept in one.kept} == {
        digest_of(SHARED): Held(Holder.MANIFEST, TWO.digest),
        digest_of(A_CONFIG): one_of(one, digest_of(A_CONFIG)),
        digest_of(FIRST): Held(Holder.REPOSITORY),
    }
    assert one_of(two, digest_of(SECOND)) == Held(Holder.HOLD)
    assert (one.freed_bytes, two.freed_bytes) == (0, 0)


def one_of(promise: Promise, digest: Digest) -> Held:
    """Return what holds a blob."""
    return next(kept.held for kept in promise.kept if kept.digest == digest)


async def test_a_child_is_promised_with_its_index(collecting: Collecting, running: RunningCore) -> None:
    """A child in the bin is held by its index; whoever deletes the index is promised the bytes of both."""
    await push_two(running)
    index = an_index(ONE.descriptor())
    await running.put_manifest(index)
    held = await preview(collecting, ONE.digest)
    await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)

    promise = await preview(collecting, index.digest)
    await running.delete.manifest(EVERYBODY, REPOSITORY, index.digest)

    assert held.kept == [Kept(ONE.digest, len(ONE.payload), Held(Holder.PARENT, index.digest))]
    assert (held.freed_bytes, promise.freed_bytes) == (0, len(FIRST))
    assert await freed_by_time(collecting, promise) == len(FIRST)


@pytest.mark.parametrize("repository", [REPOSITORY, ELSEWHERE])
async def test_the_last_of_several_is_promised_what_they_shared(
    collecting: Collecting, running: RunningCore, repository: RepositoryName
) -> None:
    """What only waits in the bin, here or in another repository, holds nothing back for longer than its window."""
    await push_two(running)
    if repository != REPOSITORY:
        await push_two(running, repository)
        await running.delete.manifest(EVERYBODY, REPOSITORY, TWO.digest)
        await running.delete.manifest(EVERYBODY, repository, ONE.digest)
    await running.delete.manifest(EVERYBODY, repository, TWO.digest)
    running.clock.advance(DAY_MS)
    await collecting.collect()

    promise = await preview(collecting, ONE.digest)
    await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)
    await collecting.collect_after(WINDOW_MS - 1)
    others = len(SECOND)

    assert promise.freed_bytes == len(SHARED + FIRST + A_CONFIG)
    assert await collecting.stored_bytes() - promise.freed_bytes in (0, others)
    assert await freed_by_time(collecting, promise) - promise.freed_bytes in (0, others)
    assert await collecting.stored() == {}


async def test_a_preview_changes_nothing(collecting: Collecting, running: RunningCore) -> None:
    """Not one row of the whole database, of what is there and of what is in the bin."""
    await push_two(running)
    await running.put_manifest(of(SHARED, subject=ONE.descriptor()))
    await running.delete.manifest(EVERYBODY, REPOSITORY, TWO.digest)
    before, stored = await running.tables(), await collecting.stored()

    for digest in (ONE.digest, TWO.digest):
        promise = await preview(collecting, digest)
        assert promise.freed_bytes > 0

    assert await running.tables() == before
    assert await collecting.stored() == stored


async def test_what_is_in_the_bin_has_the_same_promise(collecting: Collecting, running: RunningCore) -> None:
    """Before and after its deletion, but for the tags that went with it."""
    await push_two(running)

    before = await preview(collecting, ONE.digest)
    await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)
    running.clock.advance(DAY_MS)
    after = await preview(collecting, ONE.digest)

    assert (after.freed_bytes, after.restorable_until) == (before.freed_bytes, before.restorable_until)
    assert after.tags == []


async def test_lost_bytes_are_not_promised(
    collecting: Collecting, running: RunningCore, storage: FaultyStorage
) -> None:
    """What the store does not list cannot be freed."""
    await push_two(running)
    found = await running.pull.blob(EVERYBODY, REPOSITORY, digest_of(FIRST))
    assert found.linked is not None
    await storage.delete(found.linked.object_key)
    with pytest.raises(BlobUnknown):
        await running.pull.keep_for_push(EVERYBODY, found.linked)

    promise = await preview(collecting, ONE.digest)

    assert (promise.objects, promise.freed_bytes) == (0, 0)


async def test_what_cannot_be_promised_is_refused(collecting: Collecting, running: RunningCore) -> None:
    """What is not there, and what would hold up everybody else for too long."""
    await push_two(running)

    with pytest.raises(ManifestUnknown):
        await preview(collecting, digest_of(b"nothing"))
    with pytest.raises(NameUnknown):
        await collecting.promises.preview(EVERYBODY, ELSEWHERE, ONE.digest)
    with pytest.raises(TooLarge):
        await collecting.promises.preview(EVERYBODY, REPOSITORY, ONE.digest, max_blobs=2)


async def test_free_now_frees_before_it_returns(collecting: Collecting, running: RunningCore) -> None:
    """Without window, former values of tags, lease and grace; what others need stays, what is gone cannot come back."""
    await push_two(running)
    await running.put_manifest(TWO, "1")
    await running.put_manifest(ONE, "1", "3")
    await running.put_blob(FIRST)
    before = await collecting.stored_bytes()

    promise = await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)

    assert promise.freed_bytes == len(FIRST)
    assert before + len(FIRST) - await collecting.stored_bytes() in (len(FIRST), 2 * len(FIRST))
    assert await running.get_blob(digest_of(SHARED)) == SHARED
    with pytest.raises(ManifestUnknown):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, ONE.digest)
    await collecting.collect()
    assert await collecting.stored_bytes() == len(SHARED + SECOND + A_CONFIG)


async def test_free_now_works_on_what_is_in_the_bin(collecting: Collecting, running: RunningCore) -> None:
    """With the referrers that went with it."""
    await push_two(running)
    await running.put_manifest(of(FIRST, subject=ONE.descriptor()))
    await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)

    promise = await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)

    assert len(promise.digests) == 2
    assert await collecting.stored_bytes() == len(SHARED + SECOND + A_CONFIG)


async def test_what_an_index_holds_is_not_freed_and_not_restored(collecting: Collecting, running: RunningCore) -> None:
    """It goes with the index, and cannot be restored meanwhile."""
    await push_two(running)
    index = an_index(ONE.descriptor())
    await running.put_manifest(index)

    promise = await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)

    assert [kept.held for kept in promise.kept if kept.digest == ONE.digest] == [Held(Holder.PARENT, index.digest)]
    with pytest.raises(ManifestUnknown):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, ONE.digest)
    freed = await collecting.promises.free_now(EVERYBODY, REPOSITORY, index.digest)
    assert freed.freed_bytes == len(FIRST)


async def test_bytes_that_the_storage_keeps_are_freed_later(
    collecting: Collecting, running: RunningCore, storage: FaultyStorage
) -> None:
    """By the collector, once the storage lets it."""
    await push_two(running)
    storage.faults.errors["delete"] = StorageUnavailable("the disk is read-only")
    await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)
    storage.faults.errors.clear()

    await collecting.collect_after(GIVEN_UP_MS)

    assert await collecting.stored_bytes() == len(SHARED + SECOND + A_CONFIG)


async def test_modes_and_gates_are_asked_before_anything_is_freed(collecting: Collecting, running: RunningCore) -> None:
    """A preview needs neither."""
    await push_two(running)
    before = await running.tables()
    running.core.gates.mount([PlantedGate(Deny("1 is final"), frozenset({Operation.TAG_DELETE}))])

    with pytest.raises(Denied, match="final"):
        await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)
    assert await running.tables() == before
    await collecting.set_mode("team", Mode.NO_DELETE)
    with pytest.raises(RefusedByMode):
        await collecting.promises.free_now(EVERYBODY, REPOSITORY, ONE.digest)

    assert (await preview(collecting, ONE.digest)).freed_bytes == len(FIRST)
