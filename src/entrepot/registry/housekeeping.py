# SPDX-License-Identifier: Apache-2.0
"""What has to be tidied up now and then: abandoned uploads, and events that everybody has read."""

import time
from collections.abc import Callable

from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import after
from entrepot.registry.core import Core
from entrepot.registry.uploads import Uploads

KEEP_EVENTS_MS = 7 * DAY_MS
BATCH = 1_000

EVEN_SECONDS = 3_600.0
"""How long this process must have seen an even clock before an upload may end for being idle."""

STEP_SECONDS = 60.0
"""A clock that moved this much more or less than time went by was set."""


class Housekeeping:
    """Tidies up, in batches. Safe to run anywhere, any number of times.

    By a clock that was wrong every upload may look idle for years, and so it may
    after a long stop. So uploads only end once the clock has been even for an
    hour: whoever uploads has that long to go on, which begins its time anew.
    """

    def __init__(self, core: Core, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._core = core
        self._monotonic = monotonic
        self._even_since = monotonic()
        self._distance = self._distance_of_clocks()

    async def end_idle_uploads(self) -> int:
        """End uploads that were idle too long; return how many. Raises errors of the storage."""
        ended = 0
        if self._is_clock_even():
            uploads = Uploads(self._core)
            while some := await uploads.expire(BATCH):
                ended += some
        return ended

    async def drop_old_events(self) -> None:
        """Forget events that everybody has read, after a week."""
        before = after(self._core.clock(), -KEEP_EVENTS_MS)
        while await self._core.database.write_locked(outbox.prune, before, BATCH) == BATCH:
            pass

    def _is_clock_even(self) -> bool:
        distance = self._distance_of_clocks()
        if abs(distance - self._distance) > STEP_SECONDS:
            self._even_since = self._monotonic()
        self._distance = distance
        return self._monotonic() - self._even_since >= EVEN_SECONDS

    def _distance_of_clocks(self) -> float:
        return self._core.clock() / SECOND_MS - self._monotonic()
