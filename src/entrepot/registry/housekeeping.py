# SPDX-License-Identifier: Apache-2.0
"""What has to be tidied up now and then: abandoned uploads, and events that everybody has read."""

from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.registry.core import Core
from entrepot.registry.uploads import Uploads

KEEP_EVENTS_MS = 7 * DAY_MS
BATCH = 1_000


class Housekeeping:
    """Tidies up, in batches. Safe to run anywhere, any number of times."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def end_idle_uploads(self) -> int:
        """End uploads that were idle too long; return how many. Raises errors of the storage."""
        ended = 0
        uploads = Uploads(self._core)
        while some := await uploads.expire(BATCH):
            ended += some
        return ended

    async def drop_old_events(self) -> None:
        """Forget events that everybody has read, after a week."""
        before = after(self._core.clock(), -KEEP_EVENTS_MS)
        while await self._core.database.write_locked(outbox.prune, before, BATCH) == BATCH:
            pass
