# SPDX-License-Identifier: Apache-2.0
"""Doorbells that are heard in other processes too, by LISTEN and NOTIFY of PostgreSQL on a direct connection.

Nothing depends on it: what is told is only that looking is worth while, and whoever hears nothing looks every second.
A ring is told after its commit and outside of it, because PostgreSQL commits transactions that notify one after
another. Rings that come within `GATHER_SECONDS` are told together. Imported only where `database.listen_url` is given.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress

import asyncpg
import structlog

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.errors import Unavailable

CHANNEL = "entrepot"
GATHER_SECONDS = 0.05
SILENCE_SECONDS = 30.0
"""After so long without a word it is asked whether the server is still there."""
ANSWER_SECONDS = 5.0

_TELL = "SELECT pg_notify($1, name) FROM unnest($2::text[]) AS name"

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""

log = structlog.get_logger(__name__)


class Relay:
    """Tells other processes that a doorbell rang here, and rings others for what they tell."""

    def __init__(
        self,
        server: DatabaseServer,
        told: Mapping[str, Doorbell],
        heard: Mapping[str, Doorbell],
        pause: Pause = asyncio.sleep,
    ) -> None:
        """Let rings of `told` wake the doorbell in `heard` of the same name in every process, this one too."""
        self._server = server
        self._heard = heard
        self._pause = pause
        self._backoff = Backoff(longest_ms=MINUTE_MS)
        self._failures = 0
        self._rung: set[str] = set()
        self._news = asyncio.Event()
        for name, doorbell in told.items():
            doorbell.tell(self._teller(name))

    async def run(self) -> None:
        """Be connected, and again whenever the connection was lost, until cancelled."""
        while True:
            try:
                await self._relay()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
                self._failures += 1
                if self._failures == 1:
                    log.warning("relay.lost", error=f"{type(error).__name__}: {error}")
            await self._pause(self._backoff.delay_ms(max(1, self._failures)) / 1000)

    async def _relay(self) -> None:
        connection = await self._server.connect()
        try:
            connection.add_termination_listener(self._lose)
            await connection.add_listener(CHANNEL, self._hear)
            self._failures = 0
            self._reach(is_heard=True)
            log.info("relay.connected")
            while not connection.is_closed():
                await self._tell(connection)
            raise DatabaseUnavailable("the connection that is listened on has ended")
        finally:
            self._reach(is_heard=False)
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=ANSWER_SECONDS)

    async def _tell(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Tell what rang since the last time; see whether the server is there when nothing does for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._news.wait()
        self._news.clear()
        names, self._rung = sorted(self._rung), set()
        if not connection.is_closed():
            await connection.execute(_TELL, CHANNEL, names, timeout=ANSWER_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    def _teller(self, name: str) -> Callable[[], None]:
        def tell() -> None:
            self._rung.add(name)
            self._news.set()

        return tell

    def _hear(self, _connection: object, _process: int, _channel: str, name: object) -> None:
        doorbell = self._heard.get(str(name))
        if doorbell is not None:
            doorbell.wake()

    def _reach(self, *, is_heard: bool) -> None:
        """Note whether others are heard; whoever waits looks once, as something may have been told meanwhile."""
        for doorbell in self._heard.values():
            doorbell.is_heard_everywhere = is_heard
            doorbell.wake()

    def _lose(self, _connection: object) -> None:
        self._news.set()
