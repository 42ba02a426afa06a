# SPDX-License-Identifier: Apache-2.0
"""The clock is believed while it is even; an hour after it was set, and after a long stop, it is again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.registry.even_clock import EvenClock
from tests.builders.core import RunningCore
from tests.builders.core import a_core

pytestmark = pytest.mark.anyio

YEARS_MS = 50 * 365 * DAY_MS


class Processes:
    """Server processes of one registry on one machine."""

    def __init__(self, running: RunningCore) -> None:
        self.clock = running.clock
        self.database = running.database

    def start(self) -> EvenClock:
        """Start another process."""
        return EvenClock(self.database, self.clock, self.clock.monotonic)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Processes on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield Processes(running)


async def test_a_new_registry_believes_its_clock(processes: Processes) -> None:
    """Nobody waits for an hour to see what was deleted go."""
    assert await processes.start().uneven_until() is None


@pytest.mark.parametrize("step_ms", [2 * MINUTE_MS, DAY_MS, YEARS_MS, -2 * MINUTE_MS, -DAY_MS, -YEARS_MS])
@pytest.mark.parametrize("was_looked_at", [True, False])
async def test_a_clock_that_was_set_is_not_believed_for_an_hour(
    processes: Processes, step_ms: int, was_looked_at: bool
) -> None:
    """Forward or back, whether or not anybody looked at it before."""
    clock, even = processes.clock, processes.start()
    if was_looked_at:
        await even.uneven_until()

    clock.set_by(step_ms)

    assert await even.uneven_until() == clock() + HOUR_MS
    clock.advance(HOUR_MS - 1)
    assert await even.uneven_until() is not None
    clock.advance(1)
    assert await even.uneven_until() is None


async def test_another_process_learns_that_the_clock_was_set(processes: Processes) -> None:
    """One that starts behind it on a clock that looks even, and one that looks at it when the first has forgotten."""
    first = processes.start()
    await first.uneven_until()
    processes.clock.set_by(DAY_MS)
    until = await first.uneven_until()

    assert await processes.start().uneven_until() == until


async def test_a_clock_that_was_set_before_anybody_looked_again_is_not_believed(processes: Processes) -> None:
    """A process looks at it when it starts, so that the next one knows."""
    await asyncio.to_thread(processes.start().start)
    processes.clock.set_by(YEARS_MS)

    even = processes.start()
    await asyncio.to_thread(even.start)

    assert await even.uneven_until() == processes.clock() + HOUR_MS


async def test_a_clock_that_was_set_while_nothing_ran_is_not_believed(processes: Processes) -> None:
    """A start after a long stop, or on another clock: it cannot be told which."""
    await processes.start().uneven_until()
    processes.clock.advance(HOUR_MS + 1)

    even = processes.start()

    assert await even.uneven_until() == processes.clock() + HOUR_MS


async def test_a_short_stop_costs_nothing(processes: Processes) -> None:
    """Nobody waits for an hour after every upgrade."""
    await processes.start().uneven_until()
    processes.clock.advance(20 * MINUTE_MS)

    assert await processes.start().uneven_until() is None


async def test_a_process_that_is_ahead_holds_up_the_others_for_an_hour_only(processes: Processes) -> None:
    """What it wrote down as the time at which the clock was set lies in the future of the others."""
    even = processes.start()
    await even.uneven_until()
    processes.clock.set_by(DAY_MS)
    await processes.start().uneven_until()
    processes.clock.set_by(-DAY_MS)

    processes.clock.advance(MINUTE_MS)

    assert await even.uneven_until() == processes.clock() + HOUR_MS


async def test_a_clock_that_is_corrected_little_by_little_is_even(processes: Processes) -> None:
    """A second in five minutes is more than time servers ask for."""
    even = processes.start()
    for _ in range(200):
        processes.clock.advance(5 * MINUTE_MS)
        processes.clock.set_by(SECOND_MS)
        assert await even.uneven_until() is None
