# SPDX-License-Identifier: Apache-2.0
"""When background work goes on."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import InvalidSchedule
from entrepot.infra.events.pacing import next_time
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.infra.events.pacing import wait_together
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339

MONDAY_NOON = Milliseconds(1_795_435_200_000)  # 2026-11-23T12:00:00Z


class TestDoorbell:
    """`Doorbell` and `wait_for_ring`."""

    @pytest.mark.anyio
    async def test_a_ring_between_looking_and_waiting_is_not_missed(self) -> None:
        """Whoever took the next ring before it rang does not wait."""
        doorbell = Doorbell()
        ring = doorbell.next_ring()
        doorbell.ring()

        assert await wait_for_ring(ring, seconds=600)

    @pytest.mark.anyio
    async def test_one_ring_wakes_everybody(self) -> None:
        """All loops that wait go on."""
        doorbell = Doorbell()
        waiting = [asyncio.create_task(wait_for_ring(doorbell.next_ring(), seconds=600)) for _ in range(3)]
        await asyncio.sleep(0)
        doorbell.ring()

        assert await asyncio.gather(*waiting) == [True, True, True]

    @pytest.mark.anyio
    async def test_without_a_ring_the_poll_goes_on(self) -> None:
        """An old ring does not count, and waiting ends by itself."""
        doorbell = Doorbell()
        doorbell.ring()

        assert not await wait_for_ring(doorbell.next_ring(), seconds=0.001)

    @pytest.mark.anyio
    async def test_those_who_wait_together_look_at_the_same_moment(self) -> None:
        """Whenever each began to wait; and a ring wakes them before it."""
        doorbell, loop, ended = Doorbell(), asyncio.get_running_loop(), list[float]()

        async def wait() -> None:
            """Wait for the next moment."""
            assert not await wait_together(doorbell.next_ring())
            ended.append(loop.time())

        await wait()
        first = asyncio.create_task(wait())
        await asyncio.sleep(0.3)
        await asyncio.gather(first, wait())
        assert 0.8 < ended[1] - ended[0] < 1.3
        assert ended[2] - ended[1] < 0.1

        ring = doorbell.next_ring()
        doorbell.ring()
        assert await wait_together(ring)


@given(st.integers(1, 10_000), st.integers(1, 60_000), st.integers(1, 10_000_000))
def test_pauses_double_up_to_the_longest(failures: int, first_ms: int, longest_ms: int) -> None:
    """A pause is 50 to 100 % of the doubled span, and the span has an end."""
    span = min(longest_ms, first_ms * 2 ** (failures - 1))

    assert span // 2 <= Backoff(first_ms, longest_ms).delay_ms(failures) <= span


class TestNextTime:
    """`next_time`."""

    @pytest.mark.parametrize(
        ("cron", "expected"),
        [
            ("* * * * *", "2026-11-23T12:01:00.000Z"),
            ("0 3 * * *", "2026-11-24T03:00:00.000Z"),
            ("*/15 * * * 1-5", "2026-11-23T12:15:00.000Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00.000Z"),
        ],
    )
    def test_it_is_the_first_moment_named_after_now(self, cron: str, expected: str) -> None:
        """Five fields are read in UTC; the present moment itself is over."""
        assert rfc3339(next_time(cron, MONDAY_NOON)) == expected

    @given(st.integers(0, 4 * 365 * 24 * HOUR_MS))
    def test_it_is_later_and_on_the_minute(self, span_ms: int) -> None:
        """No moment gives itself, so a schedule never fires twice for one due time."""
        now = Milliseconds(MONDAY_NOON + span_ms)

        assert now < next_time("* * * * *", now) <= now + MINUTE_MS
        assert next_time("* * * * *", now) % MINUTE_MS == 0

    @pytest.mark.parametrize("cron", ["", "daily", "61 * * * *", "0 0 31 2 *", "* * * *"])
    def test_a_schedule_that_never_comes_due_is_refused(self, cron: str) -> None:
        """The error names what was given and says how to write it."""
        with pytest.raises(InvalidSchedule) as refusal:
            next_time(cron, MONDAY_NOON)

        assert f"'{cron}' is not a schedule" in refusal.value.message
        assert "five fields" in refusal.value.hint
