# SPDX-License-Identifier: Apache-2.0
"""When a limit will be reached if things go on as they did."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds

FORECAST_DAYS = 30
"""What happened in so many days is taken to go on."""
LEAST_DAYS = 3
"""Of fewer days nothing is concluded."""
FARTHEST_DAYS = 10 * 365


@dataclass(frozen=True, slots=True)
class Forecast:
    """By how many bytes a day it grows (or shrinks), and the day on which the limit is reached that way.

    Each None where that cannot be told: too little is known, there is no limit, it does not grow, or too slowly.
    """

    bytes_per_day: int | None = None
    full_at: Milliseconds | None = None


def forecast(days: Sequence[tuple[int, int]], today: int, used: int, limit: int | None) -> Forecast:
    """Look ahead from what was used at the end of days, the oldest first."""
    if not days or today - days[0][0] < LEAST_DAYS:
        return Forecast()
    first_day, first_bytes = days[0]
    grown = used - first_bytes
    per_day = grown // (today - first_day)
    if limit is None or grown <= 0 or used >= limit:
        return Forecast(per_day)
    left = -((limit - used) * (today - first_day) // -grown)
    return Forecast(per_day, Milliseconds((today + left) * DAY_MS) if left <= FARTHEST_DAYS else None)
