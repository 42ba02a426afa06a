# SPDX-License-Identifier: Apache-2.0
"""Others have so long to answer, and a process that stands still has time to hear them."""

import asyncio
import time

import pytest

from entrepot.kernel.patience import patience

pytestmark = pytest.mark.anyio


async def test_what_takes_longer_is_given_up() -> None:
    """After the whole time."""
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with patience(0.02):
            await asyncio.Event().wait()

    assert time.monotonic() - begun >= 0.02


async def test_what_ends_in_time_is_left_alone() -> None:
    """Nothing happens to it afterwards either."""
    async with patience(0.01):
        pass
    await asyncio.sleep(0.02)


@pytest.mark.parametrize("share", [0.5, 0.1])
async def test_an_answer_counts_that_came_while_nobody_could_hear_it(share: float) -> None:
    """As in a process that was stopped, and finds everything at once when it goes on."""
    loop, answer = asyncio.get_running_loop(), asyncio.Event()
    async with patience(0.04, share):
        loop.call_soon(stand_still, 0.1)
        loop.call_later(0.05, answer.set)
        await answer.wait()
        await asyncio.sleep(0)

    assert answer.is_set()


def stand_still(seconds: float) -> None:
    """Hold up the whole process."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        pass
