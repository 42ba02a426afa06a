# SPDX-License-Identifier: Apache-2.0
"""The background work of robots: telling once of each secret that it expires soon."""

import structlog
from sqlalchemy import Connection

from entrepot.features.robots import store
from entrepot.features.robots.telling import tell
from entrepot.features.robots.telling import told_secret
from entrepot.features.tokens import Credential
from entrepot.features.tokens import ending_secrets
from entrepot.features.tokens import mark_warned
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339

WARN = "robots.warn"
EVERY_DAY = "41 5 * * *"

BATCH = 200

log = structlog.get_logger(__name__)


async def warn_of_ends(database: Database, warn_ms: int, now: Milliseconds) -> None:
    """Tell of every secret that expires within `warn_ms`, in batches: in the log, and to whoever listens."""
    while True:
        told = await database.write(_warn, now, after(now, warn_ms))
        for secret in told:
            holder = secret.principal.partition(":")[2]
            expires_at = rfc3339(secret.expires_at or now)
            log.warning("robot.secret_ends", robot=holder, secret=secret.id, expires_at=expires_at)
        if len(told) < BATCH:
            return


def _warn(connection: Connection, now: Milliseconds, until: Milliseconds) -> list[Credential]:
    found = ending_secrets(connection, PrincipalKind.ROBOT, now, until, BATCH)
    for secret in found:
        mark_warned(connection, secret.id, now)
        robot = store.find(connection, secret.principal.partition(":")[2])
        if robot is not None:
            tell(connection, Change.ROBOT_SECRET_ENDS, robot, now, after=told_secret(secret))
    return found
