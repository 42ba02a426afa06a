# SPDX-License-Identifier: Apache-2.0
"""The background work of guardrails: forgetting exceptions that ended, and what was simulated, long ago."""

from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.store import simulations
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

TIDY = "guardrails.tidy"
EVERY_HOUR = "43 * * * *"

KEPT_ENDED_MS = 30 * DAY_MS
"""How long exceptions that have ended are listed."""

KEPT_SIMULATED_MS = 90 * DAY_MS
"""How long it is listed what would have been refused."""

BATCH = 200


async def forget_old(database: Database, now: Milliseconds) -> None:
    """Remove what is old, in batches."""
    while await database.write_locked(exceptions.prune, after(now, -KEPT_ENDED_MS), BATCH) == BATCH:
        pass
    while await database.write_locked(simulations.prune, after(now, -KEPT_SIMULATED_MS), BATCH) == BATCH:
        pass
