# SPDX-License-Identifier: Apache-2.0
"""How long something lasts that a second person lets happen."""

from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.four_eyes import hours_until


@given(now=st.integers(0, 10**13), span=st.integers(0, 10**10))
def test_hours_are_rounded_up(now: int, span: int) -> None:
    """Nothing lasts longer than it is said to, by an hour at most less."""
    hours = hours_until(Milliseconds(now), Milliseconds(now + span))

    assert hours is not None
    assert span <= hours * HOUR_MS < span + HOUR_MS


def test_what_never_ends_has_no_hours() -> None:
    """And what has ended has none left."""
    assert hours_until(Milliseconds(5), None) is None
    assert hours_until(Milliseconds(5), Milliseconds(4)) == 0
