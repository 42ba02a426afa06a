# SPDX-License-Identifier: Apache-2.0
"""What has to be tidied up now and then: abandoned uploads, and events that everybody has read."""

from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.registry.core import Core
from entrepot.registry.uploads import Uploads

KEEP_EVENTS_MS = 7 * DAY_MS
BATCH = 1_000


async def tidy_up(core: Core) -> None:
    """End expired uploads and drop old events, in batches. Safe to run anywhere, any number of times."""
    uploads = Uploads(core)
    while await uploads.expire(BATCH) == BATCH:
        pass
    before = after(core.clock(), -KEEP_EVENTS_MS)
    while await core.database.write(outbox.prune, before, BATCH) == BATCH:
        pass
