# SPDX-License-Identifier: Apache-2.0
"""Sending records and checkpoints elsewhere: in their order, each at least once, in no request's way."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.audit.destinations.file import FileDestination
from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.syslog import Server
from entrepot.features.audit.destinations.syslog import SyslogDestination
from entrepot.features.audit.models import Record
from entrepot.features.audit.schemas import RecordItem
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import What
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import records
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.events import Outcome

LINES_AT_ONCE = 500
DEFAULT_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514}
"""As registered (RFC 6587, RFC 5425)."""

CHECKPOINT_TYPE = "audit.checkpoint"

log = structlog.get_logger(__name__)


class Delivering:
    """Goes on where each destination was last, which one process does at a time."""

    def __init__(self, database: Database, settings: Mapping[str, DeliverySettings], clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    @property
    def names(self) -> Sequence[str]:
        """The destinations that are configured."""
        return tuple(self._settings)

    async def deliver(self, name: str, guard: Callable[[Connection], None]) -> int:
        """Send a destination all that it was not sent yet; return how many lines.

        `guard` is called in each transaction, and raises if somebody else goes on in our place. Raises `NotDelivered`.
        """
        settings = self._settings.get(name)
        if settings is None:
            return 0
        destination = open_destination(settings)
        try:
            sent = 0
            if settings.what is not What.CHECKPOINTS:
                sent += await self._deliver(name, destination, _records, guard)
            if settings.what is not What.RECORDS:
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
        place = await self._database.write(deliveries.place, stream)
        while lines := await self._database.snapshot(read, place, LINES_AT_ONCE):
            try:
                await destination.send(lines)
            except NotDelivered as error:
                await self._database.write(deliveries.failed, stream, self._clock(), error.message)
                log.warning("audit.not_delivered", destination=stream, reason=error.message)
                raise
            place = lines[-1].seq
            sent += len(lines)
            await self._database.write(_advance, guard, stream, place, self._clock())
        return sent


def open_destination(settings: DeliverySettings) -> Destination:
    """Return what lines are sent with; opens nothing yet."""
    url = urlsplit(settings.url)
    if url.scheme == "file":
        return FileDestination(Path(unquote(url.path)))
    port = url.port or DEFAULT_PORTS[url.scheme]
    return SyslogDestination(Server(url.hostname or "", port, url.scheme == "syslog+tls", settings.ca_file))


def _advance(
    connection: Connection, guard: Callable[[Connection], None], stream: str, seq: int, now: Milliseconds
) -> None:
    guard(connection)
    deliveries.advance(connection, stream, seq, now)


def _records(connection: Connection, after: int, limit: int) -> list[Line]:
    return [_line(record) for record in records.behind(connection, after, limit)]


def _line(record: Record) -> Line:
    text = RecordItem.of(record).model_dump_json()
    return Line(record.seq, record.at, record.type, record.outcome is not Outcome.DONE, text)


def _checkpoints(connection: Connection, after: int, limit: int) -> list[Line]:
    return [
        Line(
            each.seq,
            each.signed_at,
            CHECKPOINT_TYPE,
            False,
            msgspec.json.encode({"type": CHECKPOINT_TYPE, "seq": each.seq, "token": each.token}).decode(),
        )
        for each in checkpoints.page(connection, after, limit)
    ]
