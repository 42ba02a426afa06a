# SPDX-License-Identifier: Apache-2.0
"""The last steps of collection: bytes that nothing tells of any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.held_upload import Chunk
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.store import tombstones
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
LAYER, CONFIG = digest_of(A_LAYER), digest_of(A_CONFIG)
ELSEWHERE = RepositoryName("team/elsewhere")
STORES = [StoreId(1)]

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


async def test_bytes_stay_for_the_grace(running: RunningCore) -> None:
    """After the last row that told of them has gone, and not longer."""
    patient = Collecting(running, grace_ms=HOUR_MS)
    await running.put_blob(A_LAYER)
    await patient.collect_after(LEASE_MS + SETTLED_MS)

    await patient.collect_after(HOUR_MS - 1)
    assert await patient.stored_bytes() == len(A_LAYER)
    await patient.collect_after(1)

    assert await patient.left() == {}
    assert await patient.stored() == {}


async def test_the_second_of_two_uploads_goes(collecting: Collecting, running: RunningCore) -> None:
    """At once: nothing ever told of its bytes."""
    await running.put_image(IMAGE)
    await running.put_blob(A_LAYER, ELSEWHERE)
    assert len(await collecting.stored()) == 3

    deleted = await collecting.steps.delete_objects()

    assert [(dead.reason, dead.size) for dead in deleted.objects] == [(Reason.DUPLICATE, len(A_LAYER))]
    assert await running.get_blob(LAYER) == await running.get_blob(LAYER, ELSEWHERE) == A_LAYER


async def test_what_an_ended_upload_left_goes(collecting: Collecting, running: RunningCore) -> None:
    """An upload that is cancelled, and one that lay idle."""
    for content in (b"cancelled", b"idle"):
        session = await running.uploads.start(EVERYBODY, REPOSITORY)
        await running.uploads.append(REPOSITORY, session.id, Chunk(body_of(content)))
        if content == b"cancelled":
            await running.uploads.cancel(REPOSITORY, session.id)
    running.clock.advance(LEASE_MS + 1)
    assert await running.uploads.expire() == 1

    deleted = await collecting.steps.delete_objects()

    assert {dead.reason for dead in deleted.objects} == {Reason.UPLOAD}
    assert await collecting.left() == {}


async def test_a_walk_goes_on_behind_what_it_looked_at(collecting: Collecting, running: RunningCore) -> None:
    """The bin is looked at in batches, each once, whatever is kept."""
    await running.put_blob(A_CONFIG)
    images = [an_image_manifest(layers=[], annotations={"number": str(number)}) for number in range(101)]
    for image in images:
        await running.put_manifest(image)
        await running.delete.manifest(EVERYBODY, REPOSITORY, image.digest)
    await collecting.hold(images[0].digest)
    running.clock.advance(WINDOW_MS)

    outcome = await collecting.purge()

    assert (outcome.looked_at, outcome.manifests, len(outcome.kept)) == (101, 100, 1)


@pytest.mark.parametrize("wait_ms", [0, 15 * MINUTE_MS - 1])
async def test_a_second_claimer_waits(collecting: Collecting, running: RunningCore, wait_ms: int) -> None:
    """What somebody else has claimed is left alone for 15 minutes, in which a claimer that lives has deleted it."""
    await running.put_blob(A_LAYER)
    await running.put_blob(A_LAYER)
    claimed = await running.database.write(tombstones.claim, running.clock(), Milliseconds(0), STORES, 100)
    assert len(claimed.objects) == 1
    running.clock.advance(wait_ms)

    assert (await collecting.steps.delete_objects()).objects == []
    running.clock.advance(15 * MINUTE_MS - wait_ms)

    assert len((await collecting.steps.delete_objects()).objects) == 1


async def test_an_ended_lease_settles(collecting: Collecting, running: RunningCore) -> None:
    """A transaction that was to prolong it may still be on its way."""
    await running.put_blob(A_LAYER)

    await collecting.collect_after(LEASE_MS + SETTLED_MS - SECOND_MS)

    assert await running.get_blob(LAYER) == A_LAYER
