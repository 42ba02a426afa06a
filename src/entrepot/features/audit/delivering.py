# SPDX-License-Identifier: Apache-2.0
"""Sending records and checkpoints elsewhere: in their order, each at least once, in no request's way."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.audit.destinations.interface import CHECKPOINT_TYPE
from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.models import ALARMS
from entrepot.features.audit.models import Record
from entrepot.features.audit.schemas import RecordItem
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import What
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import records
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.events import Outcome

LINES_AT_ONCE = 500
LONGEST_PAUSE_MS = 15 * MINUTE_MS

log = structlog.get_logger(__name__)


class Delivering:
    """Goes on where each destination was last, which one process does at a time."""

    def __init__(
        self, database: Database, settings: Mapping[str, DeliverySettings], destinations: Destinations, clock: Clock
    ) -> None:
        self._database = database
        self._settings = settings
        self._destinations = destinations
        self._clock = clock

    @property
    def names(self) -> Sequence[str]:
        """The destinations that are configured."""
        return tuple(self._settings)

    async def deliver(self, name: str, guard: Callable[[Connection], None]) -> int:
        """Send a destination all that it was not sent yet; return how many lines.

        One that failed is left alone for a while, the longer the longer it fails. `guard` is called in each
        transaction, and raises if somebody else goes on in our place. Raises `NotDelivered`.
        """
        settings = self._settings.get(name)
        if settings is None:
            return 0
        destination = self._destinations.open(settings, self._database)
        try:
            sent = 0
            if settings.sent is not What.CHECKPOINTS:
                sent += await self._deliver(name, destination, _records, guard)
            if settings.sent is not What.RECORDS:
                sent += await self._deliver(f"{name}/checkpoints", destination, _checkpoints, guard)
            return sent
        finally:
            await destination.close()

    async def _deliver(
        self,
        stream: str,
        destination: Destination,
        read: Callable[[Connection, int, int], list[Line]],
        guard: Callable[[Connection], None],
    ) -> int:
        sent = 0
        standing = await self._database.write(deliveries.standing, stream)
        if standing.retry_at is not None and standing.retry_at > self._clock():
            return 0
        place = standing.seq
        while lines := await self._database.snapshot(read, place, LINES_AT_ONCE):
            try:
                await destination.send(lines)
            except NotDelivered as error:
                await self._database.write(
                    deliveries.failed, stream, self._clock(), self._next_try(standing, error), error.message
                )
                log.warning("audit.not_delivered", destination=stream, reason=error.message)
                raise
            place = lines[-1].seq
            sent += len(lines)
            await self._database.write(_advance, guard, stream, place, self._clock())
        return sent

    def _next_try(self, standing: deliveries.Delivery, error: NotDelivered) -> Milliseconds:
        """Return when to try again: after half as long as it has been failing, or as long as it said."""
        now = self._clock()
        failing_ms = now - (standing.failing_since or now)
        return after(now, max(error.pause_seconds * SECOND_MS, min(failing_ms // 2, LONGEST_PAUSE_MS)))


def _advance(
    connection: Connection, guard: Callable[[Connection], None], stream: str, seq: int, now: Milliseconds
) -> None:
    guard(connection)
    deliveries.advance(connection, stream, seq, now)


def _records(connection: Connection, after: int, limit: int) -> list[Line]:
    return [line_of(record) for record in records.behind(connection, after, limit)]


def line_of(record: Record) -> Line:
    """Return a record as it is sent."""
    text = RecordItem.of(record).model_dump_json()
    is_notice = record.outcome is not Outcome.DONE or record.type in ALARMS
    return Line(record.seq, record.at, record.type, is_notice, text)


def _checkpoints(connection: Connection, after: int, limit: int) -> list[Line]:
    return [
        Line(
            each.seq,
            each.signed_at,
            CHECKPOINT_TYPE,
            False,
            msgspec.json.encode({"type": CHECKPOINT_TYPE, "seq": each.seq, "token": each.token}).decode(),
            each.token,
        )
        for each in checkpoints.page(connection, after, limit)
    ]
