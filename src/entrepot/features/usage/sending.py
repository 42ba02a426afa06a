# SPDX-License-Identifier: Apache-2.0
"""Storing how many bytes clients were given: once in ten seconds, beside the requests that count them."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping

import structlog
from sqlalchemy import Connection

from entrepot.features.usage.models import RECENT_DAYS
from entrepot.features.usage.models import DayUsage
from entrepot.features.usage.models import day_of
from entrepot.features.usage.store import totals
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.clock import Clock
from entrepot.registry.sent_bytes import SentBytes
from entrepot.registry.store.repositories import RepositoryId

EVERY_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Sending:
    """Takes away what a process has counted. A crash loses what was counted since the last time."""

    def __init__(
        self,
        database: Database,
        sent: SentBytes,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._sent = sent
        self._clock = clock
        self._pause = pause

    async def run(self) -> None:
        """Store what is counted, until cancelled, and then the rest of it."""
        try:
            while True:
                await self._pause(EVERY_SECONDS)
                try:
                    await self.store()
                except DatabaseUnavailable as error:
                    log.warning("usage.sent_bytes_not_stored", error=str(error))
        finally:
            await self.store()

    async def store(self) -> None:
        """Store what was counted; what cannot be stored is counted again. Raises `DatabaseUnavailable`."""
        sent = self._sent.take()
        if not sent:
            return
        try:
            await self._database.write_locked(_add, sent, day_of(self._clock()))
        except Exception:
            for repo_id, size in sent.items():
                self._sent.add(repo_id, size)
            raise


def _add(connection: Connection, sent: Mapping[RepositoryId, int], today: int) -> None:
    days = {(repo_id, today): DayUsage(today, 0, 0, 0, size) for repo_id, size in sent.items()}
    totals.add_to_days(connection, days, today - RECENT_DAYS + 1)
