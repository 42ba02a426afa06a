# SPDX-License-Identifier: Apache-2.0
"""The background work of grants: forgetting those that ended by themselves long ago."""

from entrepot.features.grants import store
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "grants.tidy"
EVERY_HOUR = "29 * * * *"

KEPT_ENDED_MS = 30 * DAY_MS
"""How long grants that have ended are listed."""

BATCH = 1_000


async def forget_ended(database: Database, now: Milliseconds) -> None:
    """Remove grants that ended long ago, in batches."""
    while await database.write_locked(store.prune, after(now, -KEPT_ENDED_MS), BATCH) == BATCH:
        pass
