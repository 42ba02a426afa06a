# SPDX-License-Identifier: Apache-2.0
"""When a delivery is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.webhooks.models import TRIED_MS
from entrepot.features.webhooks.pacing import FIRST_PAUSE_MS
from entrepot.features.webhooks.pacing import LONGEST_PAUSE_MS
from entrepot.features.webhooks.pacing import next_attempt
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

BEGAN = Milliseconds(1_800_000_000_000)


@given(st.integers(1, 100), st.integers(0, TRIED_MS * 2), st.none() | st.integers(0, 3_600))
def test_pauses_are_as_long_as_they_may_be(failures: int, gone: int, asked: int | None) -> None:
    """A pause is later than now, no longer than an hour, and does not lead behind the end of the day."""
    now, end = after(BEGAN, gone), after(BEGAN, TRIED_MS)
    again_at = next_attempt(failures, BEGAN, now, asked)
    assert (again_at is None) == (gone >= TRIED_MS)
    if again_at is not None:
        assert now < again_at <= min(end, now + LONGEST_PAUSE_MS)
        assert again_at >= min(end, now + (asked or 0) * 1000)


def test_they_grow_from_seconds_to_an_hour() -> None:
    """The first is about five seconds, those after the tenth about an hour."""
    first, later = next_attempt(1, BEGAN, BEGAN), next_attempt(11, BEGAN, BEGAN)
    assert first is not None
    assert later is not None
    assert FIRST_PAUSE_MS // 2 <= first - BEGAN <= FIRST_PAUSE_MS
    assert HOUR_MS // 2 <= later - BEGAN <= HOUR_MS


def test_the_last_attempt_is_at_the_end_of_the_day() -> None:
    """Nothing is given up before it was tried for the whole day."""
    now, tries = BEGAN, 0
    while (again_at := next_attempt(tries + 1, BEGAN, now)) is not None:
        now, tries = again_at, tries + 1
    assert now == BEGAN + TRIED_MS
    assert 24 <= tries <= 80
