# SPDX-License-Identifier: Apache-2.0
"""The background work of approvals: forgetting those whose time was over long ago."""

from entrepot.features.approvals import store
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "approvals.tidy"
EVERY_HOUR = "47 * * * *"

KEPT_MS = 90 * DAY_MS
"""How long an approval whose time is over is listed; the audit log keeps what was said of it."""

BATCH = 1_000


async def forget_old(database: Database, now: Milliseconds) -> None:
    """Remove approvals whose time was over long ago, in batches."""
    while await database.write_locked(store.prune, after(now, -KEPT_MS), BATCH) == BATCH:
        pass
