# SPDX-License-Identifier: Apache-2.0
"""A pace lets no more of something happen in a second than is allowed."""

import pytest

from entrepot.features.garbage.pace import Pace

pytestmark = pytest.mark.anyio


class Watch:
    """Time that goes by only where it is waited for."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds

    async def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.seconds += seconds


async def test_what_is_spent_has_to_be_waited_for() -> None:
    """250 of 100 a second take two and a half seconds, whatever the portions."""
    watch = Watch()
    pace = Pace(100, watch, watch.wait)

    for count in (100, 100, 50):
        await pace.spend(count)

    assert watch.seconds == pytest.approx(102.5)


async def test_time_that_went_by_is_not_saved_up() -> None:
    """After a long rest the pace is the same as ever."""
    watch = Watch()
    pace = Pace(10, watch, watch.wait)
    await pace.spend(10)
    watch.seconds += 1_000

    await pace.spend(10)

    assert watch.seconds == pytest.approx(1_102.0)


async def test_no_limit_takes_no_time() -> None:
    """0 is as fast as it goes."""
    watch = Watch()

    await Pace(0, watch, watch.wait).spend(1_000_000)

    assert watch.seconds == 100.0


async def test_work_is_followed_by_a_rest() -> None:
    """As many times as long as it took, so that others have the rest of the time; and none for having waited long."""
    watch = Watch()
    pace = Pace(0, watch, watch.wait, rest=2.0)

    for worked, rested in ((0.5, 1.0), (0.25, 0.5), (60.0, 2.0)):
        watch.seconds += 300.0
        began = pace.begin()
        watch.seconds += worked
        before = watch.seconds
        await pace.spend(1, began)

        assert watch.seconds - before == pytest.approx(rested)


async def test_short_rests_are_taken_together() -> None:
    """Pauses are never exact, so that steps of a millisecond follow each other until a pause is worth it."""
    watch = Watch()
    pace = Pace(0, watch, watch.wait, rest=1.0)

    rests: list[float] = []
    for _ in range(8):
        began = pace.begin()
        watch.seconds += 0.002
        before = watch.seconds
        await pace.spend(1, began)
        rests.append(watch.seconds - before)

    assert rests == pytest.approx([0.0, 0.0, 0.006, 0.0, 0.0, 0.006, 0.0, 0.0])
