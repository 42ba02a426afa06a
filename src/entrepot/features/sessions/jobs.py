# SPDX-License-Identifier: Apache-2.0
"""The background work of sessions: forgetting those that have run out."""

from entrepot.features.sessions import store
from entrepot.features.sessions.models import Limits
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds

TIDY = "sessions.tidy"
EVERY_HOUR = "23 * * * *"

BATCH = 1_000


async def forget_ended(database: Database, limits: Limits, now: Milliseconds) -> None:
    """Remove the sessions that have run out, in batches."""
    while await database.write(store.prune, limits, now, BATCH) >= BATCH:
        pass
