# SPDX-License-Identifier: Apache-2.0
"""What becomes of the log as time goes by: uses of an hour that is over are recorded, months that are old dropped."""

from collections.abc import Sequence
from dataclasses import asdict

import structlog
from sqlalchemy import Connection

from entrepot.features.audit.models import Month
from entrepot.features.audit.models import Partition
from entrepot.features.audit.sealing import seal_uses
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.settings import What
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import holds
from entrepot.features.audit.store import names
from entrepot.features.audit.store import timestamps
from entrepot.features.audit.store import witnessed
from entrepot.infra.database.engine import Database
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce

log = structlog.get_logger(__name__)


class Tidying:
    """Does what nobody asks for."""

    def __init__(self, database: Database, settings: AuditSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    @property
    def _streams(self) -> list[str]:
        """Everything that is sent somewhere, as it is noted how far it is."""
        sent = [(name, each.sent) for name, each in self._settings.deliver.items()]
        records = [name for name, what in sent if what is not What.CHECKPOINTS]
        return [*records, *(f"{name}/checkpoints" for name, what in sent if what is not What.RECORDS)]

    async def record_uses(self) -> None:
        """Put what was counted in hours that are over into the chain."""
        while await self._database.write_locked(seal_uses, self._clock()):
            pass

    async def forget_witnessed(self) -> None:
        """Forget checkpoints of other registries that are too old."""
        before = after(self._clock(), -self._settings.keep_witnessed_days * DAY_MS)
        await self._database.write(witnessed.remove_before, before)

    async def drop_old(self) -> list[Month]:
        """Drop the months whose last record is too old, that every destination has and no hold is on; return which."""
        now = self._clock()
        dropped = []
        before = after(now, -self._settings.keep_days * DAY_MS)
        for partition in await self._database.read(chain.partitions):
            is_old = partition.dropped_at is None and partition.last_at < before
            if is_old and await self._database.write_locked(_drop, partition, self._streams, now):
                log.info("audit.dropped", month=partition.month, records=_records(partition))
                dropped.append(partition.month)
        return dropped


def _drop(connection: Connection, partition: Partition, streams: Sequence[str], now: Milliseconds) -> bool:
    """Drop a month, unless the chain is in it, it is held, or a destination waits for what is in it.

    A hold that is placed meanwhile waits for this. What stands beside the months that are left stays, those that are
    held before this one too.
    """
    head = chain.lock_head(connection)
    is_held = any(hold.covers(partition.first_at, partition.last_at) for hold in holds.all_of(connection))
    if head is None or head.month == partition.month or is_held or _is_awaited(connection, partition, streams):
        return False
    chain.drop(connection, partition.month, now)
    oldest = next(each for each in chain.partitions(connection) if each.dropped_at is None)
    checkpoints.remove_before(connection, oldest.first_seq - 1)
    timestamps.remove_before(connection, oldest.first_seq - 1)
    names.prune(connection, oldest.month)
    what = {key: value for key, value in asdict(partition).items() if isinstance(value, int) and key.endswith("seq")}
    announce(connection, Change.AUDIT_DROPPED, now, Told(object=f"audit:{partition.month}", before=what))
    return True


def _is_awaited(connection: Connection, partition: Partition, streams: Sequence[str]) -> bool:
    """Tell whether something of a month was not sent yet to where it is sent."""
    places = {each.destination: each.seq for each in deliveries.all_of(connection)}
    signed = checkpoints.newest_before(connection, partition.last_seq)
    return any(
        places.get(stream, 0) < (signed if stream.endswith("/checkpoints") else partition.last_seq)
        for stream in streams
    )


def _records(partition: Partition) -> int:
    return partition.last_seq - partition.first_seq + 1
