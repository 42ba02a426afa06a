# SPDX-License-Identifier: Apache-2.0
"""No faster than so many bytes in a second, whatever is transferred at once."""

import asyncio
import re
import time
from collections.abc import Awaitable
from collections.abc import Callable

from entrepot.kernel.errors import InvalidRequest

MAX_RATE = 10**15

_RATE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?\s?([kmgt]?)(i?)(?:b?(?:/s)?)", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_BURST_SECONDS = 0.25


class InvalidRate(InvalidRequest):
    """This is no rate."""

    code = "invalid_rate"
    default_hint = "Write bytes in a second, such as 500k, 10M or 1.5MiB/s."


def parse_rate(text: str) -> int:
    """Return bytes in a second, more than none: `10M` are 10,000,000, `10MiB/s` 10,485,760. Raises `InvalidRate`."""
    found = _RATE.fullmatch(text.strip()) if len(text) <= 64 else None
    if found is None or (found[4] and not found[3]):
        raise InvalidRate(f"{text[:32]!r} is no rate")
    whole, part, unit, is_binary = found.groups()
    one: int = (1024 if is_binary else 1000) ** _POWERS[unit.lower()]
    rate = int(whole) * one + (int(part) * one // 10 ** len(part) if part else 0)
    if not 0 < rate <= MAX_RATE:
        raise InvalidRate(f"{text.strip()[:32]} is no rate: nothing would move, or all at once")
    return rate


class Pace:
    """Lets bytes pass, from whatever is transferred at once, at `bytes_per_second`; None for as fast as can be."""

    def __init__(
        self,
        bytes_per_second: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._rate = bytes_per_second
        self._clock = clock
        self._sleep = sleep
        self._free_at = 0.0

    async def take(self, size: int) -> None:
        """Return when so many bytes may pass: those that took before come first."""
        if self._rate is None or not size:
            return
        now = self._clock()
        begins = max(now, self._free_at)
        self._free_at = begins + size / self._rate
        wait = self._free_at - now - _BURST_SECONDS
        if wait > 0:
            await self._sleep(wait)
