# SPDX-License-Identifier: Apache-2.0
"""Rates, and keeping to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.distribution.pace import MAX_RATE
from entrepot.infra.distribution.pace import InvalidRate
from entrepot.infra.distribution.pace import Pace
from entrepot.infra.distribution.pace import parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("500", 500),
        ("500k", 500_000),
        ("10M", 10_000_000),
        ("10MB/s", 10_000_000),
        ("1.5MiB/s", 1_572_864),
        ("2 G", 2_000_000_000),
        ("1KiB", 1_024),
    ],
)
def test_rates_are_read_as_people_write_them(text: str, rate: int) -> None:
    """Units count in 1,000s, those with an i in 1,024s."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0", "0.0M", "-1", "10X", "M", "10 i", "1e9", "9999999999999T", "1" * 100])
def test_what_is_no_rate_is_refused(text: str) -> None:
    """And nothing that would stand still."""
    with pytest.raises(InvalidRate):
        parse_rate(text)


@given(st.text(alphabet="0123456789.kKmMgGtTiIbB/s ", max_size=20))
def test_a_rate_moves_something(text: str) -> None:
    """Or it is refused."""
    try:
        rate = parse_rate(text)
    except InvalidRate:
        return
    assert 0 < rate <= MAX_RATE


class Watch:
    """A clock that goes on while somebody sleeps, and at no other time."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Go on."""
        self.now += seconds


@pytest.mark.anyio
async def test_no_more_passes_than_the_rate_allows() -> None:
    """But for what a quarter of a second brings."""
    watch = Watch()
    pace = Pace(1_000, watch, watch.sleep)

    for _ in range(100):
        await pace.take(100)

    assert 9.7 <= watch.now - 100.0 <= 10.0


@pytest.mark.anyio
async def test_time_in_which_nothing_passed_is_not_made_up_for() -> None:
    """A pause is no credit."""
    watch = Watch()
    pace = Pace(1_000, watch, watch.sleep)
    await pace.take(1_000)
    watch.now += 60
    began = watch.now

    await pace.take(1_000)
    await pace.take(1_000)

    assert watch.now - began >= 1.7


@pytest.mark.anyio
async def test_without_a_rate_nothing_waits() -> None:
    """However much it is."""
    watch = Watch()

    await Pace(None, watch, watch.sleep).take(10**12)

    assert watch.now == 100.0
