# SPDX-License-Identifier: Apache-2.0
"""What nobody uses any more is tidied up, and not before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.registry.housekeeping import Housekeeping
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield running


async def test_an_upload_that_lay_idle_ends(running: RunningCore) -> None:
    """After `upload_hours`, and not before."""
    housekeeping = Housekeeping(running.core)
    await running.uploads.start(EVERYBODY, REPOSITORY)

    running.clock.advance(24 * HOUR_MS)
    assert await housekeeping.end_idle_uploads() == 0
    running.clock.advance(1)
    assert await housekeeping.end_idle_uploads() == 1
    assert (await running.tables())["uploads"] == []


async def test_old_events_are_forgotten(running: RunningCore) -> None:
    """An event that everybody has read is dropped after a week, and not before."""
    housekeeping = Housekeeping(running.core)
    await running.put_image(an_image_manifest(), "1.0")
    running.clock.advance(6 * DAY_MS)
    await housekeeping.drop_old_events()
    kept = len(await running.events())

    running.clock.advance(2 * DAY_MS)
    await housekeeping.drop_old_events()

    assert (kept > 0, await running.events()) == (True, [])
