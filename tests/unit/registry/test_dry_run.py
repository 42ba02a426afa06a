# SPDX-License-Identifier: Apache-2.0
"""A dry run tells what a run does, and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.registry.dry_run import DryRun
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.collection_figures import amounts_of
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())
BOTH = Amount(2, len(A_CONFIG) + len(A_LAYER))

pytestmark = pytest.mark.anyio


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[Collecting]:
    """A collector, on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield Collecting(running)


@pytest.fixture
def dry_run(collecting: Collecting) -> DryRun:
    """What rehearses its runs."""
    return DryRun(collecting.running.core, collecting.steps, lambda: 0)


async def delete_image(collecting: Collecting) -> None:
    """Delete an image and the index that holds it, so long ago that they cannot be restored."""
    running = collecting.running
    child = await running.put_image(IMAGE)
    index = await running.put_manifest(INDEX)
    for digest in (child, index):
        await running.delete.manifest(EVERYBODY, REPOSITORY, digest)
    running.clock.advance(WINDOW_MS + LEASE_MS)


async def test_it_tells_what_the_run_does(collecting: Collecting, dry_run: DryRun) -> None:
    """Every count is that of the run that follows, children behind their index too."""
    await delete_image(collecting)

    rehearsal = await dry_run.rehearse()
    outcome = await collecting.collect()

    told = rehearsal.outcome
    assert (told.manifests, told.links, told.blobs) == (outcome.manifests, outcome.links, outcome.blobs) == (2, 2, 2)
    assert amounts_of(told.dead) == amounts_of(outcome.dead) == {Reason.PURGED: BOTH}
    assert (told.kept, rehearsal.is_complete) == ([], True)


async def test_it_changes_nothing(collecting: Collecting, dry_run: DryRun) -> None:
    """Every row of every table is the same afterwards."""
    await delete_image(collecting)
    before = await collecting.running.tables()

    await dry_run.rehearse()

    assert await collecting.running.tables() == before


async def test_it_tells_what_stays_and_why(collecting: Collecting, dry_run: DryRun) -> None:
    """A deleted manifest that a live index holds is kept."""
    running = collecting.running
    child = await running.put_image(IMAGE)
    await running.put_manifest(INDEX)
    await running.delete.manifest(EVERYBODY, REPOSITORY, child)
    running.clock.advance(WINDOW_MS + LEASE_MS)

    rehearsal = await dry_run.rehearse()

    assert [(each.digest, each.held.by) for each in rehearsal.outcome.kept] == [(child, Holder.PARENT)]


async def test_it_tells_whose_bytes_are_due(collecting: Collecting, dry_run: DryRun) -> None:
    """Objects that died before and have waited long enough are those whose bytes a run deletes."""
    await delete_image(collecting)
    while (await collecting.purge()).manifests:
        pass
    await collecting.steps.unlink()
    await collecting.steps.remove_blobs()

    rehearsal = await dry_run.rehearse()

    assert rehearsal.due == {Reason.PURGED: BOTH}
    assert rehearsal.outcome.blobs == 0


async def test_it_is_bounded_and_says_so(collecting: Collecting, dry_run: DryRun) -> None:
    """With fewer steps than a run takes, it tells a part."""
    await delete_image(collecting)

    rehearsal = await dry_run.rehearse(max_steps=3)

    assert not rehearsal.is_complete
    assert rehearsal.outcome.blobs == 0
