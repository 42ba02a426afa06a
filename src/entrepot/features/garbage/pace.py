# SPDX-License-Identifier: Apache-2.0
"""Doing no more of something in a second than is allowed, and leaving others the time to do theirs."""

import asyncio
import time
from collections.abc import Awaitable
from collections.abc import Callable

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""

LONGEST_STEP_SECONDS = 1.0
"""Whatever takes longer has waited for something else, which is no reason to rest the longer."""

SHORTEST_PAUSE_SECONDS = 0.005
"""Less is put off: a pause takes up to two milliseconds longer than it should."""


class Pace:
    """So many per second, or as many as there are if `per_second` is 0; and `rest` times as long a rest as work."""

    def __init__(
        self,
        per_second: int,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Pause = asyncio.sleep,
        *,
        rest: float = 0.0,
    ) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._pause = pause
        self._rest = rest
        self._free_at = 0.0
        self._owed_seconds = 0.0

    def begin(self) -> float:
        """Return the moment, for `spend` to tell how long a step took."""
        return self._monotonic()

    async def spend(self, count: int, began: float | None = None) -> None:
        """Return once so many may be followed by more, and the work since `began`, if that is given, by more work."""
        now = self._monotonic()
        if began is not None:
            self._owed_seconds += min(now - began, LONGEST_STEP_SECONDS) * self._rest
        seconds = self._owed_seconds
        if self._per_second:
            self._free_at = max(now, self._free_at) + count / self._per_second
            seconds = max(seconds, self._free_at - now)
        if seconds >= SHORTEST_PAUSE_SECONDS:
            self._owed_seconds = 0.0
            await self._pause(seconds)
