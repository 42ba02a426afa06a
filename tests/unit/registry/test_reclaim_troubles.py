# SPDX-License-Identifier: Apache-2.0
"""Collection when the storage, the database or the mode is against it, and of what came late or was lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import MINUTE_MS
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.reclaim import GIVEN_UP_MS
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.store import reclaim
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.fakes.faulty_storage import FaultyStorage
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

IMAGES = [an_image_manifest(annotations={"number": str(number)}) for number in range(3)]
ELSEWHERE = RepositoryName("another/app")

pytestmark = pytest.mark.anyio


@pytest.fixture
def storage() -> FaultyStorage:
    """A storage that fails when told to."""
    return FaultyStorage(MemoryStorage())


@pytest.fixture
def collecting(tmp_path: Path, storage: FaultyStorage) -> Iterator[Collecting]:
    """A collector, on a clock that tests set."""
    with a_core(tmp_path, storage) as running:
        yield Collecting(running)


async def delete_images(running: RunningCore) -> None:
    """Push images, and delete them one after the other."""
    for image in IMAGES:
        await running.put_image(image)
    for image in IMAGES:
        await running.delete.manifest(EVERYBODY, REPOSITORY, image.digest)
    running.clock.advance(WINDOW_MS)


async def test_bytes_that_cannot_be_deleted_are_deleted_later(collecting: Collecting, storage: FaultyStorage) -> None:
    """They are claimed, and taken up again when the claim has grown old; nothing else is lost by it."""
    await delete_images(collecting.running)
    storage.faults.errors["delete"] = StorageUnavailable("the disk is read-only")

    await collecting.collect()
    deleted = await collecting.steps.delete_objects()
    assert (deleted.objects, deleted.failures) == ([], 0)
    collecting.running.clock.advance(GIVEN_UP_MS)
    deleted = await collecting.steps.delete_objects()
    assert (deleted.objects, deleted.failures) == ([], 2 + 2 * (len(IMAGES) - 1))
    assert "read-only" in deleted.error
    storage.faults.errors.clear()
    await collecting.collect_after(GIVEN_UP_MS)

    assert await collecting.stored() == {}
    assert await collecting.left() == {}


async def test_a_collector_that_dies_after_deleting_bytes_harms_nothing(collecting: Collecting) -> None:
    """Its tombstones stay, and whoever comes next deletes what is gone already."""
    await delete_images(collecting.running)
    await collecting.purge()
    await collecting.steps.unlink()
    await collecting.steps.remove_blobs()
    for key in await collecting.stored():
        await collecting.running.storage.delete(key)

    await collecting.collect()

    assert await collecting.left() == {}


class Doubtful(Collecting):
    """A collector whose database goes away after some statements."""

    def purge_partly(self, connection: Connection) -> None:
        """Purge what can be purged, and fail."""
        now = self.running.clock()
        self.steps.purge_in(connection, reclaim.doomed(connection, now, None, 100), now)
        self.steps.unlink_in(connection, now)
        self.steps.remove_blobs_in(connection, now, now)
        raise DatabaseUnavailable("the connection was cut")


async def test_an_error_while_deciding_undoes_the_whole_step(collecting: Collecting) -> None:
    """No row has changed, and no byte: nothing is half collected."""
    await delete_images(collecting.running)
    before, stored = await collecting.running.tables(), await collecting.stored()

    with pytest.raises(DatabaseUnavailable):
        await collecting.running.database.write(Doubtful(collecting.running).purge_partly)

    assert await collecting.running.tables() == before
    assert await collecting.stored() == stored


async def test_nothing_of_a_project_goes_that_its_mode_protects(collecting: Collecting) -> None:
    """Manifests and links stay while the project is closed to deleting, and go afterwards; others go as ever."""
    running = collecting.running
    await delete_images(running)
    await running.put_blob(b"a blob of its own", ELSEWHERE)
    await collecting.set_mode("team", Mode.NO_DELETE)

    outcome = await collecting.collect_after(LEASE_MS + SETTLED_MS)
    assert (outcome.manifests, outcome.links) == (0, 1)
    assert await collecting.stored_bytes() >= len(A_CONFIG + A_LAYER)
    await collecting.set_mode("team", Mode.RW)
    await collecting.collect_after(MINUTE_MS)

    assert await collecting.left() == {}


async def test_a_link_that_its_mode_protects_is_looked_at_again(collecting: Collecting) -> None:
    """It stays queued, and does not keep the collector busy."""
    running = collecting.running
    await running.put_blob(A_LAYER)
    running.clock.advance(LEASE_MS + SETTLED_MS)
    await collecting.steps.find_unused()
    await collecting.set_mode("team", Mode.READ_ONLY)

    assert (await collecting.steps.unlink()).looked_at == 1
    assert (await collecting.steps.unlink()).looked_at == 0
    await collecting.set_mode("team", Mode.RW)
    await collecting.collect_after(MINUTE_MS)

    assert await collecting.left() == {}


async def test_lost_bytes_that_were_pushed_again_go(collecting: Collecting) -> None:
    """An object whose bytes went missing leaves nothing behind, healed or not."""
    running = collecting.running
    for content in (A_LAYER, A_CONFIG):
        await running.put_blob(content)
    for key in await collecting.stored():
        await running.storage.delete(key)
    for content in (A_LAYER, A_CONFIG):
        found = await running.pull.blob(EVERYBODY, REPOSITORY, digest_of(content))
        assert found.linked is not None
        with pytest.raises(BlobUnknown):
            await running.pull.keep_for_push(EVERYBODY, found.linked)
    await running.put_blob(A_LAYER)

    outcome = await collecting.collect_at_last()

    assert [dead.reason for dead in outcome.dead].count(Reason.DAMAGED) == 1
    assert await collecting.left() == {}
    assert await collecting.stored() == {}


async def test_a_layer_that_was_elsewhere_is_held_once_it_is_here(collecting: Collecting) -> None:
    """A blob that arrives after the manifest that lists it is that manifest's from then on."""
    running = collecting.running
    foreign = a_descriptor(A_LAYER, urls=["https://layers.example/1"])
    image = an_image_manifest(layers=[foreign])
    await running.put_blob(A_CONFIG)
    await running.put_manifest(image)
    await running.put_blob(A_LAYER)

    await collecting.collect_at_last()
    assert await running.get_blob(digest_of(A_LAYER)) == A_LAYER
    await running.delete.manifest(EVERYBODY, REPOSITORY, image.digest)
    await collecting.collect_at_last()

    assert await collecting.left() == {}
