# SPDX-License-Identifier: Apache-2.0
"""The time of the database server, which all nodes share whatever their own clocks say.

Leases, tokens, sessions, uploads and deletions end by their time, and one node judges what another one wrote. A node
asks the server for the time now and then, and counts on by what has gone by since, so that nobody waits for it and a
clock that is set on the node changes nothing.
"""

import asyncio
import time
from collections.abc import Awaitable
from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock

FOLLOW_SECONDS = 30.0
"""How often the server is asked."""

EXACT_MS = 250
"""An answer that took longer says too little."""

TOLD_FROM_MS = 2 * SECOND_MS
"""From this difference on the log says that the clock of the node is wrong."""

Elapsed = Callable[[], int]
"""What a stopwatch shows that cannot be set: milliseconds."""

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""

_STOPWATCH = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = structlog.get_logger(__name__)


def stopwatch() -> int:
    """Show what has gone by, the time included that the machine slept (where the system can tell)."""
    return time.clock_gettime_ns(_STOPWATCH) // 1_000_000


class DatabaseClock:
    """Tells the time of a PostgreSQL server."""

    def __init__(
        self, database: Database, own: Clock = system_clock, elapsed: Elapsed = stopwatch, pause: Pause = asyncio.sleep
    ) -> None:
        """Tell the time of this machine before `start`."""
        self._database = database
        self._own = own
        self._elapsed = elapsed
        self._pause = pause
        self._distance = own() - elapsed()
        self._told_off = False

    def __call__(self) -> Milliseconds:
        """Tell the present moment."""
        return Milliseconds(self._elapsed() + self._distance)

    def start(self) -> None:
        """Ask for the first time, from code that has no event loop. Raises `DatabaseUnavailable`."""
        self._database.snapshot_now(_now)  # connects
        asked_at = self._elapsed()
        self._take(self._database.snapshot_now(_now), asked_at, self._elapsed())

    async def run(self) -> None:
        """Follow the server until cancelled."""
        while True:
            await self._pause(FOLLOW_SECONDS)
            await self.follow()

    async def follow(self) -> None:
        """Ask again; an answer that took long is passed over, and so is a server that is away."""
        asked_at = self._elapsed()
        try:
            told = await self._database.read(_now)
        except DatabaseUnavailable:
            return
        answered_at = self._elapsed()
        if answered_at - asked_at <= EXACT_MS:
            self._take(told, asked_at, answered_at)

    def _take(self, told: Milliseconds, asked_at: int, answered_at: int) -> None:
        self._distance = told - (asked_at + answered_at) // 2
        off_ms = self._own() - self()
        is_off = abs(off_ms) >= TOLD_FROM_MS
        if is_off and not self._told_off:
            log.warning("clock.differs", seconds=round(off_ms / SECOND_MS, 1), hint="The database's time counts.")
        self._told_off = is_off


def _now(connection: Connection) -> Milliseconds:
    """Ask the server for the time at which it answers."""
    asked = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)"
    return Milliseconds(connection.exec_driver_sql(asked).scalar_one())
