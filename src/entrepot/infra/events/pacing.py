# SPDX-License-Identifier: Apache-2.0
"""When background work goes on: woken by a doorbell, at the next poll, after a growing pause, or by the calendar."""

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from cronsim import CronSim
from cronsim import CronSimError

from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest

POLL_SECONDS = 1.0
"""How late work committed by another process may be noticed."""


class Doorbell:
    """Wakes every loop of this process that waits for new rows. Only a hint: loops poll too.

    Belongs to one event loop; ring it there, after the commit.
    """

    def __init__(self) -> None:
        self.is_heard_everywhere = False
        """Whether it is rung for what other processes commit too, at this moment."""
        self._ring = asyncio.Event()
        self._tell: Callable[[], None] | None = None

    def tell(self, tell: Callable[[], None]) -> None:
        """Call this at every ring, so that other processes hear of it."""
        self._tell = tell

    def ring(self) -> None:
        """Wake everybody who took `next_ring` before now, here and elsewhere."""
        self.wake()
        if self._tell is not None:
            self._tell()

    def wake(self) -> None:
        """Wake everybody in this process."""
        self._ring.set()
        self._ring = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Return what the next ring will set. Take it before looking for rows, so that no ring is missed."""
        return self._ring


async def wait_for_ring(ring: asyncio.Event, seconds: float = POLL_SECONDS) -> bool:
    """Wait for `ring`, at most about `seconds` (10 % jitter keeps apart who waits); tell whether it rang."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds * random.uniform(0.9, 1.1)):  # noqa: S311 - keeps no secret
            await ring.wait()
    return ring.is_set()


async def wait_together(ring: asyncio.Event) -> bool:
    """Wait for `ring`, at most about `POLL_SECONDS`; tell whether it rang.

    Who waits so in one process waits until the same moment, so that they look together; processes are kept apart.
    """
    pause = POLL_SECONDS * random.Random(os.getpid()).uniform(0.9, 1.1)  # noqa: S311 - keeps no secret
    with suppress(TimeoutError):
        async with asyncio.timeout_at((asyncio.get_running_loop().time() // pause + 1) * pause):
            await ring.wait()
    return ring.is_set()


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before trying again: doubles with every failure, and varies so that retries spread."""

    first_ms: int = SECOND_MS
    longest_ms: int = 5 * MINUTE_MS

    def delay_ms(self, failures: int) -> int:
        """Return the pause after the `failures`-th failure in a row: 50 to 100 % of the doubled span."""
        span = min(self.longest_ms, self.first_ms << min(failures - 1, 32))
        return int(span * random.uniform(0.5, 1.0))  # noqa: S311 - keeps no secret


class InvalidSchedule(InvalidRequest):
    """This is not a cron expression that ever comes due."""

    code = "invalid_schedule"
    default_hint = "Give five fields in UTC: minute, hour, day of month, month, day of week, such as '0 3 * * *'."


def next_time(cron: str, now: Milliseconds) -> Milliseconds:
    """Return the first moment after `now` that `cron` (five fields, UTC) names. Raises `InvalidSchedule`."""
    try:
        moment = next(CronSim(cron, datetime.fromtimestamp(now / 1000, UTC)))
    except (CronSimError, StopIteration) as error:
        raise InvalidSchedule(f"'{cron}' is not a schedule: {error}") from error
    return Milliseconds(int(moment.timestamp() * 1000))
