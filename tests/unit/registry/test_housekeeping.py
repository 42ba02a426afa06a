# SPDX-License-Identifier: Apache-2.0
"""Idle uploads end, but never because a clock was set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.registry.housekeeping import Housekeeping
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

YEARS_MS = 50 * 365 * DAY_MS


class Machine:
    """A server process, and how long it has run."""

    def __init__(self, running: RunningCore) -> None:
        self.running = running
        self.seconds = 5_000.0
        self.start()

    def start(self) -> None:
        """Start another process."""
        self.housekeeping = Housekeeping(self.running.core, lambda: self.seconds)

    async def run_for(self, span_ms: int) -> None:
        """Let time go by, and look for idle uploads every ten minutes."""
        for _ in range(span_ms // (10 * MINUTE_MS)):
            self.seconds += 10 * MINUTE_MS / SECOND_MS
            self.running.clock.advance(10 * MINUTE_MS)
            await self.housekeeping.end_idle_uploads()

    async def begin(self) -> None:
        """Open an upload."""
        await self.running.uploads.start(EVERYBODY, REPOSITORY)

    async def count(self) -> int:
        """Count the open uploads."""
        return len((await self.running.tables())["uploads"])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield Machine(running)


async def test_an_upload_that_lay_idle_ends(machine: Machine) -> None:
    """After `upload_hours`, and not before."""
    await machine.begin()

    await machine.run_for(24 * HOUR_MS)
    assert await machine.count() == 1
    await machine.run_for(10 * MINUTE_MS)
    assert await machine.count() == 0


@pytest.mark.parametrize("step_ms", [DAY_MS, YEARS_MS])
async def test_a_clock_set_forward_ends_no_upload_at_once(machine: Machine, step_ms: int) -> None:
    """Its client has an hour to go on."""
    await machine.run_for(2 * HOUR_MS)
    await machine.begin()

    machine.running.clock.advance(step_ms)
    await machine.run_for(HOUR_MS)
    assert await machine.count() == 1
    await machine.run_for(10 * MINUTE_MS)
    assert await machine.count() == 0


async def test_a_stop_ends_no_upload_at_once(machine: Machine) -> None:
    """A server that was away for a weekend lets clients go on."""
    await machine.begin()
    machine.running.clock.advance(2 * DAY_MS)
    machine.start()

    await machine.run_for(50 * MINUTE_MS)
    assert await machine.count() == 1
    await machine.run_for(10 * MINUTE_MS)
    assert await machine.count() == 0


async def test_a_clock_set_back_ends_no_upload(machine: Machine) -> None:
    """What was begun on a clock that was ahead ends by that clock."""
    await machine.begin()
    machine.running.clock.advance(-DAY_MS)

    await machine.run_for(DAY_MS)

    assert await machine.count() == 1


async def test_old_events_are_forgotten(machine: Machine) -> None:
    """An event that everybody has read is dropped after a week, and not before."""
    await machine.running.put_image(an_image_manifest(), "1.0")
    machine.running.clock.advance(6 * DAY_MS)
    await machine.housekeeping.drop_old_events()
    kept = len(await machine.running.events())

    machine.running.clock.advance(2 * DAY_MS)
    await machine.housekeeping.drop_old_events()

    assert (kept > 0, await machine.running.events()) == (True, [])
