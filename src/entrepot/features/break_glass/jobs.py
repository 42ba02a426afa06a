# SPDX-License-Identifier: Apache-2.0
"""The background work of break-glass access: tidying up once the time of an opening is over. Rights end without it."""

import structlog
from sqlalchemy import Connection

from entrepot.features.break_glass.store import openings
from entrepot.features.break_glass.telling import tell_run_out
from entrepot.features.grants import end_opening
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds

END = "break_glass.end"
EVERY_MINUTE = "* * * * *"

BATCH = 100

log = structlog.get_logger(__name__)


async def tell_ends(database: Database, now: Milliseconds) -> None:
    """Tell of each opening whose time is over, and remove its grant, in batches."""
    while True:
        told = await database.write(_tell, now)
        for opening_id in told:
            log.warning("break_glass.ended", opening=opening_id)
        if len(told) < BATCH:
            return


def _tell(connection: Connection, now: Milliseconds) -> list[str]:
    found = openings.run_out(connection, now, BATCH)
    for opening in found:
        ended = opening.run_out()
        openings.change(connection, ended)
        end_opening(connection, ended.id, now)
        tell_run_out(connection, ended)
    return [opening.id for opening in found]
