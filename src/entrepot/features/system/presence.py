# SPDX-License-Identifier: Apache-2.0
"""A server process telling the others that it is there."""

import asyncio
import os
import socket
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import replace

import structlog

from entrepot.features.system import store
from entrepot.features.system.models import ALIVE_MS
from entrepot.features.system.models import Node
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import new_ulid

HEARTBEAT_SECONDS = 10.0
FORGOTTEN_AFTER_MS = DAY_MS
"""How long a process is shown that went away without a word."""

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""

Told = Callable[[int], None]
"""Is told, every ten seconds, how many server processes are alive, this one among them."""

log = structlog.get_logger(__name__)


class Presence:
    """This process among those that serve. Nothing waits for it, and nothing fails when it cannot be told."""

    def __init__(
        self,
        database: Database,
        version: str,
        clock: Clock,
        pause: Pause = asyncio.sleep,
        told: Told = lambda _alive: None,
    ) -> None:
        """Begin now; nothing is stored, and `told` is not called, before `run`."""
        now = clock()
        self.node = Node(new_ulid(), socket.gethostname(), os.getpid(), version, started_at=now, seen_at=now)
        self._database = database
        self._clock = clock
        self._pause = pause
        self._told = told

    async def run(self) -> None:
        """Tell that this process is there, now and every ten seconds, until cancelled."""
        while True:
            await self.tell()
            await self._pause(HEARTBEAT_SECONDS)

    async def tell(self) -> None:
        """Store that this process is there, forget those that have not been seen for a day, and count the living.

        While the database is away, what was counted last stays true.
        """
        now = self._clock()
        try:
            await self._database.write_locked(
                store.note, replace(self.node, seen_at=now), after(now, -FORGOTTEN_AFTER_MS)
            )
            self._told(await self._database.read(store.count_alive, after(now, -ALIVE_MS)))
        except AppError as error:
            log.warning("system.not_told", reason=error.message)

    async def leave(self) -> None:
        """Take this process off the list."""
        try:
            await self._database.write_locked(store.remove, self.node.id)
        except AppError as error:
            log.warning("system.not_told", reason=error.message)
