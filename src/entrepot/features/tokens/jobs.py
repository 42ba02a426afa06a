# SPDX-License-Identifier: Apache-2.0
"""The background work of tokens: forgetting what has ended long ago."""

from entrepot.features.tokens.refresh import UNUSED_MS
from entrepot.features.tokens.store import credentials
from entrepot.features.tokens.store import refresh_tokens
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "tokens.tidy"
EVERY_HOUR = "17 * * * *"

KEPT_ENDED_MS = 30 * DAY_MS
"""How long tokens that have ended are listed, and those who present them are told why they are refused."""

BATCH = 1_000


async def forget_ended(database: Database, now: Milliseconds) -> None:
    """Remove tokens that ended long ago, and refresh tokens that nobody used, in batches."""
    while await database.write(credentials.prune, after(now, -KEPT_ENDED_MS), BATCH) == BATCH:
        pass
    while await database.write(refresh_tokens.prune, after(now, -UNUSED_MS), BATCH) == BATCH:
        pass
