# SPDX-License-Identifier: Apache-2.0
"""When a limit will be reached."""

from entrepot.features.quotas.forecast import Forecast
from entrepot.features.quotas.forecast import forecast
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds


def test_what_grew_goes_on_growing() -> None:
    """By as much a day; the day on which nothing fits any more is rounded up."""
    assert forecast([(100, 1000), (105, 1500)], 110, 2000, 2450) == Forecast(100, Milliseconds(115 * DAY_MS))


def test_nothing_is_concluded_from_little() -> None:
    """From no day, or from less than three."""
    assert forecast([], 110, 2000, 2500) == Forecast()
    assert forecast([(108, 0)], 110, 2000, 2500) == Forecast()


def test_what_does_not_grow_is_never_full() -> None:
    """Nor what has no limit, is full already, or grows too slowly."""
    assert forecast([(100, 3000)], 110, 2000, 2500) == Forecast(-100)
    assert forecast([(100, 1000)], 110, 2000, None) == Forecast(100)
    assert forecast([(100, 1000)], 110, 2000, 2000) == Forecast(100)
    assert forecast([(100, 1990)], 110, 2000, 10**9) == Forecast(1)
