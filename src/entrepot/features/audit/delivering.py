# SPDX-License-Identifier: Apache-2.0
"""Sending records and checkpoints elsewhere: in their order, each at least once, in no request's way."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.audit.destinations.interface import CHECKPOINT_TYPE
from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.interface import Rejected
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
from entrepot.infra.http.outbound.retrying import LONGEST_SECONDS
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome

LINES_AT_ONCE = 500
CHARACTERS_AT_ONCE = 512 * 1024
RUN_MS = 50 * SECOND_MS
"""How long a destination is sent what is new before it is the turn of others; it goes on with the next minute."""

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
        until = after(self._clock(), RUN_MS)
        destination = self._destinations.open(settings, self._database)
        try:
            sent = 0
            if settings.sent is not What.CHECKPOINTS:
                sent += await self._deliver(_Stream(name, destination, _records, until), guard)
            if settings.sent is not What.RECORDS:
                sent += await self._deliver(_Stream(f"{name}/checkpoints", destination, _checkpoints, until), guard)
            return sent
        finally:
            await destination.close()

    async def _deliver(self, stream: "_Stream", guard: Callable[[Connection], None]) -> int:
        sent = 0
        standing = await self._database.write(deliveries.standing, stream.name)
        if self._is_left_alone(standing):
            return 0
        place = standing.seq
        while lines := _portion(await self._database.survey(stream.read, place, LINES_AT_ONCE)):
            rejected = ""
            try:
                await stream.destination.send(lines)
            except Rejected as error:
                rejected = error.message
                log.warning("audit.rejected", destination=stream.name, reason=rejected)
            except NotDelivered as error:
                again_at = self._next_try(standing, error)
                await self._database.write(_fail, guard, stream.name, self._clock(), again_at, error.message)
                log.warning("audit.not_delivered", destination=stream.name, reason=error.message)
                raise
            await self._database.write(_advance, guard, stream.name, lines, self._clock(), rejected)
            place = lines[-1].seq
            sent += len(lines)
            if self._clock() >= stream.until:
                break
        return sent

    def _is_left_alone(self, standing: deliveries.Delivery) -> bool:
        """Tell whether it is not time yet; what is further away than any pause was said by a clock that was wrong."""
        now = self._clock()
        return standing.retry_at is not None and now < standing.retry_at <= now + LONGEST_SECONDS * SECOND_MS

    def _next_try(self, standing: deliveries.Delivery, error: NotDelivered) -> Milliseconds:
        """Return when to try again: after half as long as it has been failing, or as long as it said."""
        now = self._clock()
        failing_ms = now - (standing.failing_since or now)
        return after(now, max(error.pause_seconds * SECOND_MS, min(failing_ms // 2, LONGEST_PAUSE_MS)))


@dataclass(frozen=True, slots=True)
class _Stream:
    """What is sent to a destination, and when to stop for this time, so that others get their turn."""

    name: str
    destination: Destination
    read: Callable[[Connection, int, int], list[Line]]
    until: Milliseconds


def _portion(lines: Sequence[Line]) -> Sequence[Line]:
    """Return as many lines, one at least, as are not too long for one request."""
    characters = 0
    for number, line in enumerate(lines):
        characters += len(line.text)
        if characters > CHARACTERS_AT_ONCE and number:
            return lines[:number]
    return lines


def _fail(
    connection: Connection,
    guard: Callable[[Connection], None],
    stream: str,
    now: Milliseconds,
    again_at: Milliseconds,
    error: str,
) -> None:
    guard(connection)
    deliveries.failed(connection, stream, now, again_at, error)


def _advance(
    connection: Connection,
    guard: Callable[[Connection], None],
    stream: str,
    lines: Sequence[Line],
    now: Milliseconds,
    rejected: str,
) -> None:
    """Move on, and say what was rejected: unless nothing else was than having said so before."""
    guard(connection)
    deliveries.advance(connection, stream, lines[-1].seq, now, rejected)
    if rejected and any(line.type != Change.AUDIT_REJECTED for line in lines):
        span = {"first_seq": lines[0].seq, "last_seq": lines[-1].seq}
        told = Told(object=f"destination:{stream}", after=span, outcome=Outcome.FAILED, reason=rejected)
        announce(connection, Change.AUDIT_REJECTED, now, told)


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
