# SPDX-License-Identifier: Apache-2.0
"""The background work of robots: telling once of each secret that it expires soon."""

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.robots import store
from entrepot.features.robots.telling import tell
from entrepot.features.robots.telling import told_secret
from entrepot.features.tokens import Credential
from entrepot.features.tokens import ending_secrets
from entrepot.features.tokens import mark_warned
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339

WARN = "robots.warn"
EVERY_DAY = "41 5 * * *"

BATCH = 200

log = structlog.get_logger(__name__)


class WarnPayload(msgspec.Struct):
    """The payload of a job that needs none."""


async def warn_of_ends(database: Database, now: Milliseconds, warn_ms: int) -> None:
    """Tell of every secret that expires within `warn_ms`, in batches: in the log, and to whoever listens."""
    while True:
        told = await database.write(_warn, now, after(now, warn_ms))
        for secret in told:
            holder = secret.principal.partition(":")[2]
            expires_at = rfc3339(secret.expires_at or now)
            log.warning("robot.secret_ends", robot=holder, secret=secret.id, expires_at=expires_at)
        if len(told) < BATCH:
            return


def warn_kind(database: Database, clock: Clock, warn_ms: int) -> JobKind[WarnPayload]:
    """Return the kind of job that tells."""

    async def warn(_context: JobContext, _payload: WarnPayload) -> None:
        """Do it once."""
        await warn_of_ends(database, clock(), warn_ms)

    return JobKind(name=WARN, payload=WarnPayload, run=warn, max_running=1)


def _warn(connection: Connection, now: Milliseconds, until: Milliseconds) -> list[Credential]:
    found = ending_secrets(connection, PrincipalKind.ROBOT, now, until, BATCH)
    for secret in found:
        mark_warned(connection, secret.id, now)
        robot = store.find(connection, secret.principal.partition(":")[2])
        if robot is not None:
            tell(connection, Change.ROBOT_SECRET_ENDS, robot, now, after=told_secret(secret))
    return found
