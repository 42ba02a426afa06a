# SPDX-License-Identifier: Apache-2.0
"""By a clock that was set everything has ended long ago; nothing is taken for it until its client had an hour."""

import pytest

from entrepot.features.garbage.journal import StandsStill
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.registry.collecting import Collecting
from entrepot.registry.store import collection_runs
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.unit.features.garbage.conftest import DAYS_LATER_MS
from tests.unit.features.garbage.conftest import IMAGE
from tests.unit.features.garbage.conftest import Collector

pytestmark = pytest.mark.anyio

YEARS_MS = 50 * 365 * DAY_MS


async def run_for(collector: Collector, span_ms: int) -> None:
    """Let time go by, and collect every five minutes."""
    for _ in range(span_ms // (5 * MINUTE_MS)):
        collector.running.clock.advance(5 * MINUTE_MS)
        await collector.run()


async def count(collector: Collector, table: str) -> int:
    """Count the rows of a table."""
    return len((await collector.running.tables())[table])


@pytest.mark.parametrize("step_ms", [2 * DAY_MS, YEARS_MS])
async def test_a_blob_whose_manifest_has_not_come_outlives_a_clock_set_forward(
    collector: Collector, step_ms: int
) -> None:
    """Its lease is over by the clock, but its client has an hour to push the manifest."""
    await collector.running.put_blob(b"pushed before")
    await collector.run()

    collector.running.clock.set_by(step_ms)
    await run_for(collector, HOUR_MS - 5 * MINUTE_MS)
    assert await count(collector, "blobs") == 1
    await run_for(collector, 15 * MINUTE_MS)
    assert await count(collector, "blobs") == 0


@pytest.mark.parametrize("step_ms", [2 * DAY_MS, YEARS_MS])
async def test_an_upload_outlives_a_clock_set_forward(collector: Collector, step_ms: int) -> None:
    """It has an hour, too."""
    await collector.running.uploads.start(EVERYBODY, REPOSITORY)
    await collector.run()

    collector.running.clock.set_by(step_ms)
    await run_for(collector, HOUR_MS)
    assert await count(collector, "uploads") == 1
    await run_for(collector, 10 * MINUTE_MS)
    assert await count(collector, "uploads") == 0


async def test_what_was_deleted_can_be_restored_behind_a_clock_set_forward(collector: Collector) -> None:
    """The bin is not emptied by a clock that jumps over its days."""
    digest = await collector.running.put_image(IMAGE, "1.0")
    await collector.running.delete.manifest(EVERYBODY, REPOSITORY, digest)
    await collector.run()

    collector.running.clock.set_by(DAYS_LATER_MS)
    await collector.run()
    collector.running.clock.set_by(-DAYS_LATER_MS)
    await collector.run()

    await collector.running.undelete.restore_manifest(EVERYBODY, REPOSITORY, digest)


async def test_a_stop_ends_nothing_at_once(collector: Collector) -> None:
    """A server that was away for a weekend lets clients go on, and so does each of its processes."""
    await collector.running.put_blob(b"pushed before")
    await collector.run()
    collector.running.clock.advance(3 * DAY_MS)
    core, monotonic = collector.running.core, collector.running.clock.monotonic
    one, other = (Collecting.of(core, lambda: 0, monotonic) for _ in range(2))

    collector.collecting = one
    await run_for(collector, 30 * MINUTE_MS)
    collector.collecting = other
    await run_for(collector, 25 * MINUTE_MS)
    assert await count(collector, "blobs") == 1
    await run_for(collector, 15 * MINUTE_MS)
    assert await count(collector, "blobs") == 0


async def test_a_run_that_waits_for_the_clock_says_until_when(collector: Collector) -> None:
    """Whoever looks at its job reads why nothing goes."""
    collector.running.clock.set_by(DAY_MS)

    with pytest.raises(StandsStill) as caught:
        await collector.standstill.require_ending()

    assert caught.value.hint == "It goes on at 2027-01-16T09:00:00.000Z."
    assert await collector.running.database.read(collection_runs.page, collection_runs.NEWEST, 1) == []
