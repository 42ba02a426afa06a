# SPDX-License-Identifier: Apache-2.0
"""Doing no more of something in a second than is allowed."""

import asyncio
import time
from collections.abc import Awaitable
from collections.abc import Callable

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""


class Pace:
    """So many per second, or as many as there are if `per_second` is 0."""

    def __init__(
        self, per_second: int, monotonic: Callable[[], float] = time.monotonic, pause: Pause = asyncio.sleep
    ) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._pause = pause
        self._free_at = 0.0

    async def spend(self, count: int) -> None:
        """Return once so many may be followed by more."""
        if not self._per_second:
            return
        now = self._monotonic()
        self._free_at = max(now, self._free_at) + count / self._per_second
        await self._pause(self._free_at - now)
