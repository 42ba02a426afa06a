# SPDX-License-Identifier: Apache-2.0
"""A hold and a deletion at the same time: whoever comes first decides, and the other one sees it."""

import asyncio
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.registry import holding
from entrepot.registry.reclaim import Outcome
from entrepot.registry.store import reclaim
from entrepot.registry.store.placed_holds import PlacedHold
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.holds import a_hold
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

T = TypeVar("T")

IMAGE = an_image_manifest()
SBOM = an_image_manifest(subject=IMAGE.descriptor())
LINGERS_SECONDS = 0.3

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core on a clock that stands still."""
    with a_core(tmp_path) as running:
        yield running


async def begun(running: RunningCore, work: Callable[[Connection], T]) -> "asyncio.Task[T]":
    """Do something in a transaction that ends only some time after it was done; return when it was."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def linger(connection: Connection) -> T:
        """Do it, say so, and wait."""
        result = work(connection)
        loop.call_soon_threadsafe(done.set)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_sleep({LINGERS_SECONDS})")
        else:
            time.sleep(LINGERS_SECONDS)
        return result

    task = asyncio.create_task(running.database.write_locked(linger))
    await done.wait()
    return task


def placing(running: RunningCore, hold: PlacedHold) -> Callable[[Connection], PlacedHold]:
    """Return what places a hold."""
    return lambda connection: holding.place(connection, hold)


def purging(running: RunningCore) -> Callable[[Connection], Outcome]:
    """Return what purges everything of the bin whose time is over."""
    steps, now = Collecting(running).steps, running.clock()
    return lambda connection: steps.purge_in(connection, reclaim.doomed(connection, now, None, 100), now)


async def test_a_deletion_waits_for_a_hold_that_is_being_placed(running: RunningCore) -> None:
    """And is refused then, though the hold was not there when it began; so is one that takes it along."""
    await running.put_image(IMAGE, "1.0")
    await running.put_manifest(SBOM)

    task = await begun(running, placing(running, a_hold(running.clock(), SBOM.digest)))

    with pytest.raises(Denied):
        await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    assert (await task).digest == SBOM.digest


async def test_a_hold_waits_for_a_deletion(running: RunningCore) -> None:
    """And keeps what is in the bin then."""
    await running.put_image(IMAGE, "1.0")

    task = await begun(
        running, lambda connection: running.delete.manifest_in(connection, EVERYBODY, REPOSITORY, IMAGE.digest)
    )
    hold = await running.database.write_locked(holding.place, a_hold(running.clock(), IMAGE.digest))

    assert (await task).digests == [hold.digest]
    await Collecting(running).collect_after(2 * WINDOW_MS)
    assert (await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)).digests == [IMAGE.digest]


@pytest.mark.parametrize("digest", [IMAGE.digest, None])
async def test_the_collector_waits_for_a_hold_that_is_being_placed(running: RunningCore, digest: object) -> None:
    """Of what it was about to purge, and of the whole repository."""
    await running.put_image(IMAGE, "1.0")
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(WINDOW_MS)

    wanted = a_hold(running.clock(), IMAGE.digest if digest else None)
    task = await begun(running, placing(running, wanted))
    outcome = await running.database.write_locked(purging(running))

    assert (outcome.manifests, (await task).id) == (0, wanted.id)
    assert (await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)).digests == [IMAGE.digest]


async def test_a_hold_comes_too_late_for_what_is_being_purged(running: RunningCore) -> None:
    """Whoever places it is told that there is no such artifact, rather than that it is kept."""
    await running.put_image(IMAGE, "1.0")
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    running.clock.advance(WINDOW_MS)

    task = await begun(running, purging(running))

    with pytest.raises(ManifestUnknown):
        await running.database.write_locked(holding.place, a_hold(running.clock(), IMAGE.digest))
    assert (await task).manifests == 1
